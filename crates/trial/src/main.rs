//! `trial`: kills and overloads a program for as long as one likes, and tells what came of it.
//!
//! Owns: the words of the command, its exit codes, and the folder of a trial. Never: removes that
//! folder when anything went wrong, whoever is to blame: it is the evidence.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "what it finds is told there")]

use anyhow::{Context as _, Result, ensure};
use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser};
use indicatif::{ProgressBar, ProgressStyle};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use trial::TrialError;
use trial::kill::{self, Plans, Summary};
use trial::overload::{self, Overload};
use trial::site::{Site, Sizes};

/// Goodput under overload, of the peak, at least.
const RATIO_MIN: f64 = 0.9;
/// Overloads with a peak before and after each, so that the machine's pace counts for both.
const OVERLOAD_TURNS: u32 = 5;

/// Entries of earlier rounds that are read by receipt after each start: a round takes a second.
const EARLIER_READ_MAX: usize = 500;

/// Between two lines of progress where there is no terminal for a bar.
const LINE_EVERY: Duration = Duration::from_secs(15);

/// What this program ends with when the machine does not let it run its trial.
const NOT_RUN: u8 = 3;

const EXIT_CODES: &str = "\
Exit codes: 0, every promise held; 1, one was broken, or under overload goodput fell below 0.9 of \
the peak: what broke, the command for it and the folder that is kept are printed; 2, the arguments \
do not fit; 3, this machine could not run the trial, of which the folder is kept, too, once there \
is one; 101, it could not be built or is itself at fault.";

/// Kills the real program again and again, and asks for everything that it ever acknowledged
#[derive(Debug, Parser)]
#[command(name = "cargo xtask kill", bin_name = "cargo xtask kill", version)]
#[command(override_usage = "cargo xtask kill [OPTIONS]", after_help = EXIT_CODES)]
struct Arguments {
    /// The program; `cargo xtask kill` builds one unless it is given
    #[arg(long, value_name = "FILE")]
    program: PathBuf,
    /// How often it is killed
    #[arg(long, default_value_t = 200)]
    rounds: u64,
    /// How many first starts, of new folders, are killed after that, however few rounds there are
    #[arg(long, default_value_t = 100)]
    first_starts: u64,
    /// Decides what is asked and when it is killed
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Answers of a round before its moment, at most
    #[arg(long, default_value_t = 800, value_parser = clap::value_parser!(u64).range(1..))]
    answers: u64,
    /// Instead: ten times the clients that it takes to keep it busy
    #[arg(long, conflicts_with_all = ["rounds", "first_starts", "answers"])]
    overload: bool,
    /// How long the overload lasts, in seconds, up to an hour: five turns, with peaks between
    #[arg(long, default_value_t = 60, requires = "overload")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=3_600))]
    seconds: u64,
    /// Where the data folders are made; the system's place for temporary files unless given
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if !arguments.overload && arguments.rounds == 0 && arguments.first_starts == 0 {
        let what = "neither rounds nor first starts: nothing would be tried";
        Arguments::command().error(ErrorKind::ValueValidation, what).exit();
    }
    match try_it(&arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("the trial could not be run: {error:#}");
            ExitCode::from(NOT_RUN)
        }
    }
}

/// What to end with, once there was a trial.
fn try_it(arguments: &Arguments) -> Result<ExitCode> {
    check_program(&arguments.program)?;
    let folder = match &arguments.folder {
        Some(folder) => tempfile::tempdir_in(folder),
        None => tempfile::tempdir(),
    };
    let folder = folder.context("no temporary folder")?;
    // What is tried stays what it is, though somebody builds another one meanwhile.
    let program = folder.path().join("tidegate");
    std::fs::copy(&arguments.program, &program)
        .with_context(|| format!("{} cannot be copied", arguments.program.display()))?;
    let tried = if arguments.overload {
        overload_once(arguments, &program, folder.path())
    } else {
        kill_often(arguments, &program, folder.path())
    };
    let (why, code) = match tried {
        Ok(true) => return Ok(ExitCode::SUCCESS),
        Ok(false) => ("goodput fell".to_owned(), ExitCode::FAILURE),
        Err(error) if error.is_of_the_machine() => {
            (format!("the trial could not be run: {error}"), ExitCode::from(NOT_RUN))
        }
        Err(error) => (error.to_string(), ExitCode::FAILURE),
    };
    println!("{why}\nagain: {}", again(arguments));
    println!("the data folder and the log are kept in {}", folder.keep().display());
    Ok(code)
}

/// Before it is copied to a name that means nothing to anybody.
fn check_program(program: &Path) -> Result<()> {
    let shown = program.display();
    let found = std::fs::metadata(program).with_context(|| format!("no program {shown}"))?;
    let may_run = found.is_file() && found.permissions().mode() & 0o111 != 0;
    ensure!(may_run, "{shown} is no file that may be run; name the program with --program");
    Ok(())
}

/// The command that tries the same again.
fn again(arguments: &Arguments) -> String {
    let Arguments { seed, rounds, first_starts, answers, seconds, .. } = arguments;
    if arguments.overload {
        return format!("cargo xtask kill --overload --seed {seed} --seconds {seconds}");
    }
    format!(
        "cargo xtask kill --seed {seed} --rounds {rounds} --first-starts {first_starts} --answers \
         {answers}"
    )
}

/// A bar on a terminal, elsewhere a line now and then.
struct Progress {
    bar: ProgressBar,
    begun: Instant,
    told: Instant,
}

impl Progress {
    fn new(rounds: u64) -> Self {
        let bar = ProgressBar::new(rounds);
        let style = "{wide_bar} {pos}/{len} rounds, {elapsed}, {eta} to go; {msg}";
        bar.set_style(ProgressStyle::with_template(style).expect("the template is sound"));
        Self { bar, begun: Instant::now(), told: Instant::now() }
    }

    fn round(&mut self, summary: &Summary) {
        let counts = summary.counts;
        let message = format!(
            "{} acknowledged, {} asked again, {} unknown",
            counts.acknowledged, counts.compared, counts.unknown
        );
        self.bar.inc(1);
        if self.bar.is_hidden() && LINE_EVERY <= self.told.elapsed() {
            self.told = Instant::now();
            let (done, rounds) = (self.bar.position(), self.bar.length().unwrap_or_default());
            eprintln!(
                "{done} of {rounds} rounds after {} s, {message}",
                self.begun.elapsed().as_secs()
            );
        }
        self.bar.set_message(message);
    }
}

fn kill_often(arguments: &Arguments, program: &Path, folder: &Path) -> Result<bool, TrialError> {
    let Arguments { seed, rounds, first_starts, answers: answers_max, .. } = *arguments;
    let begun = Instant::now();
    let mut told = Vec::new();
    if 0 < rounds {
        let site = Site::new(program, folder, Sizes::default(), None)?;
        let plans =
            Plans { seed, rounds, answers_max, connections: 64, earlier_max: EARLIER_READ_MAX };
        let mut progress = Progress::new(rounds);
        let ran = kill::run(&site, plans, &mut |summary| progress.round(summary));
        progress.bar.finish_and_clear();
        told.push(ran?.to_string());
    }
    if 0 < first_starts {
        eprintln!("killing {first_starts} first starts …");
        let before = kill::first_starts(program, folder, seed, first_starts)?;
        told.push(format!(
            "{first_starts} first starts killed, {before} of them before they served"
        ));
    }
    let (told, seconds) = (told.join("; "), begun.elapsed().as_secs_f64());
    println!("seed {seed}: {told}; in {seconds:.0} s; every promise held");
    Ok(true)
}

fn overload_once(arguments: &Arguments, program: &Path, folder: &Path) -> Result<bool, TrialError> {
    let sizes =
        Sizes { segment_megabytes: 256, snapshot_every_megabytes: 1_024, ..Sizes::default() };
    // One address gets half of the connections there may be: 1,024, a fifth of those who come.
    let site = Site::new(program, folder, Sizes { connections_max: 2_048, ..sizes }, None)?;
    let overload = Overload {
        seed: arguments.seed,
        connections: 512,
        times: 10,
        turns: OVERLOAD_TURNS,
        duration: Duration::from_secs(arguments.seconds),
    };
    let report = overload::run(&site, overload)?;
    println!("{report}");
    let is_good = RATIO_MIN <= report.ratio();
    if !is_good {
        println!("goodput must stay at {RATIO_MIN} of the peak or above");
    }
    Ok(is_good)
}

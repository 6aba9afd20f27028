//! `trial`: kills and overloads a program for as long as one likes, and tells what came of it.

#![allow(clippy::print_stdout, reason = "what it finds is told on the terminal")]

use anyhow::{Context as _, Result};
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use trial::kill::{self, Plans};
use trial::overload::{self, Overload};
use trial::site::{Site, Sizes};

/// Goodput under overload, of the peak, at least.
const RATIO_MIN: f64 = 0.9;

/// Entries of earlier rounds that are read by receipt after each start: a round takes a second.
const EARLIER_READ_MAX: usize = 500;

/// Kills the real program again and again, and asks for everything that it ever acknowledged
#[derive(Debug, Parser)]
#[command(name = "cargo xtask kill", version)]
struct Arguments {
    /// The program
    #[arg(long, value_name = "FILE")]
    program: PathBuf,
    /// How often it is killed
    #[arg(long, default_value_t = 200)]
    rounds: u64,
    /// How many first starts, of new folders, are killed after that
    #[arg(long, default_value_t = 100)]
    first_starts: u64,
    /// Decides what is asked and when it is killed
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Answers of a round before its moment, at most
    #[arg(long, default_value_t = 800)]
    answers: u64,
    /// Instead: ten times the clients that it takes to keep it busy
    #[arg(long)]
    overload: bool,
    /// How long the overload lasts, in seconds
    #[arg(long, default_value_t = 60, requires = "overload")]
    seconds: u64,
    /// Where the data folders are made; the system's place for temporary files unless given
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let folder = match &arguments.folder {
        Some(folder) => tempfile::tempdir_in(folder),
        None => tempfile::tempdir(),
    };
    let folder = folder.context("no temporary folder")?;
    // What is tried stays what it is, though somebody builds another one meanwhile.
    let program = folder.path().join("tidegate");
    std::fs::copy(&arguments.program, &program)
        .with_context(|| format!("no program {}", arguments.program.display()))?;
    let all_is_well = if arguments.overload {
        overload_once(&arguments, &program, folder.path())?
    } else {
        kill_often(&arguments, &program, folder.path())?
    };
    if all_is_well {
        return Ok(ExitCode::SUCCESS);
    }
    println!("the data folder and the log are kept in {}", folder.keep().display());
    Ok(ExitCode::FAILURE)
}

fn kill_often(arguments: &Arguments, program: &Path, folder: &Path) -> Result<bool> {
    let site = Site::new(program, folder, Sizes::default(), None)?;
    let Arguments { seed, rounds, answers, .. } = *arguments;
    let answers_max = answers.max(1);
    let plans = Plans { seed, rounds, answers_max, connections: 64, earlier_max: EARLIER_READ_MAX };
    let bar = ProgressBar::new(rounds);
    let style = "{wide_bar} {pos}/{len} rounds, {elapsed}, {eta} to go; {msg}";
    bar.set_style(ProgressStyle::with_template(style).expect("the template is sound"));
    let begun = Instant::now();
    let ran = kill::run(&site, plans, &mut |summary| {
        let counts = summary.counts;
        bar.set_message(format!(
            "{} acknowledged, {} asked again, {} unknown",
            counts.acknowledged, counts.compared, counts.unknown
        ));
        bar.inc(1);
    });
    bar.finish_and_clear();
    let first = |summary| {
        let count = arguments.first_starts;
        let before = kill::first_starts(program, folder, seed, count)?;
        Ok((summary, format!("{count} first starts killed, {before} of them before they served")))
    };
    match ran.and_then(first) {
        Ok((summary, first)) => {
            let seconds = begun.elapsed().as_secs_f64();
            println!("seed {seed}: {summary}; {first}; in {seconds:.0} s; every promise held");
            Ok(true)
        }
        Err(broken) => {
            println!("{broken}\nagain: cargo xtask kill --seed {seed} --rounds {rounds}");
            Ok(false)
        }
    }
}

fn overload_once(arguments: &Arguments, program: &Path, folder: &Path) -> Result<bool> {
    let sizes =
        Sizes { segment_megabytes: 256, snapshot_every_megabytes: 1_024, ..Sizes::default() };
    // One address gets half of the connections there may be: 1,024, a fifth of those who come.
    let site = Site::new(program, folder, Sizes { connections_max: 2_048, ..sizes }, None)?;
    let overload = Overload {
        seed: arguments.seed,
        connections: 512,
        times: 10,
        peak: Duration::from_secs((arguments.seconds / 4).max(3)),
        overload: Duration::from_secs(arguments.seconds),
    };
    let report = overload::run(&site, overload)?;
    println!("{report}");
    let is_good = RATIO_MIN <= report.ratio();
    if !is_good {
        println!("goodput must stay at {RATIO_MIN} of the peak or above");
    }
    Ok(is_good)
}

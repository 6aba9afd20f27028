//! The `test` chore: everything that can be tested on this machine, step by step.
//!
//! Owns: the list of steps and their order. Never: stops at the first failure; hides what it
//! left out. Invariants: output streams as it comes; where nobody watches, every command has a
//! limit; the last line is `N passed, N failed`.
//! On failure: every later step still runs, and the exit code is 1.

pub mod deny;
pub mod machine;
pub mod report;
pub mod step;

use anyhow::Result;
use report::{Report, Verdict};
use std::process::Command;
use std::time::{Duration, Instant};
use step::Ending;

/// All of it is to take 25 minutes on two cores; what can wait begins only if it ends by then.
const MINUTES_MAX: u64 = 24;

/// What the end-to-end steps hand to the program.
const DEMO: [&str; 3] = ["demo", "--seconds", "10"];

/// Runs all steps and prints the summary; true when nothing failed.
///
/// # Errors
/// When the terminal cannot be written to.
pub fn run() -> Result<bool> {
    let mut runner = Runner::new();
    runner.step("machine", |_| Ok(machine::prepare()))?;
    runner.step("small disks", |_| crate::kill::private_disks())?;
    runner.step("format", format)?;
    runner.step("tidy", |_| {
        let clean = crate::tidy::run()?;
        Ok(if clean { Verdict::passed() } else { Verdict::failed("see the findings above") })
    })?;
    runner.step("tests", tests)?;
    runner.step("the second program", second_program)?;
    runner.step("end to end", |runner| {
        let run = ["run", "--quiet", "--package", "tidegate", "--"];
        runner.cargo(&[&run[..], &DEMO].concat(), 5)
    })?;
    runner.step("simulation", |runner| {
        let mut command = crate::sim::release();
        command.args(["--", "--seeds", "0..500"]);
        runner.command(command, 10, |_| ())
    })?;
    runner.step("the same in every build", |_| {
        Ok(match crate::sim::is_same_in_every_build()? {
            true => Verdict::passed(),
            false => Verdict::failed("a debug build and a release build differ"),
        })
    })?;
    // What holds the simulation to its word builds it once more.
    runner.step("planted bugs", |runner| {
        let by_itself = "cargo xtask plant";
        runner.if_there_is_time(by_itself, 3, |runner| {
            let mut command = crate::sim::planted();
            command.args(["--", "--plant", "all", "--seeds", "0..500"]);
            runner.command(command, 10, |_| ())
        })
    })?;
    runner.step("pages", |runner| {
        runner.if_there_is_time("cargo xtask pages", 15, |_| crate::pages::check())
    })?;
    // What is shown of the program comes before how its source looks: clippy builds it all again.
    runner.step("clippy", |runner| {
        let by_itself = "cargo clippy --workspace --all-targets -- -D warnings";
        runner.if_there_is_time(by_itself, 3, clippy)
    })?;
    runner.step("the API as described", |runner| {
        runner.if_there_is_time("cargo xtask api", 2, |_| crate::api::check())
    })?;
    // The simulation has run as released; to build the whole program so takes a third of all time.
    runner.step("end to end, as released", |runner| {
        let by_itself = "cargo run --release -- demo";
        runner.if_there_is_time(by_itself, 8, release)
    })?;
    runner.step("fuzzing, a minute", |runner| {
        let by_itself = "cargo xtask fuzz --all --seconds 8";
        runner.if_there_is_time(by_itself, 5, |_| crate::fuzz::smoke())
    })?;
    runner.step("bench, quick", |runner| {
        let bench = ["run", "--release", "--quiet", "--package", "bench", "--", "--quick"];
        // A minute to measure, and the program to build where the step above was left out.
        runner.if_there_is_time("cargo xtask bench --quick", 8, |runner| runner.cargo(&bench, 10))
    })?;
    runner.step("licences and bans", deny::check)?;
    runner.step("advisories", deny::advisories)?;
    print!("{}", runner.report);
    Ok(runner.report.failed() == 0)
}

/// Runs one step after the other and keeps what came of each.
pub struct Runner {
    report: Report,
    started: Instant,
}

impl Runner {
    fn new() -> Self {
        Self { report: Report::default(), started: Instant::now() }
    }

    fn step(
        &mut self,
        name: &'static str,
        act: impl FnOnce(&mut Self) -> Result<Verdict>,
    ) -> Result<()> {
        println!("\n==== {name} ====");
        let started = Instant::now();
        let verdict = act(self).unwrap_or_else(|error| Verdict::failed(format!("{error:#}")));
        let took = started.elapsed();
        println!("==== {name}: {verdict} ({:.1} s) ====", took.as_secs_f64());
        self.report.add(name, verdict, took);
        Ok(())
    }

    /// How long all steps together have taken.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// What can be left to a quicker machine: a slow one says so, and how to run it by itself.
    fn if_there_is_time(
        &mut self,
        by_itself: &str,
        takes_minutes: u64,
        act: impl FnOnce(&mut Self) -> Result<Verdict>,
    ) -> Result<Verdict> {
        let minutes = self.elapsed().as_secs() / 60;
        if minutes + takes_minutes < MINUTES_MAX {
            return act(self);
        }
        let why = format!("{minutes} minutes had passed before it; `{by_itself}` runs it");
        Ok(Verdict::LeftOut(why))
    }

    /// Runs cargo with `arguments` for at most `minutes`.
    fn cargo(&mut self, arguments: &[&str], minutes: u64) -> Result<Verdict> {
        let mut command = crate::cargo();
        command.args(arguments);
        self.command(command, minutes, |_| ())
    }

    /// Runs `command` for at most `minutes` and shows `on_line` each line it prints.
    fn command(
        &mut self,
        command: Command,
        minutes: u64,
        on_line: impl FnMut(&str),
    ) -> Result<Verdict> {
        Ok(match step::show(command, minutes, on_line)? {
            Ending::Success => Verdict::passed(),
            ending => Verdict::failed(ending.to_string()),
        })
    }
}

fn format(runner: &mut Runner) -> Result<Verdict> {
    match machine::component("fmt", "rustfmt")? {
        Some(missing) => Ok(Verdict::LeftOut(missing)),
        None => runner.cargo(&["fmt", "--all", "--check"], 5),
    }
}

fn clippy(runner: &mut Runner) -> Result<Verdict> {
    match machine::component("clippy", "clippy")? {
        Some(missing) => Ok(Verdict::LeftOut(missing)),
        None => {
            let clippy = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
            runner.cargo(&clippy, 15)
        }
    }
}

fn tests(runner: &mut Runner) -> Result<Verdict> {
    let mut command = crate::cargo();
    command.args(["test", "--workspace", "--no-fail-fast", "--"]);
    // What the machine lacks for them, its own step has told.
    for test in machine::tests_left_out() {
        command.args(["--skip", test]);
    }
    let mut counts = report::Counts::default();
    let verdict = runner.command(command, 20, |line| counts.add_line(line))?;
    Ok(Verdict::of_tests(verdict, counts))
}

/// The tests of the program that checks a draw without us.
fn second_program(runner: &mut Runner) -> Result<Verdict> {
    if machine::find("python3").is_none() {
        return Ok(Verdict::LeftOut("python3 is not here".to_owned()));
    }
    let mut command = Command::new("python3");
    command.args(["-m", "unittest", "discover", "--start-directory", "tools/tests"]);
    command.current_dir(crate::root());
    runner.command(command, 5, |_| ())
}

fn release(runner: &mut Runner) -> Result<Verdict> {
    let run = ["run", "--release", "--quiet", "--package", "tidegate", "--"];
    runner.cargo(&[&run[..], &DEMO].concat(), 15)
}

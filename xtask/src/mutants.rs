//! The `mutants` chore: one line of the engine broken at a time, and whether a test tells.
//!
//! Owns: which tests judge which package, the quick ones first. Never: says which mutants do not
//! count: `.cargo/mutants.toml` does, each with its reason.
//! Invariants: only a mutant that all its tests let through is a survivor.
//! On failure: every survivor is named at the end; `target/mutants` has what its tests printed.

use crate::test::machine;
use crate::tools::{self, Tool};
use anyhow::{Context, Error, Result, bail, ensure};
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The release that `.cargo/mutants.toml` is written for.
const MUTANTS: Tool = Tool { name: "cargo-mutants", version: "27.1.0" };
const INSTALL_MINUTES_MAX: u64 = 15;
/// What cargo-mutants ends with when every mutant was caught, …
const ALL_CAUGHT: i32 = 0;
/// … when some were let through, …
const SOME_MISSED: i32 = 2;
/// … and when some went on for ever, which their tests tell by not ending.
const SOME_ENDLESS: i32 = 3;

/// Seconds after which the quick tests of a mutant count as endless; they take 3 to 8.
const QUICK_SECONDS_MAX: u64 = 30;
/// The same for the wider tests.
const WIDE_SECONDS_MAX: u64 = 120;

/// A package and what judges it.
struct Judged {
    package: &'static str,
    /// Packages whose tests judge every mutant: quick ones.
    first: &'static [&'static str],
    /// Packages whose tests judge what those let through; none where those are all.
    then: &'static [&'static str],
}

const ALL: [Judged; 4] = [
    Judged { package: "ledger", first: &["ledger", "model"], then: &[] },
    Judged { package: "journal", first: &["journal"], then: &["node", "sim"] },
    Judged { package: "node", first: &["node"], then: &["sim"] },
    Judged { package: "types", first: &["types"], then: &["model", "campaign"] },
];

/// What is to be broken.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// Only this package: types, ledger, journal or node.
    #[arg(long, value_parser = ALL.map(|judged| judged.package))]
    package: Option<String>,
    /// Only the k-th of n parts, from 0/n; the same ones every time.
    #[arg(long, value_name = "K/N", value_parser = shard)]
    shard: Option<String>,
    /// What cargo-mutants is given besides, for example `--file crates/journal/src/scan.rs`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

/// Breaks what the options say, line by line; true when every mutant was caught.
///
/// # Errors
/// When there is nothing to break by the options, cargo-mutants cannot be had, or the tests fail
/// without any mutant.
pub fn run(options: &Options) -> Result<bool> {
    let program = find_or_install()?;
    let known = |judged: &&Judged| options.package.as_ref().is_none_or(|it| it == judged.package);
    let mut chosen = Vec::new();
    for judged in ALL.iter().filter(known) {
        let count = count(&program, judged, options)?;
        println!("{}: {count} mutants", judged.package);
        chosen.extend((0 < count).then_some(judged));
    }
    ensure!(!chosen.is_empty(), "these options leave nothing to break: no test was run");
    let mut survivors = Vec::new();
    for judged in chosen {
        survivors.extend(survivors_of(&program, judged, options)?);
    }
    survivors.iter().for_each(|mutant| println!("SURVIVED {mutant}"));
    println!("{} mutants survived", survivors.len());
    Ok(survivors.is_empty())
}

/// A part of all, and how many parts there are.
fn shard(text: &str) -> Result<String> {
    let read = || {
        let (part, parts) = text.split_once('/')?;
        Some((part.parse::<usize>().ok()?, parts.parse::<usize>().ok()?))
    };
    let (part, parts) = read().context("two numbers with a stroke between them, such as 0/20")?;
    ensure!(part < parts, "of {parts} parts, the first is 0 and the last {}", parts.max(1) - 1);
    Ok(text.to_owned())
}

/// How many mutants the options leave, told by cargo-mutants before any test runs.
fn count(program: &Path, judged: &Judged, options: &Options) -> Result<usize> {
    let mut command = kept(MUTANTS.command(program), judged.package);
    command.args(["--list", "--package", judged.package]);
    let output = chosen(&mut command, options)
        .stderr(Stdio::inherit())
        .output()
        .context("cargo-mutants could not be started")?;
    ensure!(output.status.success(), "cargo-mutants does not take these options; see above");
    Ok(String::from_utf8_lossy(&output.stdout).lines().count())
}

/// The command with what the options leave.
fn chosen<'c>(command: &'c mut Command, options: &Options) -> &'c mut Command {
    if let Some(shard) = &options.shard {
        command.args(["--shard", shard, "--sharding", "round-robin"]);
    }
    command.args(&options.arguments)
}

/// First the quick tests; then, for what they let through, the others.
fn survivors_of(program: &Path, judged: &Judged, options: &Options) -> Result<Vec<String>> {
    let mut first = mutants(program, judged, "first", judged.first, QUICK_SECONDS_MAX)?;
    let missed = missed(judged, "first", chosen(&mut first, options))?;
    if missed.is_empty() || judged.then.is_empty() {
        return Ok(missed);
    }
    let mut then = mutants(program, judged, "then", judged.then, WIDE_SECONDS_MAX)?;
    for mutant in &missed {
        then.arg("--re").arg(format!("^{}$", escaped(mutant)));
    }
    self::missed(judged, "then", &mut then)
}

/// cargo-mutants on a package, judged by the tests of `judges`, which must pass unbroken:
/// cargo-mutants itself looks at the package's own only.
fn mutants(
    program: &Path,
    judged: &Judged,
    pass: &str,
    judges: &[&str],
    seconds_max: u64,
) -> Result<Command> {
    println!("\n==== {}: {pass} tests ====", judged.package);
    let mut unbroken = kept(crate::cargo(), "unbroken");
    unbroken.args(["test", "--quiet"]).args(judges.iter().flat_map(|judge| ["--package", judge]));
    let status = unbroken.status().context("cargo could not be started")?;
    ensure!(status.success(), "tests fail without any mutant; mend them first");
    let output = folder().join(format!("{}-{pass}", judged.package));
    fs::create_dir_all(&output).with_context(|| format!("cannot make {}", output.display()))?;
    let mut command = kept(MUTANTS.command(program), judged.package);
    command
        .args(["--no-shuffle", "--baseline", "skip", "--package", judged.package])
        .args(["--test-package", &judges.join(",")])
        .args(["--timeout", &seconds_max.to_string(), "--output"])
        .arg(output)
        // It ends at the first test that fails.
        .args(if has_nextest() { &["--test-tool", "nextest"][..] } else { &[] })
        .env("PATH", path()?);
    Ok(command)
}

/// The command with its builds kept from run to run, so that libraries are built once; a little
/// optimised, which the longer tests repay. What is broken is built apart from what is not, and
/// each package apart: cargo goes by names and times, and would take a broken crate for ours.
fn kept(mut command: Command, apart: &str) -> Command {
    command
        .env("CARGO_TARGET_DIR", folder().join("build").join(apart))
        .env("CARGO_INCREMENTAL", "1")
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .env("CARGO_PROFILE_DEV_OPT_LEVEL", "1");
    command
}

/// Runs it, and reads what its tests let through.
fn missed(judged: &Judged, pass: &str, command: &mut Command) -> Result<Vec<String>> {
    let status = command.status().context("cargo-mutants could not be started")?;
    let Some(ALL_CAUGHT | SOME_MISSED | SOME_ENDLESS) = status.code() else {
        bail!("cargo-mutants did not come to an end: {status}");
    };
    let missed = folder().join(format!("{}-{pass}/mutants.out/missed.txt", judged.package));
    let missed = fs::read_to_string(&missed)
        .with_context(|| format!("cargo-mutants left no {}", missed.display()))?;
    Ok(missed.lines().map(str::to_owned).collect())
}

/// A regular expression that matches just this.
fn escaped(text: &str) -> String {
    let escape = |letter: char| r"\.+*?()|[]{}^$#&-~".contains(letter);
    text.chars()
        .flat_map(|letter| escape(letter).then_some('\\').into_iter().chain([letter]))
        .collect()
}

fn find_or_install() -> Result<PathBuf> {
    if let Some(program) = MUTANTS.find() {
        return Ok(program);
    }
    MUTANTS.install(INSTALL_MINUTES_MAX)?.map_err(Error::msg)
}

fn has_nextest() -> bool {
    machine::find("cargo-nextest").is_some() || tools::folder().join("bin/cargo-nextest").is_file()
}

/// Our own tools after those of the machine.
fn path() -> Result<OsString> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain([tools::folder().join("bin")]);
    env::join_paths(folders).context("the PATH holds a folder that no PATH can hold")
}

fn folder() -> PathBuf {
    crate::target().join("mutants")
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_mutant_is_named_by_an_expression_that_matches_it_alone() {
        let mutant = "crates/ledger/src/mix.rs:18:33: replace ^ with | in fold_two";
        let expression = r"crates/ledger/src/mix\.rs:18:33: replace \^ with \| in fold_two";
        assert_eq!(super::escaped(mutant), expression);
    }
}

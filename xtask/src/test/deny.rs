//! The steps of the supply chain: licences, banned and doubled crates, sources, advisories.
//!
//! Owns: finding cargo-deny, or building it once into `target/tools`. `deny.toml` has the rules.

use super::report::Verdict;
use super::{Runner, machine};
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// The release that `deny.toml` is written for.
const VERSION: &str = "0.20.2";
/// Building cargo-deny takes two to four minutes on two cores; it must not cost the whole run
/// its 25 minutes.
const INSTALL_MINUTES_MAX: u64 = 10;
const INSTALL_STARTS_WITHIN: Duration = Duration::from_secs(14 * 60);

/// Checks licences, bans and sources, offline: everything needed came with the builds.
///
/// # Errors
/// When cargo-deny cannot be started.
pub fn check(runner: &mut Runner) -> Result<Verdict> {
    let program = match find_or_install(runner)? {
        Ok(program) => program,
        Err(missing) => return Ok(Verdict::LeftOut(missing)),
    };
    // The graph is of all platforms, and the builds fetched only what this one needs.
    let fetched = runner.cargo(&["fetch"], 5)?;
    if fetched != Verdict::passed() {
        let reason = format!("`cargo fetch` did not pass ({fetched}); is there a network?");
        return Ok(Verdict::LeftOut(reason));
    }
    let arguments = ["--offline", "check", "--hide-inclusion-graph", "licenses", "bans", "sources"];
    runner.command(deny(&program, &arguments), 5, |_| ())
}

/// Checks the advisory database, if there is a copy of it on this machine.
///
/// # Errors
/// When cargo-deny cannot be started.
pub fn advisories(runner: &mut Runner) -> Result<Verdict> {
    let Some(program) = find() else {
        return Ok(Verdict::LeftOut("cargo-deny is not here, see above".to_owned()));
    };
    let databases = cargo_home().map(|home| home.join("advisory-dbs"));
    if !databases.is_some_and(|folder| folder.is_dir()) {
        let reason = "no copy of the advisory database; `cargo deny fetch` brings it";
        return Ok(Verdict::LeftOut(reason.to_owned()));
    }
    let arguments = ["--offline", "check", "advisories"];
    runner.command(deny(&program, &arguments), 5, |_| ())
}

fn deny(program: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.current_dir(crate::root()).args(arguments);
    command
}

/// cargo-deny, or the reason why there is none.
fn find_or_install(runner: &mut Runner) -> Result<Result<PathBuf, String>> {
    if let Some(program) = find() {
        return Ok(Ok(program));
    }
    if runner.elapsed() > INSTALL_STARTS_WITHIN {
        let why = "cargo-deny is not here, and no time was left to build it";
        let what = format!("{why}; `cargo install cargo-deny --version {VERSION} --locked`");
        return Ok(Err(what));
    }
    let mut install = crate::cargo();
    install
        .args(["install", "cargo-deny", "--version", VERSION, "--locked", "--debug", "--root"])
        .arg(tools())
        // A quick build of a program that runs for a second.
        .env("CARGO_PROFILE_DEV_OPT_LEVEL", "1")
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        // Away from the workspace, whose profiles and configuration are not meant for it.
        .current_dir(std::env::temp_dir());
    let verdict = runner.command(install, INSTALL_MINUTES_MAX, |_| ())?;
    let built = find().filter(|_| verdict == Verdict::passed());
    Ok(built.ok_or_else(|| format!("cargo-deny is not here and could not be built: {verdict}")))
}

fn find() -> Option<PathBuf> {
    let own = tools().join("bin/cargo-deny");
    machine::find("cargo-deny").or_else(|| own.is_file().then_some(own))
}

fn tools() -> PathBuf {
    crate::root().join("target/tools")
}

fn cargo_home() -> Option<PathBuf> {
    let named = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    named.or_else(|| Some(Path::new(&std::env::var_os("HOME")?).join(".cargo")))
}

//! The steps of the supply chain: licences, banned and doubled crates, sources, advisories.
//!
//! Owns: which cargo-deny is asked what, and that it costs the whole run no more than its share.
//! Never: has a rule; they are in `deny.toml`.

use super::Runner;
use super::report::Verdict;
use crate::tools::Tool;
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// The release that `deny.toml` is written for.
const DENY: Tool = Tool { name: "cargo-deny", version: "0.20.2" };
/// Building it must not cost the whole run its 25 minutes.
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
    let Some(program) = DENY.find() else {
        return Ok(Verdict::LeftOut(DENY.missing()));
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
    let mut command = DENY.command(program);
    command.args(arguments);
    command
}

/// cargo-deny, or the reason why there is none.
fn find_or_install(runner: &Runner) -> Result<Result<PathBuf, String>> {
    if let Some(program) = DENY.find() {
        return Ok(Ok(program));
    }
    if runner.elapsed() > INSTALL_STARTS_WITHIN {
        return Ok(Err(format!("{}, and no time was left to build it", DENY.missing())));
    }
    DENY.install(INSTALL_MINUTES_MAX)
}

fn cargo_home() -> Option<PathBuf> {
    let named = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    named.or_else(|| Some(Path::new(&std::env::var_os("HOME")?).join(".cargo")))
}

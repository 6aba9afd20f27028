//! The `sim` and `plant` chores: whole nodes on simulated machines, and bugs planted in them.
//!
//! Owns: how the simulation is built: for release, and once more, apart, with bugs to plant.
//! Never: runs a seed itself.

use crate::test::step::{self, Ending};
use anyhow::{Result, ensure};
use std::ffi::OsString;
use std::process::{Command, ExitCode};

/// Seeds that every build must run to the same bytes.
const SAME_SEEDS: &str = "0..12";
/// For a build and a run of them; the debug build's takes half a minute.
const MINUTES_MAX: u64 = 15;
/// Hexadecimal digits of what a seed came to.
const HASH_DIGITS: usize = 16;

/// Runs the simulation with `arguments`; its exit code, 0 when every promise held.
///
/// # Errors
/// When cargo cannot be started.
pub fn run(arguments: &[OsString]) -> Result<ExitCode> {
    crate::hand_over(release().arg("--").args(arguments))
}

/// Plants bugs, all of them unless `arguments` name one; 0 when each was found.
///
/// # Errors
/// When cargo cannot be started.
pub fn plant(arguments: &[OsString]) -> Result<ExitCode> {
    crate::hand_over(planted().arg("--").args(arguments))
}

/// The simulation, built for release.
#[must_use]
pub fn release() -> Command {
    let mut command = crate::cargo();
    command.args(["run", "--release", "--quiet", "--package", "sim"]);
    command
}

/// The same with bugs to plant, in a folder of its own: its flags are no other build's.
#[must_use]
pub fn planted() -> Command {
    let mut command = crate::cargo();
    command
        .args(["run", "--profile", "planted", "--quiet", "--package", "sim"])
        .env("RUSTFLAGS", "--cfg planted")
        .env("CARGO_TARGET_DIR", crate::target().join("planted"));
    command
}

/// Whether a debug build and a release build do the very same, to the byte.
///
/// # Errors
/// When one of them fails or cannot be run.
pub fn is_same_in_every_build() -> Result<bool> {
    let mut debug = crate::cargo();
    debug.args(["run", "--quiet", "--package", "sim"]);
    let [debug, release] = [debug, release()].map(|mut command| {
        command.args(["--", "--hashes", "--seeds", SAME_SEEDS]);
        let mut hashes = Vec::new();
        let keep = |line: &str| hashes.extend(is_hash(line).then(|| line.to_owned()));
        let ending = step::show(command, MINUTES_MAX, keep)?;
        ensure!(ending == Ending::Success, "the simulation could not be run: {ending}");
        Ok(hashes)
    });
    let (debug, release) = (debug?, release?);
    Ok(!release.is_empty() && debug == release)
}

/// Whether a line is a seed and what it came to; what a compiler has to say may stand between.
fn is_hash(line: &str) -> bool {
    let Some((seed, hash)) = line.split_once(' ') else { return false };
    seed.parse::<u64>().is_ok()
        && hash.len() == HASH_DIGITS
        && hash.bytes().all(|digit| digit.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_hash_is_told_from_all_else_that_is_said() {
        assert!(super::is_hash("11 274e4fa835dfd2f7"));
        for line in [
            "1 seeds (0..1), 72 commands",
            "11 274e4fa835dfd2f",
            "11 274e4fa835dfd2fg",
            "12 | let a = 1;",
            "warning: unused",
            "",
        ] {
            assert!(!super::is_hash(line), "{line}");
        }
    }
}

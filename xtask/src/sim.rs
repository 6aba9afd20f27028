//! The `sim` and `plant` chores: whole nodes on simulated machines, and bugs planted in them.
//!
//! Owns: how the simulation is built: for release, and once more, apart, with bugs to plant.
//! Never: runs a seed itself.

use anyhow::{Context, Result, ensure};
use std::ffi::OsString;
use std::process::{Command, ExitCode};

/// Seeds that every build must run to the same bytes.
const SAME_SEEDS: &str = "0..12";

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
        .env("CARGO_TARGET_DIR", "target/planted");
    command
}

/// Whether a debug build and a release build do the very same, to the byte.
///
/// # Errors
/// When one of them fails or cannot be run.
pub fn is_same_in_every_build() -> Result<bool> {
    let mut debug = crate::cargo();
    debug.args(["run", "--quiet", "--package", "sim"]);
    let [debug, release] = [debug, release()].map(|mut command| -> Result<String> {
        command.args(["--", "--hashes", "--seeds", SAME_SEEDS]);
        let output =
            command.output().context("cargo could not be started to run the simulation")?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        ensure!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
        let is_hash = |line: &&str| line.starts_with(|first: char| first.is_ascii_digit());
        let hashes = text.lines().take_while(is_hash).filter(|line| !line.contains("seeds"));
        Ok(hashes.collect::<Vec<_>>().join("\n"))
    });
    let (debug, release) = (debug?, release?);
    println!("hashes of seeds {SAME_SEEDS}, for release:\n{release}");
    if debug != release {
        println!("and in a debug build:\n{debug}");
    }
    Ok(!release.is_empty() && debug == release)
}

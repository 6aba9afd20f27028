//! The `bench` chore: builds the bench program for release and hands everything to it.
//!
//! Owns: how it is built and started. Never: measures anything itself.

use anyhow::Result;
use std::ffi::OsString;
use std::process::ExitCode;

/// Runs the bench program with `arguments`; its exit code.
///
/// # Errors
/// When cargo cannot be started.
pub fn run(arguments: &[OsString]) -> Result<ExitCode> {
    let mut command = crate::cargo();
    command.args(["run", "--release", "--package", "bench", "--"]).args(arguments);
    crate::hand_over(&mut command)
}

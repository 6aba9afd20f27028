//! The `bench` chore: builds the bench program for release and hands everything to it.

use anyhow::{Context, Result};
use std::ffi::OsString;

/// Runs the bench program with `arguments`; true when it ended with exit code 0.
///
/// # Errors
/// When cargo cannot be started.
pub fn run(arguments: &[OsString]) -> Result<bool> {
    let status = crate::cargo()
        .args(["run", "--release", "--package", "bench", "--"])
        .args(arguments)
        .status()
        .context("cargo could not be started to run the bench program; is it on the PATH?")?;
    Ok(status.success())
}

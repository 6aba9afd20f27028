//! The `kill` chore: trials of the real program, built for release.
//!
//! Owns: how the program and its trial are built, and whether this machine allows all of it.
//! Never: kills anything itself.

use crate::test::report::Verdict;
use anyhow::{Context, Result};
use std::ffi::OsString;
use std::process::Command;

/// Builds the program, and runs a trial of it with `arguments`; true when every promise held.
///
/// # Errors
/// When cargo cannot be started.
pub fn run(arguments: &[OsString]) -> Result<bool> {
    let mut build = crate::cargo();
    build.args(["build", "--release", "--package", "tidegate"]);
    let mut trial = crate::cargo();
    trial.args(["run", "--release", "--quiet", "--package", "trial", "--", "--program"]);
    trial.arg(crate::root().join("target/release/tidegate")).args(arguments);
    Ok(finished(&mut build)? && finished(&mut trial)?)
}

/// Whether the tests of a full disk and of a read-only folder can be run here: each makes a small
/// disk for itself alone.
///
/// # Errors
/// Never: a machine that cannot even be asked leaves them out.
pub fn private_disks() -> Result<Verdict> {
    let mount = ["--user", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/tmp"];
    let why = match Command::new("unshare").args(mount).output() {
        Ok(output) if output.status.success() => {
            return Ok(Verdict::Passed("small disks can be made".to_owned()));
        }
        Ok(output) => String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        Err(error) => format!("`unshare` (of util-linux): {error}"),
    };
    let what = "the tests of a full disk and of a folder turned read-only pass without doing \
                anything, since this machine allows no private mounts; run them as root or where \
                unprivileged user namespaces are on";
    Ok(Verdict::LeftOut(format!("{what} ({why})")))
}

fn finished(command: &mut Command) -> Result<bool> {
    let status = command
        .status()
        .context("cargo could not be started to kill the program; is it on the PATH?")?;
    Ok(status.success())
}

//! The `kill` chore: trials of the real program, built for release.
//!
//! Owns: how the program and its trial are built, and whether this machine allows all of it.
//! Never: kills anything itself.

use crate::test::report::Verdict;
use anyhow::{Context, Result, ensure};
use std::ffi::OsString;
use std::process::{Command, ExitCode};

/// Words that are answered without a program.
const WORDS_ALONE: [&str; 4] = ["--help", "-h", "--version", "-V"];

/// Builds the program, unless `arguments` name one, and runs a trial of it; the trial's exit code,
/// 0 when every promise held.
///
/// # Errors
/// When cargo cannot be started, or the program cannot be built.
pub fn run(arguments: &[OsString]) -> Result<ExitCode> {
    let mut trial = crate::cargo();
    trial.args(["run", "--release", "--quiet", "--package", "trial", "--"]);
    if needs_program(arguments) {
        let mut build = crate::cargo();
        build.args(["build", "--release", "--package", "tidegate"]);
        let status = build.status().context("cargo could not be started; is it on the PATH?")?;
        ensure!(status.success(), "the program could not be built; see above");
        trial.arg("--program").arg(crate::root().join("target/release/tidegate"));
    }
    crate::hand_over(trial.args(arguments))
}

fn needs_program(arguments: &[OsString]) -> bool {
    !arguments.iter().any(|argument| {
        let word = argument.to_string_lossy();
        WORDS_ALONE.contains(&&*word) || word == "--program" || word.starts_with("--program=")
    })
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

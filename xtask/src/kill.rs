//! The `kill` chore: trials of the real program, built for release.
//!
//! Owns: how the program and its trial are built, and whether this machine allows all of it.
//! Never: kills anything itself.

use crate::test::report::Verdict;
use crate::test::step::{self, Ending, Limit};
use anyhow::{Result, ensure};
use std::ffi::OsString;
use std::process::{Command, ExitCode};
use std::time::Duration;

/// For a release build of the program.
const BUILD_MINUTES_MAX: u64 = 15;
/// For one mount.
const ASKED_WITHIN: Duration = Duration::from_secs(60);
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
        let ending = step::show(build, BUILD_MINUTES_MAX, |_| ())?;
        ensure!(ending == Ending::Success, "the program could not be built: {ending}; see above");
        trial.arg("--program").arg(crate::target().join("release/tidegate"));
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
    let mut command = Command::new("unshare");
    command.args(mount);
    let why = match step::ask(command, Limit::Within(ASKED_WITHIN)) {
        Ok((Ending::Success, _)) => {
            return Ok(Verdict::Passed("small disks can be made".to_owned()));
        }
        Ok((ending, said)) => format!("{ending}: {}", said.trim()),
        Err(error) => format!("of util-linux: {error:#}"),
    };
    let what = "the tests of a full disk and of a folder turned read-only pass without doing \
                anything, since this machine allows no private mounts; run them as root or where \
                unprivileged user namespaces are on";
    Ok(Verdict::LeftOut(format!("{what} ({why})")))
}

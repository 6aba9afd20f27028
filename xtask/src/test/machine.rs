//! What the machine has and lacks, and getting what can be got.
//!
//! Owns: the list of programs and toolchain components that the steps need. Never: installs
//! anything on a machine that is not Debian, or as another user than root.

use super::report::Verdict;
use anyhow::{Context, Result, bail};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A program that tests start, and the Debian package that holds it. The compilers that some
/// libraries need were needed to build this program, so they are there.
struct Tool {
    program: &'static str,
    package: &'static str,
    /// What is tested with it.
    used_for: &'static str,
}

const TOOLS: [Tool; 2] = [
    Tool { program: "curl", package: "curl", used_for: "the examples of docs/api.md" },
    Tool { program: "c++", package: "g++", used_for: "the fuzzing engine" },
];

/// Installs the missing tools where that is possible.
///
/// # Errors
/// When an installation was tried and failed.
pub fn prepare() -> Result<Verdict> {
    let missing: Vec<&Tool> = TOOLS.iter().filter(|tool| find(tool.program).is_none()).collect();
    if missing.is_empty() {
        return Ok(Verdict::Passed("everything the tests start is here".to_owned()));
    }
    let packages: Vec<&str> = missing.iter().map(|tool| tool.package).collect();
    if !Path::new("/etc/debian_version").exists() || find("apt-get").is_none() || !is_root() {
        let uses: Vec<String> = missing
            .iter()
            .map(|tool| format!("`{}` (for {})", tool.program, tool.used_for))
            .collect();
        let what = uses.join(", ");
        return Ok(Verdict::LeftOut(format!("not here: {what}; install it and run this again")));
    }
    apt(&["update"])?;
    apt(&[&["install", "--yes", "--no-install-recommends"], &packages[..]].concat())?;
    Ok(Verdict::Passed(format!("installed {}", packages.join(", "))))
}

/// Sees to it that `cargo SUBCOMMAND` works, by rustup's component of that name where there is
/// rustup; when it does not, says why and what to do.
///
/// # Errors
/// When cargo cannot be started at all.
pub fn component(subcommand: &str, component: &str) -> Result<Option<String>> {
    if has_subcommand(subcommand)? {
        return Ok(None);
    }
    if find("rustup").is_none() {
        let missing = format!("`cargo {subcommand}` is not here, and neither is rustup to add it");
        return Ok(Some(missing));
    }
    let added = Command::new("rustup")
        .args(["component", "add", component])
        .status()
        .context("rustup could not be started")?;
    if added.success() && has_subcommand(subcommand)? {
        return Ok(None);
    }
    Ok(Some(format!("`cargo {subcommand}` is not here: `rustup component add {component}` failed")))
}

/// Where on the PATH `program` is.
#[must_use]
pub fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

fn has_subcommand(subcommand: &str) -> Result<bool> {
    let status = crate::cargo()
        .args([subcommand, "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .context("cargo could not be started; is it on the PATH?")?;
    Ok(status.success())
}

/// Whether we are root, by the owner of our own process; where there is no `/proc`, no.
fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

fn apt(arguments: &[&str]) -> Result<()> {
    let status = Command::new("apt-get")
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .status()
        .context("apt-get could not be started")?;
    if !status.success() {
        bail!("`apt-get {}` failed ({status}); see above", arguments.join(" "));
    }
    Ok(())
}

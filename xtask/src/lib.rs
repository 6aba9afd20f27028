//! The chores of the workspace: test, tidy, examples, sim, plant, kill, api, flood, fuzz, mutants,
//! bench, pages, rehearse, static.
//!
//! Owns: what a person or a build machine does to the tree as a whole. Never: is linked into
//! anything that is shipped. Adding a chore: a module with `run`, and a word in `main.rs`.

#![allow(clippy::print_stdout, reason = "a chore talks on the terminal")]

pub mod alone;
pub mod api;
pub mod bench;
pub mod examples;
pub mod flood;
pub mod fuzz;
pub mod kill;
pub mod mutants;
pub mod pages;
pub mod rehearse;
pub mod sim;
pub mod test;
pub mod tidy;
pub mod tools;

use anyhow::{Context as _, Result};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// The workspace's folder.
///
/// # Panics
/// Never: this crate lies one folder below it.
#[must_use]
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace")
}

/// Where every cargo of ours puts what it builds, whatever the machine is set to: chores start
/// programs from there.
#[must_use]
pub fn target() -> PathBuf {
    root().join("target")
}

/// The cargo that runs us, ready to be given arguments, in the workspace's folder.
#[must_use]
pub fn cargo() -> Command {
    in_workspace(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// A program in the workspace's folder, ready to be given arguments; any cargo that it starts puts
/// its builds where ours does.
pub fn in_workspace(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root()).env("CARGO_TARGET_DIR", target());
    command
}

/// Runs a program of the workspace to its end, in our place: its exit code is ours.
///
/// # Errors
/// When cargo cannot be started.
pub fn hand_over(command: &mut Command) -> Result<ExitCode> {
    let status = command.status().context("cargo could not be started; is it on the PATH?")?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    // Ended by a signal, it has none.
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

//! Programs of others that chores start, each of the release that our files are written for.
//!
//! Owns: finding one by what it says of itself, and building it once into `target/tools`. Never:
//! takes one of another release, which may judge otherwise; changes what the machine has.
//! On failure: why there is none, and the command that would bring it.

use crate::test::step::{self, Ending, Limit};
use anyhow::Result;
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// For a program that says which release it is.
const ASKED_WITHIN: Duration = Duration::from_secs(60);

/// A subcommand of cargo that is not of its own making.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tool {
    /// Its crate and its program, which begins with `cargo-`.
    pub name: &'static str,
    /// Its one release that is used.
    pub version: &'static str,
}

impl Tool {
    /// Where it is: built by us, or on the PATH.
    #[must_use]
    pub fn find(&self) -> Option<PathBuf> {
        let path = env::var_os("PATH").unwrap_or_default();
        self.find_in([folder().join("bin")].into_iter().chain(env::split_paths(&path)))
    }

    /// The first program of this name and release in `folders`.
    pub fn find_in(&self, folders: impl IntoIterator<Item = PathBuf>) -> Option<PathBuf> {
        let programs = folders.into_iter().map(|folder| folder.join(self.name));
        // As cargo calls it, with the subcommand's name before all else.
        let arguments = [self.subcommand(), "--version"];
        programs
            .filter(|program| program.is_file())
            .find(|program| is_release(program, &arguments, self.version))
    }

    /// Its program as cargo would call it, in the workspace's folder.
    #[must_use]
    pub fn command(&self, program: &Path) -> Command {
        let mut command = crate::in_workspace(program);
        command.arg(self.subcommand());
        command
    }

    /// Builds it, which takes two to four minutes on two cores and at most `minutes`; where it is
    /// then, or why it is not.
    ///
    /// # Errors
    /// When cargo cannot be started.
    pub fn install(&self, minutes: u64) -> Result<Result<PathBuf, String>> {
        let mut install = crate::cargo();
        install
            .args(["install", self.name, "--version", self.version, "--locked", "--debug"])
            .args(["--force", "--root"])
            .arg(folder())
            // A quick build of a program that runs for a second.
            .env("CARGO_PROFILE_DEV_OPT_LEVEL", "1")
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            // Away from the workspace, whose profiles, configuration and builds are not meant
            // for it.
            .env_remove("CARGO_TARGET_DIR")
            .current_dir(env::temp_dir());
        let ending = step::show(install, minutes, |_| ())?;
        let built = self.find().filter(|_| ending == Ending::Success);
        let why = format!("could not be built ({ending}); is there a network?");
        Ok(built.ok_or_else(|| format!("{} and {why}", self.missing())))
    }

    /// That it is not here, and how to get it.
    #[must_use]
    pub fn missing(&self) -> String {
        let Self { name, version } = self;
        format!(
            "{name} {version} is not here (`cargo install {name} --version {version} --locked`)"
        )
    }

    fn subcommand(&self) -> &'static str {
        self.name.strip_prefix("cargo-").expect("a subcommand's program begins with `cargo-`")
    }
}

/// Where tools are that we built or installed ourselves.
#[must_use]
pub fn folder() -> PathBuf {
    crate::target().join("tools")
}

/// Whether `program`, started with `arguments`, says that it is of release `version`.
#[must_use]
pub fn is_release(program: &Path, arguments: &[&str], version: &str) -> bool {
    let mut command = Command::new(program);
    command.args(arguments);
    // What cannot be started is no tool of any release.
    step::ask(command, Limit::Within(ASKED_WITHIN)).is_ok_and(|(ending, said)| {
        ending == Ending::Success && said.split_whitespace().any(|word| word == version)
    })
}

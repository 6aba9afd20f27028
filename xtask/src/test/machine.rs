//! What the machine has and lacks, and getting what can be got.
//!
//! Owns: the list of programs and toolchain components that the steps need. Never: installs
//! anything on a machine that is not Debian, or as another user than root.
//! On failure: what only some parts need, and could not be got, leaves those parts out with the
//! reason, as on a machine without a network; what everything needs fails the step.

use super::report::Verdict;
use super::step::{self, Ending, Limit, ask};
use anyhow::{Context, Result, ensure};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// For a question that a program answers about itself.
const ASKED_WITHIN: Duration = Duration::from_secs(60);
/// The oldest node that runs what the pages are tested with: Debian 12 has it.
const NODE_RELEASE_MIN: u32 = 18;
/// Reading the lists of packages, at most.
const LIST_MINUTES_MAX: u64 = 3;
/// Fetching and unpacking, at most: a C++ compiler is the largest.
const INSTALL_MINUTES_MAX: u64 = 8;

/// Something that steps start, and the Debian package that holds it.
pub struct Tool {
    /// What one would type.
    pub program: &'static str,
    /// What apt calls it.
    pub package: &'static str,
    /// What is tested with it.
    pub used_for: &'static str,
    /// What is to be done where it cannot be had.
    pub without: Without,
    /// Whether it is here.
    pub is_here: fn() -> bool,
}

/// What can be tested without a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Without {
    /// Nothing.
    Nothing,
    /// All but the step that uses it, which sees for itself that it is not here.
    ItsStep,
    /// All but the test of this name, or the tests of the module of this name.
    ItsTest(&'static str),
}

/// Everything that the steps need and a bare machine lacks.
pub const TOOLS: [Tool; 7] = [
    Tool {
        program: "cc",
        package: "gcc libc6-dev",
        used_for: "every build: a C compiler, or one named in CC",
        without: Without::Nothing,
        is_here: has_compiler,
    },
    Tool {
        program: "curl",
        package: "curl",
        used_for: "the examples of docs/api.md",
        without: Without::ItsTest("the_examples_of_the_documentation_run"),
        is_here: || find("curl").is_some(),
    },
    Tool {
        program: "c++",
        package: "g++",
        used_for: "the fuzzing engine",
        without: Without::ItsStep,
        is_here: || find("c++").is_some(),
    },
    Tool {
        program: "python3",
        package: "python3",
        used_for: "the second program that checks a draw",
        without: Without::ItsTest("second_program"),
        is_here: || find("python3").is_some(),
    },
    Tool {
        program: "python3 -m venv",
        package: "python3-venv",
        used_for: "schemathesis, which holds the API to its description",
        without: Without::ItsStep,
        is_here: has_venv,
    },
    Tool {
        program: "npm",
        package: "nodejs npm",
        used_for: "the tests of the pages: node 18 or newer",
        without: Without::ItsStep,
        is_here: has_node,
    },
    Tool {
        program: "chromium",
        package: "chromium fonts-noto-cjk fonts-noto-color-emoji",
        used_for: "the tests of the pages",
        without: Without::ItsStep,
        is_here: has_chromium,
    },
];

/// Installs the missing tools where that is possible.
#[must_use]
pub fn prepare() -> Verdict {
    settle(&TOOLS, |packages| {
        if !Path::new("/etc/debian_version").exists() || find("apt-get").is_none() || !is_root() {
            return Err("install it and run this again".to_owned());
        }
        let failed = |error: anyhow::Error| format!("{error:#}; is there a network?");
        apt(&["update"], LIST_MINUTES_MAX).map_err(failed)?;
        let install = ["install", "--yes", "--no-install-recommends"];
        apt(&[&install, packages].concat(), INSTALL_MINUTES_MAX).map_err(failed)
    })
}

/// What is missing of `tools`, got by `install` from the packages that hold it, or left out with
/// the reason.
pub fn settle(tools: &[Tool], install: impl FnOnce(&[&str]) -> Result<(), String>) -> Verdict {
    let absent = |tool: &&Tool| !(tool.is_here)();
    let missing: Vec<&Tool> = tools.iter().filter(absent).collect();
    if missing.is_empty() {
        return Verdict::Passed("everything the tests start is here".to_owned());
    }
    let packages: Vec<&str> =
        missing.iter().flat_map(|tool| tool.package.split_whitespace()).collect();
    let done = install(&packages);
    let missing: Vec<&Tool> = missing.into_iter().filter(absent).collect();
    if missing.is_empty() {
        return Verdict::Passed(format!("installed {}", packages.join(", ")));
    }
    let uses = missing.iter().map(|tool| format!("`{}` (for {})", tool.program, tool.used_for));
    let uses = uses.collect::<Vec<_>>().join(", ");
    let why = done.err().unwrap_or_else(|| "the installation did not bring it".to_owned());
    let what = format!("not here: {uses}; {why}");
    if missing.iter().any(|tool| tool.without == Without::Nothing) {
        return Verdict::Failed(what);
    }
    Verdict::LeftOut(what)
}

/// The names of the tests that cannot pass here for want of a tool.
pub fn tests_left_out() -> impl Iterator<Item = &'static str> {
    TOOLS.iter().filter_map(|tool| match tool.without {
        Without::ItsTest(test) if !(tool.is_here)() => Some(test),
        Without::ItsTest(_) | Without::ItsStep | Without::Nothing => None,
    })
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
    let mut add = Command::new("rustup");
    add.args(["component", "add", component]);
    let ending = step::show(add, INSTALL_MINUTES_MAX, |_| ())?;
    if ending == Ending::Success && has_subcommand(subcommand)? {
        return Ok(None);
    }
    let what = format!("`cargo {subcommand}` is not here, and `rustup component add {component}`");
    Ok(Some(format!("{what} did not bring it ({ending}); is there a network?")))
}

/// Where on the PATH `program` is.
#[must_use]
pub fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

fn has_subcommand(subcommand: &str) -> Result<bool> {
    let mut command = crate::cargo();
    command.args([subcommand, "--version"]);
    let (ending, _) = ask(command, Limit::Within(ASKED_WITHIN))
        .context("cargo could not be asked; is it on the PATH?")?;
    Ok(ending == Ending::Success)
}

/// Whether there is a C compiler by its usual name, or one that the environment names for some
/// target.
fn has_compiler() -> bool {
    let names_it = |name: &str| name == "CC" || name.starts_with("CC_") || name.ends_with("_CC");
    find("cc").is_some() || std::env::vars_os().any(|(name, _)| names_it(&name.to_string_lossy()))
}

/// Whether the first python3 can make environments of its own; Debian keeps what that needs apart.
fn has_venv() -> bool {
    let mut command = Command::new("python3");
    command.args(["-c", "import ensurepip"]);
    // One that cannot be started is not here.
    ask(command, Limit::Within(ASKED_WITHIN)).is_ok_and(|(ending, _)| ending == Ending::Success)
}

/// Whether there is npm, and a node that runs what the pages are tested with.
#[must_use]
pub fn has_node() -> bool {
    let mut command = Command::new("node");
    command.arg("--version");
    let Ok((Ending::Success, said)) = ask(command, Limit::Within(ASKED_WITHIN)) else {
        return false;
    };
    let release = said.trim().trim_start_matches('v').split('.').next();
    let is_recent = release.and_then(|release| release.parse().ok()) >= Some(NODE_RELEASE_MIN);
    is_recent && find("npm").is_some()
}

/// Whether there is a Chromium, with windows or without.
#[must_use]
pub fn has_chromium() -> bool {
    ["chromium", "chromium-headless-shell"].iter().any(|program| find(program).is_some())
}

/// Whether we are root, by the owner of our own process; where there is no `/proc`, no.
fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

fn apt(arguments: &[&str], minutes: u64) -> Result<()> {
    let mut command = Command::new("apt-get");
    command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
    let ending = step::show(command, minutes, |_| ())?;
    let typed = arguments.join(" ");
    ensure!(ending == Ending::Success, "`apt-get {typed}` failed ({ending})");
    Ok(())
}

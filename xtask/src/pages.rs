//! The `pages` chore: every page of the real program, used in a real browser as people use it.
//!
//! Owns: the packages of `web/`, of exactly the releases that its lock file names, and how long it
//! all may take. Never: fetches a browser; Debian's Chromium is one. On failure: the output names
//! the test and what it saw, and `target/pages/failed` has a picture of it.

use crate::test::machine;
use crate::test::report::{Counts, Verdict};
use crate::test::step::{self, Ending};
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

const BUILD_MINUTES_MAX: u64 = 10;
const INSTALL_MINUTES_MAX: u64 = 4;
/// All tests together take 15 minutes on two cores.
const RUN_MINUTES_MAX: u64 = 25;

/// Runs it; true when every test passed, false when one did not or it cannot be told.
///
/// # Errors
/// When the program cannot be built.
pub fn run() -> Result<bool> {
    let verdict = check()?;
    println!("pages: {verdict}");
    Ok(matches!(verdict, Verdict::Tests(_, None)))
}

/// Tests the pages, or says why that cannot be done here.
///
/// # Errors
/// When the program cannot be built, or npm or node cannot be started.
pub fn check() -> Result<Verdict> {
    if let Some(missing) = install()? {
        return Ok(Verdict::LeftOut(missing));
    }
    let mut build = crate::cargo();
    build.args(["build", "--quiet", "--package", "tidegate"]);
    let ending = step::show(build, BUILD_MINUTES_MAX, |_| ())?;
    ensure!(ending == Ending::Success, "the program cannot be built: {ending}");
    let mut tests = in_web("node");
    tests.args(["node_modules/@playwright/test/cli.js", "test"]);
    let mut counts = Counts::default();
    let ending = step::show(tests, RUN_MINUTES_MAX, |line| counts.add_line(line))?;
    let verdict = match ending {
        Ending::Success => Verdict::passed(),
        ending => Verdict::failed(format!("{ending}; see target/pages/failed")),
    };
    Ok(Verdict::of_tests(verdict, counts))
}

/// Sees to it that everything is here, or says what is not.
fn install() -> Result<Option<String>> {
    if !machine::has_node() || !machine::has_chromium() {
        let missing = "node 18 or newer, npm and Chromium are not all here; on Debian, \
                       `apt install nodejs npm chromium` brings them";
        return Ok(Some(missing.to_owned()));
    }
    let wanted = fs::read(folder().join("package-lock.json")).context("web/package-lock.json")?;
    // What was installed last, kept beside it.
    let mark = folder().join("node_modules/.installed");
    if fs::read(&mark).is_ok_and(|installed| installed == wanted) {
        return Ok(None);
    }
    let mut install = in_web("npm");
    install
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    let ending = step::show(install, INSTALL_MINUTES_MAX, |_| ())?;
    if ending != Ending::Success {
        let missing = format!("`npm ci` in web/ failed ({ending}); is there a network?");
        return Ok(Some(missing));
    }
    fs::write(&mark, wanted).context("web/node_modules cannot be written to")?;
    Ok(None)
}

fn in_web(program: &str) -> Command {
    let mut command = crate::in_workspace(program);
    command.current_dir(folder());
    command
}

fn folder() -> PathBuf {
    crate::root().join("web")
}

//! The `flood` chore: the tests of hostile clients with their large amounts.
//!
//! Owns: the word that asks for them. One test runs after the other: each takes as many open files
//! as there are.

use crate::test::step::{Ending, Limit, run as run_command};
use anyhow::Result;
use std::time::Duration;

/// Four tests of half a minute or less, after a build.
const WITHIN: Duration = Duration::from_secs(20 * 60);

/// Runs them; true when all passed.
///
/// # Errors
/// When cargo cannot be started.
pub fn run() -> Result<bool> {
    let mut command = crate::cargo();
    command.args(["test", "--package", "tidegate", "--test", "it", "--", "flood"]);
    command.args(["--test-threads", "1", "--nocapture"]).env("TIDEGATE_FLOOD", "large");
    Ok(run_command(command, Limit::Within(WITHIN), |_| ())? == Ending::Success)
}

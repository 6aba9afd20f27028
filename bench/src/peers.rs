//! The systems people use for this today: found, installed when asked, and spoken to.

pub mod postgres;
pub mod resp;

use anyhow::{Context, Result, bail};
use std::process::Command;

/// Installs the peers with apt-get, as root.
///
/// # Errors
/// When there is no apt-get, or it fails.
pub fn install() -> Result<()> {
    for arguments in [
        ["update", "--quiet"].as_slice(),
        &["install", "--yes", "--no-install-recommends", "redis-server", "postgresql"],
    ] {
        let status = Command::new("apt-get")
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .status()
            .context("apt-get could not be started; install redis-server and postgresql by hand")?;
        if !status.success() {
            bail!("apt-get {} ended with {status}; are you root?", arguments.join(" "));
        }
    }
    Ok(())
}

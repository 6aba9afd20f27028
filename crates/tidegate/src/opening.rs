//! Opening a data folder: keys and journal together.
//!
//! Owns: the order: lock and journal first, then keys, so that two processes can never make
//! keys for one folder. Never: serves.

use crate::config::Config;
use anyhow::{Context as _, Result};
use identity::Keyring;
use journal::{Archive, Disk, JournalId, OsDisk};
use node::{Opened, SystemClock};
use std::path::Path;
use std::sync::Arc;

const MASTER_KEY: &str = "TIDEGATE_MASTER_KEY";

/// A data folder that is ours.
pub(crate) struct Site {
    pub(crate) opened: Opened,
    pub(crate) keyring: Arc<Keyring>,
}

/// Opens a data folder, or makes it.
pub(crate) fn open(folder: &Path, config: &Config) -> Result<Site> {
    let disk = OsDisk::open_or_create(folder)
        .with_context(|| format!("the data folder {} cannot be opened", folder.display()))?;
    let mut journal = [0; 16];
    getrandom::fill(&mut journal).context("the system gives no random numbers")?;
    let archive = match &config.archive {
        None => None,
        Some(path) => {
            let disk = OsDisk::open_or_create(path)
                .with_context(|| format!("the archive {} cannot be opened", path.display()))?;
            Some(Archive { disk: Arc::new(disk), folder: String::new() })
        }
    };
    let settings = node::Config {
        new_journal: JournalId(journal),
        segment_bytes: config.segment_megabytes << 20,
        snapshot_every_bytes: config.snapshot_every_megabytes << 20,
        archive,
    };
    let disk: Arc<dyn Disk> = Arc::new(disk);
    let opened = node::open(disk, settings, Arc::new(SystemClock))?;
    let environment = std::env::var(MASTER_KEY).ok();
    let is_new = opened.recovery.tail.frame.0 == 0;
    let keyring = if is_new {
        Keyring::open_or_create(folder, environment.as_deref())?
    } else {
        Keyring::open(folder, environment.as_deref())?
    };
    Ok(Site { opened, keyring: Arc::new(keyring) })
}

//! The throw-away folder of a demo: the node's data, the newcomer's token, files for the shops.
//!
//! Never: outlives the demo, unless it is asked to or holds what an audit complained of.

use anyhow::{Context as _, Result};
use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

pub(super) struct Folder {
    temporary: TempDir,
    is_kept: bool,
}

impl Folder {
    /// Makes it; it goes when it is dropped, unless it is to be kept.
    pub(super) fn make(is_kept: bool) -> Result<Self> {
        let mut temporary = tempfile::Builder::new()
            .prefix("tidegate-demo-")
            .tempdir()
            .context("a throw-away folder cannot be made")?;
        temporary.disable_cleanup(is_kept);
        Ok(Self { temporary, is_kept })
    }

    pub(super) fn path(&self) -> &Path {
        self.temporary.path()
    }

    pub(super) const fn is_kept(&self) -> bool {
        self.is_kept
    }

    pub(super) fn data(&self) -> PathBuf {
        self.path().join("data")
    }

    pub(super) fn token(&self) -> PathBuf {
        self.path().join("token")
    }

    /// Writes the token down where only its owner reads it.
    pub(super) fn keep_token(&self, token: &str) -> Result<()> {
        let mut options = OpenOptions::new();
        let file = options.write(true).create_new(true).mode(0o600).open(self.token());
        file.and_then(|mut file| writeln!(file, "{token}"))
            .context("the operator's token cannot be written down")
    }

    /// Keeps what is to be looked into.
    pub(super) fn keep(self) -> PathBuf {
        self.temporary.keep()
    }

    /// Removes it, unless it is to be kept.
    pub(super) fn remove(self) -> Result<()> {
        let path = self.path().to_owned();
        if self.is_kept {
            return Ok(());
        }
        let what = || format!("{} cannot be removed; remove it by hand", path.display());
        self.temporary.close().with_context(what)
    }
}

//! Keys and secrets of a draw as files that only their owner may read.
//!
//! Owns: making and reading them. Never: prints one, or writes over one.

use super::files::refused;
use crate::exit::Coded;
use anyhow::Result;
use clap::ValueEnum;
use draw::note::{SigningKey, VerifyingKey};
use draw::seal::{Holder, Secret};
use draw::{Digest, DrawName};
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use zeroize::Zeroizing;

/// Only the owner may read and write.
const OWNER_ONLY: u32 = 0o600;

/// Who keeps a secret.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Party {
    /// Whoever runs the draw
    Operator,
    /// Whoever watches it
    Notary,
}

impl Party {
    const fn holder(self) -> Holder {
        match self {
            Self::Operator => Holder::Operator,
            Self::Notary => Holder::Notary,
        }
    }
}

pub(super) fn make_key(file: &Path, name: &str) -> Result<VerifyingKey> {
    let key = SigningKey::new(name, &chance()?)
        .map_err(|problem| Coded::error("draw-key-wrong", &format!("{name}: {problem}")))?;
    write(file, &key.write())?;
    Ok(key.verifying())
}

pub(super) fn make_secret(file: &Path, draw: &DrawName, party: Party) -> Result<Digest> {
    let secret = Secret(chance()?);
    let digits = Zeroizing::new(format!("{}\n", *secret.digits()));
    write(file, &digits)?;
    Ok(secret.commitment(draw, party.holder()))
}

/// The notary's key for the tags of a list.
pub(super) fn make_tag_key(file: &Path) -> Result<()> {
    let key = Secret(chance()?);
    write(file, &Zeroizing::new(format!("{}\n", *key.digits())))
}

pub(super) fn read_key(file: &Path) -> Result<SigningKey> {
    SigningKey::read(&read(file)?).map_err(|_| {
        let what =
            format!("{} is not a key to sign with; `tidegate draw key` makes one", file.display());
        Coded::error("draw-file-wrong", &what)
    })
}

pub(crate) fn read_secret(file: &Path) -> Result<Secret> {
    let text = read(file)?;
    Secret::read(text.trim_end_matches('\n')).ok_or_else(|| {
        let what = format!("{} does not hold a secret of 64 hex digits", file.display());
        Coded::error("draw-file-wrong", &what)
    })
}

/// What is said of a draw that was not opened: which files the secrets came from, one of which may
/// be another's.
pub(crate) fn not_opened_with(operator: &Path, notary: &Path) -> String {
    format!("not opened with {} and {}", operator.display(), notary.display())
}

fn read(file: &Path) -> Result<Zeroizing<String>> {
    std::fs::read_to_string(file).map(Zeroizing::new).map_err(refused("read", file))
}

/// Writes a new file that only its owner may read.
pub(crate) fn write(file: &Path, text: &str) -> Result<()> {
    let mut options = OpenOptions::new();
    let made = options.write(true).create_new(true).mode(OWNER_ONLY).open(file);
    let mut made = made.map_err(refused("made", file))?;
    // Its commitment is handed over at once: the file must be there after a power failure, its
    // name too, and half a file must not stand in the way of another try.
    let place = file.parent().filter(|place| !place.as_os_str().is_empty());
    let written = made.write_all(text.as_bytes()).and_then(|()| made.sync_all());
    let written = written.and_then(|()| File::open(place.unwrap_or(Path::new(".")))?.sync_all());
    if let Err(error) = written {
        std::fs::remove_file(file).map_err(refused("removed, and is there half", file))?;
        return Err(refused("written", file)(error));
    }
    Ok(())
}

/// The system has nothing that nobody knows.
pub(super) fn no_chance(error: &getrandom::Error) -> anyhow::Error {
    Coded::error("draw-disk", &format!("/dev/urandom gives no chance to make anything of: {error}"))
}

fn chance() -> Result<Zeroizing<[u8; 32]>> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *bytes).map_err(|error| no_chance(&error))?;
    Ok(bytes)
}

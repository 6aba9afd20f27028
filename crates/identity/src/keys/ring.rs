//! The ring file: every key sealed under the master key with its own name, the whole under a MAC.
//!
//! Owns: `ring.json`, version 1: `master_check` tells a wrong master key from damage, `keys` maps
//! names to sealed keys in hexadecimal, `destroyed` lists shredded campaigns, and `mac` is the
//! HMAC-SHA-256 of the compact JSON of version, keys and destroyed. A change of any of it is
//! found; an older ring put back whole is not.

use super::secret::SECRET_BYTES;
use super::{CODE_KEY, KeyError, RECEIPT_KEY, SecretKey, files};
use crate::hex;
use crate::mac::MacKey;
use crate::seal::{self, SEAL_OVERHEAD_BYTES};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use subtle::ConstantTimeEq;

const NAME: &str = "ring.json";
const VERSION: u64 = 1;

/// What the MAC covers.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ring {
    version: u64,
    keys: BTreeMap<String, String>,
    destroyed: BTreeSet<String>,
}

/// A ring as it was read: nothing of it is believed yet.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Unverified {
    master_check: String,
    ring: Ring,
    mac: String,
}

#[derive(Serialize)]
struct Written<'a> {
    master_check: String,
    ring: &'a Ring,
    mac: String,
}

/// All that is read of a ring by a release that may not know the rest.
#[derive(Deserialize)]
struct VersionOnly {
    ring: VersionOf,
}

#[derive(Deserialize)]
struct VersionOf {
    version: u64,
}

pub(super) fn path(folder: &Path) -> PathBuf {
    folder.join(NAME)
}

impl Ring {
    pub(super) const fn new() -> Self {
        Self { version: VERSION, keys: BTreeMap::new(), destroyed: BTreeSet::new() }
    }

    /// Reads the file; none when it is not there.
    pub(super) fn read(folder: &Path) -> Result<Option<Unverified>, KeyError> {
        let path = path(folder);
        let Some(text) = files::read(&path)? else { return Ok(None) };
        files::refuse_exposed(&path)?;
        let damaged = |why| KeyError::RingDamaged { path: path.clone(), why };
        let of: VersionOnly =
            serde_json::from_slice(&text).map_err(|_| damaged("it is not a key ring"))?;
        let version = of.ring.version;
        if VERSION < version {
            return Err(KeyError::RingNewer { path, version, known: VERSION });
        }
        let ring = serde_json::from_slice(&text).map_err(|_| damaged("it is not in its form"))?;
        Ok(Some(ring))
    }

    /// Makes a key under a name, and says whether it was missing.
    pub(super) fn ensure(&mut self, name: &str, master: &SecretKey) -> bool {
        if self.keys.contains_key(name) {
            return false;
        }
        let mut sealed = Vec::with_capacity(SECRET_BYTES + SEAL_OVERHEAD_BYTES);
        let secret = SecretKey::random();
        seal::seal(&wrapping(master), &associated(name), secret.bytes(), &mut sealed);
        self.keys.insert(name.to_owned(), hex::encode(&sealed));
        true
    }

    /// The key of a name.
    pub(super) fn get(&self, name: &str, master: &SecretKey) -> Option<SecretKey> {
        let sealed = hex::decode(self.keys.get(name)?)?;
        let mut secret = SecretKey::new([0; SECRET_BYTES]);
        let whole = sealed.len() == SECRET_BYTES + SEAL_OVERHEAD_BYTES
            && seal::open(&wrapping(master), &associated(name), &sealed, secret.bytes_mut());
        whole.then_some(secret)
    }

    pub(super) fn is_destroyed(&self, campaign: &str) -> bool {
        self.destroyed.contains(campaign)
    }

    /// Takes keys out and remembers whose they were.
    pub(super) fn destroy(&mut self, campaign: &str, names: &[&str]) {
        names.iter().for_each(|name| drop(self.keys.remove(*name)));
        self.destroyed.insert(campaign.to_owned());
    }

    /// Puts the ring in its place on disk.
    pub(super) fn write(&self, folder: &Path, master: &SecretKey) -> Result<(), KeyError> {
        let written = Written {
            master_check: hex::encode(&master_check(master)),
            ring: self,
            mac: hex::encode(&self.mac(master)),
        };
        let mut text = serde_json::to_vec_pretty(&written).expect("a ring is all strings");
        text.push(b'\n');
        files::replace(folder, NAME, &text)
    }

    /// As [`Self::write`], and overwrites what the file before it held.
    pub(super) fn write_and_scrub(
        &self,
        folder: &Path,
        master: &SecretKey,
    ) -> Result<(), KeyError> {
        let former = files::open_for_scrubbing(&path(folder))?;
        self.write(folder, master)?;
        files::scrub(former, &path(folder))
    }

    fn mac(&self, master: &SecretKey) -> [u8; 32] {
        let text = serde_json::to_vec(self).expect("a ring is all strings");
        MacKey::derived(master.bytes(), "tidegate/ring-mac/v1").tag(&text)
    }
}

impl Unverified {
    /// The ring, when it is the one that was written under this master key.
    pub(super) fn verified(self, folder: &Path, master: &SecretKey) -> Result<Ring, KeyError> {
        let path = path(folder);
        let right_key = equal(&self.master_check, &master_check(master));
        let unchanged = equal(&self.mac, &self.ring.mac(master));
        match (right_key, unchanged) {
            (true, true) => (),
            // Neither fits: it is the key. One alone can only be damage.
            (false, false) => return Err(KeyError::Wrong { path }),
            _ => return Err(KeyError::RingDamaged { path, why: "its content was changed" }),
        }
        let mut names = self.ring.keys.keys();
        if !names.all(|name| self.ring.get(name, master).is_some()) {
            return Err(KeyError::RingDamaged { path, why: "a key does not open" });
        }
        let whole = [CODE_KEY, RECEIPT_KEY].iter().all(|name| self.ring.keys.contains_key(*name));
        if !whole {
            return Err(KeyError::RingDamaged { path, why: "a key is missing" });
        }
        Ok(self.ring)
    }
}

fn equal(text: &str, expected: &[u8]) -> bool {
    hex::decode(text).is_some_and(|bytes| bytes.ct_eq(expected).into())
}

/// Tells one master key from another and nothing about either.
fn master_check(master: &SecretKey) -> [u8; 8] {
    MacKey::new(master.bytes()).tag_front(b"tidegate/master-check/v1")
}

fn wrapping(master: &SecretKey) -> aws_lc_rs::aead::LessSafeKey {
    let key = MacKey::new(master.bytes()).tag(b"tidegate/ring-wrap/v1");
    seal::aead_key(&SecretKey::new(key))
}

fn associated(name: &str) -> Vec<u8> {
    [b"tidegate/ring/v1:", name.as_bytes()].concat()
}

//! The keys on disk: one master key, and a ring of keys wrapped under it.
//!
//! Owns: `keys/master.key` (or the environment in its place) and `keys/ring.json` in the data
//! folder. Never: lets a key out unwrapped, in files, errors or `Debug`; replaces a missing or
//! foreign key by a new one, which would silently make every person a stranger.
//! Invariants: a key is on disk, synced with its folder, before anything is done with it; a
//! destroyed key is gone from the ring before `destroy_campaign` returns, and its campaign never
//! gets another. On failure: the ring in memory is as it was, and so is one of the two files.

mod error;
mod files;
mod master;
mod ring;
mod secret;

use master::Found;
use ring::Ring;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};
use types::Definition;
use zeroize::Zeroizing;

pub use error::KeyError;
pub use secret::SecretKey;

/// The folder of the keys within the data folder.
pub const KEYS_FOLDER: &str = "keys";

const CODE_KEY: &str = "code";
const RECEIPT_KEY: &str = "receipt";
const DRAW_KEY: &str = "draw";

/// All keys of one installation. Hold one for the life of the process and share it; it is asked
/// when a campaign is loaded, not for every request.
pub struct Keyring {
    folder: PathBuf,
    master: SecretKey,
    ring: Mutex<Ring>,
}

/// Whose people are the same people: campaigns of one scope give a person the same keys.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// All campaigns of the series with this code.
    Series(String),
    /// The one campaign with this code.
    Campaign(String),
}

/// The keys of one campaign.
#[derive(Clone)]
pub struct CampaignKeys {
    /// Seals the fields; its own, and gone when the campaign is shredded.
    pub(crate) data: SecretKey,
    /// Makes person keys; the scope's.
    pub(crate) person: SecretKey,
}

impl Scope {
    /// The scope of a campaign: its series, or itself.
    #[must_use]
    pub fn of(definition: &Definition) -> Self {
        match &definition.series {
            Some(series) => Self::Series(series.code.clone()),
            None => Self::Campaign(definition.code.clone()),
        }
    }

    fn key_name(&self) -> String {
        match self {
            Self::Series(code) => format!("person/series/{code}"),
            Self::Campaign(code) => format!("person/campaign/{code}"),
        }
    }
}

impl Keyring {
    /// Opens the keys of a data folder that holds a journal. `environment` is the value of
    /// `TIDEGATE_MASTER_KEY`, 64 hexadecimal digits; when it is given, no key file is looked at.
    ///
    /// # Errors
    /// When a file is missing, exposed, damaged, newer than this release, or belongs to another
    /// master key.
    pub fn open(data_folder: &Path, environment: Option<&str>) -> Result<Self, KeyError> {
        let folder = data_folder.join(KEYS_FOLDER);
        let ring = Ring::read(&folder)?;
        let master = match master::find(&folder, environment)? {
            Found::Key(master) => master,
            Found::Nothing => return Err(KeyError::FileMissing { path: master::path(&folder) }),
        };
        let Some(ring) = ring else {
            return Err(KeyError::RingMissing { path: ring::path(&folder) });
        };
        let ring = ring.verified(&folder, &master)?;
        Ok(Self { folder, master, ring: Mutex::new(ring) })
    }

    /// As [`Self::open`] for a data folder whose journal is still empty: makes what is missing,
    /// unless there is a ring whose master key is.
    ///
    /// # Errors
    /// As [`Self::open`], and when the files cannot be written.
    pub fn open_or_create(data_folder: &Path, environment: Option<&str>) -> Result<Self, KeyError> {
        let folder = data_folder.join(KEYS_FOLDER);
        if Ring::read(&folder)?.is_some() {
            return Self::open(data_folder, environment);
        }
        files::create_folder(data_folder, &folder)?;
        let master = match master::find(&folder, environment)? {
            Found::Key(master) => master,
            Found::Nothing => master::create(&folder)?,
        };
        let mut ring = Ring::new();
        ring.ensure(CODE_KEY, &master);
        ring.ensure(RECEIPT_KEY, &master);
        ring.write(&folder, &master)?;
        Ok(Self { folder, master, ring: Mutex::new(ring) })
    }

    /// Makes a campaign's keys where they are missing. They are on disk when it returns.
    ///
    /// # Errors
    /// [`KeyError::Destroyed`] when the campaign was shredded; when the ring cannot be written.
    pub fn ensure_campaign(&self, campaign: &str, scope: &Scope) -> Result<(), KeyError> {
        let mut ring = self.lock();
        if ring.is_destroyed(campaign) {
            return Err(KeyError::Destroyed { campaign: campaign.to_owned() });
        }
        let mut next = ring.clone();
        let data_made = next.ensure(&data_key_name(campaign), &self.master);
        let person_made = next.ensure(&scope.key_name(), &self.master);
        if data_made || person_made {
            next.write(&self.folder, &self.master)?;
            *ring = next;
        }
        Ok(())
    }

    /// A campaign's keys, with the scope its definition says; none before
    /// [`Self::ensure_campaign`] and after [`Self::destroy_campaign`].
    #[must_use]
    pub fn campaign_keys(&self, campaign: &str, scope: &Scope) -> Option<CampaignKeys> {
        let ring = self.lock();
        let data = ring.get(&data_key_name(campaign), &self.master)?;
        let person = ring.get(&scope.key_name(), &self.master)?;
        Some(CampaignKeys { data, person })
    }

    /// Destroys a campaign's data key, and its person key unless that belongs to a series. From
    /// then on nobody can open its people's fields, and the code never gets another key. Done
    /// again, it does nothing. Copies of the ring kept elsewhere are not reached.
    ///
    /// # Errors
    /// When the ring cannot be written; do it again.
    pub fn destroy_campaign(&self, campaign: &str) -> Result<(), KeyError> {
        let mut ring = self.lock();
        if ring.is_destroyed(campaign) {
            return Ok(());
        }
        let mut next = ring.clone();
        let own_scope = Scope::Campaign(campaign.to_owned());
        next.destroy(campaign, &[&data_key_name(campaign), &own_scope.key_name()]);
        next.write_and_scrub(&self.folder, &self.master)?;
        *ring = next;
        assert!(ring.is_destroyed(campaign), "what is destroyed is remembered");
        Ok(())
    }

    /// The key of the pickup codes.
    ///
    /// # Panics
    /// Never: [`Self::open`] has seen it.
    #[must_use]
    pub fn code_key(&self) -> SecretKey {
        self.lock().get(CODE_KEY, &self.master).expect("an open ring has the code key")
    }

    /// The key of the receipts.
    ///
    /// # Panics
    /// Never: [`Self::open`] has seen it.
    #[must_use]
    pub fn receipt_key(&self) -> SecretKey {
        self.lock().get(RECEIPT_KEY, &self.master).expect("an open ring has the receipt key")
    }

    /// The key with which the events of draws are signed; made when it is first asked for, and
    /// then on disk.
    ///
    /// # Errors
    /// When the ring cannot be written.
    pub fn draw_key(&self) -> Result<SecretKey, KeyError> {
        let mut ring = self.lock();
        let mut next = ring.clone();
        if next.ensure(DRAW_KEY, &self.master) {
            next.write(&self.folder, &self.master)?;
            *ring = next;
        }
        Ok(ring.get(DRAW_KEY, &self.master).expect("it was just made sure of"))
    }

    fn lock(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().expect("nothing panics while it changes the ring")
    }
}

fn data_key_name(campaign: &str) -> String {
    format!("data/{campaign}")
}

impl CampaignKeys {
    /// Keys that are in no ring: for tests, measurements and tools that keep their own.
    #[must_use]
    pub const fn from_secrets(data: SecretKey, person: SecretKey) -> Self {
        Self { data, person }
    }
}

impl CampaignKeys {
    /// A key for one purpose, under the campaign's data key: gone when that one is.
    #[must_use]
    pub fn derived(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        self.data.derived(purpose)
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keyring({}, keys withheld)", self.folder.display())
    }
}

impl fmt::Debug for CampaignKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CampaignKeys(withheld)")
    }
}

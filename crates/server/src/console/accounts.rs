//! Accounts: who may log in to the pages of the operator listener.
//!
//! Owns: what `accounts.json` in the data folder holds, roles, and which sessions still count.
//! Never: keeps a password; the file holds argon2id hashes.
//! Invariants: those of a private file; whatever changes a password or disables an account ends
//! its sessions, on every node that reads the file.
//! On failure: a file that is exposed or damaged lets nobody in, and says so with a code.

use super::passwords::{PasswordFault, PasswordHash};
use crate::private_file::{Contents, PrivateFile, PrivateFileError};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::Path;
use types::definition::is_code;
use types::{Millis, limits};

/// What the holder of an account may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AccountRole {
    /// Everything.
    Owner,
    /// Sees everything but people; changes nothing.
    Auditor,
    /// Hands out at certain outlets; nothing else.
    Outlet,
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Whose; recorded with every action, and unique.
    pub name: String,
    /// What they may do.
    pub role: AccountRole,
    /// Codes of the outlets of an outlet's account; empty for other roles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outlets: Vec<String>,
    /// When it was made.
    pub created: Millis,
    /// When its password was set.
    pub password_set: Millis,
    /// Whether nobody can log in to it.
    #[serde(default)]
    pub disabled: bool,
    /// Changes whenever all its sessions end: those that began with another number are over.
    pub sessions: u64,
    password: PasswordHash,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountFile {
    version: u32,
    accounts: Vec<Account>,
}

impl Default for AccountFile {
    fn default() -> Self {
        Self { version: Self::VERSION, accounts: Vec::new() }
    }
}

impl Contents for AccountFile {
    const FILE: &'static str = "accounts.json";
    const VERSION: u32 = 1;

    fn version(&self) -> u32 {
        self.version
    }
}

/// An account to be made.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Whose.
    pub name: String,
    /// What they may do.
    pub role: AccountRole,
    /// See [`Account::outlets`].
    pub outlets: Vec<String>,
}

/// Why accounts cannot be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The file is exposed, damaged or unreadable.
    #[error(transparent)]
    File(#[from] PrivateFileError),
    /// Another account has the name.
    #[error("there is an account named `{0}` already; take another name")]
    NameTaken(String),
    /// No account has the name.
    #[error("there is no account named `{0}`; `tidegate account list` shows all")]
    Unknown(String),
    /// The account would not be as an account must be.
    #[error("the account cannot be made: {0}")]
    Invalid(String),
    /// The password is not one to be taken.
    #[error("{0}")]
    Password(#[from] PasswordFault),
}

impl AccountError {
    /// The stable code, with a page in `docs/errors`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::File(PrivateFileError::Exposed { .. }) => "accounts-exposed",
            Self::File(PrivateFileError::Damaged { .. }) => "accounts-damaged",
            Self::File(PrivateFileError::Disk { .. }) => "accounts-unreadable",
            Self::NameTaken(_) => "account-name-taken",
            Self::Unknown(_) => "account-unknown",
            Self::Invalid(_) => "account-invalid",
            Self::Password(_) => "password-refused",
        }
    }
}

/// The accounts of a data folder, read again whenever their file changes.
#[derive(Debug)]
pub struct AccountStore(PrivateFile<AccountFile>);

impl AccountStore {
    /// The accounts of a data folder, which exists.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self(PrivateFile::new(folder))
    }

    /// The data folder that they are in.
    pub(super) fn folder(&self) -> &Path {
        self.0.folder()
    }

    /// The account of a name, disabled or not.
    ///
    /// # Errors
    /// When the file is exposed, damaged or unreadable: then nobody gets in.
    pub fn find(&self, name: &str) -> Result<Option<Account>, AccountError> {
        let file = self.0.read()?;
        Ok(file.accounts.iter().find(|account| account.name == name).cloned())
    }

    /// All accounts, in the order they were made.
    ///
    /// # Errors
    /// When the file is exposed, damaged or unreadable.
    pub fn list(&self) -> Result<Vec<Account>, AccountError> {
        Ok(self.0.read()?.accounts.clone())
    }

    /// Makes an account.
    ///
    /// # Errors
    /// When the name is taken or the account would be invalid, or the file cannot be changed.
    pub fn create(
        &self,
        new: NewAccount,
        password: PasswordHash,
        now: Millis,
    ) -> Result<(), AccountError> {
        check(&new)?;
        let NewAccount { name, role, outlets } = new;
        self.0.change(|AccountFile { accounts, .. }| {
            if accounts.iter().any(|other| other.name == name) {
                return Err(AccountError::NameTaken(name));
            }
            if limits::ACCOUNTS_MAX <= accounts.len() {
                let why = format!("there are {} already, which is the limit", accounts.len());
                return Err(AccountError::Invalid(why));
            }
            let (created, password_set) = (now, now);
            let (disabled, sessions) = (false, 0);
            accounts.push(Account {
                name,
                role,
                outlets,
                created,
                password_set,
                disabled,
                sessions,
                password,
            });
            Ok(())
        })
    }

    /// Lets nobody log in to an account any more and ends its sessions, or lets its owner in again.
    ///
    /// # Errors
    /// When no account has the name, or the file cannot be changed.
    pub fn set_disabled(&self, name: &str, disabled: bool) -> Result<(), AccountError> {
        self.with(name, |account| {
            account.sessions += u64::from(disabled);
            account.disabled = disabled;
        })
        .map(|_| ())
    }

    /// Gives an account another password and ends its sessions. Returns the account as it is now.
    ///
    /// # Errors
    /// When no account has the name, or the file cannot be changed.
    pub fn set_password(
        &self,
        name: &str,
        password: PasswordHash,
        now: Millis,
    ) -> Result<Account, AccountError> {
        self.with(name, |account| {
            account.sessions += 1;
            account.password = password;
            account.password_set = now;
        })
    }

    /// Ends all sessions of an account.
    ///
    /// # Errors
    /// When no account has the name, or the file cannot be changed.
    pub fn end_sessions(&self, name: &str) -> Result<(), AccountError> {
        self.with(name, |account| account.sessions += 1).map(|_| ())
    }

    fn with(&self, name: &str, change: impl FnOnce(&mut Account)) -> Result<Account, AccountError> {
        self.0.change(|AccountFile { accounts, .. }| {
            let account = accounts.iter_mut().find(|account| account.name == name);
            let account = account.ok_or_else(|| AccountError::Unknown(name.to_owned()))?;
            change(account);
            Ok(account.clone())
        })
    }
}

impl Account {
    /// What a password is compared with; nothing while the account is disabled.
    pub(super) fn hash(&self) -> Option<PasswordHash> {
        (!self.disabled).then(|| self.password.clone())
    }

    /// What proofs are made with that end with the password.
    pub(super) fn proof_key(&self) -> &[u8] {
        self.password.as_bytes()
    }
}

fn check(new: &NewAccount) -> Result<(), AccountError> {
    let invalid = |why: &str| Err(AccountError::Invalid(why.to_owned()));
    let characters = new.name.chars().count();
    if !(1..=limits::ACTOR_CHARS_MAX).contains(&characters) || new.name.trim() != new.name {
        return invalid("a name has 1 to 100 characters, and no space at either end");
    }
    if new.name.chars().any(char::is_control) {
        return invalid("a name has no control characters");
    }
    if new.name.chars().any(types::definition::turns_direction) {
        return invalid("a name has no invisible characters that turn the direction of text");
    }
    if (new.role == AccountRole::Outlet) == new.outlets.is_empty() {
        return invalid("the role outlet names its outlets, and no other role does");
    }
    if limits::TOKEN_OUTLETS_MAX < new.outlets.len() {
        return invalid("it names more than 100 outlets");
    }
    if !new.outlets.iter().all(|code| is_code(code)) {
        return invalid("an outlet's code consists of letters, digits, '-', '_' and '.'");
    }
    Ok(())
}

impl AccountRole {
    /// The role's word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Auditor => "auditor",
            Self::Outlet => "outlet",
        }
    }
}

impl fmt::Display for AccountRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

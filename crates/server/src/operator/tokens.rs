//! API tokens: who may do what, by a secret that is shown once.
//!
//! Owns: `tokens.json` in the data folder, its mode and its replacement; roles; looking a secret
//! up. Never: keeps a secret; the file holds SHA-256 of 256 random bits, which nobody can guess.
//! Invariants: the file is readable by its owner alone; it is replaced whole or not at all; a
//! look-up compares with every token in constant time.
//! On failure: a file that is exposed or damaged lets nobody in, and says so with a code.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use subtle::{ConditionallySelectable as _, ConstantTimeEq as _};
use types::Millis;
use types::definition::is_code;
use types::limits;

const FILE: &str = "tokens.json";
const VERSION: u32 = 1;
const SECRET_BYTES: usize = 32;
/// Crockford's base 32, in lower case: no letter looks like a digit.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// What the holder of a token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Everything.
    Operator,
    /// Reads everything but people; changes nothing.
    Auditor,
    /// Redeems at certain outlets; nothing else.
    Outlet,
    /// Enters people by the batch on the public listener; nothing else.
    Frontend,
}

/// A token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Token {
    /// Who holds it; recorded with every action, and unique.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Codes of the outlets an outlet's token redeems for; empty for other roles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outlets: Vec<String>,
    /// When it was made.
    pub created: Millis,
    /// The first moment at which it no longer holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Millis>,
    sha256: Fingerprint,
}

/// SHA-256 of a secret.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Fingerprint([u8; 32]);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenFile {
    version: u32,
    tokens: Vec<Token>,
}

/// A token to be made.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// Who will hold it.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// See [`Token::outlets`].
    pub outlets: Vec<String>,
    /// See [`Token::expires`].
    pub expires: Option<Millis>,
}

/// Why tokens cannot be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Others may read the file.
    #[error("{} has mode {mode:o}; only its owner may read it: chmod 600", path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// The file is not what this release writes.
    #[error("{} is damaged or of a newer release: {why}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The disk said no.
    #[error("{} cannot be read or written: {source}", path.display())]
    Disk {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another token has the name.
    #[error("there is a token named `{0}` already; revoke it first, or take another name")]
    NameTaken(String),
    /// No token has the name.
    #[error("there is no token named `{0}`; `tidegate token list` shows all")]
    Unknown(String),
    /// The token would not be as a token must be.
    #[error("the token cannot be made: {0}")]
    Invalid(String),
}

impl TokenError {
    /// The stable code, with a page in `docs/errors`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Exposed { .. } => "tokens-exposed",
            Self::Damaged { .. } => "tokens-damaged",
            Self::Disk { .. } => "tokens-unreadable",
            Self::NameTaken(_) => "token-name-taken",
            Self::Unknown(_) => "token-unknown",
            Self::Invalid(_) => "token-invalid",
        }
    }
}

/// The tokens of a data folder, read again whenever their file changes.
#[derive(Debug)]
pub struct TokenStore {
    folder: PathBuf,
    cached: Mutex<Cached>,
}

/// What tells one state of the file from another: modified (s, ns), length, inode.
type Stamp = Option<(i64, i64, u64, u64)>;

#[derive(Debug)]
struct Cached {
    stamp: Stamp,
    tokens: Arc<Vec<Token>>,
}

impl TokenStore {
    /// The tokens of a data folder, which exists.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        let nothing = Cached { stamp: None, tokens: Arc::default() };
        Self { folder: folder.to_owned(), cached: Mutex::new(nothing) }
    }

    /// The token of a secret, if there is one and it has not expired.
    ///
    /// # Errors
    /// When the file is exposed, damaged or unreadable: then nobody gets in.
    pub fn find(&self, secret: &str, now: Millis) -> Result<Option<Token>, TokenError> {
        let wanted = Fingerprint::of(secret);
        let tokens = self.tokens()?;
        let mut found = 0_u32;
        for (index, token) in tokens.iter().enumerate() {
            let number = u32::try_from(index + 1).expect("TOKENS_MAX is small");
            found.conditional_assign(&number, token.sha256.0.ct_eq(&wanted.0));
        }
        let token = found.checked_sub(1).map(|index| &tokens[index as usize]);
        let holds = |token: &&Token| token.expires.is_none_or(|expires| now < expires);
        Ok(token.filter(holds).cloned())
    }

    /// All tokens, in the order they were made.
    ///
    /// # Errors
    /// When the file is exposed, damaged or unreadable.
    pub fn list(&self) -> Result<Vec<Token>, TokenError> {
        Ok(self.tokens()?.as_ref().clone())
    }

    /// Makes a token; the secret that is returned can never be had again.
    ///
    /// # Errors
    /// When the name is taken or the token would be invalid, or the file cannot be changed.
    pub fn create(&self, new: NewToken, now: Millis) -> Result<String, TokenError> {
        check(&new, now)?;
        let mut bytes = [0; SECRET_BYTES];
        getrandom::fill(&mut bytes)
            .map_err(|error| self.disk(FILE, io::Error::other(error.to_string())))?;
        let secret = format!("tg_{}_{}", new.role, base32(&bytes));
        let sha256 = Fingerprint::of(&secret);
        let NewToken { name, role, outlets, expires } = new;
        let token = Token { name, role, outlets, created: now, expires, sha256 };
        self.change(|tokens| {
            if tokens.iter().any(|other| other.name == token.name) {
                return Err(TokenError::NameTaken(token.name));
            }
            if tokens.len() >= limits::TOKENS_MAX {
                let why = format!("there are {} already, which is the limit", tokens.len());
                return Err(TokenError::Invalid(why));
            }
            tokens.push(token);
            Ok(())
        })?;
        Ok(secret)
    }

    /// Ends a token. Whoever holds it is refused from the next request on.
    ///
    /// # Errors
    /// When no token has the name, or the file cannot be changed.
    pub fn revoke(&self, name: &str) -> Result<(), TokenError> {
        self.change(|tokens| {
            let before = tokens.len();
            tokens.retain(|token| token.name != name);
            if tokens.len() == before {
                return Err(TokenError::Unknown(name.to_owned()));
            }
            Ok(())
        })
    }

    fn tokens(&self) -> Result<Arc<Vec<Token>>, TokenError> {
        let mut cached = self.cached.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = self.stamp()?;
        if cached.stamp != stamp {
            // A file that cannot be read leaves no token behind from an earlier state.
            *cached = Cached { stamp: None, tokens: Arc::default() };
            let tokens = Arc::new(self.read()?);
            *cached = Cached { stamp, tokens };
        }
        Ok(Arc::clone(&cached.tokens))
    }

    fn stamp(&self) -> Result<Stamp, TokenError> {
        match fs::metadata(self.folder.join(FILE)) {
            Ok(data) => {
                self.check_mode(data.permissions().mode())?;
                Ok(Some((data.mtime(), data.mtime_nsec(), data.len(), data.ino())))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.disk(FILE, error)),
        }
    }

    fn read(&self) -> Result<Vec<Token>, TokenError> {
        let path = self.folder.join(FILE);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(self.disk(FILE, error)),
        };
        let damaged = |why: String| TokenError::Damaged { path: path.clone(), why };
        let file: TokenFile =
            serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
        if file.version != VERSION {
            return Err(damaged(format!("version {}, not {VERSION}", file.version)));
        }
        Ok(file.tokens)
    }

    /// Changes the tokens under a lock that other processes respect.
    fn change(
        &self,
        change: impl FnOnce(&mut Vec<Token>) -> Result<(), TokenError>,
    ) -> Result<(), TokenError> {
        // The folder itself is the lock: a file for it would outlive a command that made a
        // token before there was a node.
        let lock = File::open(&self.folder).map_err(|error| self.disk(".", error))?;
        lock.lock().map_err(|error| self.disk(".", error))?;
        self.stamp()?;
        let mut tokens = self.read()?;
        change(&mut tokens)?;
        let json = serde_json::to_vec_pretty(&TokenFile { version: VERSION, tokens })
            .expect("tokens have only string keys");
        replace(&self.folder, FILE, &json).map_err(|error| self.disk(FILE, error))
    }

    fn check_mode(&self, mode: u32) -> Result<(), TokenError> {
        if mode & 0o077 == 0 {
            return Ok(());
        }
        Err(TokenError::Exposed { path: self.folder.join(FILE), mode: mode & 0o777 })
    }

    fn disk(&self, file: &str, source: io::Error) -> TokenError {
        TokenError::Disk { path: self.folder.join(file), source }
    }
}

/// Replaces a file of mode 0600 as a whole, durably.
pub(super) fn replace(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let new = folder.join(format!("{name}.new"));
    let mut file = open_private(&new, OpenOptions::new().create(true).truncate(true))?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&new, folder.join(name))?;
    File::open(folder)?.sync_all()
}

fn open_private(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    let file = options.write(true).mode(0o600).open(path)?;
    // A file left from before may have another mode.
    file.set_permissions(fs::Permissions::from_mode(0o600))?;
    Ok(file)
}

fn check(new: &NewToken, now: Millis) -> Result<(), TokenError> {
    let invalid = |why: &str| Err(TokenError::Invalid(why.to_owned()));
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
    if new.expires.is_some_and(|expires| expires <= now) {
        return invalid("it would have expired already");
    }
    let redeems = new.role == Role::Outlet;
    if redeems == new.outlets.is_empty() {
        return invalid("the role outlet names the outlets it redeems for, and no other role does");
    }
    if new.outlets.len() > limits::TOKEN_OUTLETS_MAX {
        return invalid("it names more than 100 outlets");
    }
    if !new.outlets.iter().all(|code| is_code(code)) {
        return invalid("an outlet's code consists of letters, digits, '-', '_' and '.'");
    }
    Ok(())
}

fn base32(bytes: &[u8; SECRET_BYTES]) -> String {
    let mut text = String::with_capacity(52);
    let (mut bits, mut count) = (0_u32, 0);
    for byte in bytes {
        bits = bits << 8 | u32::from(*byte);
        count += 8;
        while count >= 5 {
            count -= 5;
            text.push(char::from(ALPHABET[(bits >> count & 31) as usize]));
        }
    }
    text.push(char::from(ALPHABET[(bits << (5 - count) & 31) as usize]));
    assert_eq!(text.len(), 52, "256 bits are 52 characters of 5 bits");
    text
}

impl Fingerprint {
    fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprint(…)")
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&super::hex(&self.0))
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let hex = String::deserialize(from)?;
        let wrong = || serde::de::Error::custom("a fingerprint is 64 hex digits");
        let digits: Option<Vec<u32>> = hex.chars().map(|digit| digit.to_digit(16)).collect();
        let digits = digits.filter(|digits| digits.len() == 64).ok_or_else(wrong)?;
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = u8::try_from(pair[0] << 4 | pair[1]).expect("two hex digits are a byte");
        }
        Ok(Self(bytes))
    }
}

impl Role {
    /// The role's word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Auditor => "auditor",
            Self::Outlet => "outlet",
            Self::Frontend => "frontend",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

//! API tokens: who may do what, by a secret that is shown once.
//!
//! Owns: what `tokens.json` in the data folder holds; roles; looking a secret up. Never: keeps a
//! secret; the file holds SHA-256 of 256 random bits, which nobody can guess.
//! Invariants: those of a private file; a look-up compares with every token in constant time.
//! On failure: a file that is exposed or damaged lets nobody in, and says so with a code.

use crate::private_file::{Contents, PrivateFile, PrivateFileError};
use crate::secret;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::io;
use std::path::Path;
use subtle::{ConditionallySelectable as _, ConstantTimeEq as _};
use types::Millis;
use types::definition::is_code;
use types::limits;

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

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenFile {
    version: u32,
    tokens: Vec<Token>,
}

impl Default for TokenFile {
    fn default() -> Self {
        Self { version: Self::VERSION, tokens: Vec::new() }
    }
}

impl Contents for TokenFile {
    const FILE: &'static str = "tokens.json";
    const VERSION: u32 = 1;

    fn version(&self) -> u32 {
        self.version
    }
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
    /// The file is exposed, damaged or unreadable.
    #[error(transparent)]
    File(#[from] PrivateFileError),
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
            Self::File(PrivateFileError::Exposed { .. }) => "tokens-exposed",
            Self::File(PrivateFileError::Damaged { .. }) => "tokens-damaged",
            Self::File(PrivateFileError::Disk { .. }) => "tokens-unreadable",
            Self::NameTaken(_) => "token-name-taken",
            Self::Unknown(_) => "token-unknown",
            Self::Invalid(_) => "token-invalid",
        }
    }
}

/// The tokens of a data folder, read again whenever their file changes.
#[derive(Debug)]
pub struct TokenStore(PrivateFile<TokenFile>);

impl TokenStore {
    /// The tokens of a data folder, which exists.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self(PrivateFile::new(folder))
    }

    /// The token of a secret, if there is one and it has not expired.
    ///
    /// # Errors
    /// When the file is exposed, damaged or unreadable: then nobody gets in.
    pub fn find(&self, secret: &str, now: Millis) -> Result<Option<Token>, TokenError> {
        let wanted = Fingerprint::of(secret);
        let file = self.0.read()?;
        let tokens = &file.tokens;
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
        Ok(self.0.read()?.tokens.clone())
    }

    /// Makes a token; the secret that is returned can never be had again.
    ///
    /// # Errors
    /// When the name is taken or the token would be invalid, or the file cannot be changed.
    pub fn create(&self, new: NewToken, now: Millis) -> Result<String, TokenError> {
        check(&new, now)?;
        let random =
            secret::random().map_err(|error| self.0.failed(io::Error::other(error.to_string())))?;
        let secret = format!("tg_{}_{random}", new.role);
        let sha256 = Fingerprint::of(&secret);
        let NewToken { name, role, outlets, expires } = new;
        let token = Token { name, role, outlets, created: now, expires, sha256 };
        self.0.change(|TokenFile { tokens, .. }| {
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
        self.0.change(|TokenFile { tokens, .. }| {
            let before = tokens.len();
            tokens.retain(|token| token.name != name);
            if tokens.len() == before {
                return Err(TokenError::Unknown(name.to_owned()));
            }
            Ok(())
        })
    }
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

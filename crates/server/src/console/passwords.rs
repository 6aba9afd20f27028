//! Passwords: what makes one acceptable, and their argon2id hashes.
//!
//! Owns: the rules, the parameters of the hash, and how many are made at a time. Never: keeps a
//! password; what was typed is wiped when it is no longer needed.
//! Invariants: 19 MiB, 2 passes, 1 lane, as OWASP's Password Storage Cheat Sheet names them
//! (RFC 9106 describes the function); a hash is checked with the parameters it states.

use argon2::password_hash::phc::PasswordHash as Phc;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, LazyLock};
use std::time::Instant;
use tokio::sync::Semaphore;
use types::limits;
use zeroize::Zeroizing;

/// A password that somebody typed; wiped when dropped, never shown.
pub struct Password(Zeroizing<String>);

/// An argon2id hash of a password, as a PHC string.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PasswordHash(String);

/// Why a password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    /// Fewer than 12 characters.
    #[error(
        "a password has at least 12 characters; a few words that do not belong together do well"
    )]
    TooShort,
    /// More than 256 bytes.
    #[error("a password has at most 256 bytes, which are 256 letters or 85 Chinese characters")]
    TooLong,
    /// It has a character that cannot be typed in a form, such as a line feed.
    #[error("a password has no control characters")]
    ControlCharacter,
    /// It is the account's name, or has few different characters.
    #[error("this password is too easy to guess: it repeats a few characters, or holds the name")]
    Guessable,
}

/// Why no hash could be made.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// The function failed; only a want of memory or of randomness can make it.
    #[error("the password cannot be hashed: {0}")]
    Failed(String),
    /// More log-ins wait than may.
    #[error("too many log-ins wait for their turn")]
    Busy,
}

impl Password {
    /// What was typed; any text, since one that is tried need not be acceptable.
    #[must_use]
    pub fn typed(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// Whether an account of this name may have it.
    ///
    /// # Errors
    /// See [`PasswordFault`].
    pub fn check(&self, name: &str) -> Result<(), PasswordFault> {
        let text = self.0.as_str();
        if limits::PASSWORD_BYTES_MAX < text.len() {
            return Err(PasswordFault::TooLong);
        }
        if text.chars().count() < limits::PASSWORD_CHARS_MIN {
            return Err(PasswordFault::TooShort);
        }
        if text.chars().any(char::is_control) {
            return Err(PasswordFault::ControlCharacter);
        }
        let mut different: Vec<char> = text.chars().collect();
        different.sort_unstable();
        different.dedup();
        let (lower, name) = (Zeroizing::new(text.to_lowercase()), name.to_lowercase());
        // What is left beside the name must not be a mere addition to it.
        let is_name = lower.contains(&name) && text.len() < name.len() + 8;
        if different.len() < 5 || is_name {
            return Err(PasswordFault::Guessable);
        }
        Ok(())
    }

    /// Whether two were typed alike.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.0 == other.0
    }

    /// Its hash with a new salt. Takes about 25 ms of a core and 19 MiB.
    ///
    /// # Errors
    /// When there is no memory or no randomness.
    pub fn hash(&self) -> Result<PasswordHash, HashError> {
        let hash = function().hash_password(self.0.as_bytes());
        let hash = hash.map_err(|error| HashError::Failed(error.to_string()))?;
        Ok(PasswordHash(hash.to_string()))
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

impl PasswordHash {
    /// The string itself: its salt and hash are known to nobody who cannot read the file.
    pub(super) const fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Whether a password is the one. What cannot be read as a hash is nobody's.
    fn fits(&self, password: &Password) -> bool {
        let bytes = password.0.as_bytes();
        if limits::PASSWORD_BYTES_MAX < bytes.len() {
            return false;
        }
        let Ok(hash) = Phc::new(&self.0) else { return false };
        function().verify_password(bytes, &hash).is_ok()
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

fn function() -> Argon2<'static> {
    let params = Params::new(limits::PASSWORD_HASH_KIB, limits::PASSWORD_HASH_PASSES, 1, None);
    let params = params.expect("the parameters are within the function's range");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// What a password is compared with where there is no account, so that the answer takes as long.
static NOBODY: LazyLock<PasswordHash> = LazyLock::new(|| {
    let hash = Password::typed("nobody has this password".to_owned()).hash();
    hash.expect("a node that cannot hash cannot let anybody in")
});

/// Makes and checks hashes apart from the threads that serve: one at a time for those who were let
/// in before, and one for everybody else, so that a crowd of strangers keeps nobody else out.
#[derive(Default)]
pub(super) struct Hasher {
    known: Line,
    strangers: Line,
}

/// Those who wait for a hash, one behind the other.
struct Line {
    turn: Arc<Semaphore>,
    waiting: AtomicUsize,
}

impl Default for Line {
    fn default() -> Self {
        Self { turn: Arc::new(Semaphore::new(1)), waiting: AtomicUsize::new(0) }
    }
}

/// One of those who wait for a hash.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

impl Hasher {
    /// Whether a password is an account's; of no account, it takes as long and is not. A stranger
    /// is whoever was not let in before, as far as the browser can prove it.
    pub(super) async fn check(
        &self,
        password: Password,
        hash: Option<PasswordHash>,
        is_stranger: bool,
    ) -> Result<bool, HashError> {
        let check = move || {
            // Made by the first log-in, whoever it is.
            let nobody = &*NOBODY;
            hash.as_ref().unwrap_or(nobody).fits(&password) && hash.is_some()
        };
        if is_stranger {
            self.strangers.run(check, limits::STRANGERS_HASH_REST).await
        } else {
            self.known.run(check, 0).await
        }
    }

    /// The hash of a new password, of somebody who is logged in.
    pub(super) async fn hash(&self, password: Password) -> Result<PasswordHash, HashError> {
        self.known.run(move || password.hash(), 0).await?
    }
}

impl Line {
    /// Does it when it is its turn; the next turn comes when `rest` times as long has passed
    /// again.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
        rest: u32,
    ) -> Result<T, HashError> {
        if limits::PASSWORD_HASHES_WAITING_MAX <= self.waiting.fetch_add(1, Relaxed) {
            self.waiting.fetch_sub(1, Relaxed);
            return Err(HashError::Busy);
        }
        let _waiting = Waiting(&self.waiting);
        let turn = Arc::clone(&self.turn).acquire_owned().await.expect("turns are never closed");
        // In a task of its own: a browser that leaves does not bring the next turn forward.
        let (done, result) = tokio::sync::oneshot::channel();
        tokio::spawn(async move {
            let began = Instant::now();
            let worked = tokio::task::spawn_blocking(work).await.expect("a hash does not panic");
            // Whoever asked may have left.
            let _left = done.send(worked);
            tokio::time::sleep(began.elapsed() * rest).await;
            drop(turn);
        });
        Ok(result.await.expect("the task sends its result"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::Future as _;

    fn check(text: &str) -> Result<(), PasswordFault> {
        Password::typed(text.to_owned()).check("duty officer")
    }

    #[test]
    fn a_password_is_long_enough_and_not_the_name() {
        assert_eq!(check("harbour lamp 7"), Ok(()));
        assert_eq!(check("海堤灯塔潮汐望远镜口罩药房"), Ok(()));
        assert_eq!(check("short"), Err(PasswordFault::TooShort));
        assert_eq!(check(&"long ".repeat(52)), Err(PasswordFault::TooLong));
        assert_eq!(check("a line\nfeed in it"), Err(PasswordFault::ControlCharacter));
        assert_eq!(check("aaaaabbbbbaaaaa"), Err(PasswordFault::Guessable));
        assert_eq!(check("Duty Officer1"), Err(PasswordFault::Guessable));
    }

    #[test]
    fn a_hash_says_its_parameters_and_fits_one_password() {
        let password = Password::typed("harbour lamp 7".to_owned());
        let hash = password.hash().unwrap();
        assert!(hash.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.0);
        assert!(hash.fits(&password) && !hash.fits(&Password::typed("harbour lamp 8".to_owned())));
        assert_ne!(password.hash().unwrap(), hash, "the salt is new");
        assert!(!PasswordHash("plain text".to_owned()).fits(&password));
        assert_eq!(format!("{password:?} {hash:?}"), "Password(…) PasswordHash(…)");
    }

    fn typed() -> Password {
        Password::typed("x".to_owned())
    }

    #[tokio::test]
    async fn more_than_may_wait_are_told_to_come_again() {
        let hasher = Hasher::default();
        hasher.strangers.waiting.store(limits::PASSWORD_HASHES_WAITING_MAX, Relaxed);
        let tried = hasher.check(typed(), None, true).await;
        assert!(matches!(tried, Err(HashError::Busy)));
        hasher.strangers.waiting.store(0, Relaxed);
        assert!(!hasher.check(typed(), None, true).await.unwrap());
        assert_eq!(hasher.strangers.waiting.load(Relaxed), 0);
    }

    #[tokio::test]
    async fn a_crowd_of_strangers_keeps_nobody_else_waiting() {
        let hasher = Hasher::default();
        let _taken = hasher.strangers.turn.acquire().await.unwrap();
        hasher.strangers.waiting.store(limits::PASSWORD_HASHES_WAITING_MAX, Relaxed);
        let hash = typed().hash().unwrap();
        assert!(hasher.check(typed(), Some(hash), false).await.unwrap());
        hasher.hash(typed()).await.unwrap();
    }

    #[tokio::test]
    async fn who_leaves_in_the_middle_brings_nobodys_turn_forward() {
        let hasher = Hasher::default();
        for (line, is_stranger) in [(&hasher.known, false), (&hasher.strangers, true)] {
            let mut asked = Box::pin(hasher.check(typed(), None, is_stranger));
            std::future::poll_fn(|context| {
                assert!(asked.as_mut().poll(context).is_pending());
                std::task::Poll::Ready(())
            })
            .await;
            drop(asked);
            assert_eq!(line.turn.available_permits(), 0, "the hash is being made");
            assert_eq!(line.waiting.load(Relaxed), 0);
        }
    }

    #[tokio::test]
    async fn strangers_leave_most_of_a_core_to_others() {
        let hasher = Hasher::default();
        assert!(!hasher.check(typed(), None, true).await.unwrap());
        assert_eq!(hasher.strangers.turn.available_permits(), 0, "it rests");
        let _next = hasher.strangers.turn.acquire().await.unwrap();
    }
}

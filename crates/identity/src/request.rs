//! Request ids from the `Idempotency-Key` header.

use sha2::{Digest, Sha256};
use types::RequestId;
use types::limits::IDEMPOTENCY_KEY_CHARS_MAX;

/// Why a header's value is not an idempotency key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestIdProblem {
    /// There is nothing in it.
    #[error("the Idempotency-Key is empty; send 1 to 128 visible ASCII characters")]
    Empty,
    /// Longer than [`IDEMPOTENCY_KEY_CHARS_MAX`].
    #[error("the Idempotency-Key has {found} characters; send at most 128")]
    TooLong {
        /// How long it is.
        found: usize,
    },
    /// A space, a control character, or something beyond ASCII.
    #[error("the Idempotency-Key has a character that is not visible ASCII; a UUID is a good one")]
    Character,
}

impl RequestIdProblem {
    /// The stable code, one for all: `invalid-idempotency-key`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        "invalid-idempotency-key"
    }
}

/// A client's name for a request, reduced to 16 bytes: the front of
/// SHA-256(`tidegate/request/v1:` key). Two names in one campaign meet by accident with
/// probability 2^-69 at 10⁹ entries.
///
/// # Errors
/// When the key is empty, over 128 characters, or not visible ASCII.
pub fn request_id(key: &str) -> Result<RequestId, RequestIdProblem> {
    if key.is_empty() {
        return Err(RequestIdProblem::Empty);
    }
    if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(RequestIdProblem::Character);
    }
    if IDEMPOTENCY_KEY_CHARS_MAX < key.len() {
        return Err(RequestIdProblem::TooLong { found: key.len() });
    }
    let digest = Sha256::new().chain_update(b"tidegate/request/v1:").chain_update(key).finalize();
    Ok(RequestId(*digest.first_chunk().expect("a digest is 32 bytes")))
}

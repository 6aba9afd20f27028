//! A secret of 32 bytes that is wiped on drop and never printed.

use crate::mac::MacKey;
use crate::nonce::fill_random;
use std::fmt;
use zeroize::Zeroizing;

pub(crate) const SECRET_BYTES: usize = 32;

/// 32 secret bytes.
#[derive(Clone)]
pub struct SecretKey(Zeroizing<[u8; SECRET_BYTES]>);

impl SecretKey {
    /// With bytes from elsewhere.
    #[must_use]
    pub fn new(bytes: [u8; SECRET_BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// With bytes from the operating system's generator.
    pub(crate) fn random() -> Self {
        let mut secret = Self::new([0; SECRET_BYTES]);
        fill_random(&mut *secret.0);
        secret
    }

    /// A key for one purpose, which tells nothing of this one.
    #[must_use]
    pub fn derived(&self, purpose: &str) -> Zeroizing<[u8; SECRET_BYTES]> {
        Zeroizing::new(MacKey::new(self.bytes()).tag(purpose.as_bytes()))
    }

    pub(crate) fn bytes(&self) -> &[u8; SECRET_BYTES] {
        &self.0
    }

    pub(crate) fn bytes_mut(&mut self) -> &mut [u8; SECRET_BYTES] {
        &mut self.0
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(withheld)")
    }
}

//! A writer that counts and hashes what passes through it.

use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::io::{self, Write};

/// Passes bytes on, counting them and keeping their SHA-256.
///
/// After the first failure nothing passes any more: writers above it tidy up in their drops, and
/// what they still write must neither reach the reader nor fail loudly again.
pub(crate) struct Hashing<W> {
    inner: W,
    bytes: u64,
    hash: Sha256,
    failed: bool,
}

impl<W: Write> Hashing<W> {
    pub(crate) fn new(inner: W) -> Self {
        Self { inner, bytes: 0, hash: Sha256::new(), failed: false }
    }

    /// The number of bytes that passed, and their SHA-256 in hex.
    ///
    /// # Errors
    /// When any write failed, even one whose error was lost on its way up.
    pub(crate) fn finish(self) -> io::Result<(u64, String)> {
        if self.failed {
            return Err(io::Error::other("an earlier write failed"));
        }
        let mut hex = String::with_capacity(64);
        for byte in self.hash.finalize() {
            write!(hex, "{byte:02x}").expect("writing to a string cannot fail");
        }
        assert_eq!(hex.len(), 64);
        Ok((self.bytes, hex))
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.failed {
            return Ok(bytes.len());
        }
        let written = self.inner.write(bytes);
        self.failed = written.as_ref().is_err_and(|e| e.kind() != io::ErrorKind::Interrupted);
        let count = written?;
        assert!(count <= bytes.len(), "a writer takes no more than it is given");
        self.hash.update(&bytes[..count]);
        self.bytes += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.failed { Ok(()) } else { self.inner.flush() }
    }
}

//! What happens to a disk in silence: durable bytes that are not those that were written there.
//!
//! Owns: each kind of change. Never: chooses one.

use super::{Inode, SimDisk};
use std::ops::Range;

impl SimDisk {
    /// Gives a file other bytes, durable ones.
    ///
    /// # Panics
    /// When there is no such file.
    pub fn set_bytes(&self, path: &str, bytes: &[u8]) {
        let mut state = self.lock();
        let inode = state.names[path];
        let (bytes, durable) = (bytes.to_vec(), bytes.to_vec());
        state.inodes[inode] = Inode { bytes, durable, pending: Vec::new() };
    }

    /// Writes a file's sectors, durably and in silence, to where they do not belong: from `to` on
    /// in another place, as far as that goes. Their own place keeps them, or never had them.
    ///
    /// # Panics
    /// When there is no such file.
    pub fn misdirect(&self, from: (&str, Range<usize>), to: (&str, usize), stays: bool) {
        let mut sectors = self.bytes(from.0).expect("it is there")[from.1.clone()].to_vec();
        if !stays {
            let mut own = self.bytes(from.0).expect("it is there");
            own[from.1].fill(0);
            self.set_bytes(from.0, &own);
        }
        let mut other = self.bytes(to.0).expect("it is there");
        sectors.truncate(other.len().saturating_sub(to.1));
        other[to.1..to.1 + sectors.len()].copy_from_slice(&sectors);
        self.set_bytes(to.0, &other);
    }

    /// Turns one bit of a file round, durably and in silence.
    ///
    /// # Panics
    /// When there is no such file, or it is shorter.
    pub fn flip(&self, path: &str, bit: usize) {
        let mut state = self.lock();
        let inode = state.names[path];
        let inode = &mut state.inodes[inode];
        inode.bytes[bit / 8] ^= 1 << (bit % 8);
        inode.durable[bit / 8] ^= 1 << (bit % 8);
    }
}

//! The faults that a disk has by itself: how often, of which kind, and what each does.
//!
//! Owns: chance, which comes from the disk's numbers alone. Never: forgets to count a fault.

use super::crash::Choice;
use super::{Fault, Kept, SECTOR_BYTES, State};
use model::generate::Random;
use std::io;
use std::ops::Range;

/// How often calls fail, in 10,000.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    /// A read fails.
    pub read_error: u64,
    /// A write fails; nothing of it was taken.
    pub write_error: u64,
    /// A sync fails, and what it was to make durable is lost.
    pub sync_error: u64,
    /// A read or write is short.
    pub short: u64,
    /// A read or write is interrupted.
    pub interrupted: u64,
    /// From here on there is no room, until there is again.
    pub full: u64,
    /// A write or sync is slow.
    pub slow: u64,
    /// Milliseconds that a slow call takes, on average; at least 1 where calls are slow.
    pub slow_millis_mean: u64,
    /// A write or sync takes 10 to 60 seconds.
    pub stall: u64,
    /// A read gives, in silence, what lies somewhere else.
    pub misdirected: u64,
}

/// How long a stall lasts.
const STALL_MILLIS: Range<u64> = 10_000..60_001;

/// The names of `Counts::faults`, in order.
pub const FAULTS: [&str; 9] = [
    "read error",
    "write error",
    "sync error",
    "short",
    "interrupted",
    "full",
    "slow",
    "stall",
    "misdirected read",
];

impl State {
    /// Fails a call now and then.
    pub(super) fn fail(&mut self, rate: u64, kind: usize) -> io::Result<()> {
        if !self.hits(rate, kind) {
            return Ok(());
        }
        self.counts.errors += 1;
        Err(io::Error::other("bad disk"))
    }

    /// Fails a sync now and then: also for want of room, where that is only found out then.
    pub(super) fn fail_sync(&mut self) -> io::Result<()> {
        self.fail(self.rates.sync_error, 2)?;
        if self.hits(self.rates.full, 5) {
            self.counts.errors += 1;
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }

    /// Gives up what a failed sync was to make durable; some of it may be.
    pub(super) fn give_up(&mut self, number: usize) {
        let seed = self.random.as_mut().map(Random::number);
        let choice = Choice::of(seed.map_or(Kept::Nothing, Kept::Sectors), self);
        for write in std::mem::take(&mut self.inodes[number].pending) {
            self.inodes[number].persist(number, &write, &choice);
        }
    }

    pub(super) fn take_time(&mut self) {
        if self.hits(self.rates.slow, 6) {
            let mean = self.rates.slow_millis_mean;
            self.slow_millis += 1 + self.draw(2 * mean - 1);
        }
        if self.hits(self.rates.stall, 7) {
            let spread = STALL_MILLIS.end - STALL_MILLIS.start;
            self.slow_millis += STALL_MILLIS.start + self.draw(spread);
        }
    }

    pub(super) fn hits(&mut self, rate: u64, kind: usize) -> bool {
        let Some(random) = self.random.as_mut().filter(|_| 0 < rate) else { return false };
        let hit = random.below(10_000) < rate;
        self.counts.faults[kind] += u64::from(hit);
        hit
    }

    pub(super) fn change(&mut self, takes_room: bool) -> io::Result<()> {
        if self.is_crashed {
            return Err(io::Error::other("the machine has crashed"));
        }
        if self.is_read_only {
            return Err(io::ErrorKind::ReadOnlyFilesystem.into());
        }
        let change = self.counts.changes;
        self.counts.changes += 1;
        match self.fault {
            Some((at, Fault::Crash)) if change == at => {
                self.is_crashed = true;
                return Err(io::Error::other("the machine crashes"));
            }
            Some((at, Fault::Io)) if change == at => return Err(io::Error::other("bad disk")),
            Some((at, Fault::Full)) if change == at => self.is_full = true,
            _ => {}
        }
        self.take_time();
        if takes_room && self.hits(self.rates.full, 5) {
            self.is_full = true;
        }
        if self.is_full && takes_room { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    /// How many bytes of a call get through.
    pub(super) fn chop(&mut self, bytes: usize) -> io::Result<usize> {
        if self.hits(self.rates.interrupted, 4) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        if 1 < bytes && self.hits(self.rates.short, 3) {
            return Ok(1 + self.draw(bytes as u64 - 1) as usize);
        }
        Ok(bytes)
    }

    /// A number below `end`, after chance has decided that something happens.
    pub(super) fn draw(&mut self, end: u64) -> u64 {
        self.random.as_mut().expect("it was just drawn from").below(end)
    }

    /// Where a read of so many bytes gets its bytes from: mostly from where it should.
    pub(super) fn source(&mut self, inode: usize, offset: u64, count: usize) -> (usize, u64) {
        let end = offset + count as u64;
        let is_spared = self.spared.as_ref().is_some_and(|(spared, bytes)| {
            *spared == inode && offset < bytes.end && bytes.start < end
        });
        if is_spared || !self.hits(self.rates.misdirected, 8) {
            return (inode, offset);
        }
        let other = self.draw(self.inodes.len() as u64) as usize;
        let sectors = (self.inodes[other].bytes.len() as u64).div_ceil(SECTOR_BYTES);
        (other, self.draw(sectors.max(1)) * SECTOR_BYTES)
    }
}

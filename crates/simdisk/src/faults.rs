//! The faults that a disk has, by chance or because it was told to: of which kind, how often, and
//! what each does.
//!
//! Owns: chance, which comes from the disk's numbers alone, and the count of faults. Never: forgets
//! to count a fault, or counts one that made no difference to the call it met.
//! Invariants: a fault that was planned strikes once, at the change it was planned for.
//! On failure: the error that a system gives, for the call at hand.

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
    /// A write fails; a part of it was taken.
    pub write_error: u64,
    /// A sync fails: some sectors of what it was to make durable are, the rest is lost.
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
pub const FAULTS: [&str; 11] = [
    "read error",
    "write error",
    "sync error",
    "short",
    "interrupted",
    "full",
    "slow",
    "stall",
    "misdirected read",
    "planned error",
    "read-only",
];

/// A kind of fault: the place of its count and its name.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    ReadError,
    WriteError,
    SyncError,
    Short,
    Interrupted,
    Full,
    Slow,
    Stall,
    Misdirected,
    Planned,
    ReadOnly,
}

fn bad_disk() -> io::Error {
    io::Error::other("bad disk")
}

impl State {
    /// Fails a call amid a power failure.
    pub(super) fn power(&mut self) -> io::Result<()> {
        if !self.is_crashed {
            return Ok(());
        }
        self.counts.errors += 1;
        Err(io::Error::other("the machine has crashed"))
    }

    /// Fails a call now and then.
    pub(super) fn fail(&mut self, rate: u64, kind: Kind) -> io::Result<()> {
        if !self.hits(rate, kind) {
            return Ok(());
        }
        self.counts.errors += 1;
        Err(bad_disk())
    }

    /// Fails a sync now and then: also for want of room, where that is only found out then.
    pub(super) fn fail_sync(&mut self) -> io::Result<()> {
        self.fail(self.rates.sync_error, Kind::SyncError)?;
        if self.hits(self.rates.full, Kind::Full) {
            self.counts.errors += 1;
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }

    /// How many bytes were written before the disk failed: never all of them.
    pub(super) fn part(&mut self, bytes: usize) -> usize {
        match &mut self.random {
            Some(random) if 0 < bytes => random.below(bytes as u64) as usize,
            _ => bytes / 2,
        }
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
        if self.hits(self.rates.slow, Kind::Slow) {
            let mean = self.rates.slow_millis_mean;
            self.slow_millis += 1 + self.draw(2 * mean - 1);
        }
        if self.hits(self.rates.stall, Kind::Stall) {
            let spread = STALL_MILLIS.end - STALL_MILLIS.start;
            self.slow_millis += STALL_MILLIS.start + self.draw(spread);
        }
    }

    /// Whether chance has it, counted as a fault that is sure to make a difference.
    fn hits(&mut self, rate: u64, kind: Kind) -> bool {
        let hit = self.is_hit(rate);
        if hit {
            self.count(kind);
        }
        hit
    }

    fn is_hit(&mut self, rate: u64) -> bool {
        let random = self.random.as_mut().filter(|_| 0 < rate);
        random.is_some_and(|random| random.below(10_000) < rate)
    }

    pub(super) const fn count(&mut self, kind: Kind) {
        self.counts.faults[kind as usize] += 1;
    }

    /// Counts a change, and fails it where it is to fail.
    pub(super) fn change(&mut self, takes_room: bool) -> io::Result<()> {
        self.power()?;
        let changed = self.begin(takes_room);
        self.counts.errors += u64::from(changed.is_err());
        changed
    }

    fn begin(&mut self, takes_room: bool) -> io::Result<()> {
        if self.is_read_only {
            self.count(Kind::ReadOnly);
            return Err(io::ErrorKind::ReadOnlyFilesystem.into());
        }
        let change = self.counts.changes;
        self.counts.changes += 1;
        let planned = self.fault.take_if(|(at, _)| *at == change);
        self.has_struck |= planned.is_some();
        match planned {
            Some((_, Fault::Crash)) => {
                self.is_crashed = true;
                return Err(io::Error::other("the machine crashes"));
            }
            Some((_, Fault::Io)) => {
                self.count(Kind::Planned);
                return Err(bad_disk());
            }
            Some((_, Fault::Full)) => self.is_full = true,
            None => {}
        }
        self.take_time();
        if !takes_room {
            return Ok(());
        }
        self.is_full = self.is_full || self.is_hit(self.rates.full);
        if !self.is_full {
            return Ok(());
        }
        self.count(Kind::Full);
        self.counts.full += 1;
        Err(io::ErrorKind::StorageFull.into())
    }

    /// How many bytes of a call get through. Whoever asks counts a short one: it may have wanted
    /// no more than those.
    pub(super) fn chop(&mut self, bytes: usize) -> io::Result<usize> {
        if self.hits(self.rates.interrupted, Kind::Interrupted) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        if 1 < bytes && self.is_hit(self.rates.short) {
            return Ok(1 + self.draw(bytes as u64 - 1) as usize);
        }
        Ok(bytes)
    }

    /// A number below `end`, after chance has decided that something happens.
    fn draw(&mut self, end: u64) -> u64 {
        self.random.as_mut().expect("it was just drawn from").below(end)
    }

    /// Where a read of so many bytes gets its bytes from: mostly from where it should.
    pub(super) fn source(&mut self, inode: usize, offset: u64, count: usize) -> (usize, u64) {
        let end = offset + count as u64;
        let is_spared = self.spared.as_ref().is_some_and(|(spared, bytes)| {
            *spared == inode && offset < bytes.end && bytes.start < end
        });
        if is_spared || count == 0 || !self.is_hit(self.rates.misdirected) {
            return (inode, offset);
        }
        let other = self.draw(self.inodes.len() as u64) as usize;
        let sectors = (self.inodes[other].bytes.len() as u64).div_ceil(SECTOR_BYTES);
        let place = (other, self.draw(sectors.max(1)) * SECTOR_BYTES);
        if place != (inode, offset) {
            self.count(Kind::Misdirected);
        }
        place
    }
}

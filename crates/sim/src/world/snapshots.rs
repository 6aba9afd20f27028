//! The snapshots that lie on the machine's disk: looked at byte by byte, and started from one at a
//! time.
//!
//! Owns: what must be true of whatever has a snapshot's name. Never: makes one; looks at a copy
//! that was damaged on purpose.
//! Invariants: none but the run's own disk is looked at, and starts are made on copies of it.
//! On failure: I6, since a start from there would come to another state, or could not be made.

use super::{Live, Violation, World};
use crate::checks::Broken;
use audit::snapshot::{Header, parse_name, read};
use journal::Disk as _;
use std::sync::atomic::Ordering::Relaxed;
use types::FrameNo;

const FOLDER: &str = "snapshots/";

impl World {
    /// The frames of all snapshots on the disk, in order, and their files.
    fn snapshots(&self) -> Vec<(FrameNo, String)> {
        let frame = |path: &String| parse_name(path.strip_prefix(FOLDER)?);
        let paths = self.disk.paths().into_iter();
        let mut found: Vec<_> = paths.filter_map(|path| Some((frame(&path)?, path))).collect();
        found.sort_unstable();
        found
    }

    /// Whatever has a snapshot's name is whole and says what the journal and the state say; and
    /// the last one that was made is there.
    pub(super) fn look_at_snapshots(&self) -> Result<(), Violation> {
        let found = self.snapshots();
        let newest = found.last().map(|(frame, _)| *frame);
        if newest < self.snapshot {
            let what =
                format!("the snapshot of {:?} was made, the newest is {newest:?}", self.snapshot);
            return Err(self.unsound(what));
        }
        for (frame, path) in &found {
            let bytes = self.disk.bytes(path).expect("it is listed");
            let header = read(Box::new(bytes.as_slice())).expect("memory can be read");
            let header = header.map_err(|damage| self.unsound(format!("{path}: {damage}")))?;
            if !self.fits(*frame, &header) {
                let what = format!("{path} is of another frame or state: {header:?}");
                return Err(self.unsound(what));
            }
        }
        Ok(())
    }

    fn fits(&self, named: FrameNo, header: &Header) -> bool {
        let place = usize::try_from(named.0).ok().and_then(|number| number.checked_sub(1));
        let Some(frame) = place.and_then(|place| self.oracle.frames.get(place)) else {
            return false;
        };
        let is_state = |known: &ledger::LedgerHash| known.0 == header.ledger_hash;
        (header.frame, header.at) == (frame.no, frame.at)
            && (header.journal, header.frame_hash.0) == (super::JOURNAL, frame.hash)
            && self.hashes.get(&named.0).is_none_or(is_state)
    }

    /// A start in which no read failed used the newest snapshot.
    pub(super) fn used_the_newest(&self, live: &Live) -> Result<(), Violation> {
        let newest = self.snapshots().last().map_or(0, |(frame, _)| frame.0);
        self.used(live, newest)
    }

    fn used(&self, live: &Live, frame: u64) -> Result<(), Violation> {
        let used = live.node.metrics().snapshot_frame.load(Relaxed);
        if used == frame {
            return Ok(());
        }
        let what = format!("a start passed the snapshot of frame {frame} over for that of {used}");
        Err(self.unsound(what))
    }

    /// A node that has one snapshot and no other starts from it, and comes to the same state.
    pub(super) fn start_from_each_snapshot(&mut self) -> Result<(), Violation> {
        let found = self.snapshots();
        for (frame, path) in &found {
            let disk = self.disk.copy();
            for (_, other) in found.iter().filter(|(_, other)| other != path) {
                disk.remove(other).expect("no change of a copy fails");
            }
            let live = self.start_on(&disk).map_err(|error| {
                self.unsound(format!("with {path} alone it does not start: {error}"))
            })?;
            self.used(&live, frame.0)?;
            let sequencer = live.sequencer.lock().expect("no turn panicked");
            let (reached, hash) = (sequencer.ledger().frame().0, sequencer.ledger().hash());
            drop(sequencer);
            let last = self.oracle.frames.len() as u64;
            if reached != last || self.hashes.get(&last) != Some(&hash) {
                let what = format!("from {path} it comes to frame {reached} of {last}, {hash}");
                return Err(self.unsound(what));
            }
            self.tally.single_starts += 1;
        }
        Ok(())
    }

    fn unsound(&self, what: String) -> Violation {
        self.broken(Broken { promise: "I6", what })
    }
}

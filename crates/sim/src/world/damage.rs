//! What changes in silence on a disk at rest, or reads otherwise than it lies there.
//!
//! Owns: each kind of damage, and what a start must make of it. Never: damages the run's own disk;
//! a copy is damaged, and the run goes on without it.

use super::{JOURNAL, Violation, World};
use crate::checks::Broken;
use crate::frames::{Cursor, Frame, Lies};
use model::generate::Random;
use node::{Clock as _, NodeError};
use simdisk::{Rates, SECTOR_BYTES, SimDisk};
use std::ops::Range;
use types::Millis;

impl World {
    /// What lies on the disk changes in silence while the node is down. A start refuses, or the
    /// change made no difference: it comes to the very state that the node left.
    pub(super) fn damage(&mut self, random: &mut Random) -> Result<(), Violation> {
        self.drain(&mut Random::new(0))?;
        if self.live.is_some() || self.disk.is_crashed() {
            return Ok(());
        }
        let damaged = self.disk.copy();
        let frames = Cursor::new(JOURNAL).read_with_places(&damaged);
        if frames.len() != self.oracle.frames.len() || frames.len() < 2 {
            // What the last turn left is not read yet; the next start does.
            return Ok(());
        }
        // A clock that lies behind is no answer to damage.
        let journal_time = self.oracle.frames.last().map_or(Millis(0), |frame| frame.at);
        if self.clock.now() < journal_time {
            self.clock.set(journal_time);
        }
        if random.chance(20) {
            return self.misread(&damaged, &frames, random);
        }
        let what = damage(&damaged, &frames, random);
        // What is written to a wrong place may be what lies there.
        let differs = |path: &String| self.disk.bytes(path) != damaged.bytes(path);
        self.tally.damages += u64::from(damaged.paths().iter().any(differs));
        self.judge(&damaged, &what)?;
        Ok(())
    }

    /// Some reads of a start give what lies elsewhere; then the disk is sound again, and everything
    /// must be there: a start that was misled has not thrown anything away.
    fn misread(
        &mut self,
        disk: &SimDisk,
        frames: &[(Frame, Lies)],
        random: &mut Random,
    ) -> Result<(), Violation> {
        let (_, last) = frames.last().expect("there are two at least");
        // Nothing on the disk tells that there was a last frame, but the frame itself.
        disk.spare(&last.path, bytes_of(last));
        disk.set_random(Random::new(random.number()));
        disk.set_rates(Rates { misdirected: 1 + random.below(1_000), ..Rates::default() });
        self.judge(disk, "a start with misdirected reads")?;
        // It has no other faults.
        let misdirected = disk.counts().faults;
        self.tally.misreads += u64::from(misdirected.iter().any(|count| 0 < *count));
        for (sum, count) in self.tally.faults.iter_mut().zip(misdirected) {
            *sum += count;
        }
        disk.set_rates(Rates::default());
        let refused = self.judge(disk, "a start after one with misdirected reads")?;
        let Some(error) = refused else { return Ok(()) };
        let what = format!("a start that was misled left what the next refused: {error}");
        Err(self.broken(Broken { promise: "I8", what }))
    }

    /// Starts a node on a damaged disk. Gives why it refused, if it did; what it serves otherwise
    /// is everything.
    fn judge(&mut self, disk: &SimDisk, what: &str) -> Result<Option<NodeError>, Violation> {
        self.make_archive(disk).expect("no change of a copy fails");
        let started = self.start_on(disk);
        let told = match &started {
            Ok(_) => "made no difference".to_owned(),
            Err(error) => format!("was refused: {error}"),
        };
        self.note(|| format!("{what} {told}"));
        let live = match started {
            Ok(live) => live,
            Err(error) if tells_damage(&error) => return Ok(Some(error)),
            Err(error) => {
                let what = format!("{what} was taken for something else: {error}");
                return Err(self.broken(Broken { promise: "I8", what }));
            }
        };
        let sequencer = live.sequencer.lock().expect("no turn panicked");
        let (frame, hash) = (sequencer.ledger().frame().0, sequencer.ledger().hash());
        drop(sequencer);
        let known = self.oracle.frames.len() as u64;
        if frame == known && self.hashes.get(&frame).is_none_or(|known| *known == hash) {
            return Ok(None);
        }
        let what = format!("{what} went unnoticed: it serves frame {frame} of {known}, {hash}");
        Err(self.broken(Broken { promise: "I8", what }))
    }
}

/// Whether an error says that what lies on the disk is not what was written.
const fn tells_damage(error: &NodeError) -> bool {
    use journal::JournalError as Journal;
    match error {
        NodeError::Journal(error) => matches!(
            error,
            Journal::Damaged { .. }
                | Journal::Incomplete { .. }
                | Journal::EndsBefore { .. }
                | Journal::Mismatch { .. }
                | Journal::NotTidegate { .. }
                | Journal::Newer { .. }
                | Journal::SnapshotDamaged { .. }
        ),
        NodeError::SnapshotDiffers { .. } | NodeError::SnapshotUnsound { .. } => true,
        _ => false,
    }
}

/// Flips a bit of a frame or a snapshot, puts another frame in the place of one, or has a write
/// go where it does not belong.
fn damage(disk: &SimDisk, frames: &[(Frame, Lies)], random: &mut Random) -> String {
    let paths = disk.paths();
    let has_bytes = |path: &&String| disk.bytes(path).is_some_and(|bytes| !bytes.is_empty());
    let in_snapshots = paths.iter().filter(|path| path.starts_with("snapshots/"));
    let snapshots: Vec<&String> = in_snapshots.filter(has_bytes).collect();
    if !snapshots.is_empty() && random.chance(20) {
        let path = random.pick(&snapshots);
        let bits = 8 * disk.bytes(path).expect("it is listed").len() as u64;
        let bit = random.below(bits);
        disk.flip(path, bit as usize);
        return format!("bit {bit} of {path}");
    }
    // The last one has none after it that would tell, nor was it ever another's; one without a
    // payload cannot be another.
    let before_last = frames[..frames.len() - 1].iter();
    let payloads: Vec<_> = before_last.filter(|(frame, _)| !frame.payload.is_empty()).collect();
    match random.below(3) {
        0 => misdirect(disk, &paths, frames, random),
        1 if !payloads.is_empty() => {
            let (frame, lies) = random.pick(&payloads);
            let byte = random.number() as usize;
            lies.forge(disk, byte);
            format!("another frame {}", frame.no)
        }
        _ => {
            let (frame, lies) = random.pick(frames);
            let bit = random.below(8 * lies.length as u64);
            disk.flip(&lies.path, 8 * lies.offset + bit as usize);
            format!("bit {bit} of frame {}", frame.no)
        }
    }
}

/// Some sectors of a file were written to another place, of any file; nothing of the last frame
/// is lost by it, since nothing else tells that there was one.
fn misdirect(
    disk: &SimDisk,
    paths: &[String],
    frames: &[(Frame, Lies)],
    random: &mut Random,
) -> String {
    let (_, last) = frames.last().expect("there are two at least");
    let [mut from, mut to] = [(), ()].map(|()| pick_place(disk, paths, frames, random));
    let length = SECTOR_BYTES << random.below(4);
    let touches = |(path, offset): &(String, u64)| {
        *path == last.path && overlap(*offset..*offset + length, &bytes_of(last))
    };
    let mut stays = random.chance(50);
    if touches(&to) {
        std::mem::swap(&mut from, &mut to);
    }
    if touches(&to) {
        to.1 = 0;
    }
    stays |= touches(&from);
    let file_bytes = disk.bytes(&from.0).expect("it is listed").len() as u64;
    let until = (from.1 + length).min(file_bytes);
    let range = from.1 as usize..until as usize;
    disk.misdirect((&from.0, range), (&to.0, to.1 as usize), stays);
    let lost = if stays { "" } else { ", not to its own," };
    format!("{length} bytes at {} of {} written to {} of {}{lost}", from.1, from.0, to.1, to.0)
}

/// A sector of any file, or one in which a frame begins.
fn pick_place(
    disk: &SimDisk,
    paths: &[String],
    frames: &[(Frame, Lies)],
    random: &mut Random,
) -> (String, u64) {
    if random.chance(60) {
        let (_, lies) = random.pick(frames);
        return (lies.path.clone(), lies.offset as u64 / SECTOR_BYTES * SECTOR_BYTES);
    }
    let path = random.pick(paths);
    let sectors = (disk.bytes(path).expect("it is listed").len() as u64).div_ceil(SECTOR_BYTES);
    (path.clone(), random.below(sectors.max(1)) * SECTOR_BYTES)
}

fn bytes_of(frame: &Lies) -> Range<u64> {
    frame.offset as u64..(frame.offset + frame.length) as u64
}

const fn overlap(one: Range<u64>, other: &Range<u64>) -> bool {
    one.start < other.end && other.start < one.end
}

//! Snapshots: made beside the running ledger, and loaded at start.
//!
//! Owns: the replayer that brings the last snapshot up to a frame whose hash the live ledger
//! recorded, proves that both hashes are equal, and writes the new snapshot. Never: stops the
//! live ledger; writes a snapshot that differs from it.
//! On failure: no snapshot is written and the error is logged; the journal has everything.

use crate::error::NodeError;
use crate::replay::{Reading, replay_by};
use crate::status::Shared;
use journal::snapshots::{self, SnapshotMeta, SnapshotReader, SnapshotWriter};
use journal::{Archiver, DataFolder, Disk, JournalError, JournalId, ReadLog};
use ledger::snapshot::{LoadError, Sink, Source};
use ledger::{Ledger, LedgerHash};
use std::io::{BufReader, BufWriter, Read, Write};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{Relaxed, Release};
use types::ids::FrameNo;

/// Snapshots kept; with one damaged, the other still saves most of the replay.
const KEPT: usize = 2;
const BUFFER_BYTES: usize = 1 << 20;

/// A moment of the live ledger that a snapshot is to be made of.
pub(crate) struct Moment {
    pub(crate) hash: LedgerHash,
    /// Sees everything up to that frame, which is its last.
    pub(crate) reader: Box<dyn ReadLog>,
}

/// Makes snapshots when they are asked for, and has closed segments archived behind them.
pub(crate) struct Maker {
    pub(crate) snapshots: Snapshots,
    pub(crate) archiver: Option<Archiver>,
    pub(crate) shared: Arc<Shared>,
}

impl Maker {
    /// Makes the snapshot of a moment. What goes wrong is logged and counted: the node goes on
    /// without.
    pub(crate) fn make(&self, moment: &Moment) -> Result<FrameNo, NodeError> {
        let metrics = &self.shared.metrics;
        // Also when an assert fails: then the next moment finds nobody, and says so.
        let _made = Made(&self.shared.snapshot_due);
        let made = self.snapshots.make(moment);
        match &made {
            Ok(frame) => {
                metrics.snapshot_frame.store(frame.0, Relaxed);
                tracing::info!(frame = frame.0, "made a snapshot");
                self.archive();
            }
            Err(error) => {
                metrics.snapshots_failed.fetch_add(1, Relaxed);
                tracing::error!(code = error.code(), %error, "no snapshot was made");
            }
        }
        made
    }

    fn archive(&self) {
        let Some(archiver) = &self.archiver else { return };
        let archived = self.snapshots.oldest().and_then(|oldest| match oldest {
            Some(frame) => Ok(archiver.archive_segments(frame)?),
            None => Ok(0),
        });
        match archived {
            Ok(segments) => tracing::info!(segments, "archived closed segments"),
            Err(error) => tracing::error!(code = error.code(), %error, "nothing was archived"),
        }
    }
}

/// Takes the demand for a snapshot back when it is dropped.
struct Made<'a>(&'a AtomicBool);

impl Drop for Made<'_> {
    fn drop(&mut self) {
        self.0.store(false, Release);
    }
}

/// Makes and loads the snapshots of one journal.
#[derive(Clone)]
pub(crate) struct Snapshots {
    disk: Arc<dyn Disk>,
    journal: JournalId,
    reading: Reading,
}

impl Snapshots {
    pub(crate) fn of(folder: &DataFolder, reading: Reading) -> Self {
        Self { disk: Arc::clone(folder.disk()), journal: folder.journal(), reading }
    }

    /// The newest snapshot that is whole and holds the state it says, if there is one.
    pub(crate) fn newest(&self) -> Result<Option<(Ledger, SnapshotMeta)>, NodeError> {
        for frame in snapshots::list(&*self.disk)?.into_iter().rev() {
            match self.load(frame) {
                Ok(loaded) => return Ok(Some(loaded)),
                Err(error) if error.is_about_one_snapshot() => {
                    tracing::error!(code = error.code(), %error, "an older one is used instead");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    fn load(&self, frame: FrameNo) -> Result<(Ledger, SnapshotMeta), NodeError> {
        let reader = SnapshotReader::open(&*self.disk, self.journal, frame)
            .map_err(|error| unread(frame, error))?;
        let meta = *reader.meta();
        let mut source = Body(BufReader::with_capacity(BUFFER_BYTES, reader));
        let ledger = Ledger::load(&mut source).map_err(|error| match error {
            LoadError::Source(error) => failed(frame, error),
            // Not damage: removing it, as is said of an unsound one, would be the wrong advice.
            LoadError::Newer(found) => NodeError::Journal(JournalError::Newer {
                file: format!("the body of the snapshot of frame {frame}"),
                found,
                known: ledger::snapshot::VERSION,
            }),
            other => unsound(frame, &other),
        })?;
        // Only now is the end of the file checked, too.
        match source.0.read(&mut [0]) {
            Ok(0) => {}
            Ok(_) => return Err(unsound(frame, &"bytes follow the state")),
            Err(error) => return Err(failed(frame, error)),
        }
        let (found, recorded) = (wide(ledger.hash()), meta.ledger_hash);
        if found != recorded || ledger.frame() != frame {
            return Err(NodeError::SnapshotDiffers { frame: frame.0 });
        }
        Ok((ledger, meta))
    }

    /// Makes a snapshot of a moment: the last one, brought up to it.
    pub(crate) fn make(&self, moment: &Moment) -> Result<FrameNo, NodeError> {
        let through = moment.reader.through();
        let mut ledger = self.newest()?.map_or_else(Ledger::new, |(ledger, _)| ledger);
        let frames = moment.reader.read_from(ledger.frame().next())?;
        replay_by(self.reading, frames, &mut ledger, Some(through.frame), |_| ())?;
        if ledger.hash() != moment.hash {
            return Err(NodeError::ReplayDiffers {
                frame: through.frame.0,
                live: moment.hash.to_string(),
                replayed: ledger.hash().to_string(),
            });
        }
        let meta = SnapshotMeta {
            journal: self.journal,
            frame: through.frame,
            at: through.at,
            frame_hash: through.hash,
            ledger_hash: wide(moment.hash),
        };
        let writer = SnapshotWriter::create(Arc::clone(&self.disk), meta)?;
        let mut sink = Body(BufWriter::with_capacity(BUFFER_BYTES, writer));
        let failed = |error: &std::io::Error| NodeError::SnapshotWrite { why: error.to_string() };
        ledger.save(&mut sink).map_err(|error| failed(&error))?;
        sink.0.into_inner().map_err(|error| failed(error.error()))?.finish()?;
        self.prune()?;
        Ok(through.frame)
    }

    /// The oldest snapshot; frames before it are needed for sealed fields only.
    pub(crate) fn oldest(&self) -> Result<Option<FrameNo>, NodeError> {
        Ok(snapshots::list(&*self.disk)?.first().copied())
    }

    fn prune(&self) -> Result<(), NodeError> {
        let frames = snapshots::list(&*self.disk)?;
        let surplus = frames.len().saturating_sub(KEPT);
        for frame in &frames[..surplus] {
            snapshots::remove(&*self.disk, *frame)?;
        }
        Ok(())
    }
}

/// What a read of a snapshot's body came to: the journal's error, or an end before the state's.
fn failed(frame: FrameNo, error: std::io::Error) -> NodeError {
    match error.downcast::<JournalError>() {
        Ok(error) => unread(frame, error),
        Err(error) => unsound(frame, &error),
    }
}

/// What the system would not read may be sound, and is no reason not to start without it.
fn unread(frame: FrameNo, error: JournalError) -> NodeError {
    match error {
        JournalError::Io { .. } => NodeError::SnapshotUnread { frame: frame.0, error },
        other => NodeError::Journal(other),
    }
}

fn unsound(frame: FrameNo, error: &dyn std::fmt::Display) -> NodeError {
    NodeError::SnapshotUnsound { frame: frame.0, why: error.to_string() }
}

/// The container has room for a longer hash; the rest is zero.
fn wide(hash: LedgerHash) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&hash.0.to_le_bytes());
    bytes
}

struct Body<T>(T);

impl<W: Write> Sink for Body<W> {
    type Error = std::io::Error;

    fn put(&mut self, bytes: &[u8]) -> Result<(), std::io::Error> {
        self.0.write_all(bytes)
    }
}

impl<R: Read> Source for Body<R> {
    type Error = std::io::Error;

    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), std::io::Error> {
        self.0.read_exact(buffer)
    }
}

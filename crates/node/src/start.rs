//! Starting a node: folder, snapshot, journal, replay, threads.
//!
//! Owns: the order of these steps and the threads. What can be wrong with the data folder is
//! found before anything listens; the replay runs on the ledger's thread, so that a node says
//! from the first moment that it is starting. Never: serves anything before replay is done.
//! Invariants: the folder is ours until the last thread that touches it has ended.
//! On failure: whatever ends the ledger's thread, an assert too, reaches `at_end`.

use crate::clock::Clock;
use crate::error::NodeError;
use crate::handle::Node;
use crate::pending::Replies;
use crate::queue::queue;
use crate::replay::{Reading, replay_by};
use crate::sequencer::{Channels, Sequencer, SnapshotPace};
use crate::snapshots::{Maker, Moment, Snapshots};
use crate::status::{Shared, State};
use journal::{
    Archive, CheckFrom, DataFolder, Disk, FileLog, FolderOptions, JournalId, Log, LogOptions,
    Prepared, Preparer, Recovery,
};
use ledger::Ledger;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;
use types::ids::FrameNo;
use types::limits;

/// Between two steps of preparing a segment.
const PREPARE_PAUSE: Duration = Duration::from_millis(5);
/// How often the next segment is looked after.
const PREPARE_INTERVAL: Duration = Duration::from_millis(50);

/// How a node keeps its data.
#[derive(Clone, Debug)]
pub struct Config {
    /// 16 random bytes: the journal's id, if one must be made.
    pub new_journal: JournalId,
    /// Bytes of a new segment.
    pub segment_bytes: u64,
    /// Payload bytes after which a snapshot is made.
    pub snapshot_every_bytes: u64,
    /// Requests that may wait for the sequencer; more are turned away.
    pub queue_requests_max: usize,
    /// This process's number, for the message to whoever finds the folder in use.
    pub process: u32,
    /// Where closed segments go once two snapshots have them behind; none keeps them in place.
    pub archive: Option<Archive>,
}

impl Config {
    /// The usual sizes, no archive.
    #[must_use]
    pub fn new(new_journal: JournalId) -> Self {
        Self {
            new_journal,
            segment_bytes: limits::SEGMENT_BYTES,
            snapshot_every_bytes: limits::SNAPSHOT_EVERY_BYTES,
            queue_requests_max: limits::QUEUE_REQUESTS_MAX,
            process: std::process::id(),
            archive: None,
        }
    }
}

/// A data folder that is ours, checked, with its log open; nothing runs yet.
pub struct Opened {
    folder: DataFolder,
    log: FileLog,
    /// What opening the journal found.
    pub recovery: Recovery,
    ledger: Ledger,
    config: Config,
    clock: Arc<dyn Clock>,
}

/// Opens a data folder.
///
/// # Errors
/// Everything that can be wrong with it: in use, newer, read-only, damaged; and a clock that
/// lies before the journal.
pub fn open(
    disk: Arc<dyn Disk>,
    config: Config,
    clock: Arc<dyn Clock>,
) -> Result<Opened, NodeError> {
    let options = FolderOptions {
        new_journal: config.new_journal,
        segment_bytes: config.segment_bytes,
        process: config.process,
    };
    let folder = DataFolder::open(disk, options)?;
    let (ledger, check_from) = match Snapshots::of(&folder, Reading::Ahead).newest()? {
        None => (Ledger::new(), CheckFrom::Start),
        Some((ledger, meta)) => {
            let check = CheckFrom::Snapshot { frame: meta.frame, hash: meta.frame_hash };
            (ledger, check)
        }
    };
    let options = LogOptions {
        segment_bytes: config.segment_bytes,
        archive: config.archive.clone(),
        check_from,
        ..LogOptions::new(folder.journal())
    };
    let (log, recovery) = FileLog::open(Arc::clone(folder.disk()), options)?;
    // Told first: a start that is refused after it has cut the end as well.
    if let Some(torn) = &recovery.torn {
        tracing::warn!(
            file = %torn.file, offset = torn.offset, bytes = torn.bytes, frame = torn.frame.0,
            "cut the torn end of the journal: a frame that was never acknowledged"
        );
    }
    let behind = log.tail().at.since(clock.now());
    if limits::CLOCK_BEHIND_MILLIS_MAX < behind {
        return Err(NodeError::ClockBehind { behind_seconds: behind / 1_000 });
    }
    Ok(Opened { folder, log, recovery, ledger, config, clock })
}

/// A node that runs.
pub struct Running {
    /// A handle on it.
    pub node: Node,
    /// The replies; spawn `Replies::run` on the runtime that serves requests.
    pub replies: Replies,
    thread: JoinHandle<Result<(), NodeError>>,
}

impl Running {
    /// Waits until the node has ended: drained, or failed. A failed node cannot be used on; the
    /// process must exit with the error's code.
    ///
    /// # Errors
    /// Why it failed.
    pub fn join(thread: JoinHandle<Result<(), NodeError>>) -> Result<(), NodeError> {
        match thread.join() {
            Ok(ended) => ended,
            // An assert of the engine failed: as bad as it gets, and the message is on stderr.
            Err(_) => Err(NodeError::Panicked),
        }
    }

    /// The parts: handle, replies, and the thread for `join`.
    #[must_use]
    pub fn into_parts(self) -> (Node, Replies, JoinHandle<Result<(), NodeError>>) {
        (self.node, self.replies, self.thread)
    }
}

impl Opened {
    /// Starts the threads. `at_end` is called on the ledger's thread when the node has ended,
    /// whatever the reason, a failed assert too. What still waited was told
    /// [`crate::Unavailable::Failed`]: not known. The thread then waits for a snapshot that is
    /// being made; when it has ended, the folder is free.
    ///
    /// # Errors
    /// When a thread cannot be started.
    pub fn start(
        self,
        at_end: impl FnOnce(&Result<(), NodeError>) + Send + 'static,
    ) -> Result<Running, NodeError> {
        let Parts { folder, node, replies, maker, moments, preparer, replaying } =
            self.into_parts(Reading::Ahead);
        let shared = Arc::clone(&node.shared);
        // What became of a snapshot was logged and counted; the next moment is another chance.
        let make = move |moment: &Moment| drop(maker.make(moment));
        let maker = spawn("snapshots", move || moments.iter().for_each(|moment| make(&moment)))?;
        let (working, stop) = sync_channel::<Never>(0);
        let segments = spawn("segments", move || prepare_until(&preparer, &stop))?;
        let thread = spawn("ledger", move || {
            // Log, ledger and channels are gone when it returns; nobody sees them half changed.
            let run = AssertUnwindSafe(|| replaying.replay()?.run());
            let ended = catch_unwind(run).unwrap_or(Err(NodeError::Panicked));
            if ended.is_err() {
                shared.set_state(State::Failed);
            }
            at_end(&ended);
            drop(working);
            let helpers = [join_helper("snapshots", maker), join_helper("segments", segments)];
            // Only now may another process have it.
            drop(folder);
            // An assert that failed beside the ledger is no quiet end either.
            ended.and(helpers.into_iter().collect())
        })?;
        Ok(Running { node, replies, thread })
    }
}

/// A node in parts, before its replay; on threads, or step by step.
pub(crate) struct Parts {
    pub(crate) folder: DataFolder,
    pub(crate) node: Node,
    pub(crate) replies: Replies,
    pub(crate) maker: Maker,
    pub(crate) moments: Receiver<Moment>,
    pub(crate) preparer: Preparer,
    pub(crate) replaying: Replaying,
}

/// What becomes the sequencer when it has read the journal.
pub(crate) struct Replaying {
    log: FileLog,
    ledger: Ledger,
    channels: Channels,
    shared: Arc<Shared>,
    clock: Arc<dyn Clock>,
    snapshot_every_bytes: u64,
    reading: Reading,
}

impl Opened {
    pub(crate) fn into_parts(self, reading: Reading) -> Parts {
        let Self { folder, log, ledger, config, clock, .. } = self;
        let shared = Arc::new(Shared::new(log.tail().frame.0));
        shared.time.store(log.tail().at.0, Relaxed);
        shared.metrics.snapshot_frame.store(ledger.frame().0, Relaxed);
        let (jobs_in, jobs) = queue(config.queue_requests_max);
        let (replies_in, replies) = Replies::new();
        let (moments_in, moments) = sync_channel::<Moment>(1);
        let node = Node {
            jobs: jobs_in,
            shared: Arc::clone(&shared),
            reader: log.read_handle().into(),
            clock: Arc::clone(&clock),
        };
        let maker = Maker {
            snapshots: Snapshots::of(&folder, reading),
            archiver: config.archive.is_some().then(|| log.archiver()),
            shared: Arc::clone(&shared),
        };
        let preparer = log.preparer();
        let channels = Channels { jobs, replies: replies_in, moments: moments_in };
        let snapshot_every_bytes = config.snapshot_every_bytes;
        let replaying =
            Replaying { log, ledger, channels, shared, clock, snapshot_every_bytes, reading };
        Parts { folder, node, replies, maker, moments, preparer, replaying }
    }
}

impl Replaying {
    pub(crate) fn replay(self) -> Result<Sequencer<FileLog>, NodeError> {
        let Self { log, mut ledger, channels, shared, clock, .. } = self;
        let tail = log.tail().frame;
        let progress = |frame: FrameNo| shared.frame.store(frame.0, Relaxed);
        let frames = log.read_handle().read_from(ledger.frame().next())?;
        let replayed = replay_by(self.reading, frames, &mut ledger, Some(tail), progress)?;
        let (every_bytes, since_bytes) = (self.snapshot_every_bytes, replayed.payload_bytes);
        let snapshots = SnapshotPace { every_bytes, since_bytes };
        Ok(Sequencer::new(log, ledger, channels, shared, clock, snapshots))
    }
}

/// A message that is never sent: its channel only tells when the other side is gone.
enum Never {}

/// Prepares one segment after another until the sequencer has ended.
fn prepare_until(preparer: &Preparer, stop: &Receiver<Never>) {
    let mut wait = Duration::ZERO;
    while let Err(RecvTimeoutError::Timeout) = stop.recv_timeout(wait) {
        wait = match preparer.step() {
            // A pause, so that the ledger's syncs find the disk free in between.
            Ok(Prepared::More) => PREPARE_PAUSE,
            Ok(Prepared::Ready) => PREPARE_INTERVAL,
            Err(error) => {
                // The sequencer meets the same error when it needs the segment, and acts on it.
                tracing::debug!(code = error.code(), %error, "the next segment is not prepared");
                PREPARE_INTERVAL
            }
        };
    }
}

fn join_helper(name: &str, helper: JoinHandle<()>) -> Result<(), NodeError> {
    helper.join().map_err(|_| {
        tracing::error!(code = "engine-assert", thread = name, "it ended by an assert");
        NodeError::Panicked
    })
}

fn spawn<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<JoinHandle<T>, NodeError> {
    std::thread::Builder::new().name(name.to_owned()).spawn(work).map_err(NodeError::Thread)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_helper_that_ends_by_an_assert_is_told() {
        let ended = |work: fn()| join_helper("helper", spawn("helper", work).unwrap());
        ended(|| ()).unwrap();
        assert!(matches!(ended(|| panic!("an assert")), Err(NodeError::Panicked)));
    }
}

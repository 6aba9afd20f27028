//! What becomes of a node's time when its clock is set back.

use crate::support::{START, SetClock, config, definition};
use journal::{Disk, OsDisk};
use node::{Clock, NodeError, Stepped, open};
use simdisk::SimDisk;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use types::definition::Publish;
use types::{Action, Millis, OperatorCommand, limits};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn lines_with(&self, text: &str) -> usize {
        let bytes = self.0.lock().unwrap();
        String::from_utf8_lossy(&bytes).lines().filter(|line| line.contains(text)).count()
    }
}

fn load() -> Vec<u8> {
    let action = Action::Load { definition: definition(5, Publish::AtOnce) };
    let (actor, reason) = ("duty officer".to_owned(), "a test".to_owned());
    let mut record = Vec::new();
    OperatorCommand { actor, from: None, reason, action }.encode(&mut record).unwrap();
    record
}

#[test]
fn a_clock_that_is_set_back_stops_the_time_and_is_told_once() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(SetClock(AtomicU64::new(START)));
    let shared: Arc<dyn Clock> = Arc::clone(&clock) as _;
    let disk = Arc::new(OsDisk::open(folder.path()).unwrap());
    let open = |shared| open(Arc::clone(&disk) as _, config(), shared).unwrap();
    let Stepped { node, mut sequencer, .. } = open(Arc::clone(&shared)).into_steps().unwrap();
    let pending = node.submit_one(load()).unwrap();
    sequencer.turn().unwrap();
    drop(pending);
    let told = |lines: &str| log.lines_with(lines);
    let mut see = |at: u64| {
        clock.0.store(at, Relaxed);
        for _ in 0..3 {
            sequencer.turn().unwrap();
        }
        (node.now().0 - START, node.clock_behind_millis())
    };
    assert_eq!(see(START - 400), (0, 400), "the time stands");
    assert_eq!(told("clock-behind"), 0, "a clock is corrected by such steps");
    assert_eq!(see(START - 5_000), (0, 5_000));
    assert_eq!(see(START - 4_000), (0, 4_000));
    assert_eq!((told("WARN"), told("clock-behind"), told("caught up:")), (1, 1, 0));
    assert_eq!(see(START + 1), (1, 0), "and goes on");
    assert_eq!((told("clock-behind"), told("caught up:")), (1, 1));
    assert_eq!(see(START - 9_000), (0, 9_000));
    assert_eq!(told("clock-behind"), 2, "each time anew");
    drop((node, sequencer));

    let again = open(shared).into_steps().unwrap();
    assert_eq!(again.node.now(), Millis(START), "a restart changes nothing");
}

/// A minute is what clocks that are kept right may differ by.
#[test]
fn a_start_bears_a_clock_that_lies_a_minute_behind_and_no_more() {
    let disk: Arc<dyn Disk> = Arc::new(SimDisk::default());
    let open_at = |at: u64| {
        let clock = Arc::new(SetClock(AtomicU64::new(at)));
        open(Arc::clone(&disk), config(), clock)
    };
    let Stepped { node, mut sequencer, .. } = open_at(START).unwrap().into_steps().unwrap();
    drop(node.submit_one(load()).unwrap());
    sequencer.turn().unwrap();
    drop((node, sequencer));
    let most = limits::CLOCK_BEHIND_MILLIS_MAX;
    let error = open_at(START - most - 1).map(|_| ()).unwrap_err();
    assert!(matches!(error, NodeError::ClockBehind { behind_seconds: 60 }), "{error}");
    drop(open_at(START - most).unwrap());
}

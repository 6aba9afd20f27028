//! The mark behind the last commands: after a drain, after a while without requests, after a start.

use crate::support::{START, config, definition, enter_record, operate_record};
use journal::Disk;
use node::{Clock, Stepped, open};
use simdisk::SimDisk;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use types::{Action, CampaignNo, FrameNo, Millis, Publish};

/// Both clocks stand where they were set, so that nothing falls due by itself.
#[derive(Debug, Default)]
pub(crate) struct Still {
    steady_millis: AtomicU64,
}

impl Clock for Still {
    fn now(&self) -> Millis {
        Millis(START)
    }

    fn steady(&self) -> Duration {
        Duration::from_millis(self.steady_millis.load(Relaxed))
    }
}

fn start(disk: &SimDisk) -> (Stepped, Arc<Still>) {
    let clock = Arc::new(Still::default());
    let disk: Arc<dyn Disk> = Arc::new(disk.clone());
    let opened = open(disk, config(), Arc::clone(&clock) as _).unwrap();
    (opened.into_steps().unwrap(), clock)
}

/// Submits commands and takes the turn that makes them durable.
fn take(parts: &mut Stepped, records: Vec<u8>) {
    let pending = parts.node.submit_one(records).unwrap();
    assert!(!parts.sequencer.turn().unwrap(), "nobody asked it to drain");
    drop(pending);
}

/// A campaign with an entry: three frames of commands.
fn work(parts: &mut Stepped) {
    let definition = definition(2, Publish::AtOnce);
    take(parts, operate_record(Action::Load { definition }));
    take(parts, operate_record(Action::Open { campaign: CampaignNo(0) }));
    take(parts, enter_record(1, 1));
}

/// How many commands each frame holds.
fn commands(parts: &Stepped) -> Vec<u32> {
    let mut frames = parts.node.journal_reader().read_from(FrameNo(1)).unwrap();
    let mut commands = Vec::new();
    while let Some(frame) = frames.next_frame().unwrap() {
        commands.push(frame.command_count);
    }
    commands
}

/// Nothing waits, and so many milliseconds have passed by the steady clock.
fn pass(parts: &mut Stepped, clock: &Still, millis: u64) {
    clock.steady_millis.fetch_add(millis, Relaxed);
    assert!(!parts.sequencer.turn().unwrap(), "nobody asked it to drain");
}

#[test]
fn a_drained_journal_ends_in_a_mark() {
    let disk = SimDisk::default();
    let (mut parts, _) = start(&disk);
    work(&mut parts);
    assert_eq!(commands(&parts), [1, 1, 1]);
    parts.node.drain();
    assert!(parts.sequencer.turn().unwrap(), "it has drained");
    assert_eq!(commands(&parts), [1, 1, 1, 0]);
}

#[test]
fn half_a_second_without_requests_leaves_a_mark_and_no_second_one() {
    let disk = SimDisk::default();
    let (mut parts, clock) = start(&disk);
    pass(&mut parts, &clock, 60_000);
    assert_eq!(commands(&parts), [0; 0], "an empty journal needs none");
    work(&mut parts);
    pass(&mut parts, &clock, 499);
    assert_eq!(commands(&parts), [1, 1, 1], "somebody may still come");
    pass(&mut parts, &clock, 1);
    assert_eq!(commands(&parts), [1, 1, 1, 0]);
    pass(&mut parts, &clock, 60_000);
    assert_eq!(commands(&parts), [1, 1, 1, 0], "a mark needs none");
    take(&mut parts, enter_record(2, 2));
    pass(&mut parts, &clock, 500);
    assert_eq!(commands(&parts), [1, 1, 1, 0, 1, 0], "each time anew");
}

/// Requests that change nothing keep no mark away, however many there are.
#[test]
fn a_node_that_is_asked_without_end_leaves_its_mark() {
    let disk = SimDisk::default();
    let (mut parts, clock) = start(&disk);
    work(&mut parts);
    for tenths in 1..=10 {
        drop(parts.node.read(ledger::Ledger::frame).unwrap());
        pass(&mut parts, &clock, 100);
        let is_marked = commands(&parts).len() == 4;
        assert_eq!(is_marked, 5 <= tenths, "after {tenths} tenths of a second");
    }
    // More often than it is looked at, too.
    take(&mut parts, enter_record(2, 2));
    for _ in 0..60 {
        drop(parts.node.read(ledger::Ledger::frame).unwrap());
        pass(&mut parts, &clock, 10);
    }
    assert_eq!(commands(&parts), [1, 1, 1, 0, 1, 0]);
}

#[test]
fn what_a_crash_left_unmarked_is_marked_when_the_next_start_is_idle() {
    let disk = SimDisk::default();
    let (mut parts, _) = start(&disk);
    work(&mut parts);
    drop(parts);
    let (mut parts, clock) = start(&disk);
    assert_eq!(commands(&parts), [1, 1, 1]);
    pass(&mut parts, &clock, 500);
    assert_eq!(commands(&parts), [1, 1, 1, 0]);
    drop(parts);
    let (mut parts, _) = start(&disk.copy());
    parts.node.drain();
    assert!(parts.sequencer.turn().unwrap(), "it has drained");
    assert_eq!(commands(&parts).last(), Some(&0));
}

/// What an audit of the running journal is compared with.
#[test]
fn a_frame_and_its_hashes_are_stated_at_the_start_every_half_minute_and_at_the_end() {
    let disk = SimDisk::default();
    let (mut parts, clock) = start(&disk);
    let stated = |parts: &Stepped| {
        let stated = parts.node.metrics().stated().unwrap();
        (stated.frame, stated.ledger)
    };
    let now = |parts: &Stepped| {
        let ledger = parts.sequencer.ledger();
        (ledger.frame(), ledger.hash())
    };
    let empty = now(&parts);
    assert_eq!(stated(&parts), empty);
    work(&mut parts);
    pass(&mut parts, &clock, 29_999);
    assert_eq!(stated(&parts), empty, "not yet");
    pass(&mut parts, &clock, 1);
    assert_eq!(stated(&parts), now(&parts));
    assert_eq!(now(&parts).0, FrameNo(4));
    take(&mut parts, enter_record(2, 2));
    pass(&mut parts, &clock, 29_999);
    assert_eq!(stated(&parts).0, FrameNo(4), "counted from the last time");
    parts.node.drain();
    assert!(parts.sequencer.turn().unwrap(), "it has drained");
    assert_eq!(stated(&parts), now(&parts));
}

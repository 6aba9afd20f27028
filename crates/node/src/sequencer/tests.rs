//! What only the sequencer's own steps can show: a request between two of them.
#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use super::Flow;
use crate::clock::SystemClock;
use crate::error::Unavailable;
use crate::pending::{Job, Pending, ReplyTo};
use crate::replay::Reading;
use crate::start::{Config, open};
use ledger::Ledger;
use std::sync::Arc;
use std::time::Instant;

/// Whoever was still told "ready" may queue a request after the last look at the queue. It was not
/// taken, which is another answer than that nobody knows.
#[test]
fn what_came_after_the_last_look_at_the_queue_is_told_that_the_node_drains() {
    let config = Config { segment_bytes: 8 << 10, ..Config::new(journal::JournalId([7; 16])) };
    let disk = Arc::new(simdisk::SimDisk::default());
    let opened = open(disk, config, Arc::new(SystemClock)).unwrap();
    let mut parts = opened.into_parts(Reading::Inline);
    let mut sequencer = parts.replaying.replay().unwrap();
    sequencer.begin();
    parts.node.drain();
    assert_eq!(sequencer.turn_now().unwrap(), Flow::Drained);
    let (one, mut one_pending) = Pending::new();
    let (many, mut many_pending) = Pending::new();
    for reply in [ReplyTo::One(one), ReplyTo::Many(many)] {
        let (records, count, since) = (Vec::new(), 1, Instant::now());
        parts.node.jobs.submit(Job::Submit { records, count, since, reply }).unwrap();
    }
    let (look, mut look_pending) = Pending::new();
    let look_at = move |ledger: &Ledger| -> Box<dyn FnOnce() + Send> {
        let frame = ledger.frame();
        Box::new(move || look.send(Ok(frame)).unwrap())
    };
    parts.node.jobs.submit(Job::Read(Box::new(look_at))).unwrap();
    sequencer.end().unwrap();
    parts.replies.deliver();
    assert_eq!(one_pending.try_get(), Some(Err(Unavailable::Draining)));
    assert_eq!(many_pending.try_get(), Some(Err(Unavailable::Draining)));
    let frame = sequencer.ledger().frame();
    assert_eq!(look_pending.try_get(), Some(Ok(frame)), "a look takes nothing, and is given");
}

/// A failed node may still be told "ready" when its queue has ended: that is no orderly end.
#[test]
fn what_comes_when_the_queue_has_ended_is_told_that_the_node_failed_unless_it_drains() {
    let disk = Arc::new(simdisk::SimDisk::default());
    let config = Config::new(journal::JournalId([7; 16]));
    let opened = open(disk, config, Arc::new(SystemClock)).unwrap();
    let parts = opened.into_parts(Reading::Inline);
    let mut sequencer = parts.replaying.replay().unwrap();
    sequencer.begin();
    drop(sequencer);
    assert_eq!(parts.node.shared.state(), crate::State::Ready);
    let look = || parts.node.read(|_| ()).map(drop);
    assert_eq!(look(), Err(Unavailable::Failed));
    parts.node.drain();
    assert_eq!(look(), Err(Unavailable::Draining));
}

//! What falls due is sequenced in the very turn that finds it so, and once.

use crate::support::{START, config, definition, enter_record, operate_record};
use node::{Clock, Stepped, open};
use simdisk::SimDisk;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use types::{Action, CampaignNo, FrameNo, Millis, Publish};

const DUE: u64 = START + 60_000;

/// The wall clock is set; by the steady one no time passes, so that no idle mark moves the ledger.
#[derive(Debug)]
struct Set(AtomicU64);

impl Clock for Set {
    fn now(&self) -> Millis {
        Millis(self.0.load(Relaxed))
    }

    fn steady(&self) -> Duration {
        Duration::ZERO
    }
}

fn started() -> (Stepped, Arc<Set>) {
    let clock = Arc::new(Set(AtomicU64::new(START)));
    let opened = open(Arc::new(SimDisk::default()), config(), Arc::clone(&clock) as _);
    let mut parts = opened.unwrap().into_steps().unwrap();
    let definition = definition(5, Publish::At { at: Millis(DUE) });
    submit(&mut parts, operate_record(Action::Load { definition }));
    submit(&mut parts, operate_record(Action::Open { campaign: CampaignNo(0) }));
    (parts, clock)
}

fn submit(parts: &mut Stepped, record: Vec<u8>) {
    drop(parts.node.submit_one(record).unwrap());
    turn(parts);
}

fn turn(parts: &mut Stepped) {
    assert!(!parts.sequencer.turn().unwrap(), "nobody asked it to drain");
}

/// Commands of each frame from the third on: behind the campaign's loading and opening.
fn commands(parts: &Stepped) -> Vec<u32> {
    if parts.sequencer.ledger().frame() < FrameNo(3) {
        return Vec::new();
    }
    let mut frames = parts.node.journal_reader().read_from(FrameNo(3)).unwrap();
    let mut commands = Vec::new();
    while let Some(frame) = frames.next_frame().unwrap() {
        commands.push(frame.command_count);
    }
    commands
}

#[test]
fn a_tick_comes_when_it_is_due_and_once() {
    let (mut parts, clock) = started();
    clock.0.store(DUE - 1, Relaxed);
    turn(&mut parts);
    assert_eq!(commands(&parts), [0; 0], "nothing is due yet");
    clock.0.store(DUE, Relaxed);
    (0..3).for_each(|_| turn(&mut parts));
    assert_eq!(commands(&parts), [1], "a tick, and after it nothing is due any more");
    assert_eq!(parts.sequencer.ledger().time(), Millis(DUE));
}

#[test]
fn a_frame_of_requests_needs_no_tick() {
    let (mut parts, clock) = started();
    submit(&mut parts, enter_record(1, 1));
    clock.0.store(DUE + 7, Relaxed);
    let pause = Action::Pause { campaign: CampaignNo(0) };
    submit(&mut parts, operate_record(pause));
    turn(&mut parts);
    assert_eq!(commands(&parts), [1, 1], "its time moves the ledger as well");
    assert_eq!(parts.sequencer.ledger().time(), Millis(DUE + 7));
}

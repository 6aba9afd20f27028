//! A journal through a new ledger: to its end, or up to a frame.

use crate::marks::Still;
use crate::support::{config, definition, enter_record, operate_record};
use journal::{Disk, FrameStream, inspect, verify};
use ledger::{Ledger, LedgerHash};
use node::{Replayed, open, replay};
use simdisk::SimDisk;
use std::sync::Arc;
use types::{Action, CampaignNo, FrameNo, Publish};

/// A journal of nine frames, and the state behind each.
fn journal() -> (Arc<dyn Disk>, Vec<LedgerHash>) {
    let disk: Arc<dyn Disk> = Arc::new(SimDisk::default());
    let parts = open(Arc::clone(&disk), config(), Arc::new(Still::default()));
    let mut parts = parts.unwrap().into_steps().unwrap();
    let definition = definition(100, Publish::AtOnce);
    let mut records = vec![
        operate_record(Action::Load { definition }),
        operate_record(Action::Open { campaign: CampaignNo(0) }),
    ];
    records.extend((0..7).map(|person| enter_record(person, person)));
    let states = records.into_iter().map(|record| {
        let pending = parts.node.submit_one(record).unwrap();
        assert!(!parts.sequencer.turn().unwrap(), "nobody asked it to drain");
        drop(pending);
        parts.sequencer.ledger().hash()
    });
    (disk, states.collect())
}

fn frames(disk: &Arc<dyn Disk>) -> Box<dyn FrameStream> {
    Box::new(inspect(Arc::clone(disk), None, FrameNo(1)).unwrap())
}

#[test]
fn a_replay_tells_what_it_applied_and_ends_where_it_was_to_end() {
    let (disk, states) = journal();
    let whole = verify(Arc::clone(&disk), None, &mut |_| ()).unwrap();
    assert_eq!((whole.frames, whole.commands), (9, 9));
    for through in (1..=9).map(Some).chain([None]) {
        let (mut ledger, mut told) = (Ledger::new(), Vec::new());
        let done =
            replay(frames(&disk), &mut ledger, through.map(FrameNo), |frame| told.push(frame));
        let Replayed { frames: applied, commands, payload_bytes } = done.unwrap();
        let last = through.unwrap_or(9);
        assert_eq!((applied, commands, ledger.frame()), (last, last, FrameNo(last)));
        assert_eq!(told, [FrameNo(last)], "all of it is one block");
        assert_eq!(ledger.hash(), states[last as usize - 1]);
        assert_eq!(last == 9, payload_bytes == whole.payload_bytes);
        // What it has, it is not given again.
        let again = replay(frames(&disk), &mut ledger, Some(FrameNo(last)), |_| ()).unwrap();
        assert_eq!((again.frames, again.commands, again.payload_bytes), (0, 0, 0));
    }
}

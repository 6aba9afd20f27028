//! Bugs that seeds found, each by the shortest way to it.

use journal::JournalId;
use model::generate::definition;
use node::{Config, Stepped};
use sim::SimClock;
use sim::boundaries::{Boundary, check};
use simdisk::SimDisk;
use simdisk::{Fault, Kept};
use std::sync::Arc;
use types::{Action, CampaignNo, Millis, OperatorCommand, Outcome, Refusal};

fn record(action: Action) -> Vec<u8> {
    let (actor, reason) = ("duty officer".to_owned(), "planned".to_owned());
    let mut record = Vec::new();
    let command = OperatorCommand { actor, from: None, reason, action };
    command.encode(&mut record).expect("it is far below the limit");
    record
}

#[test]
fn an_action_on_no_campaign_is_refused_and_the_node_goes_on() {
    let clock = Arc::new(SimClock::new(Millis(1_900_000_000_000)));
    let config = Config::new(JournalId([7; 16]));
    let opened = node::open(Arc::new(SimDisk::default()), config, clock).unwrap();
    let Stepped { node, mut sequencer, mut replies, .. } = opened.into_steps().unwrap();
    let mut records = record(Action::Load { definition: Box::new(definition("masks")) });
    records.extend(record(Action::Open { campaign: CampaignNo(7) }));
    let mut pending = node.submit(records, 2).unwrap();
    assert!(!sequencer.turn().unwrap());
    replies.deliver();
    let outcomes = pending.try_get().unwrap().unwrap();
    assert_eq!(outcomes[1], Outcome::Refused(Refusal::UnknownCampaign));
    assert!(!sequencer.turn().unwrap(), "it goes on");
}

#[test]
fn a_folder_whose_creation_failed_at_its_last_step_is_there_after_a_power_failure() {
    // Its name was there to be read, and not durable; people were told things in between.
    for change in 0..25 {
        for power_follows in [false, true] {
            let (fault, remains) = (Fault::Io, Kept::Nothing);
            let boundary = Boundary { change, fault, power_follows, remains };
            check(boundary, None).unwrap_or_else(|broken| panic!("{boundary}: {broken}"));
        }
    }
}

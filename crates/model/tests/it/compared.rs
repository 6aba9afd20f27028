//! What the comparison of two states sees: each part that an entry and a list are made of, and from
//! where an operator acts.

use crate::desk::{MASKS, masks};
use ledger::{Ledger, Place};
use model::Model;
use types::command::{EnterParts, Records};
use types::{
    Action, Command, EnterDigests, FrameNo, ListKind, Millis, OperatorCommand, PersonKey, PoolNo,
    RequestId,
};

/// What of a history may be another.
#[derive(Clone, Copy)]
struct Parts {
    request: u8,
    request_digest: u8,
    identity_digest: u8,
    person: u8,
    blocked: u8,
    allowed: u8,
    from: u8,
}

const PARTS: Parts = Parts {
    request: 1,
    request_digest: 2,
    identity_digest: 3,
    person: 4,
    blocked: 5,
    allowed: 6,
    from: 7,
};

/// Hands the commands of a history on, one after the other.
fn history(parts: Parts, apply: &mut dyn FnMut(&Command<'_>)) {
    let list = |list, key| {
        let keys = vec![PersonKey([key; 16])];
        Action::List { campaign: MASKS, list, field: 0, keys }
    };
    let load = Action::Load { definition: Box::new(masks(9)) };
    let open = Action::Open { campaign: MASKS };
    let lists = [list(ListKind::Block, parts.blocked), list(ListKind::Allow, parts.allowed)];
    for action in [load, open].into_iter().chain(lists) {
        let (actor, reason) = ("officer".into(), "planned".into());
        let from = Some(format!("203.0.113.{}", parts.from));
        apply(&Command::Operator(Box::new(OperatorCommand { actor, from, reason, action })));
    }
    let mut payload = Vec::new();
    let enter = EnterParts {
        campaign: MASKS,
        request: RequestId([parts.request; 16]),
        digests: EnterDigests {
            request: [parts.request_digest; 8],
            identity: [parts.identity_digest; 8],
        },
        units: 1,
        choices: &[PoolNo(0)],
        keys: &vec![PersonKey([parts.person; 16]); masks(9).unique_fields().count()],
        sealed: b"",
    };
    enter.encode(&mut payload);
    let (_, record) = Records::new(&payload).next().unwrap().unwrap();
    apply(&Command::decode(record).unwrap());
}

/// Whether the ledger after one history is taken for the model after another.
fn are_alike(of_ledger: Parts, of_model: Parts) -> bool {
    let (mut ledger, mut model) = (Ledger::new(), Model::new());
    let at = Millis(1);
    let mut frame = FrameNo(0);
    history(of_ledger, &mut |command| {
        frame.0 += 1;
        ledger.apply(Place { frame, offset: 0 }, at, command);
    });
    frame = FrameNo(0);
    history(of_model, &mut |command| {
        frame.0 += 1;
        model.apply(frame, 0, at, command);
    });
    let state = model.state();
    assert_eq!(state.campaigns[0].entries.len(), 1, "the entry was accepted");
    mirror::state(&ledger) == state
}

#[test]
fn every_part_of_an_entry_and_a_list_counts() {
    assert!(are_alike(PARTS, PARTS));
    let others = [
        Parts { request: 9, ..PARTS },
        Parts { request_digest: 9, ..PARTS },
        Parts { identity_digest: 9, ..PARTS },
        Parts { person: 9, ..PARTS },
        Parts { blocked: 9, ..PARTS },
        Parts { allowed: 9, ..PARTS },
        Parts { from: 9, ..PARTS },
    ];
    for (number, other) in others.into_iter().enumerate() {
        assert!(!are_alike(PARTS, other), "part {number}");
    }
}

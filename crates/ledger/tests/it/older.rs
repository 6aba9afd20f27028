//! Bodies that older releases wrote: each loads, and is the state that its journal leads to now.

use crate::support::{Size, definition};
use ledger::{Ledger, Place};
use types::action::StockRow;
use types::command::{EnterParts, Records};
use types::definition::Series;
use types::ids::{ItemNo, SlotNo};
use types::{
    Action, CampaignNo, Cancel, Command, EnterDigests, EntryNo, ListKind, Millis, OperatorCommand,
    Outcome, OutletNo, PersonKey, PoolNo, Publish, Redeem, RequestId, StockMode,
};

const MASKS: CampaignNo = CampaignNo(0);

struct Life {
    ledger: Ledger,
    at: Millis,
}

impl Life {
    fn apply(&mut self, command: &Command<'_>) -> Outcome {
        let place = Place { frame: self.ledger.frame().next(), offset: 7 };
        self.ledger.apply(place, self.at, command)
    }

    fn act(&mut self, action: Action) {
        let (actor, reason) = ("duty officer".to_owned(), "a drill".to_owned());
        let from = Some("203.0.113.7".to_owned());
        let command = OperatorCommand { actor, from, reason, action };
        let outcome = self.apply(&Command::Operator(command.into()));
        assert!(!matches!(outcome, Outcome::Refused(_)), "{outcome:?}");
    }

    fn enter(&mut self, person: u8) {
        let mut payload = Vec::new();
        let parts = EnterParts {
            campaign: MASKS,
            request: RequestId([person; 16]),
            digests: EnterDigests { request: [person; 8], identity: [person ^ 0x55; 8] },
            units: 2,
            choices: &[PoolNo(1), PoolNo(0)],
            keys: &[PersonKey([person; 16]), PersonKey([0x80 | person; 16])],
            sealed: b"sealed",
        };
        parts.encode(&mut payload);
        let (_, record) = Records::new(&payload).next().unwrap().unwrap();
        let outcome = self.apply(&Command::decode(record).unwrap());
        assert!(matches!(outcome, Outcome::Registered { .. }), "{outcome:?}");
    }
}

/// A campaign from its load to its first unit handed out.
fn lived() -> Ledger {
    let size = Size { outlets: 2, items: 1, slots: 1, unique_fields: 2 };
    let mut masks = definition(&size);
    masks.publish = Publish::ByHand { expected: None };
    masks.series = Some(Series { code: "masks".into(), cool_down_days: 5 });
    masks.register.units_max = 2;
    masks.register.choices_max = 2;
    let in_slot = masks.slots[0].from;
    let mut life = Life { ledger: Ledger::new(), at: Millis(in_slot.0 - 3_600_000) };
    life.act(Action::Load { definition: Box::new(masks) });
    let row = |outlet, units| {
        let (item, slot) = (ItemNo(0), SlotNo(0));
        StockRow { outlet: OutletNo(outlet), item, slot, units }
    };
    let rows = vec![row(0, 3), row(1, 4)];
    life.act(Action::Stock { campaign: MASKS, mode: StockMode::Add, rows });
    life.act(Action::Open { campaign: MASKS });
    let (list, keys) = (ListKind::Block, vec![PersonKey([9; 16])]);
    life.act(Action::List { campaign: MASKS, list, field: 1, keys });
    (1..=5).for_each(|person| life.enter(person));
    life.apply(&Command::Cancel(Cancel { campaign: MASKS, entry: EntryNo(1) }));
    life.act(Action::Close { campaign: MASKS });
    life.act(Action::Publish { campaign: MASKS });
    life.at = in_slot;
    let redeem = Redeem {
        campaign: MASKS,
        entry: EntryNo(0),
        outlet: OutletNo(1),
        request: RequestId([7; 16]),
        actor: "counter",
    };
    let outcome = life.apply(&Command::Redeem(redeem));
    assert!(matches!(outcome, Outcome::Redeemed { .. }), "{outcome:?}");
    let checksum = "c0ffee".to_owned();
    life.act(Action::Export { campaign: MASKS, bookings: 3, checksum, seen: None });
    life.ledger
}

/// What the last build wrote that knew of no draw.
#[test]
fn a_body_of_version_2_is_the_state_it_was() {
    let bytes = include_bytes!("../golden/snapshot-v2.body");
    assert_eq!(bytes[..4], 2_u32.to_le_bytes());
    let loaded = Ledger::load(&mut &bytes[..]).unwrap();
    let now = lived();
    assert_eq!(loaded.hash().to_string(), "02fb49ef29713068", "the hash it had in that build");
    assert_eq!(loaded.hash(), now.hash(), "the same journal leads there in this release");
    assert!(loaded.actions().eq(now.actions()) && 0 < loaded.actions().len());
    let save = |ledger: &Ledger| {
        let mut bytes = Vec::new();
        ledger.save(&mut bytes).unwrap();
        bytes
    };
    assert!(save(&loaded) == save(&now), "and is written as this release writes");
    // Bytes of the one version are not those of the other.
    for version in [1, 3] {
        let mut other = bytes.to_vec();
        other[0] = version;
        assert!(Ledger::load(&mut &other[..]).is_err(), "as version {version}");
    }
}

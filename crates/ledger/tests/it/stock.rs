//! As many pools as a campaign may have, and one more.

use ledger::{Ledger, Place};
use std::collections::BTreeMap;
use types::action::{StockMode, StockRow};
use types::calendar::Calendar;
use types::definition::{
    Allocate, Definition, FieldKind, Fulfil, IdentityField, Item, Outlet, Pacing, Publish,
    Register, Slot, Texts,
};
use types::ids::{ItemNo, OutletNo, SlotNo};
use types::limits::{ITEMS_MAX, POOLS_MAX};
use types::{Action, CampaignNo, Command, Millis, OperatorCommand, Outcome, Refusal};

const OUTLETS: usize = POOLS_MAX / ITEMS_MAX;

/// As many items and outlets as make the most pools in one slot, and a second slot.
fn definition() -> Definition {
    let name = BTreeMap::new;
    let outlet = |no: usize| Outlet {
        code: format!("o{no}"),
        name: name(),
        district: name(),
        address: name(),
        position: None,
    };
    let slot =
        |code: &str| Slot { code: code.into(), name: name(), from: Millis(10), until: Millis(20) };
    Definition {
        code: "masks".into(),
        series: None,
        calendar: Calendar::fixed("Asia/Shanghai", 8 * 3_600),
        languages: vec!["en".into()],
        texts: Texts { title: name(), summary: name(), pickup: name(), notice: name() },
        items: (0..ITEMS_MAX).map(|no| Item { code: format!("i{no}"), name: name() }).collect(),
        outlets: (0..OUTLETS).map(outlet).collect(),
        slots: vec![slot("am"), slot("pm")],
        stock: Vec::new(),
        register: Register {
            windows: Vec::new(),
            fields: vec![IdentityField {
                code: "id".into(),
                kind: FieldKind::ResidentId,
                label: name(),
                unique: true,
            }],
            cap: None,
            units_min: 1,
            units_max: 1,
            choices_max: 1,
            reenter_after_cancel: false,
            allow_list: false,
        },
        allocate: Allocate::FirstCome,
        publish: Publish::AtOnce,
        fulfil: Fulfil::Pickup { whole_day: false },
        pacing: Pacing {
            release_percent: 100,
            retry_seconds: 5,
            poll_seconds: 5,
            jitter_seconds: 0,
            admit_per_second: None,
        },
    }
}

fn act(ledger: &mut Ledger, action: Action) -> Outcome {
    let (actor, reason) = ("duty officer".to_owned(), "a drill".to_owned());
    let command = Command::Operator(OperatorCommand { actor, reason, action }.into());
    let frame = ledger.frame().next();
    ledger.apply(Place { frame, offset: 0 }, Millis(frame.0), &command)
}

#[test]
fn a_campaign_has_the_most_pools_and_not_one_more() {
    let mut ledger = Ledger::new();
    let definition = Box::new(definition());
    assert!(matches!(act(&mut ledger, Action::Load { definition }), Outcome::Loaded { .. }));
    let row = |place: usize, slot: u16| StockRow {
        outlet: OutletNo((place / ITEMS_MAX) as u16),
        item: ItemNo((place % ITEMS_MAX) as u16),
        slot: SlotNo(slot),
        units: 1,
    };
    let mut add = |rows: Vec<StockRow>| {
        let (campaign, mode) = (CampaignNo(0), StockMode::Add);
        act(&mut ledger, Action::Stock { campaign, mode, rows })
    };
    assert_eq!(add(vec![row(0, 0)]), Outcome::Done { units: 1 });
    let most = POOLS_MAX as u64;
    let rest = || (1..POOLS_MAX).map(|place| row(place, 0));
    let over = rest().chain([row(0, 1)]).collect();
    assert_eq!(add(over), Outcome::Refused(Refusal::OverLimit));
    assert_eq!(add(rest().collect()), Outcome::Done { units: most - 1 });
    assert_eq!(add(vec![row(0, 1)]), Outcome::Refused(Refusal::OverLimit));
    assert_eq!(add(vec![row(0, 0)]), Outcome::Done { units: 1 }, "one that is there already");
}

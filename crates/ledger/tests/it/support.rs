//! What the tests share: a definition of any size, and an operator.

use ledger::{Ledger, Place};
use std::collections::BTreeMap;
use types::calendar::Calendar;
use types::definition::{
    Allocate, Definition, FieldKind, Fulfil, IdentityField, Item, Outlet, Pacing, Publish,
    Register, Slot, Texts,
};
use types::{Action, Command, Millis, OperatorCommand, Outcome};

/// How many there are of each.
pub(crate) struct Size {
    pub(crate) outlets: usize,
    pub(crate) items: usize,
    pub(crate) slots: usize,
    pub(crate) unique_fields: usize,
}

/// A definition without stock.
pub(crate) fn definition(size: &Size) -> Definition {
    let name = BTreeMap::new;
    let outlet = |no: usize| Outlet {
        code: format!("o{no}"),
        name: name(),
        district: name(),
        address: name(),
        position: None,
    };
    let slot = |no: usize| Slot {
        code: format!("s{no}"),
        name: name(),
        from: Millis(10),
        until: Millis(20),
    };
    let field = |no: usize| IdentityField {
        code: format!("f{no}"),
        kind: FieldKind::Text { pattern: None },
        label: name(),
        unique: true,
    };
    Definition {
        code: "masks".into(),
        series: None,
        calendar: Calendar::fixed("Asia/Shanghai", 8 * 3_600),
        languages: vec!["en".into()],
        texts: Texts { title: name(), summary: name(), pickup: name(), notice: name() },
        items: (0..size.items).map(|no| Item { code: format!("i{no}"), name: name() }).collect(),
        outlets: (0..size.outlets).map(outlet).collect(),
        slots: (0..size.slots).map(slot).collect(),
        stock: Vec::new(),
        register: Register {
            windows: Vec::new(),
            fields: (0..size.unique_fields).map(field).collect(),
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

pub(crate) fn act(ledger: &mut Ledger, action: Action) -> Outcome {
    let (actor, reason) = ("duty officer".to_owned(), "a drill".to_owned());
    let command = Command::Operator(OperatorCommand { actor, reason, action }.into());
    let frame = ledger.frame().next();
    ledger.apply(Place { frame, offset: 0 }, Millis(frame.0), &command)
}

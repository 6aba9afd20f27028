//! What the tests share: a definition of any size, and an operator.

use ledger::{Ledger, Place};
use types::definition::{Definition, IdentityField, Item, Outlet, Register, Slot};
use types::{Action, Command, Millis, OperatorCommand, Outcome};

/// How many there are of each.
pub(crate) struct Size {
    pub(crate) outlets: usize,
    pub(crate) items: usize,
    pub(crate) slots: usize,
    pub(crate) unique_fields: usize,
}

/// The smallest definition, with more of its tables and without stock.
pub(crate) fn definition(size: &Size) -> Definition {
    let least = model::generate::definition("masks");
    let item = |no| Item { code: format!("i{no}"), ..least.items[0].clone() };
    let outlet = |no| Outlet { code: format!("o{no}"), ..least.outlets[0].clone() };
    let slot = |no| Slot { code: format!("s{no}"), ..least.slots[0].clone() };
    let field = |no| IdentityField { code: format!("f{no}"), ..least.register.fields[0].clone() };
    Definition {
        items: (0..size.items).map(item).collect(),
        outlets: (0..size.outlets).map(outlet).collect(),
        slots: (0..size.slots).map(slot).collect(),
        stock: Vec::new(),
        register: Register {
            fields: (0..size.unique_fields).map(field).collect(),
            ..least.register.clone()
        },
        ..least
    }
}

pub(crate) fn act(ledger: &mut Ledger, action: Action) -> Outcome {
    act_from(ledger, None, action)
}

pub(crate) fn act_from(ledger: &mut Ledger, from: Option<&str>, action: Action) -> Outcome {
    let (actor, reason) = ("duty officer".to_owned(), "a drill".to_owned());
    let from = from.map(str::to_owned);
    let command = Command::Operator(OperatorCommand { actor, from, reason, action }.into());
    let frame = ledger.frame().next();
    ledger.apply(Place { frame, offset: 0 }, Millis(frame.0), &command)
}

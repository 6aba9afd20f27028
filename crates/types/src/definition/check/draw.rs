//! What a definition must be to draw, or not to.
//!
//! Owns: the terms of a draw, reserved items, and that each place has a bucket's name of its own.
//! Never: a bucket's stock.

use super::{DefinitionError, ensure};
use crate::definition::{Definition, DrawTerms, Publish};
use crate::ids::{ItemNo, OutletNo, SlotNo};
use crate::limits;
use std::collections::BTreeSet;

pub(super) fn check(definition: &Definition) -> Result<(), DefinitionError> {
    let Some(terms) = definition.draw() else {
        let none = definition.items.iter().all(|item| item.reserved.is_none());
        return ensure(none, "items.reserved", "only a draw keeps a part of an item's units");
    };
    check_terms(terms)?;
    let by_hand = matches!(definition.publish, Publish::ByHand { .. });
    ensure(by_hand, "publish", "what is drawn is published by hand")?;
    let units = definition.register.units_max <= limits::DRAW_UNITS_MAX;
    ensure(units, "register.units", "a draw gives at most 8 units to an entry")?;
    check_reserved(definition)?;
    check_buckets(definition, terms)
}

fn check_terms(terms: &DrawTerms) -> Result<(), DefinitionError> {
    let days = 1..=limits::STAND_DAYS_MAX;
    let stand = terms.stand_days.is_none_or(|stand| days.contains(&stand));
    ensure(stand, "allocate.stand_days", "must be 1 to 366")?;
    let tickets = (1..=limits::DRAW_TICKETS_MAX).contains(&terms.tickets_max);
    ensure(tickets, "allocate.tickets_max", "must be 1 to 32")?;
    let group = (1..=limits::DRAW_UNITS_MAX).contains(&terms.group_max);
    ensure(group, "allocate.group_max", "must be 1 to 8")
}

fn check_reserved(definition: &Definition) -> Result<(), DefinitionError> {
    let mut seen = BTreeSet::new();
    for reserved in definition.items.iter().filter_map(|item| item.reserved.as_ref()) {
        let tranche = &reserved.tranche;
        let is_name = (1..=limits::DRAW_TRANCHE_CHARS_MAX).contains(&tranche.len())
            && tranche.bytes().all(is_bucket_byte);
        ensure(is_name, "items.reserved", "a tranche is 1 to 16 of A-Z, 0-9, '.', '_', '-'")?;
        let of = definition.items.get(reserved.of.index());
        let is_whole = of.is_some_and(|of| of.reserved.is_none());
        ensure(is_whole, "items.reserved", "is a part of an item that is not reserved itself")?;
        let is_new = seen.insert((reserved.of, tranche));
        ensure(is_new, "items.reserved", "a tranche of an item stands twice")?;
    }
    Ok(())
}

/// No two places have one bucket's name: read from the right, its parts are told apart.
fn check_buckets(definition: &Definition, terms: &DrawTerms) -> Result<(), DefinitionError> {
    let plain = |code: &String| !code.contains('-');
    let items = definition.items.iter().map(|item| &item.code);
    ensure(items.clone().all(plain), "items", "codes have no '-' in a draw")?;
    ensure(differ(items), "items", "codes differ by more than upper and lower case in a draw")?;
    let outlets = definition.outlets.iter().map(|outlet| &outlet.code);
    ensure(differ(outlets), "outlets", "codes differ by more than upper and lower case in a draw")?;
    let slots = definition.slots.iter().map(|slot| &slot.code);
    let in_name = terms.stand_days.is_none() && 1 < definition.slots.len();
    ensure(
        !in_name || slots.clone().all(plain),
        "slots",
        "codes have no '-' in a draw of several",
    )?;
    ensure(differ(slots), "slots", "codes differ by more than upper and lower case in a draw")?;
    let longest = |codes: &mut dyn Iterator<Item = &String>| codes.map(String::len).max();
    let outlet = longest(&mut definition.outlets.iter().map(|outlet| &outlet.code));
    let item = longest(&mut definition.items.iter().map(|item| &item.code));
    let slot = longest(&mut definition.slots.iter().map(|slot| &slot.code)).filter(|_| in_name);
    let parts = [outlet, item, slot].into_iter().flatten();
    let fits = parts.map(|part| part + 1).sum::<usize>() - 1 <= limits::DRAW_BUCKET_CHARS_MAX;
    ensure(fits, "outlets", "codes of outlet, item and slot together are over 64 in a draw")?;
    let places = definition.stock.iter().map(|stock| (stock.outlet, stock.item, stock.slot));
    let few = definition.buckets_len(places) <= limits::DRAW_BUCKETS_MAX;
    ensure(few, "stock", "a draw has at most 65,535 buckets")
}

fn differ<'a>(codes: impl Iterator<Item = &'a String>) -> bool {
    let mut seen = BTreeSet::new();
    codes.map(|code| code.to_ascii_uppercase()).all(|code| seen.insert(code))
}

const fn is_bucket_byte(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b'-')
}

impl Definition {
    /// Buckets that a draw of these places has: one for each of them where it draws once for all,
    /// else one for each outlet and item, whatever the slot. None where nothing is drawn.
    #[must_use]
    pub fn buckets_len(&self, places: impl Iterator<Item = (OutletNo, ItemNo, SlotNo)>) -> usize {
        let Some(terms) = self.draw() else { return 0 };
        let bucket = |(outlet, item, slot)| match terms.stand_days {
            None => (outlet, item, Some(slot)),
            Some(_) => (outlet, item, None),
        };
        places.map(bucket).collect::<BTreeSet<_>>().len()
    }

    /// The name of a place in a draw: `P017-N95`, `P017-N95#65` of a reserved part, and with the
    /// slot behind the item where the campaign draws once for several.
    ///
    /// # Panics
    /// When the campaign does not draw, or has no such place.
    #[must_use]
    pub fn bucket(&self, outlet: OutletNo, item: ItemNo, slot: SlotNo) -> String {
        let terms = self.draw().expect("only a draw has buckets");
        let reserved = self.items[item.index()].reserved.as_ref();
        let whole = reserved.map_or(item, |reserved| reserved.of);
        let (outlet, item) = (&self.outlets[outlet.index()], &self.items[whole.index()]);
        let mut name = format!("{}-{}", outlet.code, item.code);
        if terms.stand_days.is_none() && 1 < self.slots.len() {
            name = format!("{name}-{}", self.slots[slot.index()].code);
        }
        name.make_ascii_uppercase();
        reserved.map_or_else(|| name.clone(), |part| format!("{name}#{}", part.tranche))
    }
}

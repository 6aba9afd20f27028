//! What the books read off a definition.
//!
//! Owns: which fields tell people apart, whether outcomes wait for publication, and how it draws.
//! Never: says whether a definition is sound; `sound` does.

use std::collections::BTreeSet;
use types::definition::{Allocate, Definition, DrawTerms, IdentityField, Publish, Register};
use types::ids::{ItemNo, OutletNo, SlotNo};

/// The fields by which people are told apart, in the definition's order: a person key each.
pub(super) fn unique(register: &Register) -> impl Iterator<Item = &IdentityField> {
    register.fields.iter().filter(|field| field.unique)
}

/// Whether outcomes are told no sooner than they are published.
pub(super) const fn waits(definition: &Definition) -> bool {
    !matches!(definition.publish, Publish::AtOnce)
}

/// How lots decide, where they do.
pub(super) const fn terms(definition: &Definition) -> Option<&DrawTerms> {
    match &definition.allocate {
        Allocate::FirstCome => None,
        Allocate::Draw(terms) => Some(terms),
    }
}

/// Whether there is one draw for all, and no other but among those whom it left without.
pub(super) fn draws_once(definition: &Definition) -> bool {
    terms(definition).is_some_and(|terms| terms.stand_days.is_none())
}

/// Whether an item is a part of another one's units, kept for certain people.
pub(super) fn is_reserved(definition: &Definition, item: ItemNo) -> bool {
    definition.items[item.index()].reserved.is_some()
}

/// Buckets that a draw of pools at these sites has: each site is one, and where draws go on, all
/// slots of an outlet's item are.
pub(super) fn buckets_of(
    definition: &Definition,
    sites: impl Iterator<Item = (OutletNo, ItemNo, SlotNo)>,
) -> usize {
    if terms(definition).is_none() {
        return 0;
    }
    let is_once = draws_once(definition);
    let one = |(outlet, item, slot)| (outlet, item, if is_once { slot } else { SlotNo(0) });
    sites.map(one).collect::<BTreeSet<_>>().len()
}

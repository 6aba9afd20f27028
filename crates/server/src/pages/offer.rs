//! What a campaign offers: which outlets, and what at each of them.
//!
//! Owns: that nothing is offered for which there is no pool, or a pool that never had units.
//! Never: a mark of what is gone while outcomes are held back.

use super::typed::{Typed, outlet_name};
use super::view::local;
use crate::campaigns::Prepared;
use crate::language::Language;
use crate::moment::plain_span;
use std::collections::BTreeMap;
use types::Millis;
use types::definition::Definition;
use types::ids::{OutletNo, PoolNo};

/// Outlets in one list; a campaign with more asks for the district first.
const OUTLETS_LISTED_MAX: usize = 400;

/// What a form is made from.
pub(super) struct Making<'a> {
    pub(super) campaign: &'a Prepared,
    pub(super) language: Language,
    pub(super) now: Millis,
    pub(super) typed: &'a Typed,
    pub(super) district: Option<usize>,
    /// For each outlet, whether nothing is left there; may be empty.
    pub(super) gone: &'a [bool],
}

/// The outlets of a district.
pub(super) struct GroupView {
    pub(super) district: String,
    pub(super) outlets: Vec<OutletView>,
}

/// One outlet of a list.
pub(super) struct OutletView {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) chosen: bool,
    pub(super) gone: bool,
}

/// One item in one slot at an outlet.
pub(super) struct PickView {
    pub(super) value: String,
    pub(super) item: String,
    pub(super) slot: String,
    pub(super) time: String,
    pub(super) chosen: bool,
    pub(super) gone: bool,
}

/// The names of a campaign's districts, in order of appearance.
pub(super) fn districts(definition: &Definition, t: Language) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for outlet in &definition.outlets {
        let name = local(definition, &outlet.district, t);
        if names.last().is_none_or(|last| last != name) && !names.iter().any(|known| known == name)
        {
            names.push(name.to_owned());
        }
    }
    names
}

/// Whether a district must be chosen before outlets can be listed.
pub(super) fn asks_district(definition: &Definition) -> bool {
    definition.outlets.len() > OUTLETS_LISTED_MAX
}

impl Making<'_> {
    pub(super) fn definition(&self) -> &Definition {
        &self.campaign.view.definition
    }

    /// The outlets that have anything to offer, in the campaign's order.
    pub(super) fn offering(&self) -> Vec<OutletNo> {
        let view = &self.campaign.view;
        let mut offers = vec![false; view.definition.outlets.len()];
        for (no, place) in view.pools().iter().enumerate() {
            offers[place.outlet.index()] |= view.is_offered(PoolNo::from_index(no));
        }
        let offering = offers.iter().enumerate().filter(|(_, offers)| **offers);
        offering.map(|(no, _)| OutletNo::from_index(no)).collect()
    }

    /// The outlet of a choice: the one that was named, or the only one there is.
    pub(super) fn outlet(&self, number: usize, offering: &[OutletNo]) -> Option<OutletNo> {
        if let [only] = offering {
            return Some(*only);
        }
        let code = self.typed.get(&outlet_name(number));
        let known = |no: &&OutletNo| self.definition().outlets[no.index()].code == code;
        offering.iter().find(known).copied()
    }

    /// The choices, from 1, whose outlet must be named or is none of those that offer anything.
    pub(super) fn outlets_missing(&self, offering: &[OutletNo]) -> Vec<usize> {
        let missing = |number: &usize| {
            let is_named = !self.typed.get(&outlet_name(*number)).is_empty();
            (*number == 1 || is_named) && self.outlet(*number, offering).is_none()
        };
        (1..=usize::from(self.definition().register.choices_max)).filter(missing).collect()
    }

    /// The outlets to choose from, by district.
    pub(super) fn groups(&self, number: usize, offering: &[OutletNo]) -> Vec<GroupView> {
        let (t, definition) = (self.language, self.definition());
        let names = districts(definition, t);
        let mut groups: BTreeMap<usize, GroupView> = BTreeMap::new();
        let chosen = self.typed.get(&outlet_name(number));
        for no in offering {
            let outlet = &definition.outlets[no.index()];
            let district = local(definition, &outlet.district, t);
            let place = names.iter().position(|name| name == district).unwrap_or_default();
            if self.district.is_some_and(|wanted| wanted != place) {
                continue;
            }
            let group = groups.entry(place).or_insert_with(|| GroupView {
                district: district.to_owned(),
                outlets: Vec::new(),
            });
            group.outlets.push(OutletView {
                chosen: outlet.code == chosen,
                name: local(definition, &outlet.name, t).to_owned(),
                code: outlet.code.clone(),
                gone: self.gone.get(no.index()).copied().unwrap_or(false),
            });
        }
        groups.into_values().collect()
    }

    /// Everything that is offered at an outlet, by item and then by slot.
    pub(super) fn picks(&self, outlet: OutletNo, picked: &str) -> Vec<PickView> {
        let view = &self.campaign.view;
        let pools =
            view.pools().iter().enumerate().map(|(no, place)| (place, PoolNo::from_index(no)));
        let mut offered: Vec<_> = pools
            .filter(|(place, no)| place.outlet == outlet && view.is_offered(*no))
            .map(|(place, no)| (place.item, place.slot, no))
            .collect();
        offered.sort_unstable();
        let picks = offered.into_iter().map(|(item, slot, pool)| {
            let (t, definition) = (self.language, self.definition());
            let item = &definition.items[item.index()];
            let slot = &definition.slots[slot.index()];
            let outlet = &definition.outlets[outlet.index()];
            let value = format!("{}/{}/{}", outlet.code, item.code, slot.code);
            PickView {
                item: local(definition, &item.name, t).to_owned(),
                slot: local(definition, &slot.name, t).to_owned(),
                time: plain_span(&definition.calendar, slot.from, slot.until, self.now, t),
                chosen: picked == value,
                gone: view.sold_out(&[pool], definition.register.units_min),
                value,
            }
        });
        picks.collect()
    }
}

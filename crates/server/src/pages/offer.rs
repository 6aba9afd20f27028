//! What a campaign offers: which outlets, and what at each of them.
//!
//! Owns: that nothing is offered for which there is no pool, or a pool that never had units.
//! Never: a mark of what is gone while outcomes are held back.

use super::typed::{Typed, outlet_name};
use super::view::local;
use crate::campaigns::Prepared;
use crate::language::Language;
use crate::moment::plain_span;
use types::Millis;
use types::definition::Definition;
use types::ids::OutletNo;

/// Outlets that are read through on a phone; a campaign with more asks for the district first, …
const OUTLETS_READ_MAX: usize = 40;
/// … and one with several choices, whose outlets may lie anywhere, if it has more than a list to
/// choose from holds.
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
    /// Empty where nobody said.
    pub(super) district: String,
    pub(super) outlets: Vec<OutletView>,
}

/// One outlet of a list.
pub(super) struct OutletView {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) address: String,
    pub(super) chosen: bool,
    pub(super) gone: bool,
}

/// One item in one slot at an outlet; where no slot is asked for, in any.
pub(super) struct PickView {
    /// Its place in the campaign's document, and among the marks of the status.
    pub(super) pool: usize,
    pub(super) value: String,
    pub(super) item: String,
    pub(super) slot: Option<SlotView>,
    pub(super) chosen: bool,
    pub(super) gone: bool,
    /// Whether it is the first of several of its item, which stand below its name.
    pub(super) leads: bool,
    /// Whether its item is named above it.
    pub(super) is_led: bool,
}

/// A slot by name, and when it is.
pub(super) struct SlotView {
    pub(super) name: String,
    pub(super) time: String,
}

/// Whether a district must be chosen before outlets can be listed.
pub(super) fn asks_district(campaign: &Prepared, language: Language) -> bool {
    let is_single = campaign.view.definition.register.choices_max == 1;
    let most = if is_single { OUTLETS_READ_MAX } else { OUTLETS_LISTED_MAX };
    campaign.offering().len() > most && campaign.districts(language).len() > 1
}

impl Making<'_> {
    pub(super) fn definition(&self) -> &Definition {
        &self.campaign.view.definition
    }

    /// The outlet of a choice: the one that was named, or the only one there is.
    pub(super) fn outlet(&self, number: usize) -> Option<OutletNo> {
        if let [only] = self.campaign.offering() {
            return Some(*only);
        }
        let named = self.campaign.outlet(self.typed.get(&outlet_name(number)))?;
        self.campaign.is_offering(named).then_some(named)
    }

    /// The choices, from 1, whose outlet must be named or is none of those that offer anything.
    pub(super) fn outlets_missing(&self) -> Vec<usize> {
        let missing = |number: &usize| {
            let is_named = !self.typed.get(&outlet_name(*number)).is_empty();
            (*number == 1 || is_named) && self.outlet(*number).is_none()
        };
        (1..=usize::from(self.definition().register.choices_max)).filter(missing).collect()
    }

    /// Whether the place of any outlet that offers something is known.
    pub(super) fn has_positions(&self) -> bool {
        let outlets = &self.definition().outlets;
        self.campaign.offering().iter().any(|no| outlets[no.index()].position.is_some())
    }

    /// The outlets to choose from, by district.
    pub(super) fn groups(&self, number: usize) -> Vec<GroupView> {
        let chosen = self.typed.get(&outlet_name(number));
        self.groups_of(self.district, chosen, |_| true)
    }

    /// The outlets that somebody looks for, by district: those whose name, address and district
    /// have every word, in any language.
    pub(super) fn found(&self, search: &str) -> Vec<GroupView> {
        let words: Vec<String> = search.split_whitespace().map(str::to_lowercase).collect();
        self.groups_of(None, "", |no| {
            let outlet = &self.definition().outlets[no.index()];
            let texts = [&outlet.name, &outlet.address, &outlet.district];
            let all = texts.iter().flat_map(|text| text.values()).map(|text| text.to_lowercase());
            let all: Vec<String> = all.collect();
            words.iter().all(|word| all.iter().any(|text| text.contains(word)))
        })
    }

    fn groups_of(
        &self,
        only: Option<usize>,
        chosen: &str,
        wanted: impl Fn(OutletNo) -> bool,
    ) -> Vec<GroupView> {
        let districts = self.campaign.districts(self.language).iter();
        let districts = districts.filter(|district| only.is_none_or(|no| no == district.no));
        let groups = districts.map(|district| GroupView {
            district: district.name.clone(),
            outlets: (district.outlets.iter().filter(|no| wanted(**no)))
                .map(|no| self.outlet_view(*no, chosen))
                .collect(),
        });
        groups.filter(|group| !group.outlets.is_empty()).collect()
    }

    /// Whether nothing is left at any of some outlets.
    pub(super) fn are_gone(&self, outlets: &[OutletNo]) -> bool {
        outlets.iter().all(|no| self.is_gone(*no))
    }

    fn is_gone(&self, outlet: OutletNo) -> bool {
        self.gone.get(outlet.index()).copied().unwrap_or(false)
    }

    fn outlet_view(&self, no: OutletNo, chosen: &str) -> OutletView {
        let outlet = &self.definition().outlets[no.index()];
        let text = |text| local(self.definition(), text, self.language).to_owned();
        OutletView {
            chosen: outlet.code == chosen,
            name: text(&outlet.name),
            address: text(&outlet.address),
            code: outlet.code.clone(),
            gone: self.is_gone(no),
        }
    }

    /// Everything that is offered at an outlet, by item and then by slot; each item once where no
    /// slot is asked for.
    pub(super) fn picks(&self, outlet: OutletNo, picked: &str) -> Vec<PickView> {
        let view = &self.campaign.view;
        let offered = view.pools_at(outlet).iter().filter(|pool| view.is_offered(**pool));
        let mut offered: Vec<_> = offered.map(|pool| (*pool, view.pools()[pool.index()])).collect();
        offered.sort_by_key(|(_, place)| (place.item.index(), place.slot.index()));
        let asks_slot = self.campaign.asks_slot();
        if !asks_slot {
            offered.dedup_by_key(|(_, place)| place.item.index());
        }
        let picks = offered.iter().enumerate().map(|(at, (pool, place))| {
            let (t, definition) = (self.language, self.definition());
            let of_item = |at: usize| offered.get(at).is_some_and(|(_, it)| it.item == place.item);
            let follows = 0 < at && of_item(at - 1);
            let leads = !follows && of_item(at + 1);
            let item = &definition.items[place.item.index()];
            let slot = &definition.slots[place.slot.index()];
            let outlet = &definition.outlets[outlet.index()];
            let mut value = format!("{}/{}", outlet.code, item.code);
            if asks_slot {
                value = format!("{value}/{}", slot.code);
            }
            PickView {
                pool: pool.index(),
                item: match item.reserved {
                    Some(_) => t.texts().form.reserved.with(local(definition, &item.name, t)),
                    None => local(definition, &item.name, t).to_owned(),
                },
                slot: asks_slot.then(|| SlotView {
                    name: local(definition, &slot.name, t).to_owned(),
                    time: plain_span(&definition.calendar, slot.from, slot.until, self.now, t),
                }),
                // A page made before choices had no slot may still send one.
                chosen: picked == value
                    || !asks_slot && picked.rsplit_once('/').is_some_and(|(it, _)| it == value),
                gone: view.sold_out(&[*pool], definition.register.units_min),
                leads,
                is_led: follows || leads,
                value,
            }
        });
        picks.collect()
    }
}

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
    /// Its place in the campaign's document, and among the marks of the status.
    pub(super) pool: usize,
    pub(super) value: String,
    pub(super) item: String,
    pub(super) slot: String,
    pub(super) time: String,
    pub(super) chosen: bool,
    pub(super) gone: bool,
}

/// Whether a district must be chosen before outlets can be listed.
pub(super) fn asks_district(definition: &Definition) -> bool {
    definition.outlets.len() > OUTLETS_LISTED_MAX
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
        let districts = self.campaign.districts(self.language);
        let chosen = self.typed.get(&outlet_name(number));
        let groups = districts.names.iter().zip(&districts.offering).enumerate();
        let wanted = groups.filter(|(place, (_, outlets))| {
            self.district.is_none_or(|wanted| wanted == *place) && !outlets.is_empty()
        });
        let groups = wanted.map(|(_, (district, outlets))| GroupView {
            district: district.clone(),
            outlets: outlets.iter().map(|no| self.outlet_view(*no, chosen)).collect(),
        });
        groups.collect()
    }

    fn outlet_view(&self, no: OutletNo, chosen: &str) -> OutletView {
        let outlet = &self.definition().outlets[no.index()];
        OutletView {
            chosen: outlet.code == chosen,
            name: local(self.definition(), &outlet.name, self.language).to_owned(),
            code: outlet.code.clone(),
            gone: self.gone.get(no.index()).copied().unwrap_or(false),
        }
    }

    /// Everything that is offered at an outlet, by item and then by slot.
    pub(super) fn picks(&self, outlet: OutletNo, picked: &str) -> Vec<PickView> {
        let view = &self.campaign.view;
        let offered = view.pools_at(outlet).iter().filter(|pool| view.is_offered(**pool));
        let picks = offered.map(|pool| {
            let (t, definition) = (self.language, self.definition());
            let place = &view.pools()[pool.index()];
            let item = &definition.items[place.item.index()];
            let slot = &definition.slots[place.slot.index()];
            let outlet = &definition.outlets[outlet.index()];
            let value = format!("{}/{}/{}", outlet.code, item.code, slot.code);
            PickView {
                pool: pool.index(),
                item: local(definition, &item.name, t).to_owned(),
                slot: local(definition, &slot.name, t).to_owned(),
                time: plain_span(&definition.calendar, slot.from, slot.until, self.now, t),
                chosen: picked == value,
                gone: view.sold_out(&[*pool], definition.register.units_min),
                value,
            }
        });
        picks.collect()
    }
}

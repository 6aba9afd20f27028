//! A campaign as it is, for those with the right to know: wire types and how they are filled.
//!
//! Owns: sums over pools and entries. Never: a person, a person key or a code.

use super::moment;
use crate::api::document::DrawDocument;
use crate::language::first_text;
use ledger::{ActionRecord, Campaign, Decision, EntryView, Export, Fate, Phase, Pool};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use types::{Calendar, Definition, ItemNo, ListKind, Millis, Refusal};
use utoipa::ToSchema;

/// One line of the list of campaigns.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CampaignLine {
    /// Its code.
    pub(crate) campaign: String,
    /// Its title in its first language.
    pub(crate) title: String,
    /// `open`, or the code with which entries are refused: `not-open-yet`, `series-unpublished`,
    /// `paused`, `cap-reached` or `closed`.
    pub(crate) phase: &'static str,
    /// Whether outcomes are visible to people.
    pub(crate) published: bool,
    /// Whether its people are shredded.
    pub(crate) shredded: bool,
    /// Entries ever accepted.
    pub(crate) entries: u32,
    /// Units on offer, booked or not.
    pub(crate) units_on_offer: u64,
    /// Units booked.
    pub(crate) units_booked: u64,
}

/// A campaign as it is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CampaignTruth {
    #[serde(flatten)]
    pub(crate) line: CampaignLine,
    /// The ledger's time of what is told here, in the campaign's zone; units were summed up just
    /// before it, and entries counted just after.
    pub(crate) at: String,
    /// The next moment at which the phase changes by itself, if any.
    pub(crate) phase_until: Option<String>,
    /// The campaign of the series that must be published before this one takes entries; null when
    /// there is none.
    pub(crate) waits_for: Option<String>,
    /// The campaign whose people alone may enter, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) registered_in: Option<String>,
    /// Whether outcomes are held back when people enter.
    pub(crate) held_back: bool,
    /// Of a campaign that draws: its terms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) draw: Option<DrawDocument>,
    /// What operators did.
    pub(crate) marks: MarksTruth,
    /// Entries by what was decided and what became of them.
    pub(crate) entries_by_decision: EntriesTruth,
    /// Units of all pools together.
    pub(crate) units: Units,
    /// The same by district, in the campaign's first language.
    pub(crate) by_district: Vec<Sum>,
    /// The same by outlet.
    pub(crate) by_outlet: Vec<Sum>,
    /// The same by item.
    pub(crate) by_item: Vec<Sum>,
    /// The same by slot.
    pub(crate) by_slot: Vec<Sum>,
    /// The block and allow lists, and those of reserved items, by unique field.
    pub(crate) lists: Vec<ListTruth>,
    /// The hand-overs, newest first, at most 250: what an export of changes may begin from.
    pub(crate) exports: Vec<ExportTruth>,
    /// What was done to it, newest first, at most 1,000.
    pub(crate) actions: Vec<ActionTruth>,
}

/// What operators did to a campaign.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MarksTruth {
    /// Opened by hand.
    pub(crate) opened: bool,
    /// Closed by hand.
    pub(crate) closed: bool,
    /// Paused.
    pub(crate) paused: bool,
    /// Published by hand.
    pub(crate) published: bool,
    /// The cap on entries in force.
    pub(crate) cap: Option<u32>,
}

/// Entries by decision.
#[derive(Clone, Copy, Debug, Default, Serialize, ToSchema)]
pub(crate) struct EntriesTruth {
    /// Hold units, or held them.
    pub(crate) booked: Fates,
    /// No chosen pool had enough.
    pub(crate) sold_out: Fates,
    /// A success in the series was too recent.
    pub(crate) cooling_down: Fates,
    /// Lots have not given them units, or not yet.
    pub(crate) waiting: Fates,
}

/// Entries by what became of them.
#[derive(Clone, Copy, Debug, Default, Serialize, ToSchema)]
pub(crate) struct Fates {
    /// Nothing yet.
    pub(crate) live: u32,
    /// Given up.
    pub(crate) cancelled: u32,
    /// Handed out.
    pub(crate) redeemed: u32,
}

/// Units of one or many pools. Free is on offer less booked.
#[derive(Clone, Copy, Debug, Default, Serialize, ToSchema)]
pub(crate) struct Units {
    /// Ever put on offer.
    pub(crate) issued: u64,
    /// Taken out again.
    pub(crate) withdrawn: u64,
    /// Held by bookings, handed out or not.
    pub(crate) booked: u64,
    /// Of those, handed out.
    pub(crate) redeemed: u64,
    /// Nobody's yet.
    pub(crate) free: u64,
}

/// Units under a code and a name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Sum {
    /// The outlet's, item's or slot's code; a district has only its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<String>,
    /// Its name in the campaign's first language.
    pub(crate) name: String,
    #[serde(flatten)]
    pub(crate) units: Units,
}

/// The units of a campaign, by every kind of place.
pub(crate) struct Sums {
    units: Units,
    /// The place of each outlet's district among the districts.
    districts: Vec<usize>,
    by_district: Vec<Sum>,
    by_outlet: Vec<Sum>,
    by_item: Vec<Sum>,
    by_slot: Vec<Sum>,
}

/// How many people a list has.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListTruth {
    /// `block`, `allow` or `reserved`.
    pub(crate) list: &'static str,
    /// Of the list of a reserved item: the item's code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) item: Option<String>,
    /// The unique field.
    pub(crate) field: String,
    /// People on it.
    pub(crate) people: usize,
    /// Whether it decides who may enter; an allow list does not unless the campaign's file says
    /// `allow_list = true`.
    pub(crate) in_force: bool,
}

/// A hand-over.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExportTruth {
    /// When it was recorded.
    pub(crate) at: String,
    /// Rows of the file.
    pub(crate) bookings: u32,
    /// SHA-256 of the file, in hex.
    pub(crate) checksum: String,
}

/// An operator's action, done or refused.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ActionTruth {
    /// Its frame in the journal.
    pub(crate) frame: u64,
    /// When, in the campaign's zone; in UTC when it belongs to no campaign.
    pub(crate) at: String,
    /// Who.
    pub(crate) actor: String,
    /// From where: the caller's address, or `command line`; null when the journal does not say it.
    pub(crate) from: Option<String>,
    /// What.
    #[serde(rename = "do")]
    pub(crate) word: String,
    /// To which campaign.
    pub(crate) campaign: Option<String>,
    /// What in particular: of a withdrawal, from where and how many units.
    pub(crate) detail: String,
    /// Why, in the person's words.
    pub(crate) reason: String,
    /// `done`, `loaded`, or the code of the refusal.
    pub(crate) outcome: String,
    /// What it changed, as it was before: the phase of `open`, `pause`, `resume` and `close`;
    /// `unpublished` or `published`; the cap or `none`; units on offer of `stock`, `withdraw` and
    /// `load` (`none`: it was new); people on a list; `kept` or `shredded`. Null when it changed
    /// nothing of that kind, as an export or what was refused, and when `from` is null.
    pub(crate) before: Option<String>,
    /// The same afterwards.
    pub(crate) after: Option<String>,
}

impl EntriesTruth {
    pub(crate) fn count(&mut self, entry: &EntryView) {
        let fates = match entry.decision {
            Decision::Booked => &mut self.booked,
            Decision::SoldOut => &mut self.sold_out,
            Decision::CoolingDown => &mut self.cooling_down,
            Decision::Waiting => &mut self.waiting,
        };
        match entry.fate {
            Fate::Live => fates.live += 1,
            Fate::Cancelled { .. } => fates.cancelled += 1,
            Fate::Redeemed { .. } => fates.redeemed += 1,
        }
    }
}

impl Units {
    pub(crate) fn add(&mut self, pool: &Pool) {
        self.issued += pool.issued;
        self.withdrawn += pool.withdrawn;
        self.booked += pool.booked;
        self.redeemed += pool.redeemed;
        self.free += pool.free();
    }
}

/// The word of a phase, of a campaign that may wait for another one of its series.
pub(crate) const fn standing(phase: Phase, waits: bool) -> &'static str {
    match phase {
        Phase::Open { .. } if waits => Refusal::SeriesUnpublished.code(),
        phase => phase.word(),
    }
}

/// A phase's word, and the moment at which it changes by itself, in the campaign's zone.
pub(crate) fn phase(definition: &Definition, phase: Phase) -> (&'static str, Option<String>) {
    let until = match phase {
        Phase::Open { until } => until,
        Phase::NotOpenYet { opens } => opens,
        Phase::Paused | Phase::CapReached | Phase::Closed => None,
    };
    (phase.word(), until.map(|until| moment(&definition.calendar, until)))
}

pub(crate) const fn list_word(list: ListKind) -> &'static str {
    match list {
        ListKind::Block => "block",
        ListKind::Allow => "allow",
        ListKind::Reserved(_) => "reserved",
    }
}

/// A campaign's line at a moment.
pub(crate) fn line(campaign: &Campaign, at: Millis, units: &Units) -> CampaignLine {
    let definition = campaign.definition();
    CampaignLine {
        campaign: definition.code.clone(),
        title: first_text(definition, &definition.texts.title).to_owned(),
        phase: campaign.phase(at).word(),
        published: campaign.is_published(at),
        shredded: campaign.marks().shredded,
        entries: campaign.entries_len(),
        units_on_offer: units.issued - units.withdrawn,
        units_booked: units.booked,
    }
}

impl Sums {
    /// Of none of a campaign's pools.
    pub(crate) fn new(definition: &Definition) -> Self {
        let coded = |code: &String, name| sum(Some(code.clone()), first_text(definition, name));
        let outlets = definition.outlets.iter();
        let district_names = outlets.clone().map(|outlet| first_text(definition, &outlet.district));
        let names: BTreeSet<&str> = district_names.clone().collect();
        let places: BTreeMap<&str, usize> = names.iter().copied().zip(0..).collect();
        Self {
            units: Units::default(),
            districts: district_names.map(|name| places[name]).collect(),
            by_district: names.into_iter().map(|name| sum(None, name)).collect(),
            by_outlet: outlets.map(|outlet| coded(&outlet.code, &outlet.name)).collect(),
            by_item: definition.items.iter().map(|item| coded(&item.code, &item.name)).collect(),
            by_slot: definition.slots.iter().map(|slot| coded(&slot.code, &slot.name)).collect(),
        }
    }

    /// Adds one of its pools.
    pub(crate) fn add(&mut self, pool: &Pool) {
        let place = &pool.place;
        self.units.add(pool);
        self.by_district[self.districts[place.outlet.index()]].units.add(pool);
        self.by_outlet[place.outlet.index()].units.add(pool);
        self.by_item[place.item.index()].units.add(pool);
        self.by_slot[place.slot.index()].units.add(pool);
    }
}

fn sum(code: Option<String>, name: &str) -> Sum {
    Sum { code, name: name.to_owned(), units: Units::default() }
}

/// Everything but the entries by decision and the actions, which take longer. The sums were made
/// a moment before.
pub(crate) fn campaign(campaign: &Campaign, at: Millis, sums: Sums) -> CampaignTruth {
    let definition = campaign.definition();
    let calendar = &definition.calendar;
    let marks = campaign.marks();
    let (_, phase_until) = phase(definition, campaign.phase(at));
    CampaignTruth {
        line: line(campaign, at, &sums.units),
        at: moment(calendar, at),
        phase_until,
        waits_for: None,
        registered_in: definition.register.registered_in.clone(),
        held_back: definition.is_held_back(),
        draw: definition.draw().map(DrawDocument::new),
        marks: MarksTruth {
            opened: marks.opened,
            closed: marks.closed,
            paused: marks.paused,
            published: marks.published,
            cap: marks.cap,
        },
        entries_by_decision: EntriesTruth::default(),
        units: sums.units,
        by_district: sums.by_district,
        by_outlet: sums.by_outlet,
        by_item: sums.by_item,
        by_slot: sums.by_slot,
        lists: lists(campaign),
        exports: marks.exports.iter().rev().map(|export| hand_over(calendar, export)).collect(),
        actions: Vec::new(),
    }
}

/// An action as it is told; the calendar is its campaign's.
pub(crate) fn action(record: &ActionRecord, of: Option<&Definition>) -> ActionTruth {
    let utc = Calendar::fixed("UTC", 0);
    let said = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    ActionTruth {
        frame: record.frame.0,
        at: moment(of.map_or(&utc, |definition| &definition.calendar), record.at),
        actor: record.actor.clone(),
        from: said(&record.from),
        word: record.word.clone(),
        campaign: of.map(|definition| definition.code.clone()),
        detail: record.detail.clone(),
        reason: record.reason.clone(),
        outcome: record.outcome.clone(),
        before: said(&record.before),
        after: said(&record.after),
    }
}

fn lists(campaign: &Campaign) -> Vec<ListTruth> {
    let definition = campaign.definition();
    let asks_for_allow_list = definition.register.allow_list;
    let items = (0u16..).zip(&definition.items).filter(|(_, item)| item.reserved.is_some());
    let reserved = items.map(|(no, item)| (ListKind::Reserved(ItemNo(no)), Some(&item.code)));
    let kinds = [(ListKind::Block, None), (ListKind::Allow, None)].into_iter().chain(reserved);
    let mut lists = Vec::new();
    for (list, item) in kinds {
        // A list that is asked for and empty keeps everybody out: it is told, too.
        let is_told = match list {
            ListKind::Block => false,
            ListKind::Allow => asks_for_allow_list && on_lists(campaign, list) == 0,
            ListKind::Reserved(_) => on_lists(campaign, list) == 0,
        };
        for (number, field) in (0u8..).zip(definition.unique_fields()) {
            let people = campaign.list_len(list, number);
            if is_told || people > 0 {
                lists.push(ListTruth {
                    list: list_word(list),
                    item: item.cloned(),
                    field: field.code.clone(),
                    people,
                    in_force: list != ListKind::Allow || asks_for_allow_list,
                });
            }
        }
    }
    lists
}

/// People on a campaign's allow lists.
pub(crate) fn allowed(campaign: &Campaign) -> usize {
    on_lists(campaign, ListKind::Allow)
}

fn on_lists(campaign: &Campaign, list: ListKind) -> usize {
    let fields = (0u8..).zip(campaign.definition().unique_fields());
    fields.map(|(field, _)| campaign.list_len(list, field)).sum()
}

fn hand_over(calendar: &Calendar, export: &Export) -> ExportTruth {
    ExportTruth {
        at: moment(calendar, export.at),
        bookings: export.bookings,
        checksum: export.checksum.clone(),
    }
}

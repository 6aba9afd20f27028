//! A campaign's definition, resolved: what the ledger decides by and the pages show.
//!
//! Owns: the four choices (register, allocate, publish, fulfil) and their parameters, with every
//! time as a moment and every code as a place in a table. Never: reads a file; `campaign` makes a
//! definition from an operator's files and explains what is wrong with them.
//! Invariants: `Definition::check` holds for every definition in a ledger.

mod check;
mod series;

pub use check::{DefinitionError, is_code};
pub use series::SeriesTerm;

use crate::calendar::Calendar;
use crate::ids::{ItemNo, Millis, OutletNo, SlotNo};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One text in every language of the campaign: language tag to text.
pub type LocalText = BTreeMap<String, String>;

/// One release of scarce things, with its rules, times and texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// Unique in the journal, in URLs and file names: `[a-z0-9-]+`.
    pub code: String,
    /// Shares its cool-down with the other campaigns of the series.
    pub series: Option<Series>,
    /// The zone in which days are counted and times shown.
    pub calendar: Calendar,
    /// Language tags; the first is shown to whoever asks for none of them.
    pub languages: Vec<String>,
    /// What people read, in every language.
    pub texts: Texts,
    /// What is handed out.
    pub items: Vec<Item>,
    /// Where.
    pub outlets: Vec<Outlet>,
    /// When.
    pub slots: Vec<Slot>,
    /// How much: one pool each. An (outlet, item, slot) stands at most once.
    pub stock: Vec<Stock>,
    /// Who may enter, when, and how often.
    pub register: Register,
    /// Who gets units.
    pub allocate: Allocate,
    /// When outcomes become visible.
    pub publish: Publish,
    /// How units reach people.
    pub fulfil: Fulfil,
    /// What clients are told about their pace.
    pub pacing: Pacing,
}

/// Campaigns that share limits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Series {
    /// The series' code; campaigns with the same code belong together.
    pub code: String,
    /// After a success on day D, the next is possible on day D + this. 0 means no cool-down.
    /// The same in every campaign of the series.
    pub cool_down_days: u16,
}

/// What people read on the campaign's pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Texts {
    /// The campaign's name, one line.
    pub title: LocalText,
    /// What this is, for whom, and when; a paragraph or two.
    pub summary: LocalText,
    /// What to bring and where to go, shown with a booking.
    pub pickup: LocalText,
    /// What else must be said; may be empty.
    pub notice: LocalText,
}

/// What is handed out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Unique among the items.
    pub code: String,
    /// Shown to people.
    pub name: LocalText,
    /// Of a part of another item's units that is kept for certain people: which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserved: Option<Reserved>,
}

/// A part of an item's units that is kept for certain people, in a draw. Only people on the item's
/// own list may choose it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reserved {
    /// The item that this one is a part of.
    pub of: ItemNo,
    /// Its name behind the `#` of a bucket: 1 to `DRAW_TRANCHE_CHARS_MAX` of `A-Z 0-9 . _ -`.
    pub tranche: String,
}

/// Where things are handed out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outlet {
    /// Unique among the outlets.
    pub code: String,
    /// Shown to people.
    pub name: LocalText,
    /// The district it is listed under.
    pub district: LocalText,
    /// Where it is.
    pub address: LocalText,
    /// Latitude and longitude in millionths of a degree (WGS 84), when known.
    pub position: Option<Position>,
}

/// A place on the map, in millionths of a degree (WGS 84).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// North is positive, -90,000,000 to 90,000,000.
    pub latitude_millionths: i32,
    /// East is positive, -180,000,000 to 180,000,000.
    pub longitude_millionths: i32,
}

/// When things are handed out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slot {
    /// Unique among the slots.
    pub code: String,
    /// Shown to people.
    pub name: LocalText,
    /// The first moment at which units of this slot are handed out.
    pub from: Millis,
    /// The first moment at which they no longer are.
    pub until: Millis,
}

/// The units of one item at one outlet in one slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stock {
    /// Where.
    pub outlet: OutletNo,
    /// What.
    pub item: ItemNo,
    /// When.
    pub slot: SlotNo,
    /// How many, 0 to `POOL_UNITS_MAX`.
    pub units: u32,
}

/// Who may enter, when, and how often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// When entries are taken; ascending, apart from each other. Empty: an operator opens by hand.
    pub windows: Vec<Window>,
    /// What a person states about themselves, in the order of the form.
    pub fields: Vec<IdentityField>,
    /// Entries after which registration ends at once.
    pub cap: Option<u32>,
    /// The fewest units of a booking, from 1.
    pub units_min: u8,
    /// The most units of a booking.
    pub units_max: u8,
    /// Pools a person may name in order of preference, from 1.
    pub choices_max: u8,
    /// Whether a person who cancelled may enter again.
    pub reenter_after_cancel: bool,
    /// Whether only people on the campaign's allow list may enter.
    pub allow_list: bool,
    /// The code of another campaign of the series, whose people alone may enter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registered_in: Option<String>,
}

/// A time in which entries are taken: `from <= t < until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// The first moment.
    pub from: Millis,
    /// The first moment after it.
    pub until: Millis,
}

/// One thing a person states about themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentityField {
    /// Unique among the fields; its name in JSON and in exports.
    pub code: String,
    /// What it is, and so how it is checked and normalised.
    pub kind: FieldKind,
    /// The label on the form.
    pub label: LocalText,
    /// Whether one value may have only one live entry. The unique fields, in this order, are the
    /// person keys of an entry; cool-downs, block and allow lists work on them.
    pub unique: bool,
}

/// How an identity field is checked and normalised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "type", deny_unknown_fields)]
pub enum FieldKind {
    /// A Chinese resident identity number: 18 characters, GB 11643-1999.
    ResidentId,
    /// A phone number, kept as E.164. `region` reads numbers without a country code.
    Phone {
        /// ISO 3166 alpha-2: `CN`.
        region: String,
    },
    /// A passport number: 5 to 20 letters and digits.
    Passport,
    /// A home-return permit: `H` or `M` and 8 or 10 digits.
    HomeReturnPermit,
    /// Free text; with a pattern, the whole of it must match.
    Text {
        /// A regular expression in the syntax of the `regex` crate.
        pattern: Option<String>,
    },
}

/// Who gets units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "by", deny_unknown_fields)]
pub enum Allocate {
    /// Whoever comes first, in the order of the journal.
    FirstCome,
    /// Lots, among all who entered.
    Draw(DrawTerms),
}

/// How a campaign draws ("Draws" in `docs/rules.md`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrawTerms {
    /// Calendar days on which an entry stands, from its own: it takes part in each draw that is
    /// closed on one of them, until it wins. None: the campaign draws once for all.
    pub stand_days: Option<u16>,
    /// An entry has a ticket, one more for each draw that its person lost before, and at most so
    /// many: 1 to `DRAW_TICKETS_MAX`.
    pub tickets_max: u8,
    /// Whether people may accept any place, should they win none that they chose.
    pub accept_any: bool,
    /// People who may enter together, all or none of whom win: 1 to `DRAW_UNITS_MAX`.
    pub group_max: u8,
}

/// When outcomes become visible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "when", deny_unknown_fields)]
pub enum Publish {
    /// In the answer to the entry.
    AtOnce,
    /// At a time, which is not before the last window ends.
    At {
        /// The first moment at which they are visible.
        at: Millis,
    },
    /// When an operator says so.
    ByHand {
        /// What people are told to expect; not a promise the engine keeps by itself.
        expected: Option<Millis>,
    },
}

/// How units reach people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "by", deny_unknown_fields)]
pub enum Fulfil {
    /// Collected at the outlet, in the slot, with a code.
    Pickup {
        /// Whether the whole day of the slot counts, or only the slot itself.
        whole_day: bool,
    },
}

/// What clients are told about their pace, and the pace the gate admits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pacing {
    /// Of 100 taps on "submit", how many a page sends at once.
    pub release_percent: u8,
    /// Seconds a page waits before it may be tapped again, or before it retries.
    pub retry_seconds: u16,
    /// Seconds between two look-ups of the status by a page that waits.
    pub poll_seconds: u16,
    /// Seconds of random delay a page adds.
    pub jitter_seconds: u16,
    /// Entries a second the gate lets through; more are told to come again.
    pub admit_per_second: Option<u32>,
}

impl Definition {
    /// The unique fields, in the order of an entry's person keys.
    pub fn unique_fields(&self) -> impl Iterator<Item = &IdentityField> {
        self.register.fields.iter().filter(|field| field.unique)
    }

    /// Whether outcomes are held back when people enter.
    #[must_use]
    pub const fn is_held_back(&self) -> bool {
        !matches!(self.publish, Publish::AtOnce)
    }

    /// The code of the campaign whose people alone may enter, if there is one.
    #[must_use]
    pub fn registered_in(&self) -> Option<&str> {
        self.register.registered_in.as_deref()
    }

    /// How the campaign draws, if it does.
    #[must_use]
    pub const fn draw(&self) -> Option<&DrawTerms> {
        match &self.allocate {
            Allocate::FirstCome => None,
            Allocate::Draw(terms) => Some(terms),
        }
    }
}

/// Whether a character turns the direction of the text around it without being seen itself (UAX
/// 9): with one of them a title, a name or a reason reads as something else than it is.
#[must_use]
pub const fn turns_direction(character: char) -> bool {
    matches!(
        character,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

//! A campaign's definition, resolved: what the ledger decides by and the pages show.
//!
//! Owns: the four choices (register, allocate, publish, fulfil) and their parameters, with every
//! time as a moment and every code as a place in a table. Never: reads a file; `campaign` makes a
//! definition from an operator's files and explains what is wrong with them.
//! Invariants: `Definition::check` holds for every definition in a ledger.

use crate::calendar::Calendar;
use crate::ids::{ItemNo, Millis, OutletNo, SlotNo};
use crate::limits;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

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

/// Why a definition cannot be in a ledger. `campaign check` finds all of these first and names
/// the place in the operator's file; this is the second of the pair.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} is not as a definition must be: {why}")]
pub struct DefinitionError {
    /// The part.
    pub what: String,
    /// What is wrong with it.
    pub why: String,
}

impl Definition {
    /// The unique fields, in the order of an entry's person keys.
    pub fn unique_fields(&self) -> impl Iterator<Item = &IdentityField> {
        self.register.fields.iter().filter(|field| field.unique)
    }

    /// Whether a person has the same keys in this campaign as in the other: the same unique fields
    /// in the same order, within the same series or the same campaign.
    #[must_use]
    pub fn shares_person_keys(&self, other: &Self) -> bool {
        let scope = |of: &Self| of.series.as_ref().map(|series| series.code.clone());
        let scope_is_shared =
            scope(self) == scope(other) && (self.series.is_some() || self.code == other.code);
        let fields = |of: &Self| -> Vec<_> {
            let fields = of.unique_fields();
            fields.map(|field| (field.code.clone(), std::mem::discriminant(&field.kind))).collect()
        };
        scope_is_shared && fields(self) == fields(other)
    }

    /// Whether outcomes are held back when people enter.
    #[must_use]
    pub const fn is_held_back(&self) -> bool {
        !matches!(self.publish, Publish::AtOnce)
    }

    /// Checks everything the ledger relies on.
    ///
    /// # Errors
    /// The first part that is not as it must be.
    pub fn check(&self) -> Result<(), DefinitionError> {
        check_code("code", &self.code)?;
        let offsets = "offsets must be there, ascend and be at most 1,000";
        ensure(self.calendar.is_valid(), "calendar", offsets)?;
        if let Some(series) = &self.series {
            check_code("series.code", &series.code)?;
            let days = series.cool_down_days;
            ensure(days <= limits::COOL_DOWN_DAYS_MAX, "series.cool_down_days", "over the limit")?;
        }
        let languages = 1..=limits::LANGUAGES_MAX;
        ensure(languages.contains(&self.languages.len()), "languages", "1 to 8 languages")?;
        self.check_tables()?;
        self.check_register()?;
        self.check_publish()?;
        let percent = 1..=100;
        let release = self.pacing.release_percent;
        ensure(percent.contains(&release), "pacing.release_percent", "must be 1 to 100")?;
        let admit = self.pacing.admit_per_second;
        ensure(admit != Some(0), "pacing.admit_per_second", "must be at least 1")
    }

    fn check_tables(&self) -> Result<(), DefinitionError> {
        check_codes("items", limits::ITEMS_MAX, self.items.iter().map(|item| &item.code))?;
        let outlets = self.outlets.iter().map(|outlet| &outlet.code);
        check_codes("outlets", limits::OUTLETS_MAX, outlets)?;
        check_codes("slots", limits::SLOTS_MAX, self.slots.iter().map(|slot| &slot.code))?;
        for slot in &self.slots {
            ensure(slot.from < slot.until, "slots", "a slot must begin before it ends")?;
            ensure(is_moment(slot.until), "slots", "a slot must end before the year 2527")?;
        }
        ensure(self.stock.len() <= limits::POOLS_MAX, "stock", "more pools than the limit")?;
        let mut seen = BTreeSet::new();
        for stock in &self.stock {
            let known = stock.outlet.index() < self.outlets.len()
                && stock.item.index() < self.items.len()
                && stock.slot.index() < self.slots.len();
            ensure(known, "stock", "names an outlet, item or slot that is not defined")?;
            ensure(stock.units <= limits::POOL_UNITS_MAX, "stock", "more units than the limit")?;
            let place = (stock.outlet, stock.item, stock.slot);
            ensure(seen.insert(place), "stock", "the same outlet, item and slot stands twice")?;
        }
        Ok(())
    }

    fn check_register(&self) -> Result<(), DefinitionError> {
        let register = &self.register;
        let windows = &register.windows;
        ensure(windows.len() <= limits::WINDOWS_MAX, "register.windows", "over the limit")?;
        for window in windows {
            ensure(window.from < window.until, "register.windows", "ends before it opens")?;
            let until = is_moment(window.until);
            ensure(until, "register.windows", "must end before the year 2527")?;
        }
        let apart = windows.windows(2).all(|pair| pair[0].until <= pair[1].from);
        ensure(apart, "register.windows", "must ascend and not overlap")?;
        let fields = register.fields.iter().map(|field| &field.code);
        check_codes("register.fields", limits::IDENTITY_FIELDS_MAX, fields)?;
        let unique = 1..=limits::UNIQUE_FIELDS_MAX;
        let count = self.unique_fields().count();
        ensure(unique.contains(&count), "register.fields", "1 to 4 fields must be unique")?;
        let units = 1 <= register.units_min
            && register.units_min <= register.units_max
            && register.units_max <= limits::UNITS_PER_BOOKING_MAX;
        ensure(units, "register.units", "must be 1 <= min <= max <= the limit")?;
        let choices = 1..=limits::CHOICES_MAX;
        let choices_max = usize::from(register.choices_max);
        ensure(choices.contains(&choices_max), "register.choices_max", "must be 1 to 5")?;
        let cap = register.cap.unwrap_or(1);
        ensure((1..=limits::ENTRIES_MAX).contains(&cap), "register.cap", "out of range")
    }

    fn check_publish(&self) -> Result<(), DefinitionError> {
        let Publish::At { at } = self.publish else { return Ok(()) };
        ensure(is_moment(at), "publish.at", "must lie before the year 2527")?;
        let last = self.register.windows.last();
        let after = last.is_none_or(|window| window.until <= at);
        ensure(after, "publish.at", "must not lie before the end of the last window")
    }
}

/// Whether a string can be a code in a URL, a file name and a table: letters, digits, `-`, `_`
/// and `.`, beginning with a letter or digit.
#[must_use]
pub fn is_code(code: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (1..=limits::CODE_CHARS_MAX).contains(&code.len())
        && code.chars().all(allowed)
        && code.starts_with(|c: char| c.is_ascii_alphanumeric())
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

const fn is_moment(at: Millis) -> bool {
    at.0 < limits::MOMENT_MILLIS_END
}

fn ensure(holds: bool, what: &str, why: &str) -> Result<(), DefinitionError> {
    if holds { Ok(()) } else { Err(DefinitionError { what: what.into(), why: why.into() }) }
}

fn check_code(what: &str, code: &str) -> Result<(), DefinitionError> {
    ensure(is_code(code), what, "must be a code: letters, digits, '-', '_', '.', up to 48")
}

fn check_codes<'a>(
    what: &str,
    most: usize,
    codes: impl Iterator<Item = &'a String>,
) -> Result<(), DefinitionError> {
    let mut seen = BTreeSet::new();
    for code in codes {
        check_code(what, code)?;
        ensure(seen.insert(code), what, "a code stands twice")?;
    }
    ensure((1..=most).contains(&seen.len()), what, "must not be empty, nor over the limit")
}

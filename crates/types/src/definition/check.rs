//! Whether a definition can be in a ledger.
//!
//! Owns: every rule that a definition keeps by itself. Never: compares it with another one.

mod draw;

use super::{Definition, Publish};
use crate::ids::Millis;
use crate::limits;
use std::collections::BTreeSet;

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
        draw::check(self)?;
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
        ensure((1..=limits::ENTRIES_MAX).contains(&cap), "register.cap", "out of range")?;
        self.check_registered_in()
    }

    /// People have the same keys only in campaigns of one series.
    fn check_registered_in(&self) -> Result<(), DefinitionError> {
        let Some(code) = self.registered_in() else { return Ok(()) };
        check_code("register.registered_in", code)?;
        let other = self.series.is_some() && code != self.code;
        ensure(other, "register.registered_in", "must name another campaign of its series")
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

#[cfg(test)]
mod tests;

//! Whether a definition can be in the books.
//!
//! Owns: "A definition" in `docs/rules.md`. Never: says what is wrong; its author was told.

use super::definition::{buckets_of, terms, unique};
use std::collections::BTreeSet;
use types::calendar::Calendar;
use types::definition::{Definition, DrawTerms, Publish, Register};
use types::ids::Millis;
use types::limits;

const DAY_SECONDS: u32 = 86_400;

/// Whether a definition is as the rules need it.
pub(super) fn is_sound(definition: &Definition) -> bool {
    let Definition { code, series, calendar, languages, pacing, register, .. } = definition;
    let series_is_sound = series.as_ref().is_none_or(|series| {
        is_code(&series.code) && series.cool_down_days <= limits::COOL_DOWN_DAYS_MAX
    });
    is_code(code)
        && series_is_sound
        && is_calendar(calendar)
        && is_count(languages.len(), limits::LANGUAGES_MAX)
        && has_sound_tables(definition)
        && has_sound_stock(definition)
        && is_register(register)
        && has_sound_name(definition)
        && is_publication(definition.publish, register)
        && match terms(definition) {
            Some(terms) => is_draw(definition, terms),
            None => definition.items.iter().all(|item| item.reserved.is_none()),
        }
        && 1 <= pacing.release_percent
        && pacing.release_percent <= 100
        && pacing.admit_per_second.is_none_or(|admitted| 1 <= admitted)
}

fn is_draw(definition: &Definition, terms: &DrawTerms) -> bool {
    let DrawTerms { stand_days, tickets_max, group_max, .. } = *terms;
    let of_people = usize::from(limits::DRAW_UNITS_MAX);
    matches!(definition.publish, Publish::ByHand { .. })
        && stand_days.is_none_or(|days| (1..=limits::STAND_DAYS_MAX).contains(&days))
        && is_count(usize::from(tickets_max), usize::from(limits::DRAW_TICKETS_MAX))
        && is_count(usize::from(group_max), of_people)
        && definition.register.units_max <= limits::DRAW_UNITS_MAX
        && has_sound_parts(definition)
        && has_sound_buckets(definition, stand_days.is_none())
        && buckets_of(definition, definition.stock.iter().map(|at| (at.outlet, at.item, at.slot)))
            <= limits::DRAW_BUCKETS_MAX
}

/// Each reserved item is a part of a whole one, under a name of its own.
fn has_sound_parts(definition: &Definition) -> bool {
    let items = &definition.items;
    let is_letter = |byte: u8| {
        byte.is_ascii_uppercase() || byte.is_ascii_digit() || [b'.', b'_', b'-'].contains(&byte)
    };
    let mut seen = BTreeSet::new();
    items.iter().filter_map(|item| item.reserved.as_ref()).all(|part| {
        let whole = items.get(usize::from(part.of.0));
        is_count(part.tranche.len(), limits::DRAW_TRANCHE_CHARS_MAX)
            && part.tranche.bytes().all(is_letter)
            && whole.is_some_and(|whole| whole.reserved.is_none())
            && seen.insert((part.of, &part.tranche))
    })
}

/// A place's name is its codes in capitals, joined by `-`; the slot is in it where one draw is
/// about several.
fn has_sound_buckets(definition: &Definition, is_once: bool) -> bool {
    let Definition { items, outlets, slots, .. } = definition;
    let outlets: Vec<&str> = outlets.iter().map(|outlet| &*outlet.code).collect();
    let items: Vec<&str> = items.iter().map(|item| &*item.code).collect();
    let slots: Vec<&str> = slots.iter().map(|slot| &*slot.code).collect();
    let names_slot = is_once && 1 < slots.len();
    let differ = |codes: &[&str]| {
        codes.iter().map(|code| code.to_ascii_uppercase()).collect::<BTreeSet<_>>().len()
            == codes.len()
    };
    let is_plain = |codes: &[&str]| codes.iter().all(|code| !code.contains('-'));
    let longest = |codes: &[&str]| codes.iter().map(|code| code.len()).max().unwrap_or(0);
    let slot = if names_slot { longest(&slots) + 1 } else { 0 };
    let most = longest(&outlets) + 1 + longest(&items) + slot;
    differ(&outlets)
        && differ(&items)
        && differ(&slots)
        && is_plain(&items)
        && (!names_slot || is_plain(&slots))
        && most <= limits::DRAW_BUCKET_CHARS_MAX
}

fn has_sound_tables(definition: &Definition) -> bool {
    let Definition { items, outlets, slots, .. } = definition;
    are_codes(items.iter().map(|item| item.code.as_str()), limits::ITEMS_MAX)
        && are_codes(outlets.iter().map(|outlet| outlet.code.as_str()), limits::OUTLETS_MAX)
        && are_codes(slots.iter().map(|slot| slot.code.as_str()), limits::SLOTS_MAX)
        && slots.iter().all(|slot| slot.from < slot.until && is_moment(slot.until))
}

fn has_sound_stock(definition: &Definition) -> bool {
    let Definition { items, outlets, slots, stock, .. } = definition;
    let mut sites = BTreeSet::new();
    stock.len() <= limits::POOLS_MAX
        && stock.iter().all(|row| {
            usize::from(row.outlet.0) < outlets.len()
                && usize::from(row.item.0) < items.len()
                && usize::from(row.slot.0) < slots.len()
                && row.units <= limits::POOL_UNITS_MAX
                && sites.insert((row.outlet, row.item, row.slot))
        })
}

fn is_register(register: &Register) -> bool {
    let Register { windows, fields, cap, units_min, units_max, choices_max, .. } = register;
    let mut end = Millis(0);
    let windows_are_sound = windows.len() <= limits::WINDOWS_MAX
        && windows.iter().all(|window| {
            let is_next = end <= window.from && window.from < window.until;
            end = window.until;
            is_next && is_moment(window.until)
        });
    windows_are_sound
        && are_codes(fields.iter().map(|field| field.code.as_str()), limits::IDENTITY_FIELDS_MAX)
        && is_count(unique(register).count(), limits::UNIQUE_FIELDS_MAX)
        && 1 <= *units_min
        && units_min <= units_max
        && *units_max <= limits::UNITS_PER_BOOKING_MAX
        && is_count(usize::from(*choices_max), limits::CHOICES_MAX)
        && cap.is_none_or(|cap| is_count(cap as usize, limits::ENTRIES_MAX as usize))
}

/// People are the same ones only within a series.
fn has_sound_name(definition: &Definition) -> bool {
    let Definition { code, series, register, .. } = definition;
    let is_sound = |name: &String| is_code(name) && name != code && series.is_some();
    register.registered_in.as_ref().is_none_or(is_sound)
}

fn is_publication(publish: Publish, register: &Register) -> bool {
    match publish {
        Publish::AtOnce | Publish::ByHand { .. } => true,
        Publish::At { at } => {
            is_moment(at) && register.windows.iter().all(|window| window.until <= at)
        }
    }
}

fn is_calendar(calendar: &Calendar) -> bool {
    let offsets = &calendar.offsets;
    is_count(offsets.len(), limits::CALENDAR_OFFSETS_MAX)
        && offsets.iter().zip(&offsets[1..]).all(|(one, next)| one.from < next.from)
        && offsets.iter().all(|offset| offset.seconds.unsigned_abs() < DAY_SECONDS)
}

/// Codes, each once; at least one.
fn are_codes<'a>(codes: impl Iterator<Item = &'a str>, most: usize) -> bool {
    let mut seen = BTreeSet::new();
    let is_sound = codes.fold(true, |so_far, code| so_far && is_code(code) && seen.insert(code));
    is_sound && is_count(seen.len(), most)
}

fn is_code(code: &str) -> bool {
    let is_within =
        |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_' || byte == b'.';
    code.len() <= limits::CODE_CHARS_MAX
        && code.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric())
        && code.bytes().all(is_within)
}

const fn is_moment(at: Millis) -> bool {
    at.0 < limits::MOMENT_MILLIS_END
}

const fn is_count(count: usize, most: usize) -> bool {
    1 <= count && count <= most
}

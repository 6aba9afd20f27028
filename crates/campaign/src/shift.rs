//! A definition at another time: for demonstrations and rehearsals.
//!
//! Owns: how the parts of a schedule move together. Never: reads a clock.

use crate::campaign_file::calendar;
use crate::time::Zone;
use types::definition::{Publish, Slot, Window};
use types::{Definition, Millis};

/// Why a definition cannot be moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShiftError {
    /// Its zone is not in the built-in time zone database.
    UnknownZone,
    /// Its times would leave what the calendar can express.
    OutOfRange,
}

impl std::fmt::Display for ShiftError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::UnknownZone => "the campaign's time zone is not in the time zone database",
            Self::OutOfRange => "the campaign's times would leave the calendar",
        })
    }
}

impl std::error::Error for ShiftError {}

/// The same campaign with its first window opening at `first_open`.
///
/// Windows and publication keep their distances from one another, to the millisecond. Slots move
/// by as many whole calendar days as the first window does, so that 09:00 stays 09:00; without
/// windows, the first slot falls on the day after `first_open`.
///
/// # Errors
/// When the zone is unknown, or times would leave the calendar.
pub fn with_times(definition: &Definition, first_open: Millis) -> Result<Definition, ShiftError> {
    let zone = Zone::find(&definition.calendar.zone).ok_or(ShiftError::UnknownZone)?;
    let first_slot = definition.slots.iter().map(|slot| slot.from).min();
    let (anchor, extra_days) = match definition.register.windows.first() {
        Some(window) => (window.from, 0),
        None => (first_slot.ok_or(ShiftError::OutOfRange)?, 1),
    };
    let shift = |at: Millis| {
        let moved = i128::from(at.0) + i128::from(first_open.0) - i128::from(anchor.0);
        u64::try_from(moved).map(Millis).map_err(|_| ShiftError::OutOfRange)
    };
    let day = |at: Millis| zone.local(at).map(|local| local.date()).ok_or(ShiftError::OutOfRange);
    let span = day(anchor)?.until(day(first_open)?).map_err(|_| ShiftError::OutOfRange)?;
    let days = span.get_days() + extra_days;
    let slot_time = |at: Millis| zone.plus_days(at, days).ok_or(ShiftError::OutOfRange);

    let mut moved = definition.clone();
    for Window { from, until } in &mut moved.register.windows {
        (*from, *until) = (shift(*from)?, shift(*until)?);
    }
    for Slot { from, until, .. } in &mut moved.slots {
        (*from, *until) = (slot_time(*from)?, slot_time(*until)?);
    }
    moved.publish = match moved.publish {
        Publish::AtOnce => Publish::AtOnce,
        Publish::At { at } => Publish::At { at: shift(at)? },
        Publish::ByHand { expected } => {
            Publish::ByHand { expected: expected.map(shift).transpose()? }
        }
    };
    moved.calendar = calendar(&zone, &moved).ok_or(ShiftError::OutOfRange)?;
    moved.check().map_err(|_| ShiftError::OutOfRange)?;
    Ok(moved)
}

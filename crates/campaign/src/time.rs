//! Local times of a campaign as moments, and its zone as a calendar.
//!
//! Owns: the one place that asks the time zone database, which is built in.
//! Never: reads a clock.
//! Invariants: a local time that does not exist, or exists twice, is never guessed.

use crate::words::nearest;
use jiff::civil::{self, Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use types::Millis;
use types::calendar::{Calendar, Offset};

/// The years a campaign's times may lie in.
const YEARS: std::ops::RangeInclusive<i16> = 2000..=2199;
/// How long before the first and after the last time of a campaign days can be counted: imports,
/// exports and cool-downs happen around it.
const MARGIN: SignedDuration = SignedDuration::from_hours(2 * 366 * 24);

/// A day on which no zone changes its clocks, to compare times of day on.
pub(crate) const ANY_DATE: Date = civil::date(2001, 1, 10);

/// A time zone.
#[derive(Clone, Debug)]
pub(crate) struct Zone {
    name: String,
    zone: TimeZone,
}

/// Why a local time is no moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimeError {
    /// It cannot be read.
    Unreadable,
    /// No such date or time of day.
    Impossible,
    /// The year is outside `YEARS`.
    Year,
    /// Clocks go forward over it.
    Skipped,
    /// Clocks go back over it.
    Twice,
}

impl Zone {
    pub(crate) fn find(name: &str) -> Option<Self> {
        let zone = TimeZoneDatabase::bundled().get(name).ok()?;
        let name = zone.iana_name()?.to_owned();
        Some(Self { name, zone })
    }

    /// The zone in which every local time is a moment.
    pub(crate) fn utc() -> Self {
        Self { name: "UTC".to_owned(), zone: TimeZone::UTC }
    }

    pub(crate) fn nearest(name: &str) -> Option<String> {
        let names: Vec<String> =
            TimeZoneDatabase::bundled().available().map(|name| name.to_string()).collect();
        let city = |name: &str| name.to_lowercase().rsplit('/').next().map(str::to_owned);
        let same_city = || names.iter().find(|known| city(known) == city(name));
        nearest(name, names.iter().map(String::as_str))
            .or_else(|| same_city().map(String::as_str))
            .map(str::to_owned)
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The moment of a local time.
    pub(crate) fn moment(&self, local: DateTime) -> Result<Millis, TimeError> {
        if !YEARS.contains(&local.year()) {
            return Err(TimeError::Year);
        }
        let ambiguous = self.zone.to_ambiguous_timestamp(local);
        let timestamp = match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { .. } => ambiguous.unambiguous(),
            AmbiguousOffset::Gap { .. } => return Err(TimeError::Skipped),
            AmbiguousOffset::Fold { .. } => return Err(TimeError::Twice),
        };
        timestamp.ok().and_then(millis).ok_or(TimeError::Year)
    }

    /// The local time of a moment.
    pub(crate) fn local(&self, at: Millis) -> Option<DateTime> {
        Some(self.zone.to_datetime(timestamp(at)?))
    }

    /// The moment some whole days later by the calendar, at the same time of day; where clocks
    /// change over that time, the nearest that exists.
    pub(crate) fn plus_days(&self, at: Millis, days: i32) -> Option<Millis> {
        let local = self.local(at)?.checked_add(days.days()).ok()?;
        millis(self.zone.to_ambiguous_timestamp(local).compatible().ok()?)
    }

    /// The zone's offsets from well before `first` until well after `last`.
    pub(crate) fn calendar(&self, first: Millis, last: Millis) -> Option<Calendar> {
        let start = timestamp(first)?.checked_sub(MARGIN).ok()?.max(Timestamp::UNIX_EPOCH);
        let end = timestamp(last)?.checked_add(MARGIN).ok()?;
        let mut offsets =
            vec![Offset { from: millis(start)?, seconds: self.zone.to_offset(start).seconds() }];
        for change in self.zone.following(start).take_while(|change| change.timestamp() <= end) {
            let seconds = change.offset().seconds();
            if offsets.last().is_some_and(|offset| offset.seconds != seconds) {
                offsets.push(Offset { from: millis(change.timestamp())?, seconds });
            }
        }
        let calendar = Calendar { zone: self.name.clone(), offsets };
        assert!(calendar.is_valid(), "changes of a zone follow one another");
        Some(calendar)
    }
}

fn millis(timestamp: Timestamp) -> Option<Millis> {
    u64::try_from(timestamp.as_millisecond()).ok().map(Millis)
}

fn timestamp(at: Millis) -> Option<Timestamp> {
    Timestamp::from_millisecond(i64::try_from(at.0).ok()?).ok()
}

/// `2030-02-01 20:00`, with `T` or spaces between, seconds if need be; 24:00 ends a day.
pub(crate) fn parse_date_time(text: &str) -> Result<DateTime, TimeError> {
    let (date, time) = text.split_once(['T', ' ']).ok_or(TimeError::Unreadable)?;
    at(parse_date(date)?, time.trim_start())
}

/// `2030-02-01`.
pub(crate) fn parse_date(text: &str) -> Result<Date, TimeError> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next(), parts.next(), parts.next());
    let (Some(year), Some(month), Some(day), None) = (year, month, day, parts.next()) else {
        return Err(TimeError::Unreadable);
    };
    let (year, month, day) = (digits(year, 4)?, digits(month, 2)?, digits(day, 2)?);
    if !YEARS.contains(&year) {
        return Err(TimeError::Year);
    }
    let small = |number: i16| i8::try_from(number).map_err(|_| TimeError::Impossible);
    Date::new(year, small(month)?, small(day)?).map_err(|_| TimeError::Impossible)
}

/// `20:00` or `20:00:30` on a date; 24:00 is the midnight that ends it.
pub(crate) fn at(date: Date, time: &str) -> Result<DateTime, TimeError> {
    let mut parts = time.split(':');
    let (hour, minute, second) = (parts.next(), parts.next(), parts.next());
    let (Some(hour), Some(minute), None) = (hour, minute, parts.next()) else {
        return Err(TimeError::Unreadable);
    };
    let (hour, minute) = (digits(hour, 2)?, digits(minute, 2)?);
    let second = second.map_or(Ok(0), |second| digits(second, 2))?;
    if (hour, minute, second) == (24, 0, 0) {
        let next = date.tomorrow().map_err(|_| TimeError::Year)?;
        return Ok(next.to_datetime(civil::Time::midnight()));
    }
    let small = |number: i16| i8::try_from(number).map_err(|_| TimeError::Impossible);
    let time = Time::new(small(hour)?, small(minute)?, small(second)?, 0);
    time.map(|time| date.to_datetime(time)).map_err(|_| TimeError::Impossible)
}

fn digits(text: &str, count: usize) -> Result<i16, TimeError> {
    let whole = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    if !whole {
        return Err(TimeError::Unreadable);
    }
    text.parse().map_err(|_| TimeError::Unreadable)
}

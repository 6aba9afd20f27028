//! Calendar days in a campaign's time zone, by arithmetic alone.
//!
//! Owns: the zone's offsets, resolved once when a campaign is read and journalled with it, so
//! that a later release of the time zone database cannot change what a day was.
//! Never: looks a zone up.

use crate::ids::Millis;
use crate::limits;
use serde::{Deserialize, Serialize};

const DAY_MILLIS: i64 = 86_400_000;

/// A calendar day: days since 1970-01-01 in the campaign's zone.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct LocalDay(pub u32);

/// From `from` on, local time is UTC plus `seconds`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offset {
    /// The first moment with this offset.
    pub from: Millis,
    /// Seconds east of UTC, -86,399 to 86,399.
    pub seconds: i32,
}

/// A time zone's name and its offsets over the life of a campaign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    /// The IANA name, for people: `Asia/Shanghai`.
    pub zone: String,
    /// Ascending by `from`; the first one holds for everything before it, too.
    pub offsets: Vec<Offset>,
}

impl Calendar {
    /// A zone with one offset for ever.
    #[must_use]
    pub fn fixed(zone: &str, seconds: i32) -> Self {
        Self { zone: zone.to_owned(), offsets: vec![Offset { from: Millis(0), seconds }] }
    }

    /// Whether the offsets are there, ascending and in range.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        (1..=limits::CALENDAR_OFFSETS_MAX).contains(&self.offsets.len())
            && self.offsets.windows(2).all(|pair| pair[0].from < pair[1].from)
            && self.offsets.iter().all(|offset| offset.seconds.unsigned_abs() < 86_400)
    }

    /// Seconds east of UTC at a moment.
    #[must_use]
    pub fn offset_seconds(&self, at: Millis) -> i32 {
        assert!(!self.offsets.is_empty(), "a calendar has at least one offset");
        let after = self.offsets.partition_point(|offset| offset.from <= at);
        self.offsets[after.saturating_sub(1)].seconds
    }

    /// The calendar day of a moment.
    #[must_use]
    pub fn day(&self, at: Millis) -> LocalDay {
        let local = self.local_millis(at);
        LocalDay(u32::try_from(local.max(0) / DAY_MILLIS).unwrap_or(u32::MAX))
    }

    /// The first moment of a calendar day.
    #[must_use]
    pub fn day_start(&self, day: LocalDay) -> Millis {
        let midnight = i64::from(day.0) * DAY_MILLIS;
        // The offset in force around midnight; one correction settles a change of offset nearby.
        let guess = midnight - self.offset_millis(Millis(midnight.max(0).unsigned_abs()));
        let start = midnight - self.offset_millis(Millis(guess.max(0).unsigned_abs()));
        Millis(start.max(0).unsigned_abs())
    }

    fn offset_millis(&self, at: Millis) -> i64 {
        i64::from(self.offset_seconds(at)) * 1_000
    }

    fn local_millis(&self, at: Millis) -> i64 {
        let utc = i64::try_from(at.0).unwrap_or(i64::MAX);
        utc.saturating_add(self.offset_millis(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_local_midnight() {
        let shanghai = Calendar::fixed("Asia/Shanghai", 8 * 3_600);
        // 2020-02-01T00:00:00+08:00 is 2020-01-31T16:00:00Z.
        let midnight = Millis(1_580_486_400_000);
        assert_eq!(shanghai.day(midnight), LocalDay(18_293));
        assert_eq!(shanghai.day(Millis(midnight.0 - 1)), LocalDay(18_292));
        assert_eq!(shanghai.day_start(LocalDay(18_293)), midnight);
    }

    #[test]
    fn offsets_ascend_and_are_less_than_a_day() {
        let valid = |offsets: &[(u64, i32)]| {
            let offsets = offsets.iter().map(|(from, seconds)| {
                let (from, seconds) = (Millis(*from), *seconds);
                Offset { from, seconds }
            });
            Calendar { zone: "Test/Zone".into(), offsets: offsets.collect() }.is_valid()
        };
        assert!(!valid(&[]));
        assert!(valid(&[(0, 86_399)]) && valid(&[(0, -86_399)]));
        assert!(!valid(&[(0, 86_400)]) && !valid(&[(0, -86_400)]));
        assert!(valid(&[(0, 0), (1, 3_600), (2, 0)]));
        assert!(!valid(&[(0, 0), (1, 3_600), (1, 0)]), "two at one moment");
        assert!(!valid(&[(1, 0), (0, 3_600)]));
        let most: Vec<_> = (0..limits::CALENDAR_OFFSETS_MAX as u64).map(|at| (at, 0)).collect();
        assert!(valid(&most));
        assert!(!valid(&[&most[..], &[(1 << 40, 0)]].concat()));
    }

    #[test]
    fn an_offset_holds_from_its_first_moment_and_the_first_one_before() {
        let offsets =
            [(100, 60), (200, -60)].map(|(from, seconds)| Offset { from: Millis(from), seconds });
        let calendar = Calendar { zone: "Test/Zone".into(), offsets: offsets.into() };
        let seconds = [0, 99, 100, 199, 200, 201].map(|at| calendar.offset_seconds(Millis(at)));
        assert_eq!(seconds, [60, 60, 60, 60, -60, -60]);
        assert_eq!(Calendar::fixed("Test/Zone", 7).offset_seconds(Millis(0)), 7);
    }

    #[test]
    fn the_end_of_time_has_a_day() {
        let shanghai = Calendar::fixed("Asia/Shanghai", 8 * 3_600);
        let last = shanghai.day(Millis(u64::MAX));
        assert!(shanghai.day(Millis(i64::MAX.unsigned_abs() - 1)) <= last);
    }

    #[test]
    fn a_change_of_offset_moves_the_day() {
        // Summer time begins on 2026-03-29 at 01:00 UTC.
        let berlin = Calendar {
            zone: "Europe/Berlin".into(),
            offsets: vec![
                Offset { from: Millis(0), seconds: 3_600 },
                Offset { from: Millis(1_774_746_000_000), seconds: 7_200 },
            ],
        };
        for day in 20_530..20_560 {
            let start = berlin.day_start(LocalDay(day));
            assert_eq!(berlin.day(start), LocalDay(day));
            assert_eq!(berlin.day(Millis(start.0 - 1)), LocalDay(day - 1));
        }
    }
}

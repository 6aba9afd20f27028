//! Moments and days as text: RFC 3339 for programs, plain words for people.
//!
//! Owns: writing times in a campaign's zone, by the offsets journalled with the campaign.
//! Never: looks a zone up, or knows how a language writes a date; its texts do.

use crate::language::Language;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan as _};
use types::{Calendar, LocalDay, Millis};

/// A moment with its offset: `2030-02-01T20:00:00+08:00`.
#[must_use]
pub fn rfc3339(calendar: &Calendar, at: Millis) -> String {
    let (local, offset) = local(calendar, at);
    let (sign, minutes) = (if offset < 0 { '-' } else { '+' }, offset.unsigned_abs() / 60);
    let seconds = local.strftime("%Y-%m-%dT%H:%M:%S");
    let millis = at.0 % 1_000;
    let fraction = if millis == 0 { String::new() } else { format!(".{millis:03}") };
    format!("{seconds}{fraction}{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

/// A moment for programs where no campaign gives a zone: `2030-02-01T12:00:00Z`.
#[must_use]
pub fn utc(at: Millis) -> String {
    timestamp(at).to_string()
}

/// A calendar day: `2030-02-05`.
#[must_use]
pub fn day(day: LocalDay) -> String {
    date(day).to_string()
}

/// A moment for people: `2月1日（周五）20:00`, `Fri 1 Feb, 20:00`. The year stands where it is not
/// the year of `now`.
#[must_use]
pub fn plain(calendar: &Calendar, at: Millis, now: Millis, language: Language) -> String {
    let (moment, _) = local(calendar, at);
    let with_year = moment.year() != local(calendar, now).0.year();
    language.texts().date.moment(moment, with_year)
}

/// A time of day for people, where the day is known: `20:00`.
#[must_use]
pub fn time_of_day(calendar: &Calendar, at: Millis) -> String {
    local(calendar, at).0.strftime("%H:%M").to_string()
}

/// A time of day to the second: `20:00:03`.
#[must_use]
pub fn clock(calendar: &Calendar, at: Millis) -> String {
    local(calendar, at).0.strftime("%H:%M:%S").to_string()
}

/// A moment as a form's field for one has it, in the campaign's zone: `2030-02-01T20:00:03`.
#[must_use]
pub fn field(calendar: &Calendar, at: Millis) -> String {
    local(calendar, at).0.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

/// The moment that such a field names, with or without seconds; none where the zone's clocks show
/// no such time.
#[must_use]
pub fn of_field(calendar: &Calendar, text: &str) -> Option<Millis> {
    // A day alone would be taken for its midnight.
    let is_whole = matches!(text.len(), 16 | 19) && text.contains('T');
    let wanted: DateTime = text.parse().ok().filter(|_| is_whole)?;
    let utc = Offset::UTC.to_timestamp(wanted).ok()?.as_millisecond();
    let less =
        |offset: i32| u64::try_from(utc.checked_sub(i64::from(offset) * 1_000)?).ok().map(Millis);
    // The offset in force around then; one correction settles a change of offset nearby.
    let guess = less(calendar.offset_seconds(Millis(u64::try_from(utc).ok()?)))?;
    let at = less(calendar.offset_seconds(guess))?;
    (local(calendar, at).0 == wanted).then_some(at)
}

/// Whether two moments lie in one day.
#[must_use]
pub fn is_same_day(calendar: &Calendar, one: Millis, other: Millis) -> bool {
    local(calendar, one).0.date() == local(calendar, other).0.date()
}

/// A span for people, its end without the day where it is the same; whole days without a time. If
/// one end needs its year, both have it.
#[must_use]
pub fn plain_span(
    calendar: &Calendar,
    from: Millis,
    until: Millis,
    now: Millis,
    language: Language,
) -> String {
    let (start, _) = local(calendar, from);
    let (end, _) = local(calendar, until);
    let year = local(calendar, now).0.year();
    // Midnight ends the day before: nobody comes "until Tuesday, 00:00".
    let at_midnight = end.time() == Time::midnight() && start.date() < end.date();
    let last = if at_midnight { end.date().yesterday().unwrap_or(end.date()) } else { end.date() };
    let with_year = start.year() != year || last.year() != year;
    let t = &language.texts().date;
    let begin = t.moment(start, with_year);
    if at_midnight && start.time() == Time::midnight() {
        let (first, last) = (t.a_day(start.date(), with_year), t.a_day(last, with_year));
        if first == last { t.all_day.with(first) } else { t.span.with(first, last) }
    } else if start.date() == last {
        let time = if at_midnight { "24:00".into() } else { end.strftime("%H:%M").to_string() };
        t.within_a_day.with(begin, time)
    } else {
        t.span.with(begin, t.moment(end, with_year))
    }
}

/// A day for people.
#[must_use]
pub fn plain_day(day: LocalDay, language: Language) -> String {
    language.texts().date.day(date(day))
}

fn local(calendar: &Calendar, at: Millis) -> (DateTime, i32) {
    let seconds = calendar.offset_seconds(at);
    let offset = Offset::from_seconds(seconds).unwrap_or(Offset::UTC);
    (offset.to_datetime(timestamp(at)), seconds)
}

/// A moment beyond the year 9999 is shown as the last one before it.
fn timestamp(at: Millis) -> Timestamp {
    let millis = i64::try_from(at.0).unwrap_or(i64::MAX);
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX)
}

fn date(day: LocalDay) -> Date {
    let epoch = jiff::civil::date(1970, 1, 1);
    epoch.checked_add(i64::from(day.0).days()).unwrap_or(Date::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_in_the_campaigns_zone() {
        let shanghai = Calendar::fixed("Asia/Shanghai", 8 * 3_600);
        let at = Millis(1_580_558_400_000);
        assert_eq!(rfc3339(&shanghai, at), "2020-02-01T20:00:00+08:00");
        assert_eq!(rfc3339(&shanghai, at.plus(250)), "2020-02-01T20:00:00.250+08:00");
        assert_eq!(utc(at), "2020-02-01T12:00:00Z");
        assert_eq!(day(shanghai.day(at)), "2020-02-01");
        let west = Calendar::fixed("America/St_Johns", -(3 * 3_600 + 1_800));
        assert_eq!(rfc3339(&west, at), "2020-02-01T08:30:00-03:30");
    }

    #[test]
    fn a_field_for_a_moment_is_read_as_it_is_written() {
        let shanghai = Calendar::fixed("Asia/Shanghai", 8 * 3_600);
        let at = Millis(1_580_558_403_000);
        assert_eq!(field(&shanghai, at), "2020-02-01T20:00:03");
        assert_eq!(clock(&shanghai, at), "20:00:03");
        assert_eq!(of_field(&shanghai, "2020-02-01T20:00:03"), Some(at));
        assert_eq!(of_field(&shanghai, "2020-02-01T20:00"), Some(Millis(at.0 - 3_000)));
        for wrong in ["", "2020-02-01", "20:00", "2020-02-30T20:00", "1960-01-01T00:00", "soon"] {
            assert_eq!(of_field(&shanghai, wrong), None, "{wrong}");
        }
        // Clocks go on from 02:00 to 03:00: between them there is no time.
        let (hour, from) = (3_600_000, Millis(1_616_893_200_000));
        let offsets = [(Millis(0), 3_600), (from, 7_200)];
        let offsets = offsets.map(|(from, seconds)| types::calendar::Offset { from, seconds });
        let berlin = Calendar { zone: "Europe/Berlin".into(), offsets: offsets.into() };
        for (text, at) in [
            ("2021-03-28T01:59:59", Some(Millis(from.0 - 1_000))),
            ("2021-03-28T02:30:00", None),
            ("2021-03-28T03:00:00", Some(from)),
            ("2021-03-28T04:00:00", Some(from.plus(hour))),
        ] {
            assert_eq!(of_field(&berlin, text), at, "{text}");
        }
    }

    #[test]
    fn people_read_them_in_their_language() {
        let shanghai = Calendar::fixed("Asia/Shanghai", 8 * 3_600);
        let at = Millis(1_580_558_400_000);
        let hour = 3_600_000;
        let (english, chinese) = (Language::default(), Language::of_tag("zh").unwrap());
        let span =
            |until: u64, language| plain_span(&shanghai, at, at.plus(until * hour), at, language);
        // The dash is held to both times: neither is left alone at the end of a line.
        assert_eq!(span(2, chinese), "2月1日（周六）20:00\u{2060}–\u{2060}22:00");
        assert_eq!(span(2, english), "Sat 1 Feb, 20:00\u{2060}–\u{2060}22:00");
        assert_eq!(span(4, english), "Sat 1 Feb, 20:00\u{2060}–\u{2060}24:00");
        assert_eq!(span(24, english), "Sat 1 Feb, 20:00 – Sun 2 Feb, 20:00");
        let new_year = "Sat 1 Feb 2020, 20:00 – Fri 1 Jan 2021, 20:00";
        assert_eq!(span(335 * 24, english), new_year, "both ends have the year");
        let later = Millis(at.0 + 366 * 24 * hour);
        assert_eq!(plain(&shanghai, at, later, chinese), "2020年2月1日（周六）20:00");
        let days = |days: u64, language| {
            let (from, now) = (at.plus(4 * hour), Millis(at.0));
            plain_span(&shanghai, from, from.plus(days * 24 * hour), now, language)
        };
        assert_eq!(days(1, english), "Sun 2 Feb, all day");
        assert_eq!(days(1, chinese), "2月2日（周日）全天");
        assert_eq!(days(3, english), "Sun 2 Feb – Tue 4 Feb");
        assert_eq!(days(3, chinese), "2月2日（周日）至2月4日（周二）");
        assert_eq!(days(334, english), "Sun 2 Feb – Thu 31 Dec", "no day of the next year");
        assert_eq!(days(335, english), "Sun 2 Feb 2020 – Fri 1 Jan 2021");
        assert_eq!(plain_day(LocalDay(18_293), english), "Sat 1 Feb 2020");
    }
}

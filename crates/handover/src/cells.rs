//! Texts of single cells: moments in the campaign's zone, and text that no spreadsheet runs.

use std::borrow::Cow;
use types::{Calendar, Millis};

/// A moment as people of the campaign's zone write it, to the second: `2030-02-01 20:00:00`.
pub(crate) fn moment(calendar: &Calendar, at: Millis) -> String {
    local(calendar, at).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// A moment for a file's name, in the campaign's zone: `20300201-200000`.
pub(crate) fn moment_in_name(calendar: &Calendar, at: Millis) -> String {
    local(calendar, at).strftime("%Y%m%d-%H%M%S").to_string()
}

/// The wall clock of the campaign's zone.
pub(crate) fn local(calendar: &Calendar, at: Millis) -> jiff::civil::DateTime {
    let seconds = calendar.offset_seconds(at);
    let offset = jiff::tz::Offset::from_seconds(seconds).unwrap_or(jiff::tz::Offset::UTC);
    let millis = i64::try_from(at.0).unwrap_or(i64::MAX);
    let stamp = jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::MAX);
    offset.to_datetime(stamp)
}

/// A cell's text with an apostrophe before anything that a spreadsheet would run as a formula.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    let first = text.trim_start_matches(' ').chars().next();
    match first {
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠') => {
            Cow::Owned(format!("'{text}"))
        }
        _ => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_become_text() {
        for text in ["=1+1", "+8613800000000", "-1", "@SUM(A1)", "\tx", "  =1", "＝1"] {
            assert_eq!(plain(text), format!("'{text}"));
        }
        for text in ["", "张伟", "A=B", "13800000000", "O'Neill"] {
            assert_eq!(plain(text), text);
        }
    }

    #[test]
    fn moments_are_in_the_campaigns_zone() {
        let shanghai = Calendar::fixed("Asia/Shanghai", 8 * 3_600);
        assert_eq!(moment(&shanghai, Millis(1_580_486_400_999)), "2020-02-01 00:00:00");
        assert_eq!(moment_in_name(&shanghai, Millis(1_580_486_400_999)), "20200201-000000");
    }
}

//! How a language writes a day and a time.
//!
//! Owns: the forms, and the names of days and months. Never: a time zone.

use super::text::{Text, TextError, fill, patterns, places, sections};
use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};

sections! {
    /// Days, moments and spans.
    Dates {
        /// From Monday.
        weekdays: [Text; 7],
        months: [Text; 12],
        moment: DateForm,
        moment_with_year: DateForm,
        day: DateForm,
        /// A day of this year.
        day_of_this_year: DateForm,
        /// From its midnight to the next.
        all_day: OfDay,
        within_a_day: FromAndTime,
        span: FromAndUntil,
    }
}

patterns! {
    /// With a day.
    OfDay(day);
    /// With a moment, and a time of the same day.
    FromAndTime(from, time);
    /// With two moments.
    FromAndUntil(from, until);
}

/// A text with the parts of a date, in the order of the language. Day and month always stand.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String")]
pub(crate) struct DateForm(String);

const PARTS: &[&str] = &["day", "month", "weekday", "year", "time"];

impl TryFrom<String> for DateForm {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        let has = places(&text)?;
        let is_known = has.iter().all(|place| PARTS.contains(place));
        if is_known && has.contains(&"day") && has.contains(&"month") {
            return Ok(Self(text));
        }
        let has = has.into_iter().map(str::to_owned).collect();
        Err(TextError::Places { text, has, fills: PARTS })
    }
}

impl Dates {
    /// A moment, with its year or without.
    pub(crate) fn moment(&self, moment: DateTime, with_year: bool) -> String {
        let form = if with_year { &self.moment_with_year } else { &self.moment };
        self.write(form, moment)
    }

    /// A day with its year.
    pub(crate) fn day(&self, day: Date) -> String {
        self.write(&self.day, day.into())
    }

    /// A day, with its year or without.
    pub(crate) fn a_day(&self, day: Date, with_year: bool) -> String {
        let form = if with_year { &self.day } else { &self.day_of_this_year };
        self.write(form, day.into())
    }

    fn write(&self, form: &DateForm, moment: DateTime) -> String {
        let place = |number: i8| usize::try_from(number).expect("days and months count up from 0");
        let weekday = &self.weekdays[place(moment.weekday().to_monday_zero_offset())];
        let month = &self.months[place(moment.month() - 1)];
        fill(
            &form.0,
            &[
                ("day", &moment.day()),
                ("month", month),
                ("weekday", weekday),
                ("year", &moment.year()),
                ("time", &moment.strftime("%H:%M")),
            ],
        )
    }
}

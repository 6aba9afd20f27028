//! Times of the campaign file: windows, slots and publication, in the campaign's zone.
//!
//! Owns: their order among themselves. Never: the clock's time; only compares with what it is
//! given.

use crate::codes::Codes;
use crate::document::{Reading, Section, Text};
use crate::draw::{self, Drawing};
use crate::language::{Languages, TextRule};
use crate::problem::{Code, Problem};
use crate::time::{self, TimeError, Zone};
use crate::words::{folded, shown};
use jiff::civil::DateTime;
use std::ops::Range;
use types::Millis;
use types::definition::{Slot, Window};
use types::limits;

/// How a moment is written.
pub(crate) const MOMENT: &str = "a local date and time such as \"2030-02-01 20:00\"";
const DATE: &str = "a date such as \"2030-02-01\"";
const TIME: &str = "a time of day such as \"20:00\"";

/// A moment and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Moment {
    pub(crate) at: Millis,
    pub(crate) span: Range<usize>,
}

/// Reads moments in the campaign's zone.
#[derive(Clone, Copy)]
pub(crate) struct Clock<'a> {
    pub(crate) reading: Reading<'a>,
    pub(crate) zone: &'a Zone,
}

impl<'a> Clock<'a> {
    pub(crate) fn moment(self, text: &Text) -> Option<Moment> {
        let local = time::parse_date_time(&folded(&text.text));
        self.resolve(local, text, MOMENT)
    }

    fn resolve(
        self,
        local: Result<DateTime, TimeError>,
        text: &Text,
        expected: &str,
    ) -> Option<Moment> {
        match local.and_then(|local| self.zone.moment(local)) {
            Ok(at) => Some(Moment { at, span: text.span.clone() }),
            Err(error) => {
                self.report(error, text, expected);
                None
            }
        }
    }

    fn report(self, error: TimeError, text: &Text, expected: &str) {
        let found = shown(&text.text);
        let zone = self.zone.name();
        let problem = match error {
            TimeError::Unreadable => format!("\"{found}\" cannot be read as a time"),
            TimeError::Impossible => format!("\"{found}\" does not exist in the calendar"),
            TimeError::Year => format!("\"{found}\" lies outside the years 2000 to 2199"),
            TimeError::Skipped => {
                format!("\"{found}\" does not exist in {zone}: clocks go forward over it")
            }
            TimeError::Twice => {
                format!("\"{found}\" comes twice in {zone}: clocks go back over it")
            }
        };
        let problem = self.reading.problem(Code::BadTime, &text.span, problem);
        let problem = problem.expected(expected);
        self.reading.report.add(match error {
            TimeError::Skipped | TimeError::Twice => {
                problem.advice("choose a time at least an hour earlier or later")
            }
            _ => problem,
        });
    }

    fn out_of_order(self, span: &Range<usize>, message: &str) -> Problem {
        self.reading.problem(Code::TimesOutOfOrder, span, message)
    }

    /// The windows of `[register]`, ascending, with the place of each end.
    pub(crate) fn windows(self, register: &mut Section<'a>) -> Vec<(Window, Range<usize>)> {
        let sections = register.sections("windows", "windows = [{ from = \"…\", until = \"…\" }]");
        let sections = limited(sections, "windows", limits::WINDOWS_MAX);
        let mut windows: Vec<(Window, Range<usize>, Range<usize>)> = Vec::new();
        for mut section in sections {
            let from = section.require_time("from", MOMENT);
            let until = section.require_time("until", MOMENT);
            section.finish();
            let from = from.and_then(|from| self.moment(&from));
            let until = until.and_then(|until| self.moment(&until));
            let (Some(from), Some(until)) = (from, until) else { continue };
            if until.at <= from.at {
                let problem = self.out_of_order(&until.span, "the window ends before it opens");
                self.reading.report.add(problem.expected("\"until\" after \"from\""));
                continue;
            }
            windows.push((Window { from: from.at, until: until.at }, from.span, until.span));
        }
        windows.sort_by_key(|(window, _, _)| window.from);
        for pair in windows.windows(2) {
            if pair[1].0.from < pair[0].0.until {
                let message = "the window opens while another one is still open";
                let problem = self.out_of_order(&pair[1].1, message);
                self.reading.report.add(problem.expected("windows that do not overlap"));
            }
        }
        windows.into_iter().map(|(window, _, until)| (window, until)).collect()
    }

    /// `[[slot]]`.
    pub(crate) fn slots(
        self,
        sections: Vec<Section<'a>>,
        languages: Languages<'a>,
        drawing: Option<Drawing>,
    ) -> (Vec<Slot>, Codes) {
        let rule = draw::of_slots(drawing, sections.len());
        let mut codes = Codes::new("slot", self.reading.damage).held_to(rule);
        let mut slots = Vec::new();
        for mut section in limited(sections, "slots", limits::SLOTS_MAX) {
            let code = section.require_text("code", "a code");
            codes.add_text(code.as_ref(), self.reading);
            let name = languages.text(&mut section, "name", TextRule::NAME);
            let times = self.slot_times(&mut section);
            section.finish();
            let (from, until) = times.unwrap_or_default();
            let code = code.map(|code| code.text).unwrap_or_default();
            slots.push(Slot { code, name, from, until });
        }
        (slots, codes)
    }

    fn slot_times(self, section: &mut Section<'a>) -> Option<(Millis, Millis)> {
        let date_is_unread = section.is_unread("date");
        // On any day, times of day follow one another as on the one that cannot be read. What is
        // no time of day may be a moment; only the date would tell.
        let any_day = |text: &Text| {
            let local = time::at(time::ANY_DATE, &folded(&text.text)).ok()?;
            self.resolve(Ok(local), text, TIME)
        };
        let date = section.time("date", DATE);
        let expected = if date.is_some() { TIME } else { MOMENT };
        let from = section.require_time("from", expected);
        let until = section.require_time("until", expected);
        let (from, until) = match date {
            None if date_is_unread => (any_day(&from?), any_day(&until?)),
            None => (self.moment(&from?), self.moment(&until?)),
            Some(text) => {
                let date = time::parse_date(&folded(&text.text)).unwrap_or_else(|error| {
                    self.report(error, &text, DATE);
                    time::ANY_DATE
                });
                let on_date =
                    |time: &Text| self.resolve(time::at(date, &folded(&time.text)), time, TIME);
                (from.as_ref().and_then(on_date), until.as_ref().and_then(on_date))
            }
        };
        let (from, until) = (from?, until?);
        if until.at <= from.at {
            let problem = self.out_of_order(&until.span, "the slot ends before it begins");
            self.reading.report.add(problem.expected("\"until\" after \"from\""));
        }
        Some((from.at, until.at))
    }
}

/// No more parts than the limit; more are reported.
pub(crate) fn limited<'a>(
    mut sections: Vec<Section<'a>>,
    what: &str,
    most: usize,
) -> Vec<Section<'a>> {
    if let Some(beyond) = sections.get(most) {
        let message = format!("there are {} {what}", sections.len());
        let problem = beyond.reading.problem(Code::TooMany, &beyond.span, message);
        beyond.reading.report.add(problem.expected(format!("at most {most}")));
    }
    sections.truncate(most);
    sections
}

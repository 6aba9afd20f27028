//! `[series]`, and what files of one series disagree in.
//!
//! Owns: where a file says what its series must agree in, and the message when it does not.
//! Never: decides what that is; `Definition::differs_in_series` does, for the ledger as well.

use crate::Loaded;
use crate::campaign_file::lower_code;
use crate::document::{Reading, Section};
use crate::problem::{Code, Place, Problem};
use crate::words::listed;
use std::ops::Range;
use std::path::Path;
use types::definition::{IdentityField, Series, SeriesTerm};
use types::{Definition, limits};

/// Where a campaign file says what campaigns of one series must agree in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesPlaces {
    cool_down: Place,
    unique_fields: Place,
    zone: Place,
    publish: Place,
}

/// The same as parts of the file's text, while it is read.
#[derive(Default)]
pub(crate) struct SeriesSpans {
    /// `[series]`, or in it `cool_down_days`.
    pub(crate) cool_down: Range<usize>,
    /// The first `[[register.field]]`.
    pub(crate) unique_fields: Range<usize>,
    pub(crate) zone: Range<usize>,
    /// `[publish]`, or in it `when`.
    pub(crate) publish: Range<usize>,
}

impl SeriesSpans {
    pub(crate) fn places(&self, reading: Reading<'_>) -> SeriesPlaces {
        let place = |span| reading.source.place(span);
        SeriesPlaces {
            cool_down: place(&self.cool_down),
            unique_fields: place(&self.unique_fields),
            zone: place(&self.zone),
            publish: place(&self.publish),
        }
    }
}

impl SeriesPlaces {
    /// `[series]` itself, or its cool-down.
    pub(crate) const fn series(&self) -> &Place {
        &self.cool_down
    }

    const fn of(&self, term: SeriesTerm) -> &Place {
        match term {
            SeriesTerm::CoolDown => &self.cool_down,
            SeriesTerm::UniqueFields => &self.unique_fields,
            SeriesTerm::TimeZone => &self.zone,
            SeriesTerm::HeldBack => &self.publish,
        }
    }
}

/// `[series]`.
pub(crate) fn series(mut section: Section<'_>) -> Series {
    let code = lower_code(&mut section, "series").unwrap_or_default();
    let days = section.number("cool_down_days", 0, u64::from(limits::COOL_DOWN_DAYS_MAX));
    section.finish();
    let cool_down_days =
        days.map_or(0, |days| u16::try_from(days).expect("the limit fits the type"));
    Series { code, cool_down_days }
}

/// An error for each thing in which a campaign disagrees with its series, for which it could not
/// be loaded beside the others: `series-differs`. It is compared with the first of `others` that
/// is of the series, since those agree among themselves or were told of. Others of the same code
/// are the campaign itself.
#[must_use]
pub fn series_differences<'a>(
    loaded: &Loaded,
    others: impl IntoIterator<Item = (&'a Path, &'a Loaded)>,
) -> Vec<Problem> {
    let definition = &loaded.definition;
    let Some(series) = &definition.series else { return Vec::new() };
    let of_series = |(_, other): &(&Path, &Loaded)| {
        let other = &other.definition;
        other.code != definition.code
            && other.series.as_ref().is_some_and(|known| known.code == series.code)
    };
    let Some((file, other)) = others.into_iter().find(of_series) else { return Vec::new() };
    let differences = definition.differs_in_series(&other.definition).map(|term| {
        let there = match other.series_places.of(term) {
            Place::Text { line, .. } => format!("{}, line {line}", file.display()),
            _ => file.display().to_string(),
        };
        let message = format!(
            "campaigns of the series \"{}\" must agree, but here {} and in {there}, {}",
            series.code,
            says(definition, term),
            says(&other.definition, term)
        );
        let place = loaded.series_places.of(term).clone();
        Problem::error(Code::SeriesDiffers, place, message)
            .expected(expected(term))
            .advice("make the files agree, or name another series")
    });
    differences.collect()
}

/// What a campaign says about a term, for a message.
fn says(definition: &Definition, term: SeriesTerm) -> String {
    match term {
        SeriesTerm::CoolDown => {
            let days = definition.series.as_ref().map_or(0, |series| series.cool_down_days);
            format!("\"cool_down_days\" is {days}")
        }
        SeriesTerm::UniqueFields => {
            let codes: Vec<&str> =
                definition.unique_fields().map(|IdentityField { code, .. }| &**code).collect();
            let are = if codes.len() == 1 { "field is" } else { "fields are" };
            format!("the unique {are} {}", listed(codes.into_iter()))
        }
        SeriesTerm::TimeZone => format!("the zone is \"{}\"", definition.calendar.zone),
        SeriesTerm::HeldBack if definition.is_held_back() => "results are held back".to_owned(),
        SeriesTerm::HeldBack => "results are told at once".to_owned(),
    }
}

const fn expected(term: SeriesTerm) -> &'static str {
    match term {
        SeriesTerm::CoolDown => "the same cool_down_days in all of them",
        SeriesTerm::UniqueFields => "the same unique fields, in the same order, in all of them",
        SeriesTerm::TimeZone => "the same zone in all of them",
        SeriesTerm::HeldBack => "when = \"at-once\" in all of them, or in none",
    }
}

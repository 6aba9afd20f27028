//! The columns of a handed-over table, and one row's cells.
//!
//! Owns: which columns there are and in which order. Headings are stable codes, the identity
//! fields under their own codes, so that a program reads them; names of places follow in the
//! campaign's first language, so that a person does. A CSV file has no page about itself, so its
//! last columns say of which campaign and time it is and how many rows it has: each row keeps
//! that when files are put together, and a reader that knows its columns by name sees nothing
//! new.

use crate::HandoverError;
use crate::booking::{Booking, Fate};
use crate::cells::moment;
use crate::export::{Format, People, Request};
use types::columns::{CHANGE, FATES, FILE, PLACES};
use types::definition::LocalText;

/// A row's cells; reused from row to row.
#[derive(Debug, Default)]
pub(crate) struct Row {
    pub(crate) cells: Vec<String>,
    fields: Vec<String>,
    /// The cells that every row of the table ends with.
    last: Vec<String>,
}

impl Row {
    /// The rows of a CSV table that will have so many.
    pub(crate) fn in_csv(request: &Request<'_>, rows: u32) -> Self {
        let definition = request.definition;
        let at = moment(&definition.calendar, request.at);
        let last = vec![definition.code.clone(), at, rows.to_string()];
        Self { last, ..Self::default() }
    }
}

/// The heading of every column.
pub(crate) fn headings(request: &Request<'_>, with_people: bool) -> Vec<String> {
    let mut headings: Vec<String> = Vec::new();
    if request.since.is_some() {
        headings.push(CHANGE.to_owned());
    }
    headings.extend(PLACES.map(str::to_owned));
    if with_people {
        let fields = request.definition.register.fields.iter();
        headings.extend(fields.map(|field| field.code.clone()));
    }
    headings.extend(FATES.map(str::to_owned));
    if request.format == Format::Csv {
        headings.extend(FILE.map(str::to_owned));
    }
    headings
}

/// Fills a row with a booking's cells.
pub(crate) fn fill(
    row: &mut Row,
    request: &Request<'_>,
    booking: &Booking,
    people: &mut dyn People,
) -> Result<(), HandoverError> {
    let definition = request.definition;
    let outlet = &definition.outlets[booking.outlet.index()];
    let item = &definition.items[booking.item.index()];
    let slot = &definition.slots[booking.slot.index()];
    row.cells.clear();
    if let Some(since) = request.since {
        let change = booking.change(since).expect("only changed bookings are selected");
        row.cells.push(change.word().to_owned());
    }
    row.cells.push(people.code(booking.entry));
    row.cells.push((u64::from(booking.entry.0) + 1).to_string());
    row.cells.push(outlet.code.clone());
    row.cells.push(first_text(request, &outlet.name).to_owned());
    row.cells.push(item.code.clone());
    row.cells.push(first_text(request, &item.name).to_owned());
    row.cells.push(slot.code.clone());
    row.cells.push(first_text(request, &slot.name).to_owned());
    row.cells.push(booking.units.to_string());
    if people.are_known() {
        people.open(booking, &mut row.fields)?;
        let expected = definition.register.fields.len();
        if row.fields.len() != expected {
            return Err(HandoverError::Unreadable {
                entry: booking.entry,
                why: format!("{} fields are sealed, not {expected}", row.fields.len()),
            });
        }
        row.cells.append(&mut row.fields);
    }
    let (state, redeemed, cancelled) = match booking.fate {
        Fate::Waiting => ("booked", None, None),
        Fate::Redeemed(at) => ("redeemed", Some(at), None),
        Fate::Cancelled(at) => ("cancelled", None, Some(at)),
    };
    row.cells.push(state.to_owned());
    for at in [Some(booking.at), redeemed, cancelled] {
        row.cells.push(at.map_or_else(String::new, |at| moment(&definition.calendar, at)));
    }
    row.cells.extend_from_slice(&row.last);
    Ok(())
}

/// A text in the campaign's first language.
pub(crate) fn first_text<'a>(request: &Request<'a>, text: &'a LocalText) -> &'a str {
    let language = request.definition.languages.first().map_or("", String::as_str);
    text.get(language).or_else(|| text.values().next()).map_or("", String::as_str)
}

//! An archive with one file for each outlet, an index with counts and checksums, and a page
//! about the whole.
//!
//! Owns: names of files in the archive, the index, the page. Invariants: an outlet's code begins
//! with a letter or digit, so `_index.csv` and `_about.txt` never meet an outlet's file.

use crate::HandoverError;
use crate::booking::Booking;
use crate::cells::{local, moment, plain};
use crate::columns::first_text;
use crate::export::{Bookings, Format, People, Request};
use crate::output::Hashing;
use crate::tables;
use std::collections::BTreeSet;
use std::io::Write;
use std::iter::Peekable;
use types::OutletNo;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, DateTime, ZipWriter};

/// One line of the index.
struct Line {
    outlet: OutletNo,
    file: String,
    rows: u32,
    units: u64,
    checksum: String,
}

/// The bookings of one outlet, taken from the front of all.
struct OfOutlet<'a, 'b> {
    outlet: OutletNo,
    all: &'a mut Peekable<&'b mut Bookings<'b>>,
}

impl Iterator for OfOutlet<'_, '_> {
    type Item = Result<Booking, HandoverError>;

    fn next(&mut self) -> Option<Self::Item> {
        let outlet = self.outlet;
        self.all.next_if(|booking| booking.as_ref().map_or(true, |it| it.outlet == outlet))
    }
}

/// Writes the archive of the bookings, which are in order; tells their units.
pub(crate) fn write<'b, W: Write + Send>(
    request: &Request<'_>,
    bookings: &'b mut Bookings<'b>,
    people: &mut dyn People,
    to: W,
) -> Result<u64, HandoverError> {
    let mut archive = ZipWriter::new_stream(to);
    let mut lines = Vec::new();
    let mut names = BTreeSet::new();
    let mut all = bookings.peekable();
    for (index, rows) in request.rows.iter().enumerate().filter(|(_, rows)| 0 < **rows) {
        let (outlet, rows) = (OutletNo::from_index(index), *rows);
        let file = file_name(request, outlet, &mut names);
        archive.start_file(&file, options(request))?;
        let mut entry = Hashing::new(&mut archive);
        let mut own = OfOutlet { outlet, all: &mut all };
        let units = tables::write(request, rows, &mut own, people, &mut entry)?;
        let (_, checksum) = entry.finish()?;
        lines.push(Line { outlet, file, rows, units, checksum });
    }
    assert!(all.next().is_none(), "every booking belongs to an outlet that has rows");
    write_index(request, &lines, &mut archive)?;
    archive.start_file("_about.txt", options(request))?;
    let rows = lines.iter().map(|line| line.rows).sum();
    let units = lines.iter().map(|line| line.units).sum();
    for (name, value) in about(request, rows, units) {
        write!(archive, "{name}: {value}\r\n")?;
    }
    archive.finish()?.into_inner().flush()?;
    Ok(units)
}

/// What a reader must know about the whole: campaign, time, counts, what is missing and why.
pub(crate) fn about(request: &Request<'_>, rows: u32, units: u64) -> Vec<(&'static str, String)> {
    let definition = request.definition;
    let calendar = &definition.calendar;
    let mut lines = vec![
        ("campaign", definition.code.clone()),
        ("title", first_text(request, &definition.texts.title).to_owned()),
        ("exported at", format!("{} ({})", moment(calendar, request.at), calendar.zone)),
        ("rows", rows.to_string()),
        ("units", units.to_string()),
    ];
    if let Some(since) = request.since {
        lines.push(("changes since", moment(calendar, since.at)));
    }
    if !request.is_published {
        lines.push(("not published", "the people in this file do not know it yet".to_owned()));
    }
    if request.is_shredded {
        let why = "this campaign's people were shredded; nobody can open them again";
        lines.push(("without people", why.to_owned()));
    }
    if request.format == Format::Csv {
        let advice = "for programs; a spreadsheet shortens long numbers, take XLSX for it";
        lines.push(("csv", advice.to_owned()));
    }
    lines
}

fn write_index<W: Write + Send>(
    request: &Request<'_>,
    lines: &[Line],
    archive: &mut ZipWriter<StreamWriter<W>>,
) -> Result<(), HandoverError> {
    archive.start_file("_index.csv", options(request))?;
    let mut table = tables::csv_writer(archive)?;
    table.write_record(["outlet", "outlet_name", "district", "file", "rows", "units", "sha256"])?;
    let mut lines = lines.iter().peekable();
    for (index, outlet) in request.definition.outlets.iter().enumerate() {
        let line = lines.next_if(|line| line.outlet.index() == index);
        let (file, rows, units, checksum) = line.map_or(("", 0, 0, ""), |line| {
            (line.file.as_str(), line.rows, line.units, line.checksum.as_str())
        });
        table.write_record([
            plain(&outlet.code).as_ref(),
            plain(first_text(request, &outlet.name)).as_ref(),
            plain(first_text(request, &outlet.district)).as_ref(),
            file,
            &rows.to_string(),
            &units.to_string(),
            checksum,
        ])?;
    }
    assert!(lines.next().is_none(), "every outlet with bookings stands in the index");
    table.flush()?;
    Ok(())
}

/// A name that no other file of the archive has, even where upper and lower case are one.
fn file_name(request: &Request<'_>, outlet: OutletNo, names: &mut BTreeSet<String>) -> String {
    let code = &request.definition.outlets[outlet.index()].code;
    let extension = request.format.extension();
    let plain = format!("{code}.{extension}");
    if names.insert(plain.to_lowercase()) {
        return plain;
    }
    let numbered = format!("{code}~{}.{extension}", outlet.0);
    assert!(names.insert(numbered.to_lowercase()), "an outlet has one file, and codes no tilde");
    numbered
}

fn options(request: &Request<'_>) -> SimpleFileOptions {
    let made = local(&request.definition.calendar, request.at);
    let part = |number: i8| number.unsigned_abs();
    let time = DateTime::from_date_and_time(
        made.year().unsigned_abs(),
        part(made.month()),
        part(made.day()),
        part(made.hour()),
        part(made.minute()),
        part(made.second()),
    );
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(time.unwrap_or_default())
        .unix_permissions(0o600)
}

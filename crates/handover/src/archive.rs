//! An archive with one file for each outlet, an index with counts and checksums, and a page
//! about the whole.
//!
//! Owns: names of files in the archive, the index, the page. Invariants: an outlet's code begins
//! with a letter or digit, so `_index.csv` and `_about.txt` never meet an outlet's file.

use crate::HandoverError;
use crate::booking::Booking;
use crate::cells::{local, moment, plain};
use crate::columns::first_text;
use crate::export::{Format, People, Request};
use crate::output::Hashing;
use crate::tables;
use std::collections::BTreeSet;
use std::io::Write;
use types::OutletNo;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, DateTime, ZipWriter};

/// One line of the index.
struct Line {
    outlet: OutletNo,
    file: String,
    rows: usize,
    units: u64,
    checksum: String,
}

/// Writes the archive of the bookings, which are in order.
pub(crate) fn write<W: Write + Send>(
    request: &Request<'_>,
    bookings: &[Booking],
    people: &mut dyn People,
    to: W,
) -> Result<(), HandoverError> {
    let mut archive = ZipWriter::new_stream(to);
    let mut lines = Vec::new();
    let mut names = BTreeSet::new();
    for group in bookings.chunk_by(|one, next| one.outlet == next.outlet) {
        let file = file_name(request, group[0].outlet, &mut names);
        archive.start_file(&file, options(request))?;
        let mut entry = Hashing::new(&mut archive);
        tables::write(request, group, people, &mut entry)?;
        let (_, checksum) = entry.finish()?;
        let units = units(group);
        lines.push(Line { outlet: group[0].outlet, file, rows: group.len(), units, checksum });
    }
    write_index(request, &lines, &mut archive)?;
    archive.start_file("_about.txt", options(request))?;
    for (name, value) in about(request, bookings) {
        write!(archive, "{name}: {value}\r\n")?;
    }
    archive.finish()?.into_inner().flush()?;
    Ok(())
}

/// What a reader must know about the whole: campaign, time, counts, what is missing and why.
pub(crate) fn about(request: &Request<'_>, bookings: &[Booking]) -> Vec<(&'static str, String)> {
    let definition = request.definition;
    let calendar = &definition.calendar;
    let mut lines = vec![
        ("campaign", definition.code.clone()),
        ("title", first_text(request, &definition.texts.title).to_owned()),
        ("exported at", format!("{} ({})", moment(calendar, request.at), calendar.zone)),
        ("rows", bookings.len().to_string()),
        ("units", units(bookings).to_string()),
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

pub(crate) fn units(bookings: &[Booking]) -> u64 {
    bookings.iter().map(|booking| u64::from(booking.units)).sum()
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

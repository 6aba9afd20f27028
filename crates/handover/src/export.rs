//! One export from its first byte to its checksum.
//!
//! Owns: what is selected, in which order, in which form. Never: decides who may have it.

use crate::HandoverError;
use crate::archive;
use crate::booking::{Booking, Mark};
use crate::cells::moment_in_name;
use crate::output::Hashing;
use crate::room;
use crate::tables;
use std::io::Write;
use std::path::Path;
use types::{Definition, EntryNo, Millis};

/// What to write.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Of which campaign.
    pub definition: &'a Definition,
    /// When the export began to look; it marks the file.
    pub at: Millis,
    /// In which format.
    pub format: Format,
    /// One file, or one for each outlet.
    pub layout: Layout,
    /// Only what changed since an earlier export.
    pub since: Option<Mark>,
    /// Rows that each outlet will have, in the definition's order: a table states its own before
    /// the first of them.
    pub rows: &'a [u32],
    /// Whether the people know their outcomes by now; the file says when they do not.
    pub is_published: bool,
    /// Whether the people are shredded; the file says so.
    pub is_shredded: bool,
    /// A folder for the unnamed working files of worksheets; on a disk fit for personal data.
    pub scratch: &'a Path,
}

/// The format of tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated, UTF-8 with a byte order mark.
    Csv,
    /// An Excel workbook.
    Xlsx,
}

/// How tables are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// A ZIP archive with one table for each outlet, an index and a page about the whole.
    Archive,
    /// One table of all outlets.
    File,
}

/// Whoever can name the people of bookings.
pub trait People {
    /// Whether fields can be opened at all; when not, their columns are left out.
    fn are_known(&self) -> bool;

    /// Replaces `fields` by the booking's identity fields, in the definition's order.
    ///
    /// # Errors
    /// [`HandoverError::Unreadable`] when they cannot be found or opened.
    fn open(&mut self, booking: &Booking, fields: &mut Vec<String>) -> Result<(), HandoverError>;

    /// The pickup code of an entry, as people read it.
    fn code(&self, entry: EntryNo) -> String;
}

/// What was handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Rows: bookings, or changes of bookings.
    pub rows: u32,
    /// Units of those rows.
    pub units: u64,
    /// Bytes of the file.
    pub bytes: u64,
    /// SHA-256 of the file, in hex.
    pub checksum: String,
}

impl Format {
    /// The ending of a file's name.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }
}

impl Request<'_> {
    /// A name for the file: the campaign, the time, the kind of file.
    #[must_use]
    pub fn file_name(&self) -> String {
        let code = &self.definition.code;
        let time = moment_in_name(&self.definition.calendar, self.at);
        let changes = if self.since.is_some() { "-changes" } else { "" };
        format!("{code}-{time}{changes}.{}", self.extension())
    }

    /// The file's media type.
    #[must_use]
    pub const fn media_type(&self) -> &'static str {
        match (self.layout, self.format) {
            (Layout::Archive, _) => "application/zip",
            (Layout::File, Format::Csv) => "text/csv; charset=utf-8",
            (Layout::File, Format::Xlsx) => {
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
            }
        }
    }

    /// Whether a booking belongs into this export.
    #[must_use]
    pub fn selects(&self, booking: &Booking) -> bool {
        match self.since {
            None => booking.stands(),
            Some(since) => booking.change(since).is_some(),
        }
    }

    const fn extension(&self) -> &'static str {
        match self.layout {
            Layout::Archive => "zip",
            Layout::File => self.format.extension(),
        }
    }
}

/// Bookings on their way into a file; an error ends it.
pub type Bookings<'a> = dyn Iterator<Item = Result<Booking, HandoverError>> + 'a;

/// Writes the export of these bookings, which the request selects and which come in
/// [`Booking::order`], as many for each outlet as the request says.
///
/// # Errors
/// [`HandoverError::NoRoom`] before anything is written; otherwise whatever ended it early, and
/// what was written until then is of no use.
///
/// # Panics
/// When the bookings are not what the request says.
pub fn export<W: Write + Send>(
    request: &Request<'_>,
    bookings: &mut Bookings<'_>,
    people: &mut dyn People,
    to: W,
) -> Result<Summary, HandoverError> {
    assert!(!(request.is_shredded && people.are_known()), "shredded people cannot be opened");
    assert_eq!(request.rows.len(), request.definition.outlets.len(), "every outlet has its rows");
    room::check(request, people.are_known())?;
    let mut before = None;
    let mut bookings = bookings.inspect(|booking| {
        let Ok(booking) = booking else { return };
        assert!(request.selects(booking), "only what belongs into the file comes");
        assert!(before < Some(booking.order()), "bookings come in order, each once");
        before = Some(booking.order());
    });
    let rows = request.rows.iter().sum();
    let mut output = Hashing::new(to);
    let units = match request.layout {
        Layout::Archive => archive::write(request, &mut bookings, people, &mut output)?,
        Layout::File => tables::write(request, rows, &mut bookings, people, &mut output)?,
    };
    output.flush()?;
    let (bytes, checksum) = output.finish()?;
    Ok(Summary { rows, units, bytes, checksum })
}

//! An operator's campaign file and tables, read into a definition or explained.
//!
//! Owns: the format of campaign files and of the tables beside them, and a message for every
//! mistake in them. Never: a network, a clock, the journal, or what identity values mean.
//! Invariants: no bytes make it panic; without an error, the definition passes its own check.
//! On failure: every problem at once, each with its place, not only the first.

mod beside;
mod campaign_file;
mod codes;
mod document;
mod draw;
mod files;
mod language;
mod list;
mod outlets;
mod problem;
mod register;
mod registered;
mod render;
mod schedule;
mod series;
mod shift;
mod stock;
mod syntax;
mod table;
mod time;
mod words;

pub use beside::{Other, allow_list_empty, allow_list_unread, series_overlap};
pub use files::{FileError, Files, Folder, Uploaded};
pub use list::{List, ListValue, read_list};
pub use problem::{Code, Place, Problem, Severity, Suggestion};
pub use registered::{registered_cool_down, registered_differences};
pub use render::render;
pub use series::{SeriesPlaces, series_differences};
pub use shift::{ShiftError, with_times};
pub use stock::{StockTable, read_stock};
pub use words::nearest;

use problem::Report;
use std::path::Path;
use types::{Definition, Millis, limits};

/// A campaign that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// The campaign.
    pub definition: Definition,
    /// What a person should know.
    pub warnings: Vec<Problem>,
    /// Where it says what campaigns of one series must agree in.
    pub series_places: SeriesPlaces,
    /// Where it names the campaign whose people alone may enter, if it does.
    pub registered_place: Option<Place>,
}

/// Reads a campaign file and the tables it names, which lie beside it. `now` is only compared
/// with its times, for warnings.
///
/// # Errors
/// Everything that is wrong with the files, up to `limits::PROBLEMS_MAX`.
pub fn read(path: &Path, now: Millis) -> Result<Loaded, Vec<Problem>> {
    let folder = path.parent().unwrap_or_else(|| Path::new(""));
    let Some(file) = path.file_name().and_then(|name| name.to_str()) else {
        let shown = path.display().to_string();
        let message = format!("\"{shown}\" does not name a file");
        return Err(vec![Problem::error(Code::FileMissing, Place::file(&shown), message)]);
    };
    read_from(&Folder(folder.to_owned()), file, now)
}

/// Reads a campaign file and the tables it names out of named files.
///
/// # Errors
/// Everything that is wrong with the files, up to `limits::PROBLEMS_MAX`.
pub fn read_from(files: &dyn Files, file: &str, now: Millis) -> Result<Loaded, Vec<Problem>> {
    let report = Report::default();
    let read = match text(files, file) {
        Ok(text) => campaign_file::read(files, file, &text, now, &report),
        Err(problem) => {
            report.add(problem);
            None
        }
    };
    let warnings = report.finish(file)?;
    let (definition, places) = read.expect("files without an error make a definition");
    let (series_places, registered_place) = places;
    Ok(Loaded { definition, warnings, series_places, registered_place })
}

/// The tables that a campaign file names, so that they can be sent along with it. None when the
/// file cannot be read; reading it tells why.
#[must_use]
pub fn tables_named(campaign_file: &str) -> Vec<String> {
    campaign_file::tables_named(campaign_file)
}

/// The campaign file's text, without a byte order mark.
fn text(files: &dyn Files, file: &str) -> Result<String, Problem> {
    let bytes = files::read(files, file, limits::CAMPAIGN_FILE_BYTES_MAX, Place::file(file))?;
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    String::from_utf8(text.to_vec()).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..valid].iter().filter(|byte| **byte == b'\n').count() + 1;
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        let place = Place::Line { file: file.to_owned(), line, column: None };
        Problem::error(Code::Encoding, place, "the campaign file is not in UTF-8")
            .advice("save it as UTF-8; only tables may be in GBK")
    })
}

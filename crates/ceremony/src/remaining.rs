//! Alternates by fresh numbers: what the next seal of the same draw is made of.
//!
//! Owns: the list of those who have nothing so far, and the stock that there is now. Never: seals
//! them; writes over a file.
//! Invariants: as everywhere, a file with its own name is whole, and given again it is the same.

use crate::Progress;
use crate::error::CeremonyError;
use crate::folder::{Folder, input};
use crate::list::digest;
use crate::log::History;
use crate::progress::{Passes, whole};
use crate::run::{must_be_sealed, sealed_stock};
use crate::standing::{standing, unserved};
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

/// Writes the entries that have nothing so far to `entries`, and to `stock` every bucket with what
/// there is of it, with what came back: the file `returned` says what.
///
/// # Errors
/// When there is no result yet, or what came back is not of the draw's stock.
pub fn remaining(
    folder: &Folder,
    returned: &Path,
    entries: &Path,
    stock: &Path,
    progress: Progress<'_>,
) -> Result<u64, CeremonyError> {
    let history = History::read(folder)?;
    history.must_stand(folder)?;
    if !history.has_result() {
        let what = "the draw was not made yet: alternates come after its result";
        return Err(CeremonyError::Order(what.to_owned()));
    }
    let sealed = sealed_stock(folder, &history)?;
    let whole = whole(progress);
    let mut passes = Passes::new(&whole, 4);
    must_be_sealed(folder, &history, &passes.next(1))?;
    let text = input(returned)?;
    let last = Some((returned, &*text));
    let rounds = history.alternates();
    let standing = standing(folder, &history, &sealed, rounds, last, &passes.next(1))?;
    let (mut count, writing) = (0, passes.next(2));
    write_once(entries, |list| {
        unserved(folder, &standing.served, ("writing", &writing), |line| {
            count += 1;
            let written = list.write_all(line).and_then(|()| list.write_all(b"\n"));
            written.map_err(CeremonyError::disk("written", entries))
        })
    })?;
    write_once(stock, |file| {
        let written = file.write_all(standing.there.text().as_bytes());
        written.map_err(CeremonyError::disk("written", stock))
    })?;
    Ok(count)
}

/// Writes a file of any length: whole, or not at all. One that is there and says the same stays.
fn write_once(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> Result<(), CeremonyError>,
) -> Result<(), CeremonyError> {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
        return Err(CeremonyError::wrong(path, "not the name of a file"));
    };
    let place = path.parent().filter(|place| !place.as_os_str().is_empty());
    let place = Folder::open(place.unwrap_or(Path::new(".")))?;
    let part = place.part(name);
    let file = place.create_part(name)?;
    let mut file = BufWriter::new(file);
    let written = write(&mut file).and_then(|()| {
        let synced = file.into_inner().map_err(io::IntoInnerError::into_error);
        synced.and_then(|file| file.sync_all()).map_err(CeremonyError::disk("written", &part))
    });
    if written.is_ok() && !place.has(name)? {
        return place.keep(name);
    }
    let same = written.and_then(|()| Ok(digest(&part)? == digest(path)?));
    place.forget_part(name)?;
    if same? { Ok(()) } else { Err(CeremonyError::Differs(path.to_owned())) }
}

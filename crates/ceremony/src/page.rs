//! A page beside the draw.
//!
//! Owns: that it trusts the key which has signed the draw, that it is there whole or not at all,
//! and that no page is written over. Never: knows what a page says.

use crate::error::CeremonyError;
use crate::folder::{Folder, PAGE};
use crate::log::History;
use draw::note::VerifyingKey;
use std::path::PathBuf;

/// Writes the `files` of a page that trusts `key` beside the draw; where they lie.
///
/// # Errors
/// When there is no seal yet, when `key` has not signed every event so far, or when one of the
/// files is there already and says something else: then none is written.
pub fn page(
    folder: &Folder,
    key: &VerifyingKey,
    files: &[(&str, String)],
) -> Result<PathBuf, CeremonyError> {
    History::signed(folder, key)?;
    let path = folder.path(PAGE);
    let write =
        |page: &Folder| files.iter().try_for_each(|(file, text)| page.put(file, text.as_bytes()));
    if !folder.has(PAGE)? {
        folder.forget_part(PAGE)?;
        write(&Folder::create(&folder.part(PAGE))?)?;
        folder.keep(PAGE)?;
        return Ok(path);
    }
    let page = Folder::open(&path)?;
    for (file, text) in files {
        if page.find(file)?.is_some_and(|found| found != text.as_bytes()) {
            return Err(CeremonyError::Differs(page.path(file)));
        }
    }
    write(&page)?;
    Ok(path)
}

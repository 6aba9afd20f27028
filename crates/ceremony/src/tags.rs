//! The tags of a list: nobody is in it twice.
//!
//! Owns: the search for a tag that stands twice, and the lines it stands in. Never: keeps the place
//! of every tag: a list in which none stands twice is read once.

use crate::error::CeremonyError;
use crate::lines::Lines;
use draw::Line;
use std::path::Path;

/// The tags of a line, as numbers, which are compared at once.
pub(crate) fn of<'a>(line: &Line<'a>) -> impl Iterator<Item = u128> + 'a {
    line.tags().map(|tag| u128::from_be_bytes(tag.0))
}

/// Refuses the list at `path` if one of its `tags` stands twice, with the line in which it stands
/// again.
pub(crate) fn must_differ(path: &Path, mut tags: Vec<u128>) -> Result<(), CeremonyError> {
    tags.sort_unstable();
    let Some(twice) = tags.windows(2).find(|pair| pair[0] == pair[1]) else { return Ok(()) };
    let (mut lines, mut number, mut first) = (Lines::open(path)?, 0, None);
    while let Some(bytes) = lines.next()? {
        number += 1;
        let Ok(line) = Line::read(bytes) else { continue };
        for _ in of(&line).filter(|tag| *tag == twice[0]) {
            if let Some(first) = first {
                let what =
                    format!("a person is in the list twice: their tag stands in line {first}");
                return Err(CeremonyError::Input { path: path.to_owned(), line: number, what });
            }
            first = Some(number);
        }
    }
    Err(CeremonyError::wrong(path, "it was changed while it was looked at"))
}

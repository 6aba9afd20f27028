//! The way back from a line to its entry: a table that stays with the operator.
//!
//! Owns: its form: for each entry 16 bytes of its first commitment and 4 bytes of its number,
//! big-endian, in the order of the entries. Never: a person, or anything that is published.
//! Invariants: two entries never share a commitment's first half, which is checked where it
//! matters: among those that won.

use draw::{Digest, Line};
use std::collections::HashMap;
use std::io::{self, Read, Write};
use types::ids::EntryNo;

const COMMIT_BYTES: usize = 16;
const ROW_BYTES: usize = COMMIT_BYTES + 4;

type Half = [u8; COMMIT_BYTES];

/// Why lines have no entry.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The table cannot be read.
    #[error("the table of the draw's entries cannot be read")]
    Read(#[from] io::Error),
    /// It ends within a row.
    #[error("the table of the draw's entries ends within a row")]
    Cut,
    /// A line that is in the list and not in the table, or twice.
    #[error("{missing} of the lines are of no entry: the list is not the one that was made here")]
    Missing {
        /// How many.
        missing: usize,
    },
}

/// Which entries lines are of.
pub struct Index;

impl Index {
    /// Writes a row.
    ///
    /// # Errors
    /// Those of the writer.
    ///
    /// # Panics
    /// When the line is none.
    pub fn write(to: &mut impl Write, entry: EntryNo, line: &[u8]) -> io::Result<()> {
        let line = Line::read(line).expect("it was just made");
        to.write_all(&half(first(&line)))?;
        to.write_all(&entry.0.to_be_bytes())
    }

    /// The entries of some lines of the list, in their order.
    ///
    /// # Errors
    /// When the table cannot be read, or does not have them all.
    pub fn find(
        mut table: impl Read,
        lines: impl Iterator<Item = Digest>,
    ) -> Result<Vec<EntryNo>, IndexError> {
        let mut wanted: HashMap<Half, Option<EntryNo>> = HashMap::new();
        let halves: Vec<Half> = lines.map(half).collect();
        wanted.extend(halves.iter().map(|half| (*half, None)));
        let mut found = 0;
        let mut row = [0; ROW_BYTES];
        while read_row(&mut table, &mut row)? {
            let (half, entry) = row.split_first_chunk().expect("a row begins with a commitment");
            if let Some(place) = wanted.get_mut(half) {
                let entry = u32::from_be_bytes(entry.try_into().expect("4 bytes follow"));
                *place = Some(EntryNo(entry));
                found += 1;
            }
        }
        if found != halves.len() || wanted.len() != halves.len() {
            return Err(IndexError::Missing { missing: halves.len().abs_diff(found) });
        }
        Ok(halves.iter().map(|half| wanted[half].expect("as many were found")).collect())
    }
}

/// The first commitment of a line.
fn first(line: &Line<'_>) -> Digest {
    line.commits().next().expect("a line has a commitment")
}

fn half(Digest(digest): Digest) -> Half {
    *digest.first_chunk().expect("a digest is longer")
}

/// Whether there was another row.
fn read_row(table: &mut impl Read, row: &mut [u8; ROW_BYTES]) -> Result<bool, IndexError> {
    let mut filled = 0;
    while filled < ROW_BYTES {
        match table.read(&mut row[filled..]) {
            Ok(0) if filled == 0 => return Ok(false),
            Ok(0) => return Err(IndexError::Cut),
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(true)
}

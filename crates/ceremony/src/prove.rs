//! A proof for one line, of the tiles of a folder.
//!
//! Owns: finding the line, by its beginning, and its path. Never: proves a line that the list does
//! not hold; says that it does not before the whole list was looked through.

use crate::error::CeremonyError;
use crate::folder::{CHECKPOINT, ENTRIES, Folder};
use crate::lines::Lines;
use crate::log::{History, note};
use crate::run::must_be_sealed;
use draw::note::Checkpoint;
use draw::proof::{self, Proof};
use draw::tile::{self, TILE_WIDTH, Tile};
use std::cmp::Ordering;

/// A line of the list, and that it is one.
#[derive(Clone, Debug)]
pub struct Proved {
    /// The line.
    pub line: Vec<u8>,
    /// Its place, and the path to the root.
    pub proof: Proof,
}

/// The line of the list that begins so, proved; nothing if none of the sealed list does. In an
/// honest list one line alone begins with its commits and the comma behind them.
///
/// # Errors
/// When the list, the checkpoint or a tile cannot be read, or is not what it should be: that no
/// line begins so is said of the list that was sealed alone.
pub fn prove(folder: &Folder, beginning: &[u8]) -> Result<Option<Proved>, CeremonyError> {
    let checkpoint = folder.read_text(CHECKPOINT)?;
    let head = Checkpoint::read(&note(folder, CHECKPOINT)?)
        .map_err(|problem| CeremonyError::wrong(&folder.path(CHECKPOINT), problem))?;
    let found = match find_in_bundles(folder, head.size, beginning)? {
        None => find(folder, beginning)?.filter(|(index, _)| *index < head.size),
        found => found,
    };
    let Some((index, line)) = found else {
        must_be_sealed(folder, &History::read(folder)?, &|_, _, _| ())?;
        return Ok(None);
    };
    let path = proof::path(index, head.size, |tile| {
        let name = tile.to_string();
        let hashes = tile::read(tile, &folder.read(&name)?);
        hashes.ok_or_else(|| {
            let what = format!("not {} hashes of 32 bytes: cut off, or too long", tile.width());
            CeremonyError::wrong(&folder.path(&name), what)
        })
    })?;
    let proof = Proof { index, path, checkpoint };
    let checked = proof.check(&line);
    checked.map_err(|problem| CeremonyError::wrong(&folder.path(CHECKPOINT), problem))?;
    Ok(Some(Proved { line, proof }))
}

/// How a beginning stands to a line, in the order of the list: equal if the line begins so.
fn against(beginning: &[u8], line: &[u8]) -> Ordering {
    beginning.cmp(&line[..line.len().min(beginning.len())])
}

/// A line and its place in the list, from 0, by the bundles: they are in order, so that a few of
/// them tell. That it is not in them says nothing for sure: one may be damaged.
fn find_in_bundles(
    folder: &Folder,
    size: u64,
    beginning: &[u8],
) -> Result<Option<(u64, Vec<u8>)>, CeremonyError> {
    let (mut low, mut high) = (0, size.div_ceil(TILE_WIDTH as u64));
    while low < high {
        let middle = low.midpoint(high);
        let first = middle * TILE_WIDTH as u64;
        let tile = Tile::holding(0, first, size).expect("a bundle holds at least one line");
        let name = tile.bundle_path();
        let bytes = folder.read(&name)?;
        let lines = tile::read_entries(tile, &bytes).ok_or_else(|| {
            let what = format!("not a bundle of {} entries: cut off, or too long", tile.width());
            CeremonyError::wrong(&folder.path(&name), what)
        })?;
        if against(beginning, lines[0]).is_lt() {
            high = middle;
        } else if against(beginning, lines[lines.len() - 1]).is_gt() {
            low = middle + 1;
        } else {
            let place = lines.binary_search_by(|line| against(beginning, line).reverse()).ok();
            return Ok(place.map(|place| (first + place as u64, lines[place].to_vec())));
        }
    }
    Ok(None)
}

/// A line and its place in the list, from 0.
fn find(folder: &Folder, beginning: &[u8]) -> Result<Option<(u64, Vec<u8>)>, CeremonyError> {
    let mut lines = Lines::open(&folder.path(ENTRIES))?;
    let mut index = 0;
    while let Some(line) = lines.next()? {
        if line.starts_with(beginning) {
            return Ok(Some((index, line.to_vec())));
        }
        index += 1;
    }
    Ok(None)
}

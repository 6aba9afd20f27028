//! A proof for one line, of the tiles of a folder.
//!
//! Owns: finding the line and its path. Never: proves a line that the list does not hold; says that
//! it does not before the whole list was looked through.

use crate::error::CeremonyError;
use crate::folder::{CHECKPOINT, ENTRIES, Folder};
use crate::lines::Lines;
use crate::log::note;
use draw::note::Checkpoint;
use draw::proof::{self, Proof};
use draw::tile::{self, TILE_WIDTH, Tile};

/// The proof that `line` stands in the list of `folder`; nothing if it does not.
///
/// # Errors
/// When the list, the checkpoint or a tile cannot be read, or is not what it should be.
pub fn prove(folder: &Folder, line: &[u8]) -> Result<Option<Proof>, CeremonyError> {
    let checkpoint = folder.read_text(CHECKPOINT)?;
    let head = Checkpoint::read(&note(folder, CHECKPOINT)?)
        .map_err(|problem| CeremonyError::wrong(&folder.path(CHECKPOINT), problem))?;
    let found = match find_in_bundles(folder, head.size, line)? {
        None => find(folder, line)?.filter(|index| *index < head.size),
        found => found,
    };
    let Some(index) = found else { return Ok(None) };
    let path = proof::path(index, head.size, |tile| {
        let name = tile.to_string();
        let hashes = tile::read(tile, &folder.read(&name)?);
        hashes.ok_or_else(|| {
            let what = format!("not {} hashes of 32 bytes: cut off, or too long", tile.width());
            CeremonyError::wrong(&folder.path(&name), what)
        })
    })?;
    let proof = Proof { index, path, checkpoint };
    let checked = proof.check(line);
    checked.map_err(|problem| CeremonyError::wrong(&folder.path(CHECKPOINT), problem))?;
    Ok(Some(proof))
}

/// A line's place in the list, from 0, by the bundles: they are in order, so that a few of them
/// tell. That it is not in them says nothing for sure: one may be damaged.
fn find_in_bundles(
    folder: &Folder,
    size: u64,
    wanted: &[u8],
) -> Result<Option<u64>, CeremonyError> {
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
        if wanted < lines[0] {
            high = middle;
        } else if lines[lines.len() - 1] < wanted {
            low = middle + 1;
        } else {
            return Ok(lines.binary_search(&wanted).ok().map(|place| first + place as u64));
        }
    }
    Ok(None)
}

/// A line's place in the list, from 0.
fn find(folder: &Folder, wanted: &[u8]) -> Result<Option<u64>, CeremonyError> {
    let mut lines = Lines::open(&folder.path(ENTRIES))?;
    let mut index = 0;
    while let Some(line) = lines.next()? {
        if line == wanted {
            return Ok(Some(index));
        }
        index += 1;
    }
    Ok(None)
}

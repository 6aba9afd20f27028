//! A proof for one line, of the tiles of a folder.
//!
//! Owns: finding the line and its path. Never: proves a line that the list does not hold.

use crate::error::CeremonyError;
use crate::folder::{CHECKPOINT, ENTRIES, Folder};
use crate::lines::Lines;
use crate::log::note;
use draw::note::Checkpoint;
use draw::proof::{self, Proof};
use draw::tile;

/// The proof that `line` stands in the list of `folder`; nothing if it does not.
///
/// # Errors
/// When the list, the checkpoint or a tile cannot be read, or is not what it should be.
pub fn prove(folder: &Folder, line: &[u8]) -> Result<Option<Proof>, CeremonyError> {
    let checkpoint = folder.read_text(CHECKPOINT)?;
    let head = Checkpoint::read(&note(folder, CHECKPOINT)?)
        .map_err(|problem| CeremonyError::wrong(&folder.path(CHECKPOINT), problem))?;
    let Some(index) = find(folder, line)? else { return Ok(None) };
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

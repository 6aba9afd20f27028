//! `tile/` against the list.
//!
//! Owns: the comparison of every tile and every bundle with what the list gives, and what else lies
//! beside them. Never: takes a hash from a tile, but to tell which line of a list was changed, and
//! then only of tiles that give the sealed root.

use crate::Progress;
use crate::error::CeremonyError;
use crate::folder::{ENTRIES, Folder, TILES};
use crate::lines::Lines;
use crate::list::Piece;
use draw::Digest;
use draw::tile::{self, TILE_WIDTH, Tile};
use draw::tree::TreeBuilder;
use std::collections::HashSet;
use std::path::Path;

/// Bundles between two looks at how far they are.
const BUNDLES_PER_LOOK: u64 = 256;

/// The tiles of a folder, compared as the tree makes them.
pub(super) struct Tiles<'a> {
    folder: &'a Folder,
    /// The files that were compared.
    seen: HashSet<String>,
    wrong: Option<CeremonyError>,
}

/// What was found in `tile/`.
pub(super) struct Looked {
    /// Files that were compared.
    pub(super) files: u64,
    /// What else lies there, by its path in the draw's folder.
    pub(super) strays: Vec<String>,
}

impl<'a> Tiles<'a> {
    pub(super) fn new(folder: &'a Folder) -> Self {
        Self { folder, seen: HashSet::new(), wrong: None }
    }

    /// Compares a tile with the hashes that the list gives. What is wrong is told at the end.
    pub(super) fn compare(&mut self, tile: Tile, hashes: &[Digest]) {
        if self.wrong.is_none() {
            self.wrong = self.look(tile, hashes).err();
        }
    }

    fn look(&mut self, tile: Tile, hashes: &[Digest]) -> Result<(), CeremonyError> {
        let name = tile.to_string();
        let found = self.read(&name)?;
        self.seen.insert(name.clone());
        if found == tile::write(hashes) {
            return Ok(());
        }
        let what = match tile::read(tile, &found) {
            None => format!("not {} hashes of 32 bytes: cut off, or too long", tile.width()),
            Some(found) => {
                let same = found.iter().zip(hashes).take_while(|(one, other)| one == other);
                let place = same.count() as u64;
                let line = tile.number * TILE_WIDTH as u64 + place + 1;
                match tile.level {
                    0 => format!("hash {} is not that of line {line} of {ENTRIES}", place + 1),
                    _ => format!("hash {} is not the one that the tiles below give", place + 1),
                }
            }
        };
        Err(CeremonyError::wrong(&self.folder.path(&name), what))
    }

    /// Compares the bundles of a list of `size` lines, too; what there is.
    pub(super) fn finish(
        mut self,
        size: u64,
        progress: Progress<'_>,
    ) -> Result<Looked, CeremonyError> {
        if let Some(wrong) = self.wrong {
            return Err(wrong);
        }
        let mut lines = Lines::open(&self.folder.path(ENTRIES))?;
        let width = TILE_WIDTH as u64;
        for number in 0..size.div_ceil(width) {
            let tile = Tile::holding(0, number * width, size);
            let tile = tile.expect("a bundle holds at least one line");
            self.look_at_bundle(tile, &mut lines)?;
            if number.is_multiple_of(BUNDLES_PER_LOOK) {
                progress("tiles", number * width, size);
            }
        }
        Ok(Looked { files: self.seen.len() as u64, strays: self.strays()? })
    }

    /// What lies in `tile/` and was not compared: a folder in which nothing belongs is told as one.
    fn strays(&self) -> Result<Vec<String>, CeremonyError> {
        let folders: HashSet<&Path> =
            self.seen.iter().flat_map(|name| Path::new(name).ancestors().skip(1)).collect();
        let (mut waiting, mut strays) = (Vec::new(), Vec::new());
        // A list without entries has no tiles.
        if self.folder.has(TILES)? {
            waiting.push(TILES.to_owned());
        }
        while let Some(folder) = waiting.pop() {
            for name in self.folder.names_in(&folder)? {
                let path = format!("{folder}/{name}");
                if folders.contains(Path::new(&path)) {
                    waiting.push(path);
                } else if !self.seen.contains(&path) {
                    strays.push(path);
                }
            }
        }
        strays.sort_unstable();
        Ok(strays)
    }

    fn look_at_bundle(&mut self, tile: Tile, lines: &mut Lines) -> Result<(), CeremonyError> {
        let name = tile.bundle_path();
        let found = self.read(&name)?;
        self.seen.insert(name.clone());
        let wrong = |what| CeremonyError::wrong(&self.folder.path(&name), what);
        let Some(entries) = tile::read_entries(tile, &found) else {
            let what = format!("not a bundle of {} entries: cut off, or too long", tile.width());
            return Err(wrong(what));
        };
        for (place, entry) in (0..).zip(entries) {
            if lines.next()? != Some(entry) {
                let line = tile.number * TILE_WIDTH as u64 + place + 1;
                let what = format!("entry {} is not line {line} of {ENTRIES}", place + 1);
                return Err(wrong(what));
            }
        }
        Ok(())
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, CeremonyError> {
        let found = self.folder.find(name)?;
        found.ok_or_else(|| CeremonyError::wrong(&self.folder.path(name), "it is not there"))
    }
}

/// The first line that is not the one that was sealed, from 1, if tiles that give the sealed root
/// are there to tell.
pub(super) fn changed_line(
    folder: &Folder,
    (size, root): (u64, Digest),
    leaves: &[Piece<Vec<Digest>>],
) -> Result<Option<u64>, CeremonyError> {
    let mut tree = TreeBuilder::default();
    let mut ours = leaves.iter().flat_map(|piece| &piece.state);
    let mut changed = None;
    for number in 0..size.div_ceil(TILE_WIDTH as u64) {
        let first = number * TILE_WIDTH as u64;
        let tile = Tile::holding(0, first, size).expect("a tile holds at least one hash");
        let Some(bytes) = folder.find(&tile.to_string())? else { return Ok(None) };
        let Some(hashes) = tile::read(tile, &bytes) else { return Ok(None) };
        for (line, hash) in (first + 1..).zip(hashes) {
            if ours.next() != Some(&hash) {
                changed = changed.or(Some(line));
            }
            tree.push(hash, &mut |_, _| {});
        }
    }
    let changed = changed.or_else(|| ours.next().map(|_| size + 1));
    Ok(changed.filter(|_| tree.finish(&mut |_, _| {}) == root))
}

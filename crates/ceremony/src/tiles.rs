//! The tree over the list, as files that any web server can hand out.
//!
//! Owns: `tile/` with the tree's tiles and the list's bundles, and the root. Never: leaves half of
//! it under its name; reads a list: lines and their hashes are given in order.

use crate::error::CeremonyError;
use crate::folder::{ENTRIES, Folder, TILES};
use draw::Digest;
use draw::tile::{self, TILE_WIDTH, Tile};
use draw::tree::TreeBuilder;
use std::collections::HashSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// The tree's size and root.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    pub(crate) size: u64,
    pub(crate) root: Digest,
}

/// A tree and its files, as the list comes.
pub(crate) struct Tiles {
    tree: TreeBuilder,
    /// Where the files go; nothing if they are there already.
    files: Option<Files>,
    /// The entries of the bundle that is not full yet.
    bundle: Vec<u8>,
}

impl Tiles {
    /// A tree without leaves, and a place for its files unless `folder` has them.
    pub(crate) fn begin(folder: &Folder) -> Result<Self, CeremonyError> {
        folder.forget_part(TILES)?;
        if folder.has(TILES)? && !folder.has(ENTRIES)? {
            let what = "it is there without the list that it is of: take the folder away, and seal \
                        into an empty one";
            return Err(CeremonyError::wrong(&folder.path(TILES), what));
        }
        let files = if folder.has(TILES)? { None } else { Some(Files::begin(folder)?) };
        Ok(Self { tree: TreeBuilder::default(), files, bundle: Vec::new() })
    }

    /// Adds the next lines, each with its hash as a leaf.
    pub(crate) fn add<'a>(
        &mut self,
        lines: impl IntoIterator<Item = (&'a [u8], Digest)>,
    ) -> Result<(), CeremonyError> {
        let mut failed = None;
        for (line, leaf) in lines {
            if let Some(files) = &mut self.files {
                tile::write_entry(&mut self.bundle, line);
                let size = self.tree.size() + 1;
                if size.is_multiple_of(TILE_WIDTH as u64) {
                    files.write(&last_tile(size).bundle_path(), &self.bundle)?;
                    self.bundle.clear();
                }
            }
            self.tree.push(leaf, &mut |tile, hashes| {
                let written = write(&mut self.files, tile, hashes);
                failed = failed.take().or(written.err());
            });
            failed.take().map_or(Ok(()), Err)?;
        }
        Ok(())
    }

    /// Writes what is not full; the tree's head.
    pub(crate) fn finish(mut self) -> Result<Head, CeremonyError> {
        let (size, mut failed) = (self.tree.size(), None);
        if let (Some(files), false) = (&mut self.files, self.bundle.is_empty()) {
            files.write(&last_tile(size).bundle_path(), &self.bundle)?;
        }
        let root = self.tree.finish(&mut |tile, hashes| {
            let written = write(&mut self.files, tile, hashes);
            failed = failed.take().or(written.err());
        });
        failed.map_or(Ok(Head { size, root }), Err)
    }
}

/// Gives the files their name, unless `folder` had them before.
pub(crate) fn keep(folder: &Folder) -> Result<(), CeremonyError> {
    if folder.has(TILES)? {
        return Ok(());
    }
    sync(&folder.part(TILES))?;
    folder.keep(TILES)
}

/// Has the system write out everything below `place`, and what else waits there: one call for the
/// hundred thousand files, in place of one for each.
pub(crate) fn sync(place: &Path) -> Result<(), CeremonyError> {
    let sync = || Ok(rustix::fs::syncfs(File::open(place)?)?);
    sync().map_err(CeremonyError::disk("synced", place))
}

/// The tile of leaves that holds the last of `size`.
fn last_tile(size: u64) -> Tile {
    Tile::holding(0, size - 1, size).expect("the last leaf lies in a tile")
}

fn write(files: &mut Option<Files>, tile: Tile, hashes: &[Digest]) -> Result<(), CeremonyError> {
    let Some(files) = files else { return Ok(()) };
    files.write(&tile.to_string(), &tile::write(hashes))
}

/// Where files are being written.
struct Files {
    part: PathBuf,
    /// The folders that were made: one for a thousand files, so that not each asks for its own.
    made: HashSet<PathBuf>,
}

impl Files {
    fn begin(folder: &Folder) -> Result<Self, CeremonyError> {
        let part = folder.part(TILES);
        fs::create_dir(&part).map_err(CeremonyError::disk("made", &part))?;
        Ok(Self { part, made: HashSet::new() })
    }

    /// Writes `name`, which begins with the folder of all tiles.
    fn write(&mut self, name: &str, bytes: &[u8]) -> Result<(), CeremonyError> {
        let below = Path::new(name).strip_prefix(TILES).expect("every tile lies below one folder");
        let path = self.part.join(below);
        let parent = path.parent().expect("a file lies in a folder");
        if !self.made.contains(parent) {
            fs::create_dir_all(parent).map_err(CeremonyError::disk("made", parent))?;
            self.made.insert(parent.to_owned());
        }
        fs::write(&path, bytes).map_err(CeremonyError::disk("written", &path))
    }
}

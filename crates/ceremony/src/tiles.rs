//! The tree over the list, as files that any web server can hand out.
//!
//! Owns: `tile/` with the tree's tiles and the list's bundles, and the root. Never: leaves half of
//! it under its name.

use crate::Progress;
use crate::error::CeremonyError;
use crate::folder::{Folder, TILES};
use crate::list::{Piece, scan};
use draw::Digest;
use draw::tile::{self, TILE_WIDTH, Tile};
use draw::tree::{TreeBuilder, leaf};
use std::fs::{self, File};
use std::path::Path;
use std::thread;

/// Bundles between two looks at how far they are.
const BUNDLES_PER_LOOK: u64 = 1024;

/// The tree's size and root.
pub(crate) struct Head {
    pub(crate) size: u64,
    pub(crate) root: Digest,
}

/// The hashes of all leaves of the list at `path`, in order.
pub(crate) fn leaves(
    path: &Path,
    progress: Progress<'_>,
) -> Result<Vec<Piece<Vec<Digest>>>, CeremonyError> {
    scan(path, "hashing", progress, Vec::new, |hashes, _, line| {
        hashes.push(leaf(line));
        Ok(())
    })
}

/// The head of the tree over `leaves`; its tiles go to `emit`.
pub(crate) fn head(leaves: &[Piece<Vec<Digest>>], emit: &mut impl FnMut(Tile, &[Digest])) -> Head {
    let mut tree = TreeBuilder::default();
    for hash in leaves.iter().flat_map(|piece| &piece.state) {
        tree.push(*hash, emit);
    }
    Head { size: tree.size(), root: tree.finish(emit) }
}

/// Writes `tile/` for the list at `path`, if it is not there; its head.
pub(crate) fn write(
    folder: &Folder,
    path: &Path,
    progress: Progress<'_>,
) -> Result<Head, CeremonyError> {
    let leaves = leaves(path, progress)?;
    folder.forget_part(TILES)?;
    if folder.has(TILES)? {
        return Ok(head(&leaves, &mut |_, _| {}));
    }
    let part = folder.part(TILES);
    fs::create_dir(&part).map_err(CeremonyError::disk("made", &part))?;
    let size = leaves.iter().map(|piece| u64::from(piece.lines)).sum();
    let (head, bundled) = thread::scope(|scope| {
        let bundled = scope.spawn(|| bundles(path, &part, size, progress));
        (tree(&part, &leaves), bundled.join().expect("bundling does not panic"))
    });
    let head = head?;
    bundled?;
    drop(leaves);
    // One call for the hundred thousand files, in place of one for each.
    let sync = || Ok(rustix::fs::syncfs(File::open(&part)?)?);
    sync().map_err(CeremonyError::disk("synced", &part))?;
    folder.keep(TILES)?;
    Ok(head)
}

/// Writes the tree's tiles.
fn tree(part: &Path, leaves: &[Piece<Vec<Digest>>]) -> Result<Head, CeremonyError> {
    let (mut places, mut failed) = (Places::default(), None);
    let head = head(leaves, &mut |tile, hashes| {
        if failed.is_none() {
            failed = places.write(part, &tile.to_string(), &tile::write(hashes)).err();
        }
    });
    failed.map_or(Ok(head), Err)
}

/// Writes the list in bundles of 256 lines.
fn bundles(
    path: &Path,
    part: &Path,
    size: u64,
    progress: Progress<'_>,
) -> Result<(), CeremonyError> {
    let mut places = Places::default();
    let mut lines = crate::lines::Lines::open(path)?;
    let mut bundle = Vec::new();
    for number in 0..size.div_ceil(TILE_WIDTH as u64) {
        bundle.clear();
        let tile = Tile::holding(0, number * TILE_WIDTH as u64, size);
        let tile = tile.expect("a bundle holds at least one line");
        for _ in 0..tile.width() {
            let line = lines.next()?;
            let line = line.ok_or_else(|| {
                CeremonyError::wrong(path, "the file was changed while it was being sealed")
            })?;
            tile::write_entry(&mut bundle, line);
        }
        places.write(part, &tile.bundle_path(), &bundle)?;
        if number.is_multiple_of(BUNDLES_PER_LOOK) {
            progress("bundling", number * TILE_WIDTH as u64, size);
        }
    }
    Ok(())
}

/// Remembers the last folder that was made, so that not each file asks for its own.
#[derive(Default)]
struct Places {
    last: std::path::PathBuf,
}

impl Places {
    /// Writes `name`, which begins with the folder of all tiles, below `part`.
    fn write(&mut self, part: &Path, name: &str, bytes: &[u8]) -> Result<(), CeremonyError> {
        let below = Path::new(name).strip_prefix(TILES).expect("every tile lies below one folder");
        let path = part.join(below);
        let parent = path.parent().expect("a file lies in a folder");
        if parent != self.last {
            fs::create_dir_all(parent).map_err(CeremonyError::disk("made", parent))?;
            parent.clone_into(&mut self.last);
        }
        fs::write(&path, bytes).map_err(CeremonyError::disk("written", &path))
    }
}

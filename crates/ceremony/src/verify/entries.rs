//! The sealed list, looked at line by line.
//!
//! Owns: that each line is an entry of the draw's stock, that they are in order and nobody is in
//! twice, and that it is the list, the tree and the checkpoint that were sealed. Never: sorts.

use super::tiles::{Looked, Tiles, changed_line};
use crate::error::CeremonyError;
use crate::folder::{CHECKPOINT, ENTRIES, Folder};
use crate::list::Piece;
use crate::log::{History, note};
use crate::{Progress, list, tags};
use draw::note::Checkpoint;
use draw::tree::{TreeBuilder, leaves};
use draw::{Digest, Line, Stock};
use std::path::Path;
use std::thread;

/// What a piece of the list was seen to hold.
#[derive(Default)]
struct Seen {
    leaves: Vec<Digest>,
    tags: Vec<u128>,
    first: Vec<u8>,
    last: Vec<u8>,
}

/// Checks the list, and `tile/` if it is wanted, with how far that is; what there is of it.
pub(super) fn check(
    folder: &Folder,
    history: &History,
    stock: &Stock,
    progress: Progress<'_>,
    tiles: Option<Progress<'_>>,
) -> Result<Option<Looked>, CeremonyError> {
    let path = folder.path(ENTRIES);
    let (pieces, digest) = thread::scope(|scope| {
        let digest = scope.spawn(|| list::digest(&path));
        let pieces = look(&path, stock, progress);
        (pieces, digest.join().expect("a digest does not panic"))
    });
    let mut pieces = pieces?;
    check_order(&path, &pieces)?;
    // Gone as soon as nobody is in the list twice.
    let tags = pieces.iter_mut().flat_map(|piece| piece.state.tags.drain(..)).collect();
    tags::must_differ(&path, tags)?;
    let leaves: Vec<_> = pieces
        .into_iter()
        .map(|Piece { first, lines, state }| Piece { first, lines, state: state.leaves })
        .collect();
    let sealed = (history.seal.entries, history.seal.root);
    let mut served = Tiles::new(folder);
    let mut emit = |tile, hashes: &[Digest]| {
        if tiles.is_some() {
            served.compare(tile, hashes);
        }
    };
    let mut tree = TreeBuilder::default();
    for hash in leaves.iter().flat_map(|piece| &piece.state) {
        tree.push(*hash, &mut emit);
    }
    let found = (tree.size(), tree.finish(&mut emit));
    if digest? != history.seal.list || found != sealed {
        let what = "not the list that was sealed";
        return Err(match changed_line(folder, sealed, &leaves)? {
            Some(line) if sealed.0 < line => {
                let what = format!("only {} lines were sealed", sealed.0);
                CeremonyError::Input { path, line, what }
            }
            Some(line) => {
                let what = "not the line that was sealed, as the tiles tell".to_owned();
                CeremonyError::Input { path, line, what }
            }
            None => CeremonyError::wrong(&path, what),
        });
    }
    drop(leaves);
    check_head(folder, history.seal.draw.as_str(), sealed)?;
    tiles.map(|progress| served.finish(sealed.0, progress)).transpose()
}

fn look(
    path: &Path,
    stock: &Stock,
    progress: Progress<'_>,
) -> Result<Vec<Piece<Seen>>, CeremonyError> {
    list::scan_batches(path, "checking", progress, Seen::default, |seen: &mut Seen, _, lines| {
        for (at, bytes) in (0..).zip(lines) {
            let line = Line::read(bytes).map_err(|problem| (at, problem.to_string()))?;
            line.wish(stock).map_err(|problem| (at, problem.to_string()))?;
            if *bytes <= &seen.last[..] {
                return Err((at, out_of_order(*bytes == seen.last)));
            }
            if seen.first.is_empty() {
                seen.first = bytes.to_vec();
            }
            seen.last.clear();
            seen.last.extend_from_slice(bytes);
            seen.tags.extend(tags::of(&line));
        }
        seen.leaves.extend(leaves(lines));
        Ok(())
    })
}

fn out_of_order(is_same: bool) -> String {
    let what = if is_same {
        "the same as the line before it"
    } else {
        "not behind the line before it in the order of bytes"
    };
    what.to_owned()
}

/// Whether each piece begins behind the end of the one before.
fn check_order(path: &Path, pieces: &[Piece<Seen>]) -> Result<(), CeremonyError> {
    let parted = pieces.windows(2).find(|pair| {
        let (one, two) = (&pair[0].state, &pair[1].state);
        0 < pair[1].lines && two.first <= one.last
    });
    let Some(pair) = parted else { return Ok(()) };
    let what = out_of_order(pair[1].state.first == pair[0].state.last);
    let (path, line) = (path.to_owned(), u64::from(pair[1].first) + 1);
    Err(CeremonyError::Input { path, line, what })
}

/// Whether the checkpoint is the head of the sealed tree.
fn check_head(
    folder: &Folder,
    draw: &str,
    (size, root): (u64, Digest),
) -> Result<(), CeremonyError> {
    let path = folder.path(CHECKPOINT);
    let head = Checkpoint::read(&note(folder, CHECKPOINT)?);
    let head = head.map_err(|problem| CeremonyError::wrong(&path, problem))?;
    let wrong = |line: u64, what: &str| {
        Err(CeremonyError::Input { path: path.clone(), line, what: what.to_owned() })
    };
    if head.origin != draw {
        return wrong(1, "not the draw that was sealed");
    }
    if head.size != size {
        return wrong(2, "not the number of entries that was sealed");
    }
    if head.root != root {
        return wrong(3, "not the root that was sealed");
    }
    Ok(())
}

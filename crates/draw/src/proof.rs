//! The proof that a line stands in the sealed list (C2SP tlog-proof).
//!
//! Owns: the path from a leaf to the root, its check, and how a proof is written and read. Never:
//! trusts a path: a proof is held against the checkpoint's root.

use crate::hash::Digest;
use crate::note::{Checkpoint, Note, NoteProblem};
use crate::stock::decimal;
use crate::tile::{TILE_WIDTH, Tile};
use crate::tree::{node, root_of};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::ops::Range;

/// A line's place in the list, and the hashes between it and the root.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proof {
    /// The line's place, from 0.
    pub index: u64,
    /// The hashes beside the way up, the leaf's neighbour first.
    pub path: Vec<Digest>,
    /// The signed note of the tree, as it was read.
    pub checkpoint: String,
}

/// Why a proof proves nothing.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ProofProblem {
    /// Not of the form.
    #[error("line {0} of the proof is not of the form c2sp.org/tlog-proof@v1")]
    Shape(usize),
    /// A checkpoint that is none.
    #[error("the checkpoint of the proof: {0}")]
    Checkpoint(#[from] NoteProblem),
    /// Another line, another place, or another list.
    #[error("the path does not lead from this line at place {index} to the root of {size} lines")]
    Path {
        /// The place that was told.
        index: u64,
        /// How many lines the list has.
        size: u64,
    },
}

/// The longest path there is: that of a tree of 2^63 leaves.
const PATH_MAX: usize = 64;
const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// The path of leaf `index` of a tree of `size` leaves, of the tiles that `tile` brings.
///
/// # Errors
/// Whatever error `tile` has.
///
/// # Panics
/// When there is no such leaf.
pub fn path<E>(
    index: u64,
    size: u64,
    mut tile: impl FnMut(Tile) -> Result<Vec<Digest>, E>,
) -> Result<Vec<Digest>, E> {
    assert!(index < size, "leaf {index} of {size} is not there");
    let mut path = Vec::new();
    let mut range = 0..size;
    while 1 < range.end - range.start {
        let middle = middle(&range);
        let (own, other) = if index < middle {
            (range.start..middle, middle..range.end)
        } else {
            (middle..range.end, range.start..middle)
        };
        path.push(range_root(other, size, &mut tile)?);
        range = own;
    }
    path.reverse();
    Ok(path)
}

/// Where RFC 6962 parts a range: behind the largest power of two below its length.
fn middle(range: &Range<u64>) -> u64 {
    let length = range.end - range.start;
    range.start + (1 << (length - 1).ilog2())
}

fn range_root<E>(
    range: Range<u64>,
    size: u64,
    tile: &mut impl FnMut(Tile) -> Result<Vec<Digest>, E>,
) -> Result<Digest, E> {
    let length = range.end - range.start;
    if !length.is_power_of_two() {
        let middle = middle(&range);
        let left = range_root(range.start..middle, size, tile)?;
        return Ok(node(left, range_root(middle..range.end, size, tile)?));
    }
    // A perfect subtree: its hashes stand in a row in one tile, at most 128 of them.
    let height = length.ilog2();
    let level = u8::try_from(height / 8).expect("a tree has at most 8 levels of tiles");
    let place = range.start >> (8 * u32::from(level));
    let found = Tile::holding(level, place, size).expect("a range lies within its tree");
    let hashes = tile(found)?;
    assert_eq!(hashes.len(), found.width(), "a tile is as wide as it says");
    let start = usize::try_from(place % TILE_WIDTH as u64).expect("a place in a tile is below 256");
    Ok(root_of(&hashes[start..start + (1 << (height % 8))]))
}

/// The root that `path` leads to from `leaf` at `index` of `size`; nothing if it cannot be a path
/// there (RFC 9162, section 2.1.3.2).
#[must_use]
pub fn root(leaf: Digest, index: u64, size: u64, path: &[Digest]) -> Option<Digest> {
    if size <= index {
        return None;
    }
    let (mut place, mut last) = (index, size - 1);
    let mut hash = leaf;
    for sibling in path {
        if last == 0 {
            return None;
        }
        if place % 2 == 1 || place == last {
            hash = node(*sibling, hash);
            while place % 2 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            hash = node(hash, *sibling);
        }
        place >>= 1;
        last >>= 1;
    }
    (last == 0).then_some(hash)
}

impl Proof {
    /// The proof as a file.
    #[must_use]
    pub fn write(&self) -> String {
        let mut text = format!("{HEADER}\nindex {}\n", self.index);
        for hash in &self.path {
            text.push_str(&STANDARD.encode(hash.0));
            text.push('\n');
        }
        text.push('\n');
        text.push_str(&self.checkpoint);
        text
    }

    /// Reads a proof. Extra data, which the form allows, is skipped: nothing here uses it.
    ///
    /// # Errors
    /// The first line that is not of the form.
    pub fn read(text: &str) -> Result<Self, ProofProblem> {
        let (head, checkpoint) = text.split_once("\n\n").ok_or(ProofProblem::Shape(1))?;
        let mut lines = (1..).zip(head.split('\n')).peekable();
        let shape = |line: Option<(usize, &str)>| {
            ProofProblem::Shape(line.map_or(head.split('\n').count(), |(number, _)| number))
        };
        lines.next_if(|(_, line)| *line == HEADER).ok_or(ProofProblem::Shape(1))?;
        lines.next_if(|(_, line)| {
            line.strip_prefix("extra ").is_some_and(|extra| STANDARD.decode(extra).is_ok())
        });
        let line = lines.next();
        let index = line.and_then(|(_, line)| decimal(line.strip_prefix("index ")?.as_bytes()));
        let index = index.ok_or_else(|| shape(line))?;
        let mut path = Vec::new();
        for (number, line) in lines {
            let hash = STANDARD.decode(line).ok().and_then(|hash| hash.try_into().ok());
            let hash = hash.filter(|_| path.len() < PATH_MAX);
            path.push(Digest(hash.ok_or(ProofProblem::Shape(number))?));
        }
        Ok(Self { index, path, checkpoint: checkpoint.to_owned() })
    }

    /// Whether `line` stands in the list of the proof's checkpoint, which it returns. Whether the
    /// checkpoint is signed by whom it should be is asked of the note.
    ///
    /// # Errors
    /// When the checkpoint is none, or the path does not lead to its root.
    pub fn check(&self, line: &[u8]) -> Result<Checkpoint, ProofProblem> {
        let note = Note::read(&self.checkpoint)?;
        let checkpoint = Checkpoint::read(&note)?;
        let (index, size) = (self.index, checkpoint.size);
        match root(crate::tree::leaf(line), index, size, &self.path) {
            Some(root) if root == checkpoint.root => Ok(checkpoint),
            _ => Err(ProofProblem::Path { index, size }),
        }
    }
}

//! The tree over the sealed list: RFC 6962, section 2.1, with SHA-256.
//!
//! Owns: leaf and node hashes, the root, and which hashes make a tile (`docs/draw-format.md`).
//! Never: keeps more of a list than the last tile of each level.
//! Invariants: a tile leaves the builder once, full, or at the end with what it has.

use crate::hash::Digest;
use crate::hash::many::digest_each;
use crate::tile::{TILE_WIDTH, Tile};

/// The hash of a line as a leaf.
#[must_use]
pub fn leaf(line: &[u8]) -> Digest {
    Digest::of_parts(&[&[0], line])
}

/// The hash of each of many lines as a leaf.
#[must_use]
pub fn leaves(lines: &[&[u8]]) -> Vec<Digest> {
    digest_each(0, lines)
}

/// The hash of two neighbours as one node.
#[must_use]
pub fn node(left: Digest, right: Digest) -> Digest {
    let mut bytes = [1; 65];
    bytes[1..33].copy_from_slice(&left.0);
    bytes[33..].copy_from_slice(&right.0);
    Digest::of(&bytes)
}

/// The root over hashes of neighbouring subtrees that are equally large and perfect.
///
/// # Panics
/// When there are none: an empty tree has a root, but no hashes to make one of.
#[must_use]
pub fn root_of(hashes: &[Digest]) -> Digest {
    fold(hashes, None).expect("a subtree holds at least one hash")
}

/// Puts the perfect subtrees of `hashes`, larger ones to the left, before what stands right of
/// them.
fn fold(hashes: &[Digest], right: Option<Digest>) -> Option<Digest> {
    let mut right = right;
    let mut end = hashes.len();
    while 0 < end {
        let width = 1 << end.trailing_zeros();
        let perfect = perfect(&hashes[end - width..end]);
        right = Some(right.map_or(perfect, |right| node(perfect, right)));
        end -= width;
    }
    right
}

/// The root of a power of two of hashes.
fn perfect(hashes: &[Digest]) -> Digest {
    assert!(hashes.len().is_power_of_two(), "a perfect tree has a power of two of leaves");
    let mut level = hashes.to_vec();
    while let [_, _, ..] = level[..] {
        level = nodes(&level);
    }
    level[0]
}

/// Each two neighbours as one node.
fn nodes(level: &[Digest]) -> Vec<Digest> {
    let bytes: Vec<[u8; 64]> = level
        .as_chunks()
        .0
        .iter()
        .map(|[left, right]| {
            let mut both = [0; 64];
            both[..32].copy_from_slice(&left.0);
            both[32..].copy_from_slice(&right.0);
            both
        })
        .collect();
    let pairs: Vec<&[u8]> = bytes.iter().map(|both| &both[..]).collect();
    digest_each(1, &pairs)
}

/// A tree that grows leaf by leaf.
#[derive(Clone, Debug, Default)]
pub struct TreeBuilder {
    levels: Vec<Level>,
    size: u64,
}

/// The last tile of a level, and how many full ones lie before it.
#[derive(Clone, Debug, Default)]
struct Level {
    hashes: Vec<Digest>,
    full: u64,
}

impl TreeBuilder {
    /// Adds the hash of the next leaf; tiles that are full now go to `emit`, lower ones first.
    pub fn push(&mut self, leaf: Digest, emit: &mut impl FnMut(Tile, &[Digest])) {
        self.size += 1;
        let mut carry = leaf;
        for number in 0.. {
            if self.levels.len() == number {
                self.levels.push(Level::default());
            }
            let level = &mut self.levels[number];
            level.hashes.push(carry);
            if level.hashes.len() < TILE_WIDTH {
                return;
            }
            let height = u8::try_from(number).expect("a tree of 2^64 leaves has 8 levels");
            emit(Tile::full(height, level.full), &level.hashes);
            carry = perfect(&level.hashes);
            level.hashes.clear();
            level.full += 1;
        }
    }

    /// How many leaves were added.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Ends the tree: the tiles that are not full go to `emit`; its root.
    pub fn finish(self, emit: &mut impl FnMut(Tile, &[Digest])) -> Digest {
        let mut right = None;
        for (height, level) in (0..).zip(&self.levels) {
            if !level.hashes.is_empty() {
                emit(Tile::partial(height, level.full, level.hashes.len()), &level.hashes);
            }
            right = fold(&level.hashes, right);
        }
        right.unwrap_or_else(|| Digest::of(b""))
    }
}

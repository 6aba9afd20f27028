//! Tiles: pieces of the tree and of the list that any web server can hand out.
//!
//! Owns: which piece is called what (C2SP tlog-tiles) and how it is written. Never: reads a file.

use crate::hash::Digest;
use std::fmt;

/// Hashes or entries in a full tile.
pub const TILE_WIDTH: usize = 256;

/// A tile of the tree.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Tile {
    /// Its height in the tree, in tiles; the leaves are at 0.
    pub level: u8,
    /// Its place in its level, from 0.
    pub number: u64,
    /// How many hashes it holds: 1 to 256.
    width: u16,
}

impl Tile {
    /// A tile of 256 hashes.
    #[must_use]
    pub const fn full(level: u8, number: u64) -> Self {
        Self { level, number, width: TILE_WIDTH as u16 }
    }

    /// The last tile of a level, of fewer hashes.
    ///
    /// # Panics
    /// When `width` is not 1 to 255.
    #[must_use]
    pub fn partial(level: u8, number: u64, width: usize) -> Self {
        assert!((1..TILE_WIDTH).contains(&width), "a partial tile holds 1 to 255 hashes");
        let width = u16::try_from(width).expect("a width below 256 fits");
        Self { level, number, width }
    }

    /// The tile that holds hash `place` of `level` in a tree of `size` leaves; nothing beyond it.
    #[must_use]
    pub fn holding(level: u8, place: u64, size: u64) -> Option<Self> {
        let hashes = size.checked_shr(8 * u32::from(level)).unwrap_or(0);
        let (number, width) = (place / TILE_WIDTH as u64, TILE_WIDTH as u64);
        if hashes <= place {
            return None;
        }
        let rest = hashes - number * width;
        Some(match usize::try_from(rest) {
            Ok(rest) if rest < TILE_WIDTH => Self::partial(level, number, rest),
            _ => Self::full(level, number),
        })
    }

    /// How many hashes it holds.
    #[must_use]
    pub fn width(&self) -> usize {
        usize::from(self.width)
    }

    /// Where the entries of a tile of leaves lie.
    #[must_use]
    pub fn bundle_path(&self) -> String {
        format!("tile/entries/{}", Place(self))
    }
}

/// Where the tile lies below the draw's folder or address.
impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tile/{}/{}", self.level, Place(self))
    }
}

/// A tile's number in groups of three digits, and its width if it is not full.
struct Place<'a>(&'a Tile);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tile { number, width, .. } = *self.0;
        let digits = number.to_string();
        let digits = format!("{digits:0>width$}", width = digits.len().div_ceil(3) * 3);
        let (groups, _) = digits.as_bytes().as_chunks::<3>();
        for (index, group) in groups.iter().enumerate() {
            let mark = if index + 1 < groups.len() { "x" } else { "" };
            let joint = if 0 < index { "/" } else { "" };
            write!(f, "{joint}{mark}{}", crate::hash::ascii(group))?;
        }
        if usize::from(width) < TILE_WIDTH {
            write!(f, ".p/{width}")?;
        }
        Ok(())
    }
}

/// A tile's bytes.
#[must_use]
pub fn write(hashes: &[Digest]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

/// Reads a tile of `tile`'s width; nothing if the bytes are fewer or more.
#[must_use]
pub fn read(tile: Tile, bytes: &[u8]) -> Option<Vec<Digest>> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    let is_whole = hashes.len() == tile.width() && rest.is_empty();
    is_whole.then(|| hashes.iter().map(|hash| Digest(*hash)).collect())
}

/// Adds an entry to a bundle.
///
/// # Panics
/// When the line is longer than a bundle can say, which no entry is.
pub fn write_entry(bundle: &mut Vec<u8>, line: &[u8]) {
    let length = u16::try_from(line.len()).expect("the limits keep a line below 64 KiB");
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(line);
}

/// Reads the lines of a bundle of `tile`'s width; nothing if the bytes are fewer or more.
#[must_use]
pub fn read_entries(tile: Tile, mut bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let mut lines = Vec::with_capacity(tile.width());
    while let Some((length, rest)) = bytes.split_first_chunk() {
        let line = rest.get(..usize::from(u16::from_be_bytes(*length)))?;
        lines.push(line);
        bytes = &rest[line.len()..];
    }
    (bytes.is_empty() && lines.len() == tile.width()).then_some(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tile_lies_where_the_specification_says() {
        assert_eq!(Tile::full(0, 1_234_067).to_string(), "tile/0/x001/x234/067");
        assert_eq!(Tile::full(2, 0).to_string(), "tile/2/000");
        assert_eq!(Tile::partial(1, 1000, 17).to_string(), "tile/1/x001/000.p/17");
        assert_eq!(Tile::partial(0, 273, 112).bundle_path(), "tile/entries/273.p/112");
    }

    #[test]
    fn the_tile_of_a_hash_is_as_wide_as_the_tree_makes_it() {
        let size = 70_000;
        assert_eq!(Tile::holding(0, 69_999, size), Some(Tile::partial(0, 273, 112)));
        assert_eq!(Tile::holding(0, 0, size), Some(Tile::full(0, 0)));
        assert_eq!(Tile::holding(1, 272, size), Some(Tile::partial(1, 1, 17)));
        assert_eq!(Tile::holding(2, 0, size), Some(Tile::partial(2, 0, 1)));
        assert_eq!(Tile::holding(0, 70_000, size), None);
        assert_eq!(Tile::holding(3, 0, size), None);
    }

    #[test]
    fn a_truncated_tile_is_none() {
        let tile = Tile::partial(0, 0, 2);
        let hashes = [Digest([1; 32]), Digest([2; 32])];
        let bytes = write(&hashes);
        assert_eq!(read(tile, &bytes).as_deref(), Some(&hashes[..]));
        assert_eq!(read(tile, &bytes[1..]), None);
        assert_eq!(read(tile, &bytes[..32]), None);
        let mut bundle = Vec::new();
        write_entry(&mut bundle, b"one");
        assert_eq!(read_entries(tile, &bundle), None);
        write_entry(&mut bundle, b"");
        assert_eq!(read_entries(tile, &bundle), Some(vec![&b"one"[..], b""]));
        assert_eq!(read_entries(tile, &bundle[..bundle.len() - 1]), None);
        assert_eq!(read_entries(tile, &[&bundle[..], b"\0"].concat()), None);
    }
}

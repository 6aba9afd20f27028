//! Newtype ids and units: an index of one thing cannot be passed for an index of another.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! number {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize,
            Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl $name {
            /// The number as an index into a table.
            #[must_use]
            pub const fn index(self) -> usize {
                self.0 as usize
            }

            /// The id of a table's row.
            ///
            /// # Panics
            /// When the row lies beyond what the id can hold, which the limits exclude.
            #[must_use]
            pub fn from_index(index: usize) -> Self {
                Self(<$inner>::try_from(index).expect("limits keep every table within its id"))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number!(
    /// A campaign's place in the order of loading, from 0; below `limits::CAMPAIGNS_MAX`.
    CampaignNo(u16)
);
number!(
    /// A pool's place in its campaign's table, from 0.
    PoolNo(u32)
);
number!(
    /// An outlet's place in its campaign's definition, from 0.
    OutletNo(u16)
);
number!(
    /// An item's place in its campaign's definition, from 0.
    ItemNo(u16)
);
number!(
    /// A slot's place in its campaign's definition, from 0.
    SlotNo(u16)
);
number!(
    /// An entry's place in its campaign, from 0. People are shown the number plus one.
    EntryNo(u32)
);
number!(
    /// A draw's place in its campaign, from 1; at most `limits::DRAWS_MAX`.
    DrawNo(u16)
);
number!(
    /// A frame's place in the journal, from 1; 0 means "before the first frame".
    FrameNo(u64)
);

impl FrameNo {
    /// The frame after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// Milliseconds since 1970-01-01T00:00:00Z, without leap seconds.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Millis(pub u64);

impl Millis {
    /// How long after `earlier` this is; zero when it is not after it.
    #[must_use]
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// This moment and `millis` more.
    #[must_use]
    pub const fn plus(self, millis: u64) -> Self {
        Self(self.0 + millis)
    }
}

/// A person by one identity field: HMAC-SHA-256 of the normalised value, first 16 bytes.
/// `identity` makes them; whoever lacks the key cannot test a guess.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonKey(pub [u8; 16]);

/// A SHA-256, in hex wherever it is written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha256(pub [u8; 32]);

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::str::FromStr for Sha256 {
    type Err = NoSha256;

    /// Reads 64 hex digits in lower case, as they are written.
    fn from_str(hex: &str) -> Result<Self, NoSha256> {
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'a'..=b'f' => Some(byte - b'a' + 10),
            _ => None,
        };
        let mut digest = [0; 32];
        if hex.len() != 64 {
            return Err(NoSha256);
        }
        for (byte, pair) in digest.iter_mut().zip(hex.as_bytes().chunks_exact(2)) {
            let (high, low) = (digit(pair[0]), digit(pair[1]));
            *byte = high.zip(low).map(|(high, low)| high << 4 | low).ok_or(NoSha256)?;
        }
        Ok(Self(digest))
    }
}

/// A text is not a SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a SHA-256 is written as 64 hex digits in lower case")]
pub struct NoSha256;

impl Serialize for Sha256 {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Sha256 {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A client's `Idempotency-Key`, reduced to 16 bytes at the edge.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub [u8; 16]);

macro_rules! hex_debug {
    ($name:ident) => {
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "("))?;
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
                write!(f, ")")
            }
        }
    };
}
hex_debug!(PersonKey);
hex_debug!(RequestId);
hex_debug!(Sha256);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_count_rows() {
        assert_eq!((PoolNo(9).index(), PoolNo::from_index(9)), (9, PoolNo(9)));
        assert_eq!((OutletNo(65_535).index(), FrameNo(0).next()), (65_535, FrameNo(1)));
    }

    #[test]
    fn moments_are_apart_by_whole_milliseconds() {
        assert_eq!((Millis(7).since(Millis(5)), Millis(5).since(Millis(7))), (2, 0));
        assert_eq!(Millis(5).plus(2), Millis(7));
    }
}

//! `stock.txt`: what there is to draw, bucket by bucket, in published order.
//!
//! Owns: bucket names, their order and units. Never: changes a unit; a pass counts on a copy.
//! Invariants: a bucket stands once; its number is its place in the file, from 0.

use crate::line::{LineProblem, unprintable};
use foldhash::fast::FixedState;
use std::collections::HashMap;
use types::limits;

/// A bucket's place in the stock, from 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct BucketNo(pub u16);

/// All buckets of a draw.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stock {
    buckets: Vec<Bucket>,
    /// Asked for every choice of every entry. Whoever writes the stock also runs the draw: nobody
    /// would choose names that meet in the map.
    by_name: HashMap<Box<[u8]>, BucketNo, FixedState>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Bucket {
    name: Box<str>,
    units: u32,
}

/// What is wrong with a stock, and in which line (from 1).
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct StockProblem {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: StockFault,
}

/// What is wrong with a line of a stock.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum StockFault {
    /// Something that no editor shows, or that is no ASCII, as a line of entries would have it.
    #[error(transparent)]
    Unprintable(LineProblem),
    /// Not `bucket,units`.
    #[error("not `bucket,units` in ASCII with a line feed at its end")]
    Shape,
    /// A name that no bucket may have.
    #[error(
        "a bucket is 1 to {} of A-Z 0-9 . _ - and may end in # with 1 to {} of the same",
        limits::DRAW_BUCKET_CHARS_MAX,
        limits::DRAW_TRANCHE_CHARS_MAX
    )]
    Name,
    /// Units out of range.
    #[error("units are a whole number from 0 to {}, without leading zeros", u32::MAX)]
    Units,
    /// A bucket that stands in an earlier line.
    #[error("the bucket stands in line {0} already")]
    Twice(usize),
    /// No bucket, or too many.
    #[error("a stock has 1 to {} buckets", limits::DRAW_BUCKETS_MAX)]
    Count,
}

impl Stock {
    /// Reads `stock.txt`.
    ///
    /// # Errors
    /// The first line that is wrong, and what is wrong with it.
    pub fn read(text: &[u8]) -> Result<Self, StockProblem> {
        let mut buckets = Vec::new();
        let mut by_name = HashMap::with_hasher(FixedState::default());
        for (index, line) in text.split_inclusive(|byte| *byte == b'\n').enumerate() {
            let whole = line.strip_suffix(b"\n").unwrap_or(line);
            let problem = |what| {
                let what = unprintable(whole).map_or(what, StockFault::Unprintable);
                StockProblem { line: index + 1, what }
            };
            let line = line.strip_suffix(b"\n").ok_or_else(|| problem(StockFault::Shape))?;
            let comma = line.iter().position(|byte| *byte == b',');
            let (name, units) = line.split_at(comma.ok_or_else(|| problem(StockFault::Shape))?);
            if !is_bucket(name) {
                return Err(problem(StockFault::Name));
            }
            let units = decimal(&units[1..]).ok_or_else(|| problem(StockFault::Units))?;
            let number = u16::try_from(index).ok().filter(|_| index < limits::DRAW_BUCKETS_MAX);
            let number = BucketNo(number.ok_or_else(|| problem(StockFault::Count))?);
            if let Some(earlier) = by_name.insert(name.into(), number) {
                return Err(problem(StockFault::Twice(usize::from(earlier.0) + 1)));
            }
            buckets.push(Bucket { name: crate::hash::ascii(name).into(), units });
        }
        if buckets.is_empty() {
            return Err(StockProblem { line: 1, what: StockFault::Count });
        }
        Ok(Self { buckets, by_name })
    }

    /// The stock as `stock.txt`.
    #[must_use]
    pub fn text(&self) -> String {
        self.buckets.iter().map(|Bucket { name, units }| format!("{name},{units}\n")).collect()
    }

    /// How many buckets there are; at least one.
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "a stock is never empty")]
    pub fn len(&self) -> usize {
        self.buckets.len()
    }

    /// The bucket called `name`.
    #[must_use]
    pub fn find(&self, name: &[u8]) -> Option<BucketNo> {
        self.by_name.get(name).copied()
    }

    /// A bucket's name.
    #[must_use]
    pub fn name(&self, bucket: BucketNo) -> &str {
        &self.buckets[usize::from(bucket.0)].name
    }

    /// The units of each bucket, in order.
    #[must_use]
    pub fn units(&self) -> Vec<u32> {
        self.buckets.iter().map(|bucket| bucket.units).collect()
    }

    /// The same buckets with other units.
    ///
    /// # Panics
    /// When they are not as many.
    #[must_use]
    pub fn with_units(&self, units: Vec<u32>) -> Self {
        assert_eq!(units.len(), self.len(), "each bucket has units");
        let mut stock = self.clone();
        for (bucket, units) in stock.buckets.iter_mut().zip(units) {
            bucket.units = units;
        }
        stock
    }

    /// The buckets in published order.
    pub fn numbers(&self) -> impl Iterator<Item = BucketNo> + use<> {
        let count = u16::try_from(self.buckets.len()).expect("there are no more than the limit");
        (0..count).map(BucketNo)
    }

    /// The buckets that an entry which accepts any can get: those without a reserved tranche.
    pub fn open_to_any(&self) -> impl Iterator<Item = BucketNo> {
        self.numbers().filter(|bucket| !self.name(*bucket).contains('#'))
    }
}

/// Which bytes stand in names.
const IN_NAMES: [bool; 256] = {
    let mut are_in = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        are_in[byte as usize] = byte.is_ascii_uppercase()
            || byte.is_ascii_digit()
            || matches!(byte, b'.' | b'_' | b'-');
        byte += 1;
    }
    are_in
};

/// Whether `name` can be a bucket's.
#[must_use]
pub fn is_bucket(name: &[u8]) -> bool {
    let is_word = |word: &[u8], chars_max: usize| {
        (1..=chars_max).contains(&word.len())
            && word.iter().all(|byte| IN_NAMES[usize::from(*byte)])
    };
    match name.iter().position(|byte| !IN_NAMES[usize::from(*byte)]) {
        None => (1..=limits::DRAW_BUCKET_CHARS_MAX).contains(&name.len()),
        Some(at) if name[at] != b'#' => false,
        Some(at) => {
            is_word(&name[..at], limits::DRAW_BUCKET_CHARS_MAX)
                && is_word(&name[at + 1..], limits::DRAW_TRANCHE_CHARS_MAX)
        }
    }
}

/// A whole number without leading zeros.
pub(crate) fn decimal<T: std::str::FromStr>(digits: &[u8]) -> Option<T> {
    let is_plain = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    if !is_plain || (1 < digits.len() && digits[0] == b'0') {
        return None;
    }
    crate::hash::ascii(digits).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> (usize, StockFault) {
        let problem = Stock::read(text.as_bytes()).unwrap_err();
        (problem.line, problem.what)
    }

    #[test]
    fn a_stock_is_read_in_its_order() {
        let text = "B#65,1\nB,4294967295\nA.1-_,0\n";
        let stock = Stock::read(text.as_bytes()).unwrap();
        assert_eq!(stock.text(), text);
        assert_eq!(stock.units(), [1, u32::MAX, 0]);
        assert_eq!(stock.find(b"A.1-_"), Some(BucketNo(2)));
        assert_eq!(stock.find(b"C"), None);
        assert_eq!(stock.name(BucketNo(0)), "B#65");
        assert_eq!(stock.open_to_any().collect::<Vec<_>>(), [BucketNo(1), BucketNo(2)]);
    }

    #[test]
    fn each_fault_names_its_line() {
        assert_eq!(fault(""), (1, StockFault::Count));
        assert_eq!(fault("A,1\nB,2"), (2, StockFault::Shape));
        let unprintable = StockFault::Unprintable;
        assert_eq!(fault("A,1\r\n"), (1, unprintable(LineProblem::CarriageReturn)));
        assert_eq!(fault("A,1\nÄ,1\n"), (2, unprintable(LineProblem::NotAscii(1))));
        assert_eq!(fault("A,1\n\n"), (2, StockFault::Shape));
        assert_eq!(fault("\u{feff}A,1\n"), (1, unprintable(LineProblem::ByteOrderMark)));
        assert_eq!(fault("a,1\n"), (1, StockFault::Name));
        assert_eq!(fault("A#,1\n"), (1, StockFault::Name));
        assert_eq!(fault("A#B#C,1\n"), (1, StockFault::Name));
        assert_eq!(fault("A,01\n"), (1, StockFault::Units));
        assert_eq!(fault("A,4294967296\n"), (1, StockFault::Units));
        assert_eq!(fault("A,-1\n"), (1, StockFault::Units));
        assert_eq!(fault("A,1\nB,1\nA,2\n"), (3, StockFault::Twice(1)));
    }
}

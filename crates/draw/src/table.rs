//! `winners.txt` and `cutoffs.txt`.
//!
//! Owns: their rows, their order, and how they are written and read. Never: decides who wins.
//! Invariants: both are read back to the byte; a table has no row twice.

use crate::hash::{Digest, unhex};
use crate::stock::{BucketNo, Stock, decimal};
use types::limits;

/// The two passes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Pass {
    /// The first: what each entry has chosen.
    Choices,
    /// The second: whatever is left, for those who accept any.
    Any,
}

/// An entry that gets something.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Winner {
    /// Its number.
    pub number: Digest,
    /// Its place in the list, from 0.
    pub index: u32,
    /// What it gets.
    pub bucket: BucketNo,
    /// In which pass.
    pub pass: Pass,
}

/// What is wrong with a table, and in which line (from 1).
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct TableProblem {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: TableFault,
}

/// What is wrong with a line of a table.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TableFault {
    /// Not the parts that a row has.
    #[error("not a row of the form `{0}`")]
    Shape(&'static str),
    /// A bucket that is not in the stock.
    #[error("the bucket is not in the stock")]
    UnknownBucket,
    /// A row that should stand before the one above it, or that stands there already.
    #[error("the row stands out of order, or twice")]
    Order,
}

const WINNER_FORM: &str = "number,index,bucket,pass";
const CUTOFF_FORM: &str = "pass,bucket,n,number";
/// How many units an entry can need.
const UNITS: usize = limits::DRAW_UNITS_MAX as usize;

impl Pass {
    /// As it is written.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Choices => 1,
            Self::Any => 2,
        }
    }

    fn read(text: &[u8]) -> Option<Self> {
        match text {
            b"1" => Some(Self::Choices),
            b"2" => Some(Self::Any),
            _ => None,
        }
    }
}

impl Winner {
    /// What winners are ordered by.
    #[must_use]
    pub const fn order(&self) -> (Pass, Digest, u32) {
        (self.pass, self.number, self.index)
    }
}

/// `winners.txt`.
#[must_use]
pub fn write_winners(winners: &[Winner], stock: &Stock) -> String {
    let mut text = String::with_capacity(winners.len() * 96);
    for Winner { number, index, bucket, pass } in winners {
        let row = format!("{number},{index},{},{}\n", stock.name(*bucket), pass.number());
        text.push_str(&row);
    }
    text
}

/// Reads `winners.txt`.
///
/// # Errors
/// The first row that is wrong or out of order.
pub fn read_winners(text: &[u8], stock: &Stock) -> Result<Vec<Winner>, TableProblem> {
    let mut winners: Vec<Winner> = Vec::new();
    for (line, row) in rows(text) {
        let problem = |what| TableProblem { line, what };
        let read = |row: &[u8]| {
            let [number, index, bucket, pass] = parts(row)?;
            let number = Digest(unhex(number)?);
            Some((number, decimal(index)?, bucket.to_vec(), Pass::read(pass)?))
        };
        let found = row.and_then(read).ok_or(problem(TableFault::Shape(WINNER_FORM)))?;
        let (number, index, bucket, pass) = found;
        let bucket = stock.find(&bucket).ok_or(problem(TableFault::UnknownBucket))?;
        let winner = Winner { number, index, bucket, pass };
        if winners.last().is_some_and(|last| winner.order() <= last.order()) {
            return Err(problem(TableFault::Order));
        }
        winners.push(winner);
    }
    Ok(winners)
}

/// The numbers at which each bucket closed, in each pass, to entries of each size.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cutoffs {
    /// By pass, bucket, and units less one.
    closed: [Vec<[Option<Digest>; UNITS]>; 2],
}

impl Cutoffs {
    /// A table in which nothing has closed.
    #[must_use]
    pub fn new(stock: &Stock) -> Self {
        let open = vec![[None; UNITS]; stock.len()];
        Self { closed: [open.clone(), open] }
    }

    /// Notes that `number` left `left` units in `bucket`: it closed to whoever needs more, unless
    /// it had closed to them before.
    pub fn close(&mut self, pass: Pass, bucket: BucketNo, left: u32, number: Digest) {
        let still = usize::try_from(left).unwrap_or(UNITS).min(UNITS);
        for cutoff in &mut self.row_mut(pass, bucket)[still..] {
            cutoff.get_or_insert(number);
        }
    }

    /// The number at which `bucket` closed to entries that need `units`; nothing if it never did.
    #[must_use]
    pub fn get(&self, pass: Pass, bucket: BucketNo, units: u8) -> Option<Digest> {
        self.closed[pass as usize][usize::from(bucket.0)][usize::from(units) - 1]
    }

    /// Whether an entry with `number` that needs `units` came to `bucket` before it closed.
    #[must_use]
    pub fn is_open_to(&self, pass: Pass, bucket: BucketNo, units: u8, number: Digest) -> bool {
        self.get(pass, bucket, units).is_none_or(|cutoff| number <= cutoff)
    }

    /// The rows of the table, in their order.
    pub fn rows(&self) -> impl Iterator<Item = (Pass, BucketNo, u8, Digest)> {
        [Pass::Choices, Pass::Any].into_iter().flat_map(|pass| {
            (0..).zip(&self.closed[pass as usize]).flat_map(move |(bucket, closed)| {
                (1..).zip(closed).filter_map(move |(units, cutoff)| {
                    Some((pass, BucketNo(bucket), units, (*cutoff)?))
                })
            })
        })
    }

    /// `cutoffs.txt`.
    #[must_use]
    pub fn write(&self, stock: &Stock) -> String {
        let row = |(pass, bucket, units, number): (Pass, BucketNo, u8, Digest)| {
            format!("{},{},{units},{number}\n", pass.number(), stock.name(bucket))
        };
        self.rows().map(row).collect()
    }

    /// Reads `cutoffs.txt`.
    ///
    /// # Errors
    /// The first row that is wrong or out of order.
    pub fn read(text: &[u8], stock: &Stock) -> Result<Self, TableProblem> {
        let mut table = Self::new(stock);
        let mut last = None;
        for (line, row) in rows(text) {
            let problem = |what| TableProblem { line, what };
            let read = |row: &[u8]| {
                let [pass, bucket, units, number] = parts(row)?;
                let units = decimal(units).filter(|units| (1..=UNITS).contains(units))?;
                Some((Pass::read(pass)?, bucket.to_vec(), units, Digest(unhex(number)?)))
            };
            let found = row.and_then(read).ok_or(problem(TableFault::Shape(CUTOFF_FORM)))?;
            let (pass, bucket, units, number) = found;
            let bucket = stock.find(&bucket).ok_or(problem(TableFault::UnknownBucket))?;
            let order = Some((pass, bucket, units));
            if order <= last {
                return Err(problem(TableFault::Order));
            }
            last = order;
            table.row_mut(pass, bucket)[units - 1] = Some(number);
        }
        Ok(table)
    }

    fn row_mut(&mut self, pass: Pass, bucket: BucketNo) -> &mut [Option<Digest>; UNITS] {
        &mut self.closed[pass as usize][usize::from(bucket.0)]
    }
}

/// The rows of a table with their lines from 1; nothing for a last one without a line feed.
fn rows(text: &[u8]) -> impl Iterator<Item = (usize, Option<&[u8]>)> {
    (1..).zip(text.split_inclusive(|byte| *byte == b'\n').map(|row| row.strip_suffix(b"\n")))
}

fn parts(row: &[u8]) -> Option<[&[u8]; 4]> {
    let mut parts = row.split(|byte| *byte == b',');
    let four = [parts.next()?, parts.next()?, parts.next()?, parts.next()?];
    (parts.next().is_none() && four.iter().all(|part| part.is_ascii())).then_some(four)
}

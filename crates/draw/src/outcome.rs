//! What an entry gets, by the table of cut-offs alone.
//!
//! Owns: the sentence that a person checks: the first of the choices that was still open to this
//! number, else, for those who accept any, the first bucket that was. Never: knows other entries.

use crate::hash::Digest;
use crate::line::Wish;
use crate::stock::{BucketNo, Stock};
use crate::table::{Cutoffs, Pass};

/// What the entry with `number` gets, and in which pass; nothing if nothing was open to it.
#[must_use]
pub fn outcome(
    cutoffs: &Cutoffs,
    stock: &Stock,
    number: Digest,
    wish: &Wish,
) -> Option<(Pass, BucketNo)> {
    let is_open = |pass, bucket| cutoffs.is_open_to(pass, bucket, wish.units(), number);
    let mut choices = wish.choices().iter().copied();
    if let Some(bucket) = choices.find(|bucket| is_open(Pass::Choices, *bucket)) {
        return Some((Pass::Choices, bucket));
    }
    let mut any = wish.accepts_any().then(|| stock.open_to_any()).into_iter().flatten();
    let bucket = any.find(|bucket| is_open(Pass::Any, *bucket))?;
    Some((Pass::Any, bucket))
}

//! The two passes: who gets what, in the order of the numbers.
//!
//! Owns: the ranking, the passes, and the cut-offs that they leave. Never: hashes; numbers come
//! with the entries.
//! Invariants: stock only falls within a pass; every unit is given once.

use crate::hash::Digest;
use crate::line::Wish;
use crate::stock::{BucketNo, Stock};
use crate::table::{Cutoffs, Pass, Winner};
use foldhash::fast::FixedState;
use std::collections::HashSet;

/// An entry in the draw.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Drawn {
    /// Its number.
    pub number: Digest,
    /// Its place in the list, from 0.
    pub index: u32,
    /// What it wants.
    pub wish: Wish,
}

/// What came of a draw.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Allocation {
    /// Who gets what, by pass, then in the order of the numbers.
    pub winners: Vec<Winner>,
    /// The table that decides everyone's result.
    pub cutoffs: Cutoffs,
    /// What is left of each bucket.
    pub left: Vec<u32>,
}

/// Entries by the first byte of their numbers; what cannot get anything is never sorted.
///
/// Of 14 million entries for 400,000 units, most cannot win once the stock is gone.
#[derive(Clone, Debug)]
pub struct Ranking {
    pieces: Vec<Piece>,
}

/// Entries of one piece of the list.
#[derive(Clone, Debug)]
struct Piece {
    /// The place in the list of what has the place 0 in the piece.
    first: u32,
    parts: Vec<Vec<Drawn>>,
}

/// One part for each first byte of a number.
const PARTS: usize = 256;

impl Ranking {
    /// Room for about `count` entries, whose numbers are as chance makes them.
    #[must_use]
    pub fn with_capacity(count: usize) -> Self {
        // A part is as large as the mean, or a little larger: by six standard deviations at most.
        let mean = count / PARTS;
        let capacity = mean + 6 * mean.isqrt() + 1;
        let parts = (0..PARTS).map(|_| Vec::with_capacity(capacity)).collect();
        Self { pieces: vec![Piece { first: 0, parts }] }
    }

    /// Adds an entry; the order of adding plays no part.
    pub fn add(&mut self, drawn: Drawn) {
        self.pieces[0].parts[usize::from(drawn.number.0[0])].push(drawn);
    }

    /// Takes over what another ranking holds, whose places were counted from `first`.
    pub fn join(&mut self, other: Self, first: u32) {
        // Each stays where it lies: to move the entries of a whole list would take longer than to
        // give out its stock.
        self.pieces.extend(other.pieces.into_iter().map(|piece| Piece {
            first: first.checked_add(piece.first).expect("a list's places fit 32 bits"),
            ..piece
        }));
    }

    /// Takes out the entries that `is_out` names.
    pub fn take_out(&mut self, is_out: impl Fn(&Drawn) -> bool) {
        for Piece { first, parts } in &mut self.pieces {
            parts.iter_mut().for_each(|part| part.retain(|drawn| !is_out(&drawn.placed(*first))));
        }
    }

    /// How many entries it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pieces.iter().flat_map(|piece| &piece.parts).map(Vec::len).sum()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Gives the stock to the entries in the order of their numbers.
    #[must_use]
    pub fn allocate(&self, stock: &Stock) -> Allocation {
        let open: Vec<_> = stock.open_to_any().collect();
        let mut served = HashSet::with_hasher(FixedState::default());
        let mut desk = Desk::open(stock);
        desk.begin(Pass::Choices, stock);
        for part in 0..PARTS {
            if desk.most(stock.numbers()) == 0 {
                break;
            }
            let has_a_chance = |drawn: &Drawn| desk.find(drawn, drawn.choices()).is_some();
            for drawn in self.sorted(part, has_a_chance) {
                if desk.serve(&drawn, Pass::Choices, drawn.choices()) {
                    served.insert(drawn.index);
                }
            }
        }
        desk.begin(Pass::Any, stock);
        for part in 0..PARTS {
            let left = desk.most(open.iter().copied());
            if left == 0 {
                break;
            }
            let has_a_chance =
                |drawn: &Drawn| drawn.wish.accepts_any() && u32::from(drawn.wish.units()) <= left;
            let entries = self.sorted(part, has_a_chance);
            for drawn in entries.iter().filter(|drawn| !served.contains(&drawn.index)) {
                desk.serve(drawn, Pass::Any, open.iter().copied());
            }
        }
        desk.close()
    }

    /// The entries of a part who have a chance, in the order of their numbers. Stock only falls:
    /// who could get nothing when their part began gets nothing.
    fn sorted(&self, part: usize, has_a_chance: impl Fn(&Drawn) -> bool) -> Vec<Drawn> {
        let mut entries = Vec::new();
        for Piece { first, parts } in &self.pieces {
            let placed = parts[part].iter().map(|drawn| drawn.placed(*first));
            entries.extend(placed.filter(&has_a_chance));
        }
        entries.sort_unstable_by_key(|drawn| (drawn.number, drawn.index));
        entries
    }
}

impl Drawn {
    /// With its place in the list, if it was counted from `first`.
    fn placed(self, first: u32) -> Self {
        let index = self.index.checked_add(first).expect("a list's places fit 32 bits");
        Self { index, ..self }
    }

    fn choices(&self) -> impl Iterator<Item = BucketNo> {
        self.wish.choices().iter().copied()
    }
}

/// Where units are handed out.
struct Desk {
    left: Vec<u32>,
    winners: Vec<Winner>,
    cutoffs: Cutoffs,
}

impl Desk {
    fn open(stock: &Stock) -> Self {
        Self { left: stock.units(), winners: Vec::new(), cutoffs: Cutoffs::new(stock) }
    }

    /// Notes which buckets are closed before a pass begins.
    fn begin(&mut self, pass: Pass, stock: &Stock) {
        for bucket in stock.numbers() {
            self.cutoffs.close(pass, bucket, self.left[usize::from(bucket.0)], Digest::ZERO);
        }
    }

    /// The most that one of the buckets has left.
    fn most(&self, buckets: impl Iterator<Item = BucketNo>) -> u32 {
        buckets.map(|bucket| self.left[usize::from(bucket.0)]).max().unwrap_or(0)
    }

    /// The first of the buckets that has what an entry needs.
    fn find(&self, drawn: &Drawn, mut buckets: impl Iterator<Item = BucketNo>) -> Option<BucketNo> {
        let units = u32::from(drawn.wish.units());
        buckets.find(|bucket| units <= self.left[usize::from(bucket.0)])
    }

    /// Gives an entry what it needs of the first bucket that has it; whether one had.
    fn serve(
        &mut self,
        drawn: &Drawn,
        pass: Pass,
        buckets: impl Iterator<Item = BucketNo>,
    ) -> bool {
        let Some(bucket) = self.find(drawn, buckets) else { return false };
        let units = u32::from(drawn.wish.units());
        let left = &mut self.left[usize::from(bucket.0)];
        *left = left.checked_sub(units).expect("the bucket was seen to have the units");
        self.cutoffs.close(pass, bucket, *left, drawn.number);
        self.winners.push(Winner { number: drawn.number, index: drawn.index, bucket, pass });
        true
    }

    fn close(self) -> Allocation {
        Allocation { winners: self.winners, cutoffs: self.cutoffs, left: self.left }
    }
}

/// The table and what is left when the winners alone are served again, in their order: what an
/// honest table is held against.
///
/// # Errors
/// The place among the winners of the first whose bucket has not what they need, or who stands
/// out of order.
pub fn replay(
    stock: &Stock,
    winners: impl IntoIterator<Item = (Winner, Wish)>,
) -> Result<Allocation, usize> {
    let mut desk = Desk::open(stock);
    desk.begin(Pass::Choices, stock);
    let mut last: Option<Winner> = None;
    for (place, (winner, wish)) in winners.into_iter().enumerate() {
        if last.is_some_and(|last| winner.order() <= last.order()) {
            return Err(place);
        }
        if winner.pass == Pass::Any && last.is_none_or(|last| last.pass == Pass::Choices) {
            desk.begin(Pass::Any, stock);
        }
        let drawn = Drawn { number: winner.number, index: winner.index, wish };
        if !desk.serve(&drawn, winner.pass, std::iter::once(winner.bucket)) {
            return Err(place);
        }
        last = Some(winner);
    }
    if last.is_none_or(|last| last.pass == Pass::Choices) {
        desk.begin(Pass::Any, stock);
    }
    Ok(desk.close())
}

//! The two passes: who gets what, in the order of the numbers.
//!
//! Owns: the ranking, the passes, and the cut-offs that they leave. Never: hashes; numbers come
//! with the entries.
//! Invariants: stock only falls within a pass; every unit is given once.

use crate::hash::Digest;
use crate::line::Wish;
use crate::stock::{BucketNo, Stock};
use crate::table::{Cutoffs, Pass, Winner};

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

/// Entries by the first byte of their numbers; what no pass comes to is never sorted.
///
/// Of 14 million entries for 400,000 units, most cannot win once the stock is gone.
#[derive(Clone, Debug)]
pub struct Ranking {
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
        Self { parts: (0..PARTS).map(|_| Vec::with_capacity(capacity)).collect() }
    }

    /// Adds an entry; the order of adding plays no part.
    pub fn add(&mut self, drawn: Drawn) {
        self.parts[usize::from(drawn.number.0[0])].push(drawn);
    }

    /// Takes over what another ranking holds.
    pub fn join(&mut self, other: Self) {
        for (own, mut more) in self.parts.iter_mut().zip(other.parts) {
            own.append(&mut more);
        }
    }

    /// Moves the places of all entries on by `by`: they were counted from a piece of the list.
    pub fn move_on(&mut self, by: u32) {
        for drawn in self.parts.iter_mut().flatten() {
            drawn.index = drawn.index.checked_add(by).expect("a list's places fit 32 bits");
        }
    }

    /// Takes out the entries that `is_out` names.
    pub fn take_out(&mut self, is_out: impl Fn(&Drawn) -> bool) -> Vec<Drawn> {
        self.parts.iter_mut().flat_map(|part| part.extract_if(.., |drawn| is_out(drawn))).collect()
    }

    /// How many entries it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.parts.iter().map(Vec::len).sum()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Gives the stock to the entries in the order of their numbers.
    #[must_use]
    pub fn allocate(mut self, stock: &Stock) -> Allocation {
        let open: Vec<_> = stock.open_to_any().collect();
        let mut desk = Desk::open(stock);
        desk.begin(Pass::Choices, stock);
        for part in 0..PARTS {
            if desk.is_empty(stock.numbers()) {
                break;
            }
            self.sort(part);
            // Whoever gets something leaves; the others keep their order for the second pass.
            self.parts[part].retain(|drawn| {
                let choices = drawn.wish.choices().iter().copied();
                !desk.serve(drawn, Pass::Choices, choices)
            });
        }
        desk.begin(Pass::Any, stock);
        for part in 0..PARTS {
            if desk.is_empty(open.iter().copied()) {
                break;
            }
            self.sort(part);
            for drawn in self.parts[part].iter().filter(|drawn| drawn.wish.accepts_any()) {
                desk.serve(drawn, Pass::Any, open.iter().copied());
            }
        }
        desk.close()
    }

    fn sort(&mut self, part: usize) {
        self.parts[part].sort_unstable_by_key(|drawn| (drawn.number, drawn.index));
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

    /// Whether the buckets have nothing left for anybody.
    fn is_empty(&self, mut buckets: impl Iterator<Item = BucketNo>) -> bool {
        buckets.all(|bucket| self.left[usize::from(bucket.0)] == 0)
    }

    /// Gives an entry what it needs of the first bucket that has it; whether one had.
    fn serve(
        &mut self,
        drawn: &Drawn,
        pass: Pass,
        mut buckets: impl Iterator<Item = BucketNo>,
    ) -> bool {
        let units = u32::from(drawn.wish.units());
        let Some(bucket) = buckets.find(|bucket| units <= self.left[usize::from(bucket.0)]) else {
            return false;
        };
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

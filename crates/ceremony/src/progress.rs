//! How far a whole step is.
//!
//! Owns: that one number goes from the first pass over a list to the last, never goes back, and
//! never says that all is done: what comes behind a pass (a digest that is awaited, files that are
//! synced) takes time, too. Never: measures; a pass has the share that it was given.

use crate::Progress;
use std::sync::{Mutex, PoisonError};

/// The whole of a step.
const WHOLE: u64 = 1_000;
/// The most that is told of it; that a step has ended is told by its end.
const MOST: u64 = 990;
/// Steps of one share.
const SHARE: u64 = 10_000;

/// What is told of a whole step: of passes, whose shares are told to what this returns.
pub fn whole<'a>(told: Progress<'a>) -> impl Fn(&'static str, u64, u64) + Sync + 'a {
    let last = Mutex::new(0);
    move |doing, done, of| {
        // Several threads read a list, and the one that is behind must not turn the bar back.
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        *last = scaled(done, of, WHOLE).min(MOST).max(*last);
        told(doing, *last, WHOLE);
    }
}

/// Passes, one behind the other.
pub struct Passes<'a> {
    told: Progress<'a>,
    begun: u64,
    shares: u64,
}

impl<'a> Passes<'a> {
    /// Passes that have so many shares together.
    #[must_use]
    pub fn new(told: Progress<'a>, shares: u64) -> Self {
        Self { told, begun: 0, shares }
    }

    /// The next pass.
    ///
    /// # Panics
    /// When the passes have more shares than was said: a bug that the first step would meet.
    pub fn next(&mut self, share: u64) -> impl Fn(&'static str, u64, u64) + Sync + use<'a> {
        let (told, first, shares) = (self.told, self.begun, self.shares);
        self.begun += share;
        assert!(self.begun <= shares, "the passes have the shares that were said");
        move |doing, done, of| {
            told(doing, first * SHARE + scaled(done, of, share * SHARE), shares * SHARE);
        }
    }
}

/// How much of `whole` is done, if it is `done` of `of`; of nothing nothing is left to do.
fn scaled(done: u64, of: u64, whole: u64) -> u64 {
    let done = u128::from(done.min(of)) * u128::from(whole);
    let done = done.checked_div(u128::from(of)).unwrap_or(u128::from(whole));
    u64::try_from(done).expect("a part is not more than the whole")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_go_on_where_the_one_before_ended_and_never_reach_the_end() {
        let told = Mutex::new(Vec::new());
        let note = |doing, done, of| told.lock().expect("nobody panics").push((doing, done, of));
        let whole = whole(&note);
        let mut passes = Passes::new(&whole, 4);
        let one = passes.next(3);
        one("reading", 0, 8);
        one("reading", 8, 8);
        one("reading", 4, 8);
        let other = passes.next(1);
        other("drawing", 0, 0);
        let expected = [("reading", 0), ("reading", 750), ("reading", 750), ("drawing", 990)];
        assert_eq!(
            *told.lock().expect("nobody panics"),
            expected.map(|(what, at)| (what, at, 1_000))
        );
    }
}

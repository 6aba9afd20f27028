//! Every boundary of a short run: each change that a node makes to its disk, with each fault there,
//! and each kind of remains.
//!
//! Owns: which faults and remains there are to try. Never: chance, but for which sectors remain.

use crate::plan::Plan;
use crate::run::run;
use crate::world::Violation;
use simdisk::{Fault, Kept};
use std::collections::BTreeSet;

/// The people of every run here.
const SEED: u64 = 1;
/// Drawings of sectors that remain, for each crash.
const SECTORS: u64 = 12;

/// One fault at one change, and what a crash leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Boundary {
    /// The change, from 0.
    pub change: u64,
    /// What happens there.
    pub fault: Fault,
    /// What this and every later crash leaves.
    pub remains: Kept,
}

/// All boundaries, each `stride`-th change of them.
///
/// # Panics
/// When the run does not hold without a fault; then nothing else means anything.
#[must_use]
pub fn all(stride: usize) -> Vec<Boundary> {
    let sound = Plan::scripted(None, Kept::All);
    let tally = run(SEED, &sound, &BTreeSet::new(), None).expect("a run without a fault holds");
    assert!(0 < tally.snapshots && 1 < tally.restarts, "the script reaches what it is to reach");
    let mut boundaries = Vec::new();
    for change in (0..tally.changes).step_by(stride) {
        let at = |fault, remains| Boundary { change, fault, remains };
        boundaries.extend(remains().map(|remains| at(Fault::Crash, remains)));
        boundaries.extend([Fault::Io, Fault::Full].map(|fault| at(fault, Kept::Nothing)));
    }
    boundaries
}

/// Runs one.
///
/// # Errors
/// The promise that it breaks.
pub fn check(boundary: Boundary) -> Result<(), Violation> {
    let plan = Plan::scripted(Some((boundary.change, boundary.fault)), boundary.remains);
    run(SEED, &plan, &BTreeSet::new(), None).map(|_| ())
}

fn remains() -> impl Iterator<Item = Kept> {
    let prefix = |thousandths, bytes| Kept::Prefix { thousandths, bytes };
    let torn = [0, 1, 87, 88, 511, 512, 513, 1_024, 4_095].map(move |bytes| prefix(0, bytes));
    let later = [250, 500, 750, 999].map(move |thousandths| prefix(thousandths, 512));
    let sectors = (0..SECTORS).map(Kept::Sectors);
    [Kept::Nothing, Kept::All].into_iter().chain(torn).chain(later).chain(sectors)
}

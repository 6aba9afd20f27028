//! Every boundary of a short run: each change that a node makes to its disk, with each fault there,
//! and each kind of remains.
//!
//! Owns: which faults and remains there are to try, and their words. Never: a second seed; whatever
//! is drawn in these runs comes from one that is fixed.
//! Invariants: until its fault a run is the one without; every fault strikes.
//! On failure: the run without a fault is one like any other, and tells the promise that it breaks;
//! a fault that strikes nowhere is told, too.

use crate::plan::Plan;
use crate::run::run;
use crate::world::{Tally, Violation};
use simdisk::{Fault, Kept};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// The people of every run here.
const SEED: u64 = 1;
/// Drawings of sectors that remain, for each power failure.
const SECTORS: u64 = 12;
/// The end of the word of a fault that a power failure follows.
const POWER: &str = "-power";

/// One fault at one change, and what a crash leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Boundary {
    /// The change, from 0.
    pub change: u64,
    /// What happens there.
    pub fault: Fault,
    /// Whether power fails, too, as soon as the fault has done what it does: after the end of the
    /// node, where it ends it, or else of the step; never with a crash, which is one.
    pub power_follows: bool,
    /// What this and every later power failure leaves.
    pub remains: Kept,
}

/// Words that are no boundary.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no boundary; it is CHANGE,FAULT,REMAINS: a number; crash, io, full, or the latter two \
     with a power failure behind them, io-power or full-power; and nothing, all, \
     prefix:THOUSANDTHS:BYTES (thousandths up to 1000) or sectors:NUMBER"
)]
pub struct NoBoundary(pub String);

impl fmt::Display for Boundary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fault = match self.fault {
            Fault::Crash => "crash",
            Fault::Io => "io",
            Fault::Full => "full",
        };
        let power = if self.power_follows { POWER } else { "" };
        write!(f, "{},{fault}{power},", self.change)?;
        match self.remains {
            Kept::Nothing => f.write_str("nothing"),
            Kept::All => f.write_str("all"),
            Kept::Prefix { thousandths, bytes } => write!(f, "prefix:{thousandths}:{bytes}"),
            Kept::Sectors(number) => write!(f, "sectors:{number}"),
        }
    }
}

impl FromStr for Boundary {
    type Err = NoBoundary;

    fn from_str(text: &str) -> Result<Self, NoBoundary> {
        let read = || {
            let (change, rest) = text.split_once(',')?;
            let (fault, remains) = rest.split_once(',')?;
            let (fault, power_follows) =
                fault.strip_suffix(POWER).map_or((fault, false), |fault| (fault, true));
            let fault = match fault {
                "crash" if !power_follows => Fault::Crash,
                "io" => Fault::Io,
                "full" => Fault::Full,
                _ => return None,
            };
            let (change, remains) = (change.parse().ok()?, read_remains(remains)?);
            Some(Self { change, fault, power_follows, remains })
        };
        read().ok_or_else(|| NoBoundary(text.to_owned()))
    }
}

fn read_remains(text: &str) -> Option<Kept> {
    let mut words = text.split(':');
    let remains = match words.next()? {
        "nothing" => Kept::Nothing,
        "all" => Kept::All,
        "prefix" => {
            let thousandths = words.next()?.parse().ok().filter(|share| *share <= 1_000)?;
            Kept::Prefix { thousandths, bytes: words.next()?.parse().ok()? }
        }
        "sectors" => Kept::Sectors(words.next()?.parse().ok()?),
        _ => return None,
    };
    words.next().is_none().then_some(remains)
}

/// The run without a fault: every boundary is one of its changes.
///
/// # Errors
/// The promise that it breaks, or that it does not do what it is to reach; then no boundary means
/// anything.
pub fn sound(trace: Option<&mut Vec<String>>) -> Result<Tally, Violation> {
    let plan = Plan::scripted(None, Kept::All);
    let tally = run(SEED, &plan, &BTreeSet::new(), trace)?;
    if 0 < tally.snapshots && 1 < tally.restarts {
        return Ok(tally);
    }
    let what = format!(
        "a run without a fault made {} snapshots and started again {} times: too little to try \
         anything on",
        tally.snapshots, tally.restarts
    );
    Err(Violation { promise: "node", step: plan.steps, what })
}

/// All boundaries of a run with so many changes, each `stride`-th change of them.
#[must_use]
pub fn all(changes: u64, stride: usize) -> Vec<Boundary> {
    let mut boundaries = Vec::new();
    for change in (0..changes).step_by(stride) {
        let at = |fault, power_follows, remains| Boundary { change, fault, power_follows, remains };
        boundaries.extend(remains().map(|remains| at(Fault::Crash, false, remains)));
        for fault in [Fault::Io, Fault::Full] {
            boundaries.push(at(fault, false, Kept::Nothing));
            let remains = [Kept::Nothing, Kept::All, Kept::Sectors(change)];
            boundaries.extend(remains.map(|remains| at(fault, true, remains)));
        }
    }
    boundaries
}

/// Runs one; what happens is noted as lines in `trace`.
///
/// # Errors
/// The promise that it breaks, or that its fault strikes nowhere.
pub fn check(boundary: Boundary, trace: Option<&mut Vec<String>>) -> Result<(), Violation> {
    let plan = Plan {
        power_follows: boundary.power_follows,
        ..Plan::scripted(Some((boundary.change, boundary.fault)), boundary.remains)
    };
    run(SEED, &plan, &BTreeSet::new(), trace).map(|_| ())
}

fn remains() -> impl Iterator<Item = Kept> {
    let prefix = |thousandths, bytes| Kept::Prefix { thousandths, bytes };
    let torn = [0, 1, 87, 88, 511, 512, 513, 1_024, 4_095].map(move |bytes| prefix(0, bytes));
    let later = [250, 500, 750, 999].map(move |thousandths| prefix(thousandths, 512));
    let sectors = (0..SECTORS).map(Kept::Sectors);
    [Kept::Nothing, Kept::All].into_iter().chain(torn).chain(later).chain(sectors)
}

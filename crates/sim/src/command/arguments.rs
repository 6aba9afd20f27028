//! What one can ask the simulation for, and how it is written.
//!
//! Owns: words for seeds, steps and boundaries, and which of them go together. Never: passes over
//! an option that has no effect.
//! On failure: says what would do, and ends with exit code 2.

use anyhow::{Context as _, Result, bail};
use clap::{ArgGroup, Parser};
use sim::STEPS_MAX;
use sim::boundaries::Boundary;
use std::collections::BTreeSet;
use std::ops::Range;

#[cfg(not(planted))]
const CALL: &str = "cargo xtask sim";
#[cfg(planted)]
const CALL: &str = "cargo xtask plant";

const EXIT_CODES: &str = "\
Exit codes: 0, every promise held (of planted bugs: each was found); 1, one was broken: what broke \
and the command that shows it again are printed; 2, the arguments do not fit; 74, nobody reads \
what it prints; 101, the simulation cannot be built or is itself at fault.

A seed belongs to the commit at which it was run: what it makes changes with the simulation.";

/// A boundary, or the run without a fault.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Case {
    Sound,
    At(Boundary),
}

/// Runs whole nodes on a simulated disk and clock, and checks every promise
#[derive(Debug, Parser)]
#[command(name = CALL, bin_name = CALL, version, after_help = EXIT_CODES)]
#[command(group(ArgGroup::new("runs").args(["seed", "seeds", "boundary", "boundaries", "long"])))]
#[command(group(ArgGroup::new("one run").args(["seed", "boundary"])))]
pub(crate) struct Arguments {
    /// One seed
    #[arg(long, value_parser = clap::value_parser!(u64).range(..u64::MAX))]
    pub(crate) seed: Option<u64>,
    /// Many seeds: the first, and the one behind the last
    #[arg(long, value_name = "A..B", value_parser = range, default_value = "0..500")]
    pub(crate) seeds: Range<u64>,
    /// Leave these steps of one seed out, as a shortened run says
    #[arg(long, value_name = "A,B..C", value_parser = steps)]
    #[arg(requires = "seed", conflicts_with_all = ["seeds", "boundary", "boundaries", "long"])]
    pub(crate) skip: Option<BTreeSet<u64>>,
    /// Print everything that happens in one run; it is not made shorter then
    #[arg(long, requires = "one run", conflicts_with_all = ["seeds", "boundaries", "long"])]
    pub(crate) trace: bool,
    /// Print a line for each seed, with the hash of everything that happened
    #[arg(long, conflicts_with_all = ["boundary", "boundaries", "long"])]
    pub(crate) hashes: bool,
    /// Instead of seeds: each change a node makes to its disk, with each fault and each remains
    #[arg(long)]
    pub(crate) boundaries: bool,
    /// One of them: CHANGE,FAULT,REMAINS, as a broken one is told; or `none`, without a fault
    #[arg(long, value_name = "BOUNDARY", value_parser = case)]
    pub(crate) boundary: Option<Case>,
    /// Every boundary, then 50,000 seeds: about an hour
    #[arg(long)]
    pub(crate) long: bool,
    /// The bug to plant, or `all` one after another: each until a seed finds it, in a table. A
    /// single one also with --seed, --boundary or --boundaries, to see what it breaks
    #[cfg(planted)]
    #[arg(long, value_name = "BUG", default_value = "all", value_parser = super::plant::word)]
    pub(crate) plant: String,
}

impl Arguments {
    /// Those of this process; it ends here when they do not fit.
    pub(crate) fn read() -> Self {
        let read = Self::parse();
        #[cfg(planted)]
        super::plant::refuse_what_has_no_effect(&read);
        read
    }

    /// How this program is called, as far as every run's options go.
    pub(crate) fn call(&self) -> String {
        #[cfg(planted)]
        return format!("{CALL} --plant {}", self.plant);
        #[cfg(not(planted))]
        CALL.to_owned()
    }
}

fn range(text: &str) -> Result<Range<u64>> {
    let (from, until) = text.split_once("..").context("two numbers with two dots between them")?;
    let number = |word: &str| word.parse().with_context(|| format!("`{word}` is no number"));
    let (from, until) = (number(from)?, number(until)?);
    if until <= from {
        bail!("the second number must be above the first");
    }
    Ok(from..until)
}

/// Steps, and runs of steps.
fn steps(text: &str) -> Result<BTreeSet<u64>> {
    let mut all = BTreeSet::new();
    for part in text.split(',') {
        let steps = match part.split_once("..") {
            Some(_) => range(part)?,
            None => {
                let step: u64 = part.parse().context("a number, or two with two dots")?;
                step..step.saturating_add(1)
            }
        };
        if STEPS_MAX < steps.end {
            bail!("a run has fewer than {STEPS_MAX} steps");
        }
        all.extend(steps);
    }
    Ok(all)
}

/// The same in words.
pub(crate) fn told(steps: &BTreeSet<u64>) -> String {
    let mut parts: Vec<Range<u64>> = Vec::new();
    for step in steps {
        match parts.last_mut() {
            Some(last) if last.end == *step => last.end += 1,
            _ => parts.push(*step..step + 1),
        }
    }
    let parts: Vec<String> =
        parts.iter().map(|part| format!("{}..{}", part.start, part.end)).collect();
    parts.join(",")
}

fn case(text: &str) -> Result<Case> {
    Ok(if text == "none" { Case::Sound } else { Case::At(text.parse()?) })
}

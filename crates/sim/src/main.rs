//! `sim`: runs seeds, and shows the shortest way to whatever breaks.

#![allow(clippy::print_stdout, reason = "what it finds is told on the terminal")]

#[cfg(planted)]
mod plant;

use anyhow::{Context as _, Result, bail};
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use sim::{Plan, Tally, Violation, run, shrink};
use simdisk::FAULTS;
use std::collections::BTreeSet;
use std::ops::Range;
use std::process::ExitCode;
use std::time::Instant;

/// Seeds of a long run.
const LONG: Range<u64> = 0..50_000;
/// Runs of a shrinking, at most.
const SHRINK_TRIES: u32 = 400;

/// Runs whole nodes on a simulated disk and clock, and checks every promise
#[derive(Debug, Parser)]
#[command(name = "sim", version)]
struct Arguments {
    /// One seed
    #[arg(long, conflicts_with = "seeds")]
    seed: Option<u64>,
    /// Many seeds: the first, and the one behind the last
    #[arg(long, value_name = "A..B", value_parser = range, default_value = "0..500")]
    seeds: Range<u64>,
    /// Leave these steps of one seed out, as a shortened run says
    #[arg(long, requires = "seed", value_name = "A,B..C", value_parser = steps)]
    skip: Option<BTreeSet<u64>>,
    /// Print everything that happens in the run of one seed
    #[arg(long, requires = "seed")]
    trace: bool,
    /// Print a line for each seed, with the hash of everything that happened
    #[arg(long)]
    hashes: bool,
    /// Instead of seeds: each change a node makes to its disk, with each fault and each remains
    #[arg(long, conflicts_with_all = ["seed", "hashes"])]
    boundaries: bool,
    /// Every boundary, then 50,000 seeds: about an hour
    #[arg(long, conflicts_with_all = ["seed", "seeds", "hashes", "boundaries"])]
    long: bool,
    /// Plant a bug, or `all` one after another, and tell how many seeds it takes to find it
    #[cfg(planted)]
    #[arg(long, value_name = "BUG")]
    plant: Option<String>,
}

fn range(text: &str) -> Result<Range<u64>> {
    let (from, until) = text.split_once("..").context("two numbers with two dots between them")?;
    let (from, until) = (from.parse()?, until.parse()?);
    if until <= from {
        bail!("the second number is above the first");
    }
    Ok(from..until)
}

/// Steps, and runs of steps.
fn steps(text: &str) -> Result<BTreeSet<u64>> {
    let parts = text.split(',').map(|part| match part.split_once("..") {
        Some(_) => range(part),
        None => part.parse().map(|step| step..step + 1).context("a number, or two with two dots"),
    });
    parts.collect::<Result<Vec<_>>>().map(|parts| parts.into_iter().flatten().collect())
}

/// The same in words.
fn told(steps: &BTreeSet<u64>) -> String {
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

fn main() -> ExitCode {
    // An assert that fails is told with its seed; the backtrace of each would only be in the way.
    std::panic::set_hook(Box::new(|_| ()));
    let arguments = Arguments::parse();
    #[cfg(planted)]
    if let Some(word) = &arguments.plant {
        return plant::run_as_program(word, &arguments.seeds);
    }
    let boundaries_hold = !(arguments.boundaries || arguments.long) || every_boundary();
    if arguments.boundaries || !boundaries_hold {
        return if boundaries_hold { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let seeds = if arguments.long { LONG } else { arguments.seeds };
    let seeds = arguments.seed.map_or(seeds, |seed| seed..seed + 1);
    let skipped = arguments.skip.unwrap_or_default();
    if all_hold(&seeds, &skipped, arguments.trace, arguments.hashes) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Runs seed after seed; true when every promise held.
fn all_hold(
    seeds: &Range<u64>,
    skipped: &BTreeSet<u64>,
    shows_trace: bool,
    shows_hashes: bool,
) -> bool {
    let begun = Instant::now();
    let mut sum = Tally::default();
    let bar = ProgressBar::new(seeds.end - seeds.start);
    let style = "{wide_bar} {pos}/{len} seeds {per_sec} {msg}";
    bar.set_style(ProgressStyle::with_template(style).expect("the template is sound"));
    for seed in seeds.clone() {
        let plan = Plan::new(seed);
        let mut trace = Vec::new();
        let ran = run(seed, &plan, skipped, shows_trace.then_some(&mut trace));
        trace.iter().for_each(|line| println!("{line}"));
        match ran {
            Ok(tally) => {
                if shows_hashes {
                    println!("{seed} {:016x}", tally.trace);
                }
                sum += tally;
                let faults: u64 = sum.faults.iter().sum();
                let (commands, crashes) = (sum.commands, sum.crashes);
                bar.set_message(format!("{commands} commands, {crashes} crashes, {faults} faults"));
                bar.inc(1);
            }
            Err(violation) => {
                bar.finish_and_clear();
                tell(seed, &plan, skipped, violation);
                return false;
            }
        }
    }
    bar.finish_and_clear();
    println!("{}", report(seeds, &sum, begun.elapsed().as_secs_f64()));
    true
}

/// Tries every boundary; true when every promise held.
fn every_boundary() -> bool {
    let begun = Instant::now();
    let boundaries = sim::boundaries::all(1);
    let bar = ProgressBar::new(boundaries.len() as u64);
    for boundary in &boundaries {
        if let Err(violation) = sim::boundaries::check(*boundary) {
            bar.finish_and_clear();
            println!("{boundary:?}: {violation}");
            return false;
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    let (count, seconds) = (boundaries.len(), begun.elapsed().as_secs_f64());
    println!("{count} boundaries in {seconds:.1} s; every promise held");
    true
}

fn report(seeds: &Range<u64>, sum: &Tally, seconds: f64) -> String {
    let faults: Vec<String> =
        FAULTS.iter().zip(sum.faults).map(|(name, count)| format!("{name} {count}")).collect();
    format!(
        "{} seeds ({}..{}), {} commands, {} sendings, {} answers, {} starts, {} crashes, {} \
         snapshots, {} silent changes, {} turned away in {seconds:.1} s; every promise held\nfaults: {}",
        seeds.end - seeds.start,
        seeds.start,
        seeds.end,
        sum.commands,
        sum.sends,
        sum.answers,
        sum.restarts,
        sum.crashes,
        sum.snapshots,
        sum.damages,
        sum.shed,
        faults.join(", ")
    )
}

/// What broke, by the shortest run that breaks it.
fn tell(seed: u64, plan: &Plan, skipped: &BTreeSet<u64>, violation: Violation) {
    println!("seed {seed}: {violation}");
    if !skipped.is_empty() {
        return;
    }
    println!("looking for a shorter way to it …");
    let mut found = shrink(seed, plan, violation, SHRINK_TRIES);
    let mut trace = Vec::new();
    let again = run(seed, plan, &found.skipped, Some(&mut trace));
    assert!(again.is_err_and(|again| again == found.violation), "a run does the same again");
    trace.iter().for_each(|line| println!("{line}"));
    println!("\nseed {seed}, {} steps: {}", found.steps, found.violation);
    // The steps behind it matter to nobody.
    found.skipped.retain(|step| *step < plan.steps);
    println!("again: cargo xtask sim --seed {seed}");
    println!(
        "the short way: cargo xtask sim --seed {seed} --trace --skip {}",
        told(&found.skipped)
    );
}

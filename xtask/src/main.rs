//! The chores' command line: one subcommand, one module.
//!
//! Owns: the words one types after `cargo xtask`. Never: does a chore itself.
//! On failure: says on standard error what failed and ends with exit code 1; a chore that is a
//! program of its own has the exit codes that its `--help` tells.

use clap::{Parser, Subcommand};
use std::ffi::OsString;
use std::process::ExitCode;

/// The chores of the Tidegate workspace.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Run everything that can be tested on this machine, and say what was left out and why.
    Test,
    /// Check the house rules that no compiler knows.
    Tidy,
    /// Write the tables of the examples anew; they come out the same every time.
    Examples,
    /// Run whole nodes on simulated machines, with faults; `--help` shows the simulation's options.
    #[command(disable_help_flag = true)]
    Sim {
        /// What the simulation is given, for example `--seed 7 --trace` or `--seeds 0..10000`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Plant one bug after another and tell how many seeds it takes to find each; `--help` shows
    /// the options.
    #[command(disable_help_flag = true)]
    Plant {
        /// What the simulation is given, for example `--plant skip-sync --seeds 0..50`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Kill the real program again and again, or overload it; `--help` shows the trial's options.
    #[command(disable_help_flag = true)]
    Kill {
        /// What the trial is given, for example `--rounds 200 --seed 3` or `--overload`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Hold the real program's API to its own description with schemathesis.
    Api,
    /// Use every page of the real program in a browser, as people do; pictures of all of them are
    /// in `target/pages` then.
    Pages,
    /// Attack the real program with the large amounts of slow, idle and huge clients.
    Flood,
    /// Feed bytes that are made up, led by what they reach, to every reader of bytes from outside.
    Fuzz(xtask::fuzz::Options),
    /// Break one line of the engine after another, and see whether a test tells.
    Mutants(xtask::mutants::Options),
    /// Rehearse a whole draw with made-up people, and let everybody who checks draws look at it.
    Rehearse(xtask::rehearse::Options),
    /// Build the program as one file that needs nothing beside it, and tell its digest.
    Static(xtask::alone::Options),
    /// Measure Tidegate beside its peers; `--help` shows the bench program's options.
    #[command(disable_help_flag = true)]
    Bench {
        /// What the bench program is given, for example `--quick`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
}

fn main() -> anyhow::Result<ExitCode> {
    xtask::fuzz::stand_in()?;
    let all_is_well = match Arguments::parse().chore {
        // Programs of their own, whose exit codes are ours.
        Chore::Sim { arguments } => return xtask::sim::run(&arguments),
        Chore::Plant { arguments } => return xtask::sim::plant(&arguments),
        Chore::Kill { arguments } => return xtask::kill::run(&arguments),
        Chore::Bench { arguments } => return xtask::bench::run(&arguments),
        Chore::Test => xtask::test::run()?,
        Chore::Tidy => xtask::tidy::run()?,
        Chore::Examples => xtask::examples::run()?,
        Chore::Api => xtask::api::run()?,
        Chore::Pages => xtask::pages::run()?,
        Chore::Flood => xtask::flood::run()?,
        Chore::Fuzz(options) => xtask::fuzz::run(&options)?,
        Chore::Mutants(options) => xtask::mutants::run(&options)?,
        Chore::Rehearse(options) => xtask::rehearse::run(&options)?,
        Chore::Static(options) => xtask::alone::run(&options)?,
    };
    Ok(if all_is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

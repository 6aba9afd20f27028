//! The command line of the simulation.
//!
//! Owns: which runs there are to make, in which order, and the exit code. Never: a run itself.
//! Invariants: exit code 0 says that every promise held in everything that was asked for.
//! On failure: prints what broke and the command that shows it again, and ends with 1.

#[macro_use]
mod output;

mod arguments;
mod boundaries;
#[cfg(planted)]
mod plant;
mod progress;
mod seeds;

use arguments::Arguments;
use std::ops::Range;
use std::process::ExitCode;

/// Seeds of a long run.
const LONG: Range<u64> = 0..50_000;

/// Does what the command line says.
pub(crate) fn run() -> ExitCode {
    let arguments = Arguments::read();
    #[cfg(planted)]
    if !plant::is_one_for(&arguments) {
        return exit(plant::run_all(&arguments.plant, &arguments.seeds));
    }
    exit(every_promise_held(&arguments))
}

fn exit(held: bool) -> ExitCode {
    if held { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn every_promise_held(arguments: &Arguments) -> bool {
    let call = &arguments.call();
    if let Some(case) = arguments.boundary {
        return boundaries::one(case, arguments.trace, call);
    }
    if (arguments.boundaries || arguments.long) && !boundaries::all(call) {
        return false;
    }
    if arguments.boundaries {
        return true;
    }
    let seeds = if arguments.long { LONG } else { arguments.seeds.clone() };
    seeds::hold(&seeds::Wanted {
        seeds: arguments.seed.map_or(seeds, |seed| seed..seed + 1),
        skipped: arguments.skip.clone().unwrap_or_default(),
        shows_trace: arguments.trace,
        shows_hashes: arguments.hashes,
        call: call.clone(),
    })
}

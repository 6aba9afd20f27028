//! The bench program: measures, prints the table, writes the results.

#![allow(clippy::print_stdout, reason = "a benchmark talks on the terminal")]

use anyhow::Result;
use bench::arguments::Arguments;
use bench::session::Session;
use bench::{peers, results, scenarios, table};
use clap::Parser;
use std::process::ExitCode;

/// The allocator of the program that is measured: the ledger's figures depend on its large pages.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    if arguments.list {
        scenarios::ALL
            .iter()
            .for_each(|scenario| println!("{:12}{}", scenario.name, scenario.says));
        return Ok(ExitCode::SUCCESS);
    }
    if arguments.install_peers {
        peers::install()?;
    }
    let chosen = scenarios::chosen(&[&arguments.only[..], &arguments.named].concat())?;
    let mut session = Session::open(&arguments)?;
    for scenario in chosen {
        println!("measuring {}: {}", scenario.name, scenario.says);
        session.measure(scenario);
    }
    let results = session.finish();
    println!("\n{}", table::render(&results));
    if !arguments.quick || arguments.write {
        let path = results::write(&results)?;
        println!("written to {}", path.display());
    }
    Ok(if results.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

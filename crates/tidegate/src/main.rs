//! The binary: command line, configuration, wiring.
//!
//! Owns: what a person types and the exit codes. Never: a rule, a format, a decision.
//! On failure: one message that says what happened, to what, and what to do now, and an exit
//! code that a supervisor can act on (`exit.rs`).

mod account_cli;
mod audit_cli;
mod campaign_cli;
mod client;
mod config;
mod demo;
mod descriptors;
mod draw_cli;
mod exit;
mod exposed;
mod health;
mod journal_cli;
mod opening;
mod output;
mod serve;
mod token_cli;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Releases scarce things to millions of people at once: fairly, exactly, on small hardware.
#[derive(Debug, Parser)]
#[command(name = "tidegate", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Watch a whole release: a made-up city, its people, and an audit at the end
    Demo(demo::Args),
    /// Run a node
    Serve(serve::Args),
    /// Work with campaigns: check, load, open, publish, export, …
    Campaign(campaign_cli::Args),
    /// Make, list and revoke API tokens
    Token(token_cli::Args),
    /// Make, list and end accounts of the operator pages
    Account(account_cli::Args),
    /// Verify, inspect or replay a journal
    Journal(journal_cli::Args),
    /// Recompute every pool, person and limit from the journal, and compare
    Audit(audit_cli::Args),
    /// Make a draw that anybody can check: seal, open, seed, run, prove, verify, …
    Draw(draw_cli::Args),
    /// Ask a running node whether it is ready
    Health(health::Args),
    /// Serve constant answers on the same stack: the benchmark's baseline
    #[command(hide = true)]
    DoNothing(serve::DoNothing),
}

fn main() -> ExitCode {
    // The one provider of TLS cryptography, chosen before anything could choose another.
    let chosen = rustls::crypto::aws_lc_rs::default_provider().install_default();
    assert!(chosen.is_ok(), "nothing has chosen a provider before main");
    let ended = match Cli::parse().command {
        Command::Demo(args) => demo::run(args),
        Command::Serve(args) => serve::run(args),
        Command::Campaign(args) => campaign_cli::run(args),
        Command::Token(args) => token_cli::run(args),
        Command::Account(args) => account_cli::run(args),
        Command::Journal(args) => journal_cli::run(args),
        Command::Audit(args) => audit_cli::run(args),
        Command::Draw(args) => draw_cli::run(args),
        Command::Health(args) => health::run(args),
        Command::DoNothing(args) => serve::do_nothing(args),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => exit::explain(&error),
    }
}

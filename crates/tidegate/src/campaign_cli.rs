//! `tidegate campaign …`: campaigns from the command line.
//!
//! Owns: the subcommands. All but `check` go through the operator API of a running node, so that
//! what is done here is ordered, attributed and recorded like everything else.

mod download;
mod draw;
mod drawn;
mod show;
mod unnamed;
mod upload;

use crate::client::{Connection, campaign_code, unreadable};
use crate::exit::Coded;
use crate::output::Output;
use anyhow::Result;
use clap::{Subcommand, ValueEnum};
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::PathBuf;

/// Works with campaigns.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check campaign files and their tables, and list everything that is wrong with them
    Check(upload::Check),
    /// Load a campaign from its file and tables
    Load(upload::Load),
    /// Replace the stock or add to it, after showing the difference
    Stock(upload::Stock),
    /// List all campaigns
    List {
        #[command(flatten)]
        connection: Connection,
    },
    /// Show everything about a campaign
    Show {
        /// The campaign's code
        #[arg(value_parser = campaign_code)]
        campaign: String,
        /// Only the units by outlet, item, slot or district, all of them
        #[arg(long, value_enum, value_name = "KIND")]
        by: Option<show::Kind>,
        #[command(flatten)]
        connection: Connection,
    },
    /// Take entries from now on, whatever the windows say
    Open(Simple),
    /// Take no entries until resumed
    Pause(Simple),
    /// End a pause
    Resume(Simple),
    /// Take no more entries, whatever the windows say
    Close(Simple),
    /// Make the outcomes visible, for good
    Publish(Simple),
    /// Set or lift the cap on entries
    Cap(Cap),
    /// Take free units out of pools
    Withdraw(Withdraw),
    /// Put people on the block list: they may not enter
    Block(upload::List),
    /// Put people on the allow list of a campaign that has one: they alone may enter
    Allow {
        #[command(flatten)]
        list: upload::List,
        /// The list of this reserved item, in a draw: they alone may choose it
        #[arg(long, value_name = "CODE")]
        item: Option<String>,
    },
    /// Enter the people of the campaign that this one's file names in `registered_in`
    TakeOver(Simple),
    /// Draw lots, step by step, where the campaign's file says so
    Draw(draw::Args),
    /// Hand the bookings over: one file an outlet, or one for all, with people in clear
    Export(download::Export),
    /// Destroy the key to a campaign's people, for good
    Shred(Shred),
}

#[derive(Debug, clap::Args)]
struct Simple {
    /// The campaign's code
    #[arg(value_parser = campaign_code)]
    campaign: String,
    #[command(flatten)]
    why: Why,
    #[command(flatten)]
    connection: Connection,
}

/// Why something is done.
#[derive(Debug, clap::Args)]
struct Why {
    /// Why; kept with the action and the token's name
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

#[derive(Debug, clap::Args)]
#[group(id = "new_cap", required = true, multiple = false, args = ["entries", "lift"])]
struct Cap {
    /// The campaign's code
    #[arg(value_parser = campaign_code)]
    campaign: String,
    /// Entries after which registration ends at once
    entries: Option<u32>,
    /// Lift the cap
    #[arg(long)]
    lift: bool,
    #[command(flatten)]
    why: Why,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Debug, clap::Args)]
#[group(id = "place", required = true, multiple = true, args = ["outlet", "item", "slot", "all"])]
struct Withdraw {
    /// The campaign's code
    #[arg(value_parser = campaign_code)]
    campaign: String,
    /// Only at this outlet
    #[arg(long, value_name = "CODE")]
    outlet: Option<String>,
    /// Only of this item
    #[arg(long, value_name = "CODE")]
    item: Option<String>,
    /// Only in this slot
    #[arg(long, value_name = "CODE")]
    slot: Option<String>,
    /// From every pool of the campaign
    #[arg(long, conflicts_with_all = ["outlet", "item", "slot"])]
    all: bool,
    /// At most so many from each pool; all that are free unless given
    #[arg(long, value_name = "NUMBER")]
    units: Option<u32>,
    /// Only say how many units would be taken from how many pools
    #[arg(long)]
    dry_run: bool,
    /// Why; kept with the action and the token's name
    #[arg(long, value_name = "TEXT", required_unless_present = "dry_run")]
    reason: Option<String>,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Debug, clap::Args)]
struct Shred {
    /// The campaign's code
    #[arg(value_parser = campaign_code)]
    campaign: String,
    /// The campaign's code once more: this cannot be undone
    #[arg(long, value_name = "CODE")]
    confirm: String,
    #[command(flatten)]
    why: Why,
    #[command(flatten)]
    connection: Connection,
}

/// Whether stock rows replace or add.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Mode {
    /// The rows are the whole stock; what has no row goes to 0
    Replace,
    /// The rows come on top
    Add,
}

/// Runs the subcommand.
///
/// # Errors
/// What went wrong, as a person reads it.
pub(crate) fn run(args: Args) -> Result<()> {
    match args.command {
        Command::Check(check) => check.run(),
        Command::Load(load) => load.run(),
        Command::Stock(stock) => stock.run(),
        Command::List { connection } => {
            let campaigns = connection.client()?.get("campaigns")?;
            answer(&connection, &campaigns, show::campaigns)
        }
        Command::Show { campaign, by, connection } => {
            let told = connection.client()?.get(&format!("campaigns/{campaign}"))?;
            match by {
                Some(kind) => answer(&connection, kind.of(&told), |sums| kind.show(sums)),
                None => answer(&connection, &told, show::campaign),
            }
        }
        Command::Open(simple) => simple.run("open"),
        Command::Pause(simple) => simple.run("pause"),
        Command::Resume(simple) => simple.run("resume"),
        Command::Close(simple) => simple.run("close"),
        Command::Publish(simple) => simple.run("publish"),
        Command::Cap(cap) => {
            let body = json!({ "do": "cap", "entries": cap.entries, "reason": cap.why.reason });
            act(&cap.connection, &cap.campaign, &body)
        }
        Command::Withdraw(withdraw) => withdraw.run(),
        Command::Block(list) => list.run("block", None),
        Command::Allow { list, item: None } => list.run("allow", None),
        Command::Allow { list, item } => list.run("reserved", item.as_deref()),
        Command::TakeOver(simple) => simple.take_over(),
        Command::Draw(draw) => draw.run(),
        Command::Export(export) => export.run(),
        Command::Shred(shred) => shred.run(),
    }
}

impl Simple {
    fn run(&self, word: &str) -> Result<()> {
        let body = json!({ "do": word, "reason": self.why.reason });
        act(&self.connection, &self.campaign, &body)
    }

    fn take_over(&self) -> Result<()> {
        let path = format!("campaigns/{}/take-over", self.campaign);
        let body = json!({ "reason": self.why.reason });
        let told = self.connection.client()?.post(&path, &[], &body)?;
        answer(&self.connection, &told, show::taken_over)
    }
}

impl Withdraw {
    fn run(&self) -> Result<()> {
        let Self { campaign, outlet, item, slot, all, units, dry_run, reason, connection } = self;
        let body = json!({ "do": "withdraw", "outlet": outlet, "item": item, "slot": slot,
            "all": all, "units": units, "dry_run": dry_run, "reason": reason });
        act(connection, campaign, &body)
    }
}

impl Shred {
    fn run(&self) -> Result<()> {
        if self.confirm != self.campaign {
            let what = "--confirm must be the campaign's code, since this cannot be undone";
            return Err(Coded::error("confirmation-differs", &what));
        }
        let path = format!("campaigns/{}/shred", self.campaign);
        let body = json!({ "confirm": self.confirm, "reason": self.why.reason });
        let told = self.connection.client()?.post(&path, &[], &body)?;
        answer(&self.connection, &told, show::shredded)
    }
}

fn act(connection: &Connection, campaign: &str, body: &Value) -> Result<()> {
    let path = format!("campaigns/{campaign}/actions");
    let told = connection.client()?.post(&path, &[], body)?;
    let word = body["do"].as_str().unwrap_or_default();
    answer(connection, &told, |told| show::done(told, word))
}

/// Prints an answer: as it is, or for a person.
fn answer(
    connection: &Connection,
    told: &Value,
    for_a_person: impl Fn(&Value) -> String,
) -> Result<()> {
    if connection.json {
        return say(&serde_json::to_string_pretty(told)?);
    }
    say(&for_a_person(told))
}

fn say(text: &str) -> Result<()> {
    writeln!(Output::open(), "{}", text.trim_end())?;
    Ok(())
}

/// A file's name without its folders, and its content as the operator API takes it.
fn file_part(path: &PathBuf, name: &str) -> Result<Value> {
    use base64::Engine as _;
    let bytes = std::fs::read(path).map_err(|error| unreadable(path, error))?;
    Ok(match String::from_utf8(bytes) {
        Ok(text) => json!({ "name": name, "text": text }),
        Err(error) => {
            let base64 = base64::engine::general_purpose::STANDARD.encode(error.as_bytes());
            json!({ "name": name, "base64": base64 })
        }
    })
}

//! `tidegate token …`: API tokens of a data folder.
//!
//! Owns: the subcommands. Works on the folder's file, so that the first token can be made before
//! a node runs; a running node takes notice by itself. Never: makes a folder.

use crate::opening;
use crate::output::Output;
use anyhow::{Result, bail};
use clap::{Subcommand, ValueEnum};
use comfy_table::Table;
use comfy_table::presets::UTF8_FULL_CONDENSED;
use journal::{FrameStream as _, OsDisk};
use node::Clock as _;
use server::operator::tokens::{NewToken, Role, TokenStore};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use types::command::{Command as Recorded, Records};
use types::{Action, Calendar, FrameNo, Millis, limits};

const DAY_MILLIS: u64 = 86_400_000;

/// Makes, lists and revokes API tokens.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a token; it is shown once, and only its hash is kept
    Create {
        #[command(flatten)]
        folder: Folder,
        /// Who holds it; recorded with everything done with it
        #[arg(long, value_name = "NAME")]
        name: String,
        /// What its holder may do
        #[arg(long, value_enum)]
        role: RoleWord,
        /// The code of an outlet it redeems for; once for each, with the role outlet
        #[arg(long, value_name = "CODE")]
        outlet: Vec<String>,
        /// Days until it expires; never unless given
        #[arg(long, value_name = "DAYS")]
        expires_in_days: Option<u16>,
    },
    /// List all tokens, without their secrets
    List {
        #[command(flatten)]
        folder: Folder,
        /// Print them as JSON
        #[arg(long)]
        json: bool,
    },
    /// End a token at once
    Revoke {
        #[command(flatten)]
        folder: Folder,
        /// Whose
        #[arg(long, value_name = "NAME")]
        name: String,
    },
}

#[derive(Debug, clap::Args)]
struct Folder {
    /// The node's data folder
    #[arg(long, env = "TIDEGATE_DATA", value_name = "FOLDER")]
    data: PathBuf,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum RoleWord {
    /// Everything
    Operator,
    /// Reads everything but people; changes nothing
    Auditor,
    /// Redeems at certain outlets; nothing else
    Outlet,
    /// Enters people by the batch; nothing else
    Frontend,
}

/// Runs the subcommand.
///
/// # Errors
/// What went wrong, as a person reads it.
pub(crate) fn run(args: Args) -> Result<()> {
    let mut out = Output::open();
    match args.command {
        Command::Create { folder, name, role, outlet, expires_in_days } => {
            let now = node::SystemClock.now();
            let expires = expires_in_days.map(|days| now.plus(u64::from(days) * DAY_MILLIS));
            let (disk, store) = folder.open()?;
            let new = NewToken { name, role: role.role(), outlets: outlet.clone(), expires };
            let secret = store.create(new, now)?;
            // The secret alone, so that a script can keep it; the advice goes to people.
            writeln!(out, "{secret}")?;
            advise("Keep it now: it cannot be shown again.\n");
            if !outlet.is_empty() {
                advise(&about_outlets(disk, &outlet));
            }
        }
        Command::List { folder, json } => {
            let tokens = folder.open()?.1.list()?;
            if json {
                let lines: Vec<_> = tokens
                    .iter()
                    .map(|token| {
                        serde_json::json!({ "name": token.name, "role": token.role,
                            "outlets": token.outlets, "created": day(token.created),
                            "expires": token.expires.map(day) })
                    })
                    .collect();
                writeln!(out, "{}", serde_json::to_string_pretty(&lines)?)?;
                return Ok(());
            }
            let mut table = Table::new();
            table.load_preset(UTF8_FULL_CONDENSED);
            table.set_header(["name", "role", "outlets", "created", "expires"]);
            for token in tokens {
                let expires = token.expires.map_or_else(|| "never".to_owned(), day);
                let outlets = token.outlets.join(" ");
                let role = token.role.to_string();
                table.add_row([token.name, role, outlets, day(token.created), expires]);
            }
            writeln!(out, "{table}")?;
        }
        Command::Revoke { folder, name } => {
            folder.open()?.1.revoke(&name)?;
            writeln!(out, "{name}: revoked")?;
        }
    }
    Ok(())
}

impl Folder {
    fn open(&self) -> Result<(OsDisk, TokenStore)> {
        let disk = opening::existing_or_empty(&self.data)?;
        Ok((disk, TokenStore::new(&self.data)))
    }
}

/// Tells whoever looks on. The token is made; nothing is left to do when nobody does.
fn advise(text: &str) {
    drop(std::io::stderr().write_all(text.as_bytes()));
}

/// What a person should know of the outlets a token names. Never an error: a token may be made
/// before its campaign is loaded.
fn about_outlets(disk: OsDisk, named: &[String]) -> String {
    let known = match outlets_by_campaign(disk) {
        Ok(known) => known,
        Err(error) => {
            let why = crate::exit::words(&error);
            return format!("The outlets were not compared with the campaigns: {why}\n");
        }
    };
    let is_known = |code: &&String| known.values().any(|outlets| outlets.contains(*code));
    let unknown: Vec<&str> =
        named.iter().filter(|code| !is_known(code)).map(String::as_str).collect();
    if unknown.is_empty() {
        return String::new();
    }
    let unknown = unknown.join(", ");
    format!(
        "No campaign in this folder has the outlet {unknown}. The token redeems nothing there \
         until one that has it is loaded. If it is mistyped, revoke the token and make another.\n"
    )
}

/// The outlets of every campaign as it was loaded last, out of the journal: a node that runs
/// beside need not be asked.
fn outlets_by_campaign(disk: OsDisk) -> Result<BTreeMap<String, Vec<String>>> {
    let mut known = BTreeMap::new();
    if matches!(journal::read_format(&disk), Err(journal::JournalError::NotTidegate { .. })) {
        return Ok(known);
    }
    let mut frames = journal::inspect(Arc::new(disk), None, FrameNo(1))?;
    let mut read_bytes = 0;
    while let Some(frame) = frames.next_frame()? {
        read_bytes += frame.payload.len() as u64;
        if limits::HINT_JOURNAL_BYTES_MAX < read_bytes {
            bail!("the journal is long already, and the node that writes it needs the disk");
        }
        for record in Records::new(frame.payload) {
            let Recorded::Operator(command) = Recorded::decode(record?.1)? else { continue };
            if let Action::Load { definition } = command.action {
                let outlets = definition.outlets.into_iter().map(|outlet| outlet.code).collect();
                known.insert(definition.code, outlets);
            }
        }
    }
    Ok(known)
}

impl RoleWord {
    const fn role(self) -> Role {
        match self {
            Self::Operator => Role::Operator,
            Self::Auditor => Role::Auditor,
            Self::Outlet => Role::Outlet,
            Self::Frontend => Role::Frontend,
        }
    }
}

/// A day in UTC: `2030-02-01`.
fn day(at: Millis) -> String {
    let day = Calendar::fixed("UTC", 0).day(at).0;
    let date = jiff::civil::date(1970, 1, 1);
    let span = jiff::Span::new().days(i64::from(day));
    date.checked_add(span).map_or_else(|_| "far away".to_owned(), |date| date.to_string())
}

//! `tidegate token …`: API tokens of a data folder.
//!
//! Owns: the subcommands. Works on the folder's file, so that the first token can be made before
//! a node runs; a running node takes notice by itself.

use anyhow::{Context as _, Result};
use clap::{Subcommand, ValueEnum};
use comfy_table::Table;
use comfy_table::presets::UTF8_FULL_CONDENSED;
use node::Clock as _;
use server::operator::tokens::{NewToken, Role, TokenError, TokenStore};
use std::io::Write as _;
use std::path::PathBuf;
use types::{Calendar, Millis};

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
    let mut out = std::io::stdout().lock();
    match args.command {
        Command::Create { folder, name, role, outlet, expires_in_days } => {
            let now = node::SystemClock.now();
            let expires = expires_in_days.map(|days| now.plus(u64::from(days) * DAY_MILLIS));
            let new = NewToken { name, role: role.role(), outlets: outlet, expires };
            let secret = folder.store()?.create(new, now).map_err(told)?;
            // The secret alone, so that a script can keep it; the advice goes to people.
            writeln!(out, "{secret}")?;
            writeln!(std::io::stderr(), "Keep it now: it cannot be shown again.")?;
        }
        Command::List { folder, json } => {
            let tokens = folder.store()?.list().map_err(told)?;
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
            folder.store()?.revoke(&name).map_err(told)?;
            writeln!(out, "{name}: revoked")?;
        }
    }
    Ok(())
}

impl Folder {
    fn store(&self) -> Result<TokenStore> {
        std::fs::create_dir_all(&self.data)
            .with_context(|| format!("{} cannot be made", self.data.display()))?;
        Ok(TokenStore::new(&self.data))
    }
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

fn told(error: TokenError) -> anyhow::Error {
    let code = error.code();
    anyhow::Error::new(error).context(format!("the tokens were not changed [{code}]"))
}

/// A day in UTC: `2030-02-01`.
fn day(at: Millis) -> String {
    let day = Calendar::fixed("UTC", 0).day(at).0;
    let date = jiff::civil::date(1970, 1, 1);
    let span = jiff::Span::new().days(i64::from(day));
    date.checked_add(span).map_or_else(|_| "far away".to_owned(), |date| date.to_string())
}

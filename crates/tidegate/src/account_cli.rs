//! `tidegate account …`: accounts of the operator pages.
//!
//! Owns: the subcommands, and how a password is taken: typed without an echo, or from standard
//! input where that is no terminal. Works on the folder's file, so that the first owner can be
//! made before a node runs; a running node takes notice by itself. Never: takes a password as an
//! argument, where every process could read it; makes a folder.

use crate::exit::Coded;
use crate::opening;
use crate::output::Output;
use anyhow::Result;
use clap::{Subcommand, ValueEnum};
use comfy_table::Table;
use comfy_table::presets::UTF8_FULL_CONDENSED;
use node::Clock as _;
use server::console::accounts::{AccountError, AccountRole, AccountStore, NewAccount};
use server::console::passwords::{Password, PasswordHash};
use std::io::{self, IsTerminal as _, Read as _, Write as _};
use std::path::PathBuf;
use types::{Millis, limits};
use zeroize::Zeroizing;

/// Makes, lists and ends accounts of the operator pages.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make an account; its password is typed, or read from standard input
    Create {
        #[command(flatten)]
        account: Named,
        /// What its owner may do
        #[arg(long, value_enum)]
        role: RoleWord,
        /// The code of an outlet it hands out at; once for each, with the role outlet
        #[arg(long, value_name = "CODE")]
        outlet: Vec<String>,
    },
    /// List all accounts
    List {
        #[command(flatten)]
        folder: Folder,
        /// Print them as JSON
        #[arg(long)]
        json: bool,
    },
    /// Let nobody log in to an account any more, and end its sessions
    Disable(Named),
    /// Let the owner of a disabled account log in again
    Enable(Named),
    /// Give an account another password, and end its sessions
    Password(Named),
    /// End all sessions of an account
    Logout(Named),
}

#[derive(Debug, clap::Args)]
struct Folder {
    /// The node's data folder
    #[arg(long, env = "TIDEGATE_DATA", value_name = "FOLDER")]
    data: PathBuf,
}

#[derive(Debug, clap::Args)]
struct Named {
    #[command(flatten)]
    folder: Folder,
    /// Whose; recorded with everything done with it
    #[arg(long, value_name = "NAME")]
    name: String,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum RoleWord {
    /// Everything
    Owner,
    /// Sees everything but people; changes nothing
    Auditor,
    /// Hands out at certain outlets; nothing else
    Outlet,
}

/// Runs the subcommand.
///
/// # Errors
/// What went wrong, as a person reads it.
pub(crate) fn run(args: Args) -> Result<()> {
    let mut out = Output::open();
    match args.command {
        Command::Create { account: Named { folder, name }, role, outlet } => {
            let store = folder.open()?;
            if store.find(&name)?.is_some() {
                // Before a password is asked for.
                return Err(AccountError::NameTaken(name).into());
            }
            let password = new_password(&name)?;
            let new = NewAccount { name: name.clone(), role: role.role(), outlets: outlet };
            store.create(new, password, now())?;
            writeln!(out, "{name}: made; log in at /console of the operator listener")?;
        }
        Command::List { folder, json } => list(&mut out, &folder.open()?, json)?,
        Command::Disable(Named { folder, name }) => {
            folder.open()?.set_disabled(&name, true)?;
            writeln!(out, "{name}: disabled; all its sessions have ended")?;
        }
        Command::Enable(Named { folder, name }) => {
            folder.open()?.set_disabled(&name, false)?;
            writeln!(out, "{name}: enabled")?;
        }
        Command::Password(Named { folder, name }) => {
            let store = folder.open()?;
            if store.find(&name)?.is_none() {
                return Err(AccountError::Unknown(name).into());
            }
            let password = new_password(&name)?;
            store.set_password(&name, password, now())?;
            writeln!(out, "{name}: has a new password; all its sessions have ended")?;
        }
        Command::Logout(Named { folder, name }) => {
            folder.open()?.end_sessions(&name)?;
            writeln!(out, "{name}: all its sessions have ended")?;
        }
    }
    Ok(())
}

impl Folder {
    fn open(&self) -> Result<AccountStore> {
        opening::existing_or_empty(&self.data)?;
        Ok(AccountStore::new(&self.data))
    }
}

fn now() -> Millis {
    node::SystemClock.now()
}

fn list(out: &mut Output, store: &AccountStore, json: bool) -> Result<()> {
    let accounts = store.list()?;
    if json {
        let lines: Vec<_> = accounts
            .iter()
            .map(|account| {
                serde_json::json!({ "name": account.name, "role": account.role,
                    "outlets": account.outlets, "created": day(account.created),
                    "password_set": day(account.password_set), "disabled": account.disabled })
            })
            .collect();
        writeln!(out, "{}", serde_json::to_string_pretty(&lines)?)?;
        return Ok(());
    }
    let mut table = Table::new();
    table.load_preset(UTF8_FULL_CONDENSED);
    table.set_header(["name", "role", "outlets", "created", "password set", ""]);
    for account in accounts {
        let (role, outlets) = (account.role.to_string(), account.outlets.join(" "));
        let (created, set) = (day(account.created), day(account.password_set));
        let state = if account.disabled { "disabled" } else { "" };
        table.add_row([account.name, role, outlets, created, set, state.to_owned()]);
    }
    writeln!(out, "{table}")?;
    Ok(())
}

/// The hash of a password that was typed twice, or came on standard input.
fn new_password(name: &str) -> Result<PasswordHash> {
    let password = if io::stdin().is_terminal() { typed()? } else { piped()? };
    password.check(name).map_err(AccountError::from)?;
    Ok(password.hash()?)
}

fn typed() -> Result<Password> {
    let ask = |prompt| rpassword::prompt_password(prompt).map_err(unread).map(Password::typed);
    let password = ask("New password (at least 12 characters; it is not shown): ")?;
    if !ask("The same again: ")?.is(&password) {
        let what = "the two passwords differ. Nothing was changed; run the command again";
        return Err(Coded::error("password-refused", &what));
    }
    Ok(password)
}

/// All of standard input, without the line's end.
fn piped() -> Result<Password> {
    let mut text = Zeroizing::new(String::new());
    // One byte more than may be, and a line's end, tell one that is too long.
    let most = limits::PASSWORD_BYTES_MAX as u64 + 3;
    io::stdin().take(most).read_to_string(&mut text).map_err(unread)?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    Ok(Password::typed(line.strip_suffix('\r').unwrap_or(line).to_owned()))
}

fn unread(error: io::Error) -> anyhow::Error {
    let what = "the password cannot be read. Nothing was changed; type it at a terminal, or send \
                it on standard input";
    Coded::caused("password-refused", what, error).into()
}

impl RoleWord {
    const fn role(self) -> AccountRole {
        match self {
            Self::Owner => AccountRole::Owner,
            Self::Auditor => AccountRole::Auditor,
            Self::Outlet => AccountRole::Outlet,
        }
    }
}

/// A day in UTC: `2030-02-01`.
fn day(at: Millis) -> String {
    server::moment::day(types::Calendar::fixed("UTC", 0).day(at))
}

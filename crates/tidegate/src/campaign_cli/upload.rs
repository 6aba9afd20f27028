//! Subcommands that send files: `check`, `load`, `stock`, `block`, `allow`.
//!
//! Owns: which files go along, and what is shown before anything changes. Never: prints a value
//! of a list.

use super::{Mode, answer, file_part, say, show};
use crate::client::{Connection, unreadable};
use crate::exit::Coded;
use anyhow::Result;
use node::Clock as _;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub(super) struct Check {
    /// The campaign file
    file: PathBuf,
    /// Print the problems as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Load {
    /// The campaign file; the tables it names lie beside it
    file: PathBuf,
    /// Only say what would be loaded
    #[arg(long)]
    dry_run: bool,
    /// Why; kept with the action and the token's name
    #[arg(long, value_name = "TEXT", required_unless_present = "dry_run")]
    reason: Option<String>,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Debug, clap::Args)]
pub(super) struct Stock {
    /// The campaign's code
    campaign: String,
    /// A CSV or XLSX table with outlet, item, slot and units
    file: PathBuf,
    /// Whether the rows replace the stock or come on top
    #[arg(long, value_enum)]
    mode: Mode,
    /// The sheet of a workbook that has several
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// Only show the difference
    #[arg(long)]
    dry_run: bool,
    /// Why; kept with the action and the token's name
    #[arg(long, value_name = "TEXT", required_unless_present = "dry_run")]
    reason: Option<String>,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Debug, clap::Args)]
pub(super) struct List {
    /// The campaign's code
    campaign: String,
    /// One value a row: text, CSV or XLSX
    file: PathBuf,
    /// The unique identity field the values belong to
    #[arg(long, value_name = "CODE")]
    field: String,
    /// The sheet of a workbook that has several
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// Only check the values
    #[arg(long)]
    dry_run: bool,
    /// Why; kept with the action and the token's name
    #[arg(long, value_name = "TEXT", required_unless_present = "dry_run")]
    reason: Option<String>,
    #[command(flatten)]
    connection: Connection,
}

impl Check {
    pub(super) fn run(&self) -> Result<()> {
        let read = campaign::read(&self.file, node::SystemClock.now());
        let mut rule = None;
        let (problems, is_good) = match read {
            Ok(loaded) => {
                rule = identity::FieldSet::new(&loaded.definition).err();
                (loaded.warnings, rule.is_none())
            }
            Err(problems) => (problems, false),
        };
        if self.json {
            say(&serde_json::to_string_pretty(&problems)?)?;
        } else if rule.is_none() || !problems.is_empty() {
            say(&campaign::render(&problems))?;
        }
        if let Some(rule) = rule {
            return Err(Coded::error(rule.code(), &rule));
        }
        if is_good { Ok(()) } else { Err(invalid(&self.file)) }
    }
}

impl Load {
    pub(super) fn run(&self) -> Result<()> {
        let folder = self.file.parent().unwrap_or_else(|| Path::new(""));
        let name = name(&self.file)?;
        // Problems are told here, with all files at hand, before anything is sent.
        if let Err(problems) = campaign::read(&self.file, node::SystemClock.now()) {
            say(&campaign::render(&problems))?;
            return Err(invalid(&self.file));
        }
        let text =
            std::fs::read_to_string(&self.file).map_err(|error| unreadable(&self.file, error))?;
        let mut files = vec![file_part(&self.file, &name)?];
        for table in campaign::tables_named(&text) {
            files.push(file_part(&folder.join(&table), &table)?);
        }
        let body = json!({ "file": name, "files": files, "reason": self.reason });
        let dry_run = self.dry_run.to_string();
        let query = [("dry_run", dry_run.as_str())];
        let told = self.connection.client()?.post("campaigns", &query, &body)?;
        answer(&self.connection, &told, show::loaded)
    }
}

impl Stock {
    pub(super) fn run(&self) -> Result<()> {
        let path = format!("campaigns/{}/stock", self.campaign);
        let client = self.connection.client()?;
        let mode = if self.mode == Mode::Replace { "replace" } else { "add" };
        let file = file_part(&self.file, &name(&self.file)?)?;
        let mut body = json!({ "file": file, "sheet": self.sheet, "mode": mode, "dry_run": true });
        let difference = client.post(&path, &[], &body)?;
        if self.dry_run || difference["refused"] == Value::Bool(true) {
            answer(&self.connection, &difference, show::stock)?;
            if difference["refused"] == Value::Bool(true) {
                let what = "nothing was changed: some pools would go below what people have booked";
                return Err(Coded::error("below-booked", &what));
            }
            return Ok(());
        }
        if !self.connection.json {
            say(&show::stock(&difference))?;
        }
        body["dry_run"] = Value::Bool(false);
        body["reason"] = json!(self.reason);
        let told = client.post(&path, &[], &body)?;
        answer(&self.connection, &told, show::stock_done)
    }
}

impl List {
    pub(super) fn run(&self, list: &str) -> Result<()> {
        let path = format!("campaigns/{}/lists", self.campaign);
        let file = file_part(&self.file, &name(&self.file)?)?;
        let body = json!({ "list": list, "field": self.field, "file": file, "sheet": self.sheet,
            "dry_run": self.dry_run, "reason": self.reason });
        let told = self.connection.client()?.post(&path, &[], &body)?;
        answer(&self.connection, &told, show::list)
    }
}

fn invalid(file: &Path) -> anyhow::Error {
    let what = format!(
        "{} is not a campaign that can be loaded: correct what is listed above",
        file.display()
    );
    Coded::error("files-invalid", &what)
}

fn name(path: &Path) -> Result<String> {
    let name = path.file_name().and_then(|name| name.to_str());
    name.map(str::to_owned).ok_or_else(|| {
        Coded::error("file-missing", &format!("{} does not name a file", path.display()))
    })
}

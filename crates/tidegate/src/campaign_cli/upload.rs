//! Subcommands that send files: `check`, `load`, `stock`, `block`, `allow`.
//!
//! Owns: which files go along, and what is shown before anything changes. Never: prints a value
//! of a list.

use super::{Mode, answer, drawn, file_part, say, show};
use crate::client::{Connection, campaign_code, unreadable};
use crate::exit::Coded;
use anyhow::Result;
use campaign::{Loaded, Other, Problem, Severity};
use node::Clock as _;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use types::Definition;

#[derive(Debug, clap::Args)]
pub(super) struct Check {
    /// The campaign file; several are also compared with each other
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
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
    #[arg(value_parser = campaign_code)]
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
    #[arg(value_parser = campaign_code)]
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
        let now = node::SystemClock.now();
        let (mut problems, mut bad, mut rule) = (Vec::new(), Vec::new(), None);
        let mut good: Vec<(&Path, Loaded)> = Vec::new();
        for file in &self.files {
            let mut found = match campaign::read(file, now) {
                Ok(mut loaded) => {
                    rule = rule.or_else(|| self.field_rule(file, &loaded.definition));
                    // Each pair is told of once.
                    let mut found = beside(&loaded, &name(file)?, &good);
                    if found.iter().any(|problem| problem.severity == Severity::Error) {
                        bad.push(file.as_path());
                    }
                    found.splice(0..0, std::mem::take(&mut loaded.warnings));
                    good.push((file, loaded));
                    found
                }
                Err(problems) => {
                    bad.push(file.as_path());
                    problems
                }
            };
            if let [_, _, ..] = self.files[..] {
                // Campaign files of several folders often have one name.
                let folder = file.parent().unwrap_or_else(|| Path::new(""));
                found = found.into_iter().map(|problem| problem.in_folder(folder)).collect();
            }
            problems.append(&mut found);
        }
        if self.json {
            say(&serde_json::to_string_pretty(&problems)?)?;
        } else if rule.is_none() || !problems.is_empty() {
            say(&campaign::render(&problems))?;
        }
        let drawn = good.iter().filter_map(|(_, loaded)| drawn::of_file(&loaded.definition));
        for words in drawn.filter(|_| !self.json) {
            say(&words)?;
        }
        match rule {
            Some(rule) => Err(rule),
            None if bad.is_empty() => Ok(()),
            None => Err(invalid(&bad)),
        }
    }

    /// Why a field's rule cannot be used, if it cannot.
    fn field_rule(&self, file: &Path, definition: &Definition) -> Option<anyhow::Error> {
        let rule = identity::FieldSet::new(definition).err()?;
        let what = match self.files[..] {
            [_] => rule.to_string(),
            _ => format!("{}: {rule}", file.display()),
        };
        Some(Coded::error(rule.code(), &what))
    }
}

impl Load {
    pub(super) fn run(&self) -> Result<()> {
        let folder = self.file.parent().unwrap_or_else(|| Path::new(""));
        let name = name(&self.file)?;
        // Problems are told here, with all files at hand, before anything is sent.
        if let Err(problems) = campaign::read(&self.file, node::SystemClock.now()) {
            say(&campaign::render(&problems))?;
            return Err(invalid(&[&self.file]));
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
    pub(super) fn run(&self, list: &str, item: Option<&str>) -> Result<()> {
        let path = format!("campaigns/{}/lists", self.campaign);
        let file = file_part(&self.file, &name(&self.file)?)?;
        let mut body = json!({ "list": list, "field": self.field, "file": file,
            "sheet": self.sheet, "dry_run": self.dry_run, "reason": self.reason });
        if let Some(item) = item {
            body["item"] = item.into();
        }
        let told = self.connection.client()?.post(&path, &[], &body)?;
        answer(&self.connection, &told, show::list)
    }
}

/// What is wrong with a campaign beside those of the files before it, or should be known.
fn beside(loaded: &Loaded, file: &str, others: &[(&Path, Loaded)]) -> Vec<Problem> {
    let others = others.iter().map(|(file, other)| (*file, other));
    let mut found = campaign::series_differences(loaded, others.clone());
    found.extend(campaign::registered_differences(loaded, others.clone()));
    let definitions = others.map(|(_, other)| &other.definition);
    let own = &loaded.definition;
    found.extend(campaign::registered_cool_down(own, file, definitions.clone()));
    let others = definitions.map(|definition| Other { definition, holds_at: None });
    found.extend(campaign::series_overlap(own, file, others));
    found
}

fn invalid(files: &[&Path]) -> anyhow::Error {
    let named: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    let are = if files.len() == 1 { "is not a campaign" } else { "are not campaigns" };
    let named = named.join(", ");
    let what = format!("{named} {are} that can be loaded: correct what is listed above");
    Coded::error("files-invalid", &what)
}

fn name(path: &Path) -> Result<String> {
    let name = path.file_name().and_then(|name| name.to_str());
    name.map(str::to_owned).ok_or_else(|| {
        Coded::error("file-missing", &format!("{} does not name a file", path.display()))
    })
}

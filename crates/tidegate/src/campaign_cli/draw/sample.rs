//! The opened sample of a draw: what is printed of it, and its receipts on the disk.
//!
//! Owns: both. Never: a receipt that another account may read, or in place of a file that is there.

use crate::campaign_cli::show::text;
use crate::draw_cli::{refused, secrets};
use crate::output::plural;
use anyhow::Result;
use serde_json::Value;
use std::fmt::Write as _;
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;

/// Makes the folder for receipts, which must not be there yet.
pub(super) fn folder(path: &Path) -> Result<&Path> {
    let made = DirBuilder::new().mode(0o700).create(path);
    made.map(|()| path).map_err(refused("made", path))
}

/// Puts each receipt into its file.
pub(super) fn keep(folder: &Path, told: &Value) -> Result<()> {
    for entry in entries(told) {
        let path = folder.join(format!("line-{}.txt", text(&entry["line"])));
        secrets::write(&path, entry["receipt"].as_str().unwrap_or_default())?;
    }
    Ok(())
}

/// Whose each line is.
pub(super) fn shown(told: &Value) -> String {
    let entries = entries(told);
    let count = plural(entries.len() as u64, "entry", "entries");
    let mut shown = format!("the sample of {}: {count}, opened\n", text(&told["name"]));
    for entry in entries {
        let people = entry["people"].as_array().map_or(&[][..], Vec::as_slice);
        let people: Vec<String> = people.iter().map(person).collect();
        let (line, number) = (text(&entry["line"]), text(&entry["number"]));
        let people = people.join("; with ");
        writeln!(shown, "line {line}: number {number}; {people}").expect("a text takes it");
    }
    shown
}

fn entries(told: &Value) -> &[Value] {
    told["entries"].as_array().map_or(&[], Vec::as_slice)
}

fn person(of: &Value) -> String {
    let fields = of.as_object().into_iter().flatten();
    let fields: Vec<String> =
        fields.map(|(code, value)| format!("{code} {}", text(value))).collect();
    fields.join(", ")
}

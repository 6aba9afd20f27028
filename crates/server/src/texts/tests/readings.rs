//! `docs/texts.md` and its Chinese twin: every short text of booking, and what is read from it.

use super::super::{FILES, leaves};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A text is short up to this many characters of the first language.
const SHORT_CHARS_MAX: usize = 130;

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs")
}

/// Every text of every language, by tag and by path.
fn said() -> BTreeMap<String, BTreeMap<String, String>> {
    let all = FILES.iter().map(|file| leaves(&toml::from_str(file).unwrap()));
    all.map(|texts| (texts["language.tag"].clone(), texts)).collect()
}

/// Whether a text is read on the way from a campaign's page to its result, and says something
/// there; a problem's title, if people meet it.
fn is_of_booking(key: &str) -> bool {
    let facts = ["facts.at_once", "facts.expected", "facts.by_hand", "facts.published"];
    let gone = ["outlets.sold_out", "form.sold_out", "form.nothing_left"];
    let forms = ["form.registering.", "form.booking.", "form.drawing."];
    let sections = ["phase.", "entry.", "cancel.", "check.", "script."];
    if let Some(problem) = key.strip_prefix("problem.") {
        let code = problem.strip_suffix(".title");
        return code.is_some_and(|code| docs().join(format!("errors.zh-CN/{code}.md")).exists());
    }
    facts.contains(&key)
        || gone.contains(&key)
        || sections.iter().chain(&forms).any(|start| key.starts_with(start))
}

/// The cells of a line of a table.
fn cells(line: &str) -> Vec<&str> {
    line.trim_matches('|').split('|').map(str::trim).collect()
}

/// The page as it must be: its own words and readings, and the texts of the files.
fn renewed(page: &str, listed: &mut Vec<String>) -> String {
    let said = said();
    let mut tags = Vec::new();
    let mut lines = Vec::new();
    for line in page.lines() {
        let cells = cells(line);
        let key = cells[0].strip_prefix('`').and_then(|cell| cell.strip_suffix('`'));
        match key {
            Some(key) if line.starts_with('|') => {
                let reading = cells.last().unwrap();
                assert!(cells.len() == tags.len() + 2 && !reading.is_empty(), "{line}");
                let texts = tags.iter().map(|tag: &String| {
                    let text = said[tag].get(key);
                    text.unwrap_or_else(|| panic!("`{key}` is no text; delete its row"))
                });
                let texts: Vec<_> = texts.map(String::as_str).collect();
                lines.push(format!("| `{key}` | {} | {reading} |", texts.join(" | ")));
                listed.push(key.to_owned());
            }
            _ => {
                if cells.len() > 2 && !cells[0].starts_with('-') {
                    tags = cells[1..cells.len() - 1].iter().map(|&tag| tag.to_owned()).collect();
                }
                lines.push(line.to_owned());
            }
        }
    }
    lines.join("\n") + "\n"
}

#[test]
fn every_short_text_of_booking_was_read_in_a_hurry() {
    let said = said();
    let first = &said["en"];
    let short = |key: &&String| first[*key].chars().count() <= SHORT_CHARS_MAX;
    let wanted: BTreeSet<_> =
        first.keys().filter(|key| is_of_booking(key)).filter(short).cloned().collect();
    for name in ["texts.md", "texts.zh-CN.md"] {
        let path = docs().join(name);
        let page = std::fs::read_to_string(&path).unwrap();
        let mut listed = Vec::new();
        let renewed = renewed(&page, &mut listed);
        let once: BTreeSet<_> = listed.iter().cloned().collect();
        assert_eq!(once.len(), listed.len(), "{name}: a text stands twice");
        let missing: Vec<_> = wanted.difference(&once).collect();
        let extra: Vec<_> = once.difference(&wanted).collect();
        assert!(missing.is_empty(), "{name}: read these, and say what you took: {missing:?}");
        assert!(extra.is_empty(), "{name}: these are not short texts of booking: {extra:?}");
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&path, &renewed).unwrap();
            continue;
        }
        for (stands, must) in page.lines().zip(renewed.lines()) {
            assert_eq!(stands, must, "{name}: run with UPDATE_GOLDEN=1, and read it anew");
        }
        assert_eq!(page, renewed, "{name}");
    }
}

//! `tidegate draw prove`: that a line stands in the sealed list, or what it means that it does not.
//!
//! Owns: what is concluded of a receipt, a promise or a bare line, in words. Never: takes a receipt
//! for signed that no key has shown to be; calls a line missing from a list that is not the sealed
//! one, which `ceremony` sees to.

use super::files::{refused, wrong_note};
use crate::exit::Coded;
use crate::output::Output;
use anyhow::Result;
use ceremony::{Folder, History, Proved};
use draw::Line;
use draw::note::{Note, VerifyingKey};
use draw::receipt::Receipt;
use std::io::Write as _;
use std::path::Path;

pub(super) fn run(
    folder: &Folder,
    of: &Path,
    operator: Option<&VerifyingKey>,
    out: &mut Output,
) -> Result<()> {
    let text = std::fs::read_to_string(of).map_err(refused("read", of))?;
    let history = match operator {
        Some(key) => History::signed(folder, key)?,
        None => History::read(folder)?,
    };
    let note = Note::read(&text).ok();
    let receipt = note.as_ref().and_then(|note| Receipt::read(note.text()).ok());
    if let (Some(key), Some(note)) = (operator, &note) {
        note.verify(key).map_err(wrong_note(of))?;
    }
    if let Some(receipt) = receipt.as_ref().filter(|receipt| receipt.draw != history.seal.draw) {
        let what = format!("it is of the draw {}, not of {}", receipt.draw, history.seal.draw);
        return Err(wrong(of, &what));
    }
    let line = match &receipt {
        Some(receipt) => receipt.line(),
        None => Line::read(text.trim_end_matches('\n').as_bytes())
            .map_err(|problem| wrong(of, &format!("no receipt, and no line: {problem}")))?,
    };
    let Some(Proved { line: listed, proof }) = ceremony::prove(folder, line.beginning())? else {
        let signed = operator.is_some() && note.is_some();
        let what = absent(receipt.as_ref(), signed, history.seal.previous.is_some());
        return Err(missing(of, &what));
    };
    let is_it = |found: Line<'_>| match &receipt {
        Some(receipt) => receipt.is_of(&found),
        None => line == found,
    };
    if !Line::read(&listed).is_ok_and(is_it) {
        let what = format!(
            "the sealed list says something else of these people: {}. Signed by the operator, it \
             shows that the entry was changed",
            String::from_utf8_lossy(&listed)
        );
        return Err(missing(of, &what));
    }
    Ok(write!(out, "{}", proof.write())?)
}

/// What it means that no line of the sealed list is of these people.
fn absent(receipt: Option<&Receipt>, signed: bool, goes_on: bool) -> String {
    let mut what = "no line of the sealed list is of these people. ".to_owned();
    if goes_on {
        what += "This seal goes on from an earlier one, and whoever got something there is rightly \
                 not in it: look there first. ";
    }
    what += match (receipt, signed) {
        (None, _) => "A bare line shows nothing by that: somebody must have signed it",
        (Some(_), false) => {
            "Give --operator-key: only what the operator has signed shows by that that somebody \
             was left out"
        }
        (Some(receipt), true) if receipt.is_promise() => {
            "The operator has promised such a line and signed it, and must say why there is none: \
             given up, served since, or refused by the rules"
        }
        (Some(_), true) => {
            "The operator has signed the receipt: it shows that somebody was left out"
        }
    };
    what
}

fn wrong(of: &Path, what: &str) -> anyhow::Error {
    Coded::error("draw-file-wrong", &format!("{}: {what}", of.display()))
}

fn missing(of: &Path, what: &str) -> anyhow::Error {
    Coded::error("draw-line-missing", &format!("{}: {what}", of.display()))
}

//! What a step of a draw says, for a hall: fingerprints in groups of four.
//!
//! Owns: the words and the bar. Never: computes what it says.

use crate::output::{Output, plural};
use anyhow::Result;
use ceremony::{CeremonyError, Drawn, Progress, Verified};
use draw::Digest;
use draw::beacon::Chain;
use draw::seal::Seal;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use std::io::Write as _;

/// Does `step` with a bar on standard error that shows how far it is, and goes when it ends.
pub(super) fn progress<T>(
    step: impl FnOnce(Progress<'_>) -> Result<T, CeremonyError>,
) -> Result<T> {
    let style = ProgressStyle::with_template("{msg:>9} [{bar:40}] {percent:>3} %  {elapsed}")?;
    let bar = ProgressBar::new(0).with_style(style.progress_chars("=> "));
    let done = step(&|what, done, of| {
        bar.set_message(what);
        bar.set_length(of);
        bar.set_position(done);
    });
    bar.finish_and_clear();
    Ok(done?)
}

pub(super) fn fingerprint(out: &mut Output, what: &str, digest: Digest) -> Result<()> {
    Ok(writeln!(out, "{what:>10}  {}", digest.fingerprint())?)
}

pub(super) fn sealed(out: &mut Output, seal: &Seal) -> Result<()> {
    writeln!(out, "sealed: {} of {}", plural(seal.entries, "entry", "entries"), seal.draw)?;
    fingerprint(out, "seal", seal.digest())?;
    fingerprint(out, "list", seal.list)?;
    fingerprint(out, "root", seal.root)?;
    fingerprint(out, "stock", seal.stock)?;
    fingerprint(out, "rules", seal.rules)?;
    if let Some(round) = seal.drand {
        let chain = Chain::find(round.chain);
        let seconds = chain.and_then(|chain| chain.seconds_of(round.round));
        let time = seconds.and_then(|seconds| i64::try_from(seconds).ok());
        let time = time.and_then(|seconds| Timestamp::from_second(seconds).ok());
        let time = time.map_or_else(String::new, |time| format!(", which appears at {time}"));
        writeln!(out, "{:>10}  round {}{time}", "drand", round.round)?;
    }
    writeln!(out, "{:>10}  {}", "deadline", seal.deadline)?;
    if !seal.is_publicly_verifiable() {
        writeln!(out, "NOT PUBLICLY VERIFIABLE: neither balls nor a beacon are in its seed")?;
    }
    Ok(())
}

pub(super) fn drawn(out: &mut Output, drawn: &Drawn) -> Result<()> {
    let winners = plural(drawn.tables.winners, "entry wins", "entries win");
    writeln!(out, "{winners} {}", plural(drawn.units_given, "unit", "units"))?;
    writeln!(out, "{} left", plural(drawn.units_left, "unit is", "units are"))?;
    fingerprint(out, "winners", drawn.tables.winners_digest)?;
    fingerprint(out, "cut-offs", drawn.tables.cutoffs_digest)
}

pub(super) fn verified(out: &mut Output, verified: &Verified) -> Result<()> {
    let history = &verified.history;
    sealed(out, &history.seal)?;
    if let Some(seed) = history.seed() {
        fingerprint(out, "seed", seed)?;
    }
    if let Some(tables) = verified.tables {
        fingerprint(out, "winners", tables.winners_digest)?;
        fingerprint(out, "cut-offs", tables.cutoffs_digest)?;
    }
    for happened in &history.events {
        writeln!(out, "{:>10}  {}", "event", happened.file)?;
    }
    if let Some(reason) = history.void() {
        writeln!(out, "VOID: {reason}")?;
    }
    let signed = if verified.signed {
        "every event is signed by the operator's key"
    } else {
        "signatures were not checked: give the operator's key (--operator-key)"
    };
    Ok(writeln!(out, "all of it was done again, and agrees; {signed}")?)
}

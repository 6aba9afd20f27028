//! What a step of a draw says, for a hall: fingerprints in groups of four.
//!
//! Owns: the words and the bar. Never: computes what it says.

use crate::output::{Output, plural};
use anyhow::Result;
use ceremony::{
    Drawn, Earlier, Folder, History, KnownSecret, Progress, Reached, SealBefore, Units, Verified,
};
use draw::Digest;
use draw::beacon::Chain;
use draw::seal::{Holder, Round, Seal};
use draw::seed::{Balls, Opened};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use std::io::Write as _;

/// A bar on standard error that shows how far a step is, and of what.
pub(crate) fn bar() -> Result<ProgressBar> {
    let style = ProgressStyle::with_template("{msg:>9} [{bar:40}] {percent:>3} %  {elapsed}")?;
    Ok(ProgressBar::new(0).with_style(style.progress_chars("=> ")))
}

/// Does `step` with a bar that goes when it ends.
pub(super) fn progress<T, E: Into<anyhow::Error>>(
    step: impl FnOnce(Progress<'_>) -> Result<T, E>,
) -> Result<T> {
    let bar = bar()?;
    let done = step(&|what, done, of| {
        bar.set_message(what);
        bar.set_length(of);
        bar.set_position(done);
    });
    bar.finish_and_clear();
    done.map_err(Into::into)
}

pub(super) fn fingerprint(out: &mut Output, what: &str, digest: Digest) -> Result<()> {
    Ok(writeln!(out, "{what:>12}  {}", digest.fingerprint())?)
}

pub(super) fn sealed(out: &mut Output, seal: &Seal) -> Result<()> {
    writeln!(out, "sealed: {} of {}", plural(seal.entries, "entry", "entries"), seal.draw)?;
    fingerprint(out, "seal", seal.digest())?;
    fingerprint(out, "list", seal.list)?;
    fingerprint(out, "root", seal.root)?;
    fingerprint(out, "stock", seal.stock)?;
    fingerprint(out, "rules", seal.rules)?;
    fingerprint(out, "program", seal.program.digest)?;
    writeln!(out, "{:>12}  {}", "its version", seal.program.version)?;
    if let Some(words) = &seal.balls {
        writeln!(out, "{:>12}  {}", "balls", words.as_str())?;
    }
    if let Some(round) = seal.drand {
        writeln!(out, "{:>12}  {}", "drand", told_round(round))?;
    }
    writeln!(out, "{:>12}  {}", "deadline", seal.deadline)?;
    if !seal.is_publicly_verifiable() {
        writeln!(out, "NOT PUBLICLY VERIFIABLE: neither balls nor a beacon are in its seed")?;
    }
    Ok(())
}

/// A round, and when it appears.
fn told_round(round: Round) -> String {
    let Round { chain, round } = round;
    let Some(known) = Chain::find(chain) else {
        return format!("round {round} of the chain {chain}, which is not known here");
    };
    let seconds = known.seconds_of(round).and_then(|seconds| i64::try_from(seconds).ok());
    let time = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
    let time = time.map_or_else(String::new, |time| format!(", which appears at {time}"));
    format!("round {round}{time}")
}

/// The balls as they were signed, counted, beside what was sealed of them: whoever typed them looks
/// once more, while nothing was made of them yet.
pub(super) fn balls(out: &mut Output, folder: &Folder, opened: &Opened) -> Result<()> {
    let history = History::read(folder)?;
    let (Some(balls), Some(words)) = (&opened.balls, &history.seal.balls) else { return Ok(()) };
    drawn_balls(out, balls)?;
    writeln!(out, "{:>12}  {}", "sealed", words.as_str())?;
    let path = folder.path("");
    writeln!(
        out,
        "Hold them against what was drawn, ball by ball, before the seed is made. They are signed, \
         and cannot be given anew: if one is wrong, declare the draw void (tidegate draw void {}) \
         and seal anew, with two new secrets: everybody can read these now",
        path.display()
    )?;
    Ok(())
}

fn drawn_balls(out: &mut Output, balls: &Balls) -> Result<()> {
    let balls = balls.to_string();
    let count = plural(balls.split(' ').count(), "ball", "balls");
    Ok(writeln!(out, "{count:>12}  {balls}")?)
}

pub(super) fn drawn(out: &mut Output, drawn: &Drawn) -> Result<()> {
    let winners = plural(drawn.tables.winners, "entry wins", "entries win");
    writeln!(out, "{winners} {}", plural(drawn.units_given, "unit", "units"))?;
    writeln!(out, "{} left", plural(drawn.units_left, "unit is", "units are"))?;
    fingerprint(out, "winners", drawn.tables.winners_digest)?;
    fingerprint(out, "cut-offs", drawn.tables.cutoffs_digest)
}

/// What was verified, by the program with the digest `own`.
pub(super) fn verified(out: &mut Output, verified: &Verified, own: Digest) -> Result<()> {
    let history = &verified.history;
    sealed(out, &history.seal)?;
    let is_own = history.seal.program.digest == own;
    let told = if is_own { "the program that was sealed" } else { "another than was sealed" };
    writeln!(out, "{:>12}  {told}", "this program")?;
    if let Some(balls) = history.opened().and_then(|opened| opened.balls.as_ref()) {
        drawn_balls(out, balls)?;
    }
    if let Some(seed) = history.seed() {
        fingerprint(out, "seed", seed)?;
    }
    if let Some(tables) = verified.tables {
        fingerprint(out, "winners", tables.winners_digest)?;
        fingerprint(out, "cut-offs", tables.cutoffs_digest)?;
    }
    for happened in &history.events {
        let event = happened.file.trim_end_matches(".txt");
        fingerprint(out, event, Digest::of(happened.event.text().as_bytes()))?;
    }
    if let Some(reason) = history.void() {
        writeln!(out, "VOID: {reason}")?;
    }
    agrees(out, verified)
}

/// What was looked at, and the last line: that all of it agrees.
pub(super) fn agrees(out: &mut Output, verified: &Verified) -> Result<()> {
    match verified.tiles {
        Some(files) => writeln!(out, "{:>12}  {}", "tile/", plural(files, "file", "files"))?,
        None => writeln!(out, "{:>12}  not looked at", "tile/")?,
    }
    if let Some(entries) = verified.sample {
        writeln!(out, "{:>12}  {}", "sample", plural(entries, "entry", "entries"))?;
    }
    earlier(out, &verified.earlier)?;
    for signer in &verified.signers {
        let told = if signer.is_verified {
            "signed by"
        } else {
            "not verified (--cosigner): it bears the name of"
        };
        writeln!(out, "{:>12}  {}: {told} {}", "also", signer.file, signer.name)?;
    }
    for stray in &verified.strays {
        writeln!(out, "{:>12}  {stray}: nothing here speaks of it", "stray")?;
    }
    odd(out, verified)?;
    let signed = if verified.signed {
        "every event is signed by the operator's key"
    } else {
        "signatures were not checked: give the operator's key (--operator-key)"
    };
    Ok(writeln!(out, "all of it was done again, and agrees; {signed}")?)
}

/// What no file forbids, and whoever relies on the draw asks about.
fn odd(out: &mut Output, verified: &Verified) -> Result<()> {
    let history = &verified.history;
    let balls = history.opened().and_then(|opened| opened.balls.as_ref());
    if let (Some(words), Some(balls)) = (&history.seal.balls, balls) {
        let (words, balls) = (words.as_str(), balls.to_string());
        let announced = words.split_once(" of ").and_then(|(count, _)| count.parse().ok());
        if announced.is_some_and(|count: usize| count != balls.split(' ').count()) {
            writeln!(out, "Look at this: sealed: balls {words}; opened: balls {balls}.")?;
        }
    }
    let Earlier::Verified { seals, known, .. } = &verified.earlier else { return Ok(()) };
    let earlier = seals.iter().map(|seal| (seal.file.display().to_string(), &seal.known));
    for (seal, known) in [("this seal".to_owned(), known)].into_iter().chain(earlier) {
        for KnownSecret { holder, opened_in } in known {
            let party = match holder {
                Holder::Operator => "operator",
                Holder::Notary => "notary",
            };
            writeln!(
                out,
                "Look at this: the {party}'s secret of {seal} was known to everybody when it was \
                 sealed, from {}.",
                opened_in.display()
            )?;
        }
    }
    Ok(())
}

/// How a seal before ended. Whoever does not like what comes of a seal could declare it void: so
/// it is told how much was known by then.
fn ended(seal: &SealBefore) -> String {
    let Some(reason) = &seal.void else { return "drawn, and stands".to_owned() };
    let when = match seal.reached {
        Reached::Sealed => "before its secrets were opened",
        Reached::Opened => "when its secrets and balls were known",
        Reached::Seeded => "when its seed was known",
        Reached::Drawn => "when its winners were known",
    };
    format!("VOID, {when}: {reason}")
}

/// What is known of the seals before, and what nobody can know of their units.
fn earlier(out: &mut Output, earlier: &Earlier) -> Result<()> {
    let word = "before";
    let (seals, is_whole, units) = match earlier {
        Earlier::First => return Ok(()),
        Earlier::NotGiven => {
            let told = "another seal, which was not looked at: give its folder (--after)";
            return Ok(writeln!(out, "{word:>12}  {told}")?);
        }
        Earlier::Verified { seals, is_whole, units, .. } => (seals, is_whole, units),
    };
    let count = plural(seals.len(), "seal, verified, too", "seals, verified, too");
    writeln!(out, "{word:>12}  {count}")?;
    for seal in seals {
        writeln!(out, "{:>12}  {}: {}", "", seal.file.display(), ended(seal))?;
    }
    if !is_whole {
        let told = "another before those, which was not looked at: give its folder, too (--after)";
        writeln!(out, "{:>12}  {told}", "")?;
    }
    let Some(Units { left, now, fewer, more }) = units else { return Ok(()) };
    writeln!(out, "{:>12}  exactly those who have nothing so far are in the list", "")?;
    writeln!(
        out,
        "{:>12}  {} left then, {now} are sealed now; what came back is published nowhere, so that \
         nobody can check the difference",
        "units",
        plural(left, "unit was", "units were")
    )?;
    let told = [(fewer, "fewer now than were left"), (more, "more now than were ever sealed")];
    for (buckets, what) in told {
        for bucket in buckets {
            writeln!(out, "{:>12}  {bucket}: {what}: ask why", "")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use draw::beacon::QUICKNET;

    #[test]
    fn a_round_is_told_with_its_time_and_an_unknown_chain_as_such() {
        let told = |chain: Digest| told_round(Round { chain, round: 657_413 });
        assert_eq!(told(QUICKNET.hash()), "round 657413, which appears at 2023-09-15T11:00:03Z");
        let other = Digest([7; 32]);
        let unknown = format!("round 657413 of the chain {other}, which is not known here");
        assert_eq!(told(other), unknown);
    }
}

//! The first step: the list is locked, and every parameter with it.
//!
//! Owns: what a seal is made of, in which order its files are written: the seal last. Never: makes
//! a secret; only commitments come here.

use crate::Progress;
use crate::before::Before;
use crate::error::CeremonyError;
use crate::folder::{CHECKPOINT, ENTRIES, Folder, RULES, SEAL, STOCK, TILES, input, rules};
use crate::log::{History, must_bear};
use crate::progress::{Passes, whole};
use crate::run::stock;
use crate::sort::Sorted;
use crate::{list, sort, tiles};
use draw::note::{Checkpoint, Note, SigningKey};
use draw::seal::{Holder, Program, Round, Seal, Words};
use draw::{Digest, DrawName};
use std::path::Path;

/// What a draw is sealed with, beside its list.
#[derive(Clone)]
pub struct Sealing<'a> {
    /// The draw's name.
    pub draw: DrawName,
    /// Entries in any order, a line each.
    pub entries: &'a Path,
    /// `bucket,units` a line, in the order that is to be published.
    pub stock: &'a Path,
    /// What a person reads.
    pub rules: &'a Path,
    /// The program that is to draw.
    pub program: Program,
    /// The commitment to the operator's secret.
    pub operator: Digest,
    /// The commitment to the notary's secret.
    pub notary: Digest,
    /// Which balls are drawn, in words.
    pub balls: Option<Words>,
    /// Which round of which beacon.
    pub drand: Option<Round>,
    /// When the draw is void if its seed has not come, as the seal writes it.
    pub deadline: draw::seal::Deadline,
    /// The folders of the seals before this one, of the same draw, the last one first: back to the
    /// one that was drawn and stands, or to the first of all. What older ones opened is known to
    /// everybody, too: those that are given are looked at.
    pub after: &'a [Folder],
    /// Asked once more when the list is sorted, which takes its time, and nothing has its name yet:
    /// whether round and deadline still lie ahead. Where it refuses, nothing is sealed.
    pub may_sign: &'a dyn Fn() -> Result<(), CeremonyError>,
}

impl Sealing<'_> {
    /// The commitment of `holder`.
    const fn commitment(&self, holder: Holder) -> Digest {
        match holder {
            Holder::Operator => self.operator,
            Holder::Notary => self.notary,
        }
    }
}

/// Seals a draw in `folder`. Sealed before with the same, nothing is done; what was cut off is
/// gone on with.
///
/// # Errors
/// When an input is wrong, a secret is known to everybody from a seal before, or a file that is
/// there says something else.
pub fn seal(
    folder: &Folder,
    sealing: &Sealing<'_>,
    key: &SigningKey,
    progress: Progress<'_>,
) -> Result<Seal, CeremonyError> {
    let _alone = folder.lock()?;
    let operator = key.verifying();
    must_bear(operator.name(), &sealing.draw)?;
    let sealed = History::find_signed(folder, &operator)?;
    let stock_text = input(sealing.stock)?;
    let stock = stock(&stock_text, sealing.stock)?;
    let rules = rules(sealing.rules)?;
    check_rules(&rules, sealing.rules)?;
    if let Some(round) = sealing.drand {
        let checked = round.check(sealing.deadline);
        checked.map_err(|problem| CeremonyError::Seed(problem.to_string()))?;
    }
    let before = Before::read(sealing.after, &sealing.draw)?;
    // A seal that is there is only held against what is asked for: it was taken once.
    if sealed.is_none() {
        before.refuse_known(&sealing.draw, |holder| sealing.commitment(holder))?;
    }
    before.check_stock(sealing.stock, &stock)?;

    folder.forget_part(ENTRIES)?;
    let whole = whole(progress);
    let mut passes = Passes::new(&whole, 10);
    let (sorting, comparing) = (passes.next(7), passes.next(2));
    let Sorted { digest, head } = sort::sort(sealing.entries, folder, ENTRIES, &stock, &sorting)?;
    let kept = before
        .check_list(sealing.entries, digest, &comparing)
        .and_then(|()| if sealed.is_some() { Ok(()) } else { (sealing.may_sign)() })
        .and_then(|()| keep(folder, digest, &stock_text, &rules));
    if let Err(error) = kept {
        folder.forget_part(ENTRIES)?;
        folder.forget_part(TILES)?;
        return Err(error);
    }

    let seal = Seal {
        draw: sealing.draw.clone(),
        entries: head.size,
        root: head.root,
        list: digest,
        stock: Digest::of(&stock_text),
        rules: Digest::of(&rules),
        program: sealing.program.clone(),
        operator: sealing.operator,
        notary: sealing.notary,
        balls: sealing.balls.clone(),
        drand: sealing.drand,
        deadline: sealing.deadline,
        previous: before.previous,
    };
    let origin = seal.draw.to_string();
    let checkpoint = Checkpoint { origin, size: head.size, root: head.root };
    folder.put_note(CHECKPOINT, &Note::sign(checkpoint.text(), &[key]))?;
    folder.put_note(SEAL, &Note::sign(seal.text(), &[key]))?;
    Ok(seal)
}

/// Gives list, stock, rules and tiles their names, in this order.
fn keep(folder: &Folder, digest: Digest, stock: &[u8], rules: &[u8]) -> Result<(), CeremonyError> {
    if folder.has(ENTRIES)? {
        // Sealed before, or cut off behind this: the same list, or none.
        let list = folder.path(ENTRIES);
        if list::digest(&list)? != digest {
            return Err(CeremonyError::Differs(list));
        }
        folder.forget_part(ENTRIES)?;
    } else {
        folder.keep(ENTRIES)?;
    }
    folder.put(STOCK, stock)?;
    folder.put(RULES, rules)?;
    tiles::keep(folder)
}

/// Refuses rules that another program would refuse: they are text in UTF-8 whose lines end in line
/// feeds alone.
pub(crate) fn check_rules(text: &[u8], path: &Path) -> Result<(), CeremonyError> {
    let line_of = |at: usize| text[..at].iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
    let wrong = |at: usize, what: &str| {
        let (path, what) = (path.to_owned(), what.to_owned());
        Err(CeremonyError::Input { path, line: line_of(at), what })
    };
    if let Err(error) = std::str::from_utf8(text) {
        return wrong(error.valid_up_to(), "not text in UTF-8");
    }
    if text.starts_with("\u{feff}".as_bytes()) {
        return wrong(0, "the text begins with a byte order mark: save it without");
    }
    if let Some(at) = memchr::memchr(b'\r', text) {
        return wrong(at, "the line ends in a carriage return: lines end in a line feed alone");
    }
    if text.ends_with(b"\n") { Ok(()) } else { wrong(text.len(), "no line feed at the end") }
}

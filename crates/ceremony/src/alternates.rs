//! Alternates by order: what came back goes on down the ranking.
//!
//! Owns: the step. Never: changes what was drawn before.
//! Invariants: nobody wins twice.

use crate::error::CeremonyError;
use crate::folder::{Folder, input};
use crate::log::alternates_file;
use crate::progress::{Passes, whole};
use crate::run::{Drawn, Texts, drawn, must_be_sealed, rank, sealed_stock};
use crate::standing::{Standing, cutoffs_file, returned_file, standing, winners_file};
use crate::step::Step;
use crate::{Progress, seed};
use draw::Digest;
use draw::event::What;
use draw::note::SigningKey;
use std::path::Path;

/// What came of it.
#[derive(Clone, Debug)]
pub struct Alternates {
    /// The how manieth time this was, from 1.
    pub number: u32,
    /// Who gets what.
    pub drawn: Drawn,
}

/// Draws what came back among those who have nothing so far, for the `number`th time, from 1.
/// `returned` is written as a stock is. Drawn before with the same, nothing is changed.
///
/// # Errors
/// When there is no result yet, or not all of these events before, or what came back is not of the
/// draw's stock, or another event of this number is there.
pub fn alternates(
    folder: &Folder,
    number: u32,
    returned: &Path,
    key: &SigningKey,
    progress: Progress<'_>,
) -> Result<Alternates, CeremonyError> {
    let mut step = Step::of_standing(folder, key)?;
    let history = &step.history;
    if !history.has_result() {
        let what = "the draw was not made yet: alternates come after its result";
        return Err(CeremonyError::Order(what.to_owned()));
    }
    let seed = seed::checked(folder, history)?;
    let sealed = sealed_stock(folder, history)?;
    let whole = whole(progress);
    let mut passes = Passes::new(&whole, 7);
    must_be_sealed(folder, history, &passes.next(1))?;
    let text = input(returned)?;
    let next = history.alternates() + 1;
    if number == 0 || next < number {
        let what = format!("alternates number {number} are out of turn: the next are {next}");
        return Err(CeremonyError::Order(what));
    }
    let last = Some((returned, &*text));
    let Standing { served, there } =
        standing(folder, history, &sealed, number - 1, last, &passes.next(1))?;
    let mut ranking = rank(folder, history, seed, &sealed, &passes.next(4))?;
    passes.next(1)("drawing", 0, 1);
    ranking.take_out(|drawn| served.contains(&drawn.index));
    let allocation = ranking.allocate(&there);
    let texts = Texts::of(&allocation, &sealed);
    let tables = texts.tables;
    let what = What::Alternates { number, returned: Digest::of(&text), tables };
    if number < next && !history.events.iter().any(|before| before.event.what == what) {
        return Err(CeremonyError::Differs(folder.path(&alternates_file(number))));
    }
    folder.put(&returned_file(number), &text)?;
    texts.put(folder, [&winners_file(number), &cutoffs_file(number)])?;
    if number == next {
        step.add(what)?;
    }
    Ok(Alternates { number, drawn: drawn(&allocation, &there, tables) })
}

//! The secrets are opened, the balls are drawn, and the beacon comes last: the seed.
//!
//! Owns: both steps and their order. Never: makes a second seed.

use crate::error::CeremonyError;
use crate::folder::{Folder, SEAL, SEED};
use crate::log::History;
use crate::step::Step;
use draw::Digest;
use draw::beacon::BeaconSignature;
use draw::event::What;
use draw::note::SigningKey;
use draw::seal::{Holder, Round};
use draw::seed::{BeaconRound, Opened, SeedProblem, SeedText};

/// Opens the secrets and notes the balls.
///
/// # Errors
/// When the seal does not allow them, or others were opened before.
pub fn open(folder: &Folder, opened: &Opened, key: &SigningKey) -> Result<(), CeremonyError> {
    let mut step = Step::of_standing(folder, key)?;
    let history = &step.history;
    opened.check(&history.seal).map_err(|problem| refused(folder, &problem))?;
    let seal = history.seal.digest();
    let what = What::Opening { seal, opened: opened.clone() };
    if let Some(before) = history.opened() {
        return same(before == opened, folder, "opening.txt");
    }
    step.add(what)
}

/// Makes the seed of what was opened and of what the beacon said in the round of the seal: no other
/// can be named.
///
/// # Errors
/// When nothing was opened, the beacon is not what the seal fixes, or another seed is there.
pub fn seed(
    folder: &Folder,
    beacon: Option<BeaconSignature>,
    key: &SigningKey,
) -> Result<Digest, CeremonyError> {
    let mut step = Step::of_standing(folder, key)?;
    let history = &step.history;
    let Some(opened) = history.opened().cloned() else {
        let what = "the secrets are not opened yet: open them first, the beacon comes last";
        return Err(CeremonyError::Order(what.to_owned()));
    };
    let drand = match (beacon, history.seal.drand) {
        (None, _) => None,
        (Some(signature), Some(Round { chain, round })) => {
            Some(BeaconRound { chain, round, signature })
        }
        (Some(_), None) => {
            return Err(refused(folder, &SeedProblem::Beacon { sealed: false }));
        }
    };
    let text = SeedText { seal: history.seal.digest(), opened, drand };
    text.check(&history.seal).map_err(|problem| refused(folder, &problem))?;
    folder.put(SEED, text.text().as_bytes())?;
    let seed = text.seed();
    if let Some(before) = history.seed() {
        return same(before == seed, folder, "seeded.txt").map(|()| seed);
    }
    step.add(What::Seeded { seed })?;
    Ok(seed)
}

/// The seed of a folder, held against its seal once more.
pub(crate) fn checked(folder: &Folder, history: &History) -> Result<Digest, CeremonyError> {
    let Some(seed) = history.seed() else {
        let what = "there is no seed yet: open the secrets and make the seed first";
        return Err(CeremonyError::Order(what.to_owned()));
    };
    let path = folder.path(SEED);
    let text = folder.read_text(SEED)?;
    let read = SeedText::read(&text).map_err(|problem| CeremonyError::Input {
        path: path.clone(),
        line: problem.line as u64,
        what: format!("expected `{}`, found {}", problem.expected, problem.found),
    })?;
    read.check(&history.seal).map_err(|problem| CeremonyError::Input {
        path: path.clone(),
        line: line_of(&problem, SEED_LINES),
        what: problem.to_string(),
    })?;
    if history.opened() != Some(&read.opened) {
        return Err(CeremonyError::wrong(&path, "secrets or balls are not those of opening.txt"));
    }
    if read.seed() != seed {
        return Err(CeremonyError::wrong(&path, "not the seed that seeded.txt names"));
    }
    Ok(seed)
}

/// Where the seal, both secrets, balls and beacon stand in `seal.txt`, `opening.txt`, `seed.txt`.
const SEAL_LINES: [u64; 5] = [1, 8, 9, 10, 11];
pub(crate) const OPENING_LINES: [u64; 5] = [3, 4, 5, 6, 6];
const SEED_LINES: [u64; 5] = [2, 3, 4, 5, 6];

/// The line that a problem is with, of a file whose `lines` these are.
pub(crate) const fn line_of(problem: &SeedProblem, lines: [u64; 5]) -> u64 {
    match problem {
        SeedProblem::Seal { .. } => lines[0],
        SeedProblem::Secret { holder: Holder::Operator, .. } => lines[1],
        SeedProblem::Secret { holder: Holder::Notary, .. } => lines[2],
        SeedProblem::Balls { .. } => lines[3],
        SeedProblem::Beacon { .. }
        | SeedProblem::Round { .. }
        | SeedProblem::UnknownChain(_)
        | SeedProblem::NotTheRound(_) => lines[4],
    }
}

/// What was given is not what the seal fixes in a line of its own.
fn refused(folder: &Folder, problem: &SeedProblem) -> CeremonyError {
    let (path, line) = (folder.path(SEAL), line_of(problem, SEAL_LINES));
    CeremonyError::Seed(format!("against {}, line {line}: {problem}", path.display()))
}

fn same(is_same: bool, folder: &Folder, file: &str) -> Result<(), CeremonyError> {
    if is_same { Ok(()) } else { Err(CeremonyError::Differs(folder.path(file))) }
}

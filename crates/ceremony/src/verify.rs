//! What a folder claims of its draw, done again.
//!
//! Owns: the check of everything in it: the log and who signed it, list, tree and tiles, seed,
//! draw, alternates, sample, and the folders before. Never: writes, or takes a file's word for what
//! can be computed. Not provable, and said so by whoever prints it: what came back before a next
//! seal, which is published nowhere.

mod entries;
mod signers;
mod tables;
mod tiles;

use crate::Progress;
use crate::before::{Before, KnownSecret, SealBefore, Units};
use crate::error::CeremonyError;
use crate::folder::{ENTRIES, Folder, RULES, SAMPLE, SEAL, STOCK};
use crate::log::History;
use crate::progress::{Passes, whole};
use crate::run::{rank, sealed_stock};
use crate::seal::check_rules;
use crate::{sample, seed};
use draw::event::{Tables, What};
use draw::note::VerifyingKey;
use draw::{Digest, Stock};
pub use signers::Signer;
use tables::Rounds;

/// What a folder is held against, beside itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Against<'a> {
    /// The operator's key; without it no signature of the operator is verified.
    pub operator: Option<&'a VerifyingKey>,
    /// Keys of notaries and witnesses: what they signed must fit, and each must have signed.
    pub cosigners: &'a [VerifyingKey],
    /// The folders of the seals before this one, the last one first; they are verified, too.
    pub after: &'a [Folder],
    /// Whether `tile/` is left alone, as by somebody who has copied only the rest.
    pub without_tiles: bool,
}

/// What was found to be true.
#[derive(Clone, Debug)]
pub struct Verified {
    /// The log.
    pub history: History,
    /// Whether the operator's signatures were held against a key.
    pub signed: bool,
    /// Who has signed beside the operator, note by note.
    pub signers: Vec<Signer>,
    /// The digests of the draw's tables, if it was made.
    pub tables: Option<Tables>,
    /// Files of `tile/` that were compared, if it was looked at.
    pub tiles: Option<u64>,
    /// Entries of the audit sample, if there is one.
    pub sample: Option<u64>,
    /// What was found of the seals before.
    pub earlier: Earlier,
    /// Files that nothing here speaks of.
    pub strays: Vec<String>,
}

/// What is known of the seals before.
#[derive(Clone, Debug)]
pub enum Earlier {
    /// The seal is the first of its draw.
    First,
    /// It names another, whose folder was not given.
    NotGiven,
    /// Their folders were verified, and the list is the one that they leave.
    Verified {
        /// Each of them, the last one first.
        seals: Vec<SealBefore>,
        /// Whether they go back to the first seal of the draw.
        is_whole: bool,
        /// Those of this seal's secrets that everybody knew when it was made. The format does not
        /// forbid it; whoever reads of it can ask why.
        known: Vec<KnownSecret>,
        /// The units then and now, where the one before was drawn and stands.
        units: Option<Units>,
    },
}

/// Shares of how far it is: the list, `tile/`, the seals before, the draw, the sample.
const SHARES: [u64; 5] = [6, 3, 4, 5, 2];

/// Checks a folder, as far as the draw has come, and those before it.
///
/// # Errors
/// The first thing that is not as the folder claims.
pub fn verify(
    folder: &Folder,
    against: &Against<'_>,
    progress: Progress<'_>,
) -> Result<Verified, CeremonyError> {
    let whole = whole(progress);
    let mut folders = Passes::new(&whole, against.after.len() as u64 + 1);
    // The oldest first: what follows is held against it.
    for (place, earlier) in against.after.iter().enumerate().rev() {
        let against = Against { after: &against.after[place + 1..], ..*against };
        one(earlier, &against, &folders.next(1))?;
    }
    let verified = one(folder, against, &folders.next(1))?;
    for key in against.cosigners {
        let has_signed = |one: &Signer| one.is_verified && one.name == key.name();
        if !verified.signers.iter().any(has_signed) {
            let what = format!("no note in it is signed by {}", key.name());
            return Err(CeremonyError::wrong(&folder.path(""), what));
        }
    }
    Ok(verified)
}

fn one(
    folder: &Folder,
    against: &Against<'_>,
    progress: Progress<'_>,
) -> Result<Verified, CeremonyError> {
    let history = match against.operator {
        Some(key) => History::signed(folder, key)?,
        None => History::read(folder)?,
    };
    let signers = signers::others(folder, &history, against.cosigners)?;
    if let Some(round) = history.seal.drand {
        round.check(history.seal.deadline).map_err(|problem| CeremonyError::Input {
            path: folder.path(SEAL),
            line: 11,
            what: problem.to_string(),
        })?;
    }
    let stock = sealed_stock(folder, &history)?;
    let (rules, path) = (folder.read(RULES)?, folder.path(RULES));
    if Digest::of(&rules) != history.seal.rules {
        return Err(CeremonyError::wrong(&path, "not the rules that were sealed"));
    }
    check_rules(&rules, &path)?;
    let [has_result, has_sample] = [history.has_result(), folder.has(SAMPLE)?];
    let (with_tiles, follows) = (!against.without_tiles, !against.after.is_empty());
    let is_due = [true, with_tiles, follows, has_result, has_sample];
    let shares: [u64; 5] = std::array::from_fn(|pass| SHARES[pass] * u64::from(is_due[pass]));
    let mut passes = Passes::new(progress, shares.iter().sum());
    let [list, tiles, seals, draw, chosen] = shares.map(|share| passes.next(share));

    let tiles = with_tiles.then_some(&tiles as Progress<'_>);
    let looked = entries::check(folder, &history, &stock, &list, tiles)?;
    let earlier = check_earlier(folder, &history, &stock, against.after, &seals)?;
    let tables = check_draw(folder, &history, &stock, &draw)?;
    let sample = check_sample(folder, &history, &chosen)?;
    let mut strays = folder.names()?;
    strays.retain(|name| !history.speaks_of(name));
    let tiles = looked.map(|looked| {
        strays.extend(looked.strays);
        looked.files
    });
    let signed = against.operator.is_some();
    Ok(Verified { history, signed, signers, tables, tiles, sample, earlier, strays })
}

/// Holds the seal against those before it.
fn check_earlier(
    folder: &Folder,
    history: &History,
    stock: &Stock,
    after: &[Folder],
    progress: Progress<'_>,
) -> Result<Earlier, CeremonyError> {
    let wrong = |what| Err(CeremonyError::Input { path: folder.path(SEAL), line: 13, what });
    let (previous, first) = match (history.seal.previous, after.first()) {
        (None, None) => return Ok(Earlier::First),
        (Some(_), None) => return Ok(Earlier::NotGiven),
        (None, Some(first)) => {
            let what =
                format!("names no event before it, and {} was given", first.path("").display());
            return wrong(what);
        }
        (Some(previous), Some(first)) => (previous, first),
    };
    let before = Before::read(after, &history.seal.draw)?;
    if before.previous != Some(previous) {
        let what = format!(
            "names {previous} as the event before it, which is not the last of {}",
            first.path("").display()
        );
        return wrong(what);
    }
    before.check_stock(&folder.path(STOCK), stock)?;
    let mut passes = Passes::new(progress, 2);
    before.check_sealed_list(&folder.path(ENTRIES), history.seal.list, &passes.next(1))?;
    let units = before.units(stock, &passes.next(1))?;
    let known = before.known_to_all(&history.seal.draw, |of| history.seal.commitment(of));
    Ok(Earlier::Verified { seals: before.told(), is_whole: before.is_whole(), known, units })
}

/// Does draw and alternates again; the tables of the draw.
fn check_draw(
    folder: &Folder,
    history: &History,
    stock: &Stock,
    progress: Progress<'_>,
) -> Result<Option<Tables>, CeremonyError> {
    if history.seed().is_none() {
        return Ok(None);
    }
    let seed = seed::checked(folder, history)?;
    if !history.has_result() {
        return Ok(None);
    }
    // Read once, however many times something came back.
    let mut rounds = Rounds::new(folder, stock, rank(folder, history, seed, stock, progress)?);
    for happened in &history.events {
        match &happened.event.what {
            What::Result { tables, .. } => rounds.check_result(*tables)?,
            What::Alternates { number, returned, tables } => {
                rounds.check_alternates(*number, *returned, *tables)?;
            }
            What::Opening { .. } | What::Seeded { .. } | What::Void { .. } => {}
        }
    }
    Ok(history.tables())
}

/// Chooses the audit sample again, if there is one; how many entries it has.
fn check_sample(
    folder: &Folder,
    history: &History,
    progress: Progress<'_>,
) -> Result<Option<u64>, CeremonyError> {
    let Some(found) = folder.find(SAMPLE)? else { return Ok(None) };
    let path = folder.path(SAMPLE);
    if history.seed().is_none() {
        let what = "a sample that was chosen before there was a seed";
        return Err(CeremonyError::wrong(&path, what));
    }
    let size = found.split_inclusive(|byte| *byte == b'\n').count();
    let seed = seed::checked(folder, history)?;
    let chosen = sample::chosen(folder, seed, size, progress)?;
    let ours = draw::sample::write(&chosen);
    let what = "not the entries with the smallest audit ranks, in their order";
    tables::must_be_same(&path, &found, ours.as_bytes(), what)?;
    Ok(Some(chosen.len() as u64))
}

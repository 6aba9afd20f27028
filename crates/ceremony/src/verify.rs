//! What a folder claims of its draw, done again.
//!
//! Owns: the check of list, tree, seal, seed, draw and alternates against each other. Never:
//! writes, or takes a file's word for what can be computed. Not looked at: `tile/`, whose proofs
//! are held against the checkpoint by whoever makes one; `sample.txt`; the folders before.

use crate::alternates::again;
use crate::error::CeremonyError;
use crate::folder::{CHECKPOINT, CUTOFFS, ENTRIES, Folder, RULES, SEAL, WINNERS};
use crate::log::{History, note};
use crate::run::{rank, sealed_stock};
use crate::standing::{cutoffs_file, returned_file, winners_file};
use crate::{Progress, list, seed, tiles};
use draw::allocate::Allocation;
use draw::event::{Tables, What};
use draw::identity::Tag;
use draw::note::{Checkpoint, VerifyingKey};
use draw::table::write_winners;
use draw::tree::leaf;
use draw::{Digest, Line, Stock};

/// What was found to be true.
#[derive(Clone, Debug)]
pub struct Verified {
    /// The log.
    pub history: History,
    /// Whether the signatures were held against a key.
    pub signed: bool,
    /// The digests of the draw's tables, if it was made.
    pub tables: Option<Tables>,
}

/// Checks a folder, as far as the draw has come.
///
/// # Errors
/// The first thing that is not as the folder claims.
pub fn verify(
    folder: &Folder,
    key: Option<&VerifyingKey>,
    progress: Progress<'_>,
) -> Result<Verified, CeremonyError> {
    let history = History::read(folder)?;
    if let Some(key) = key {
        history.verify(folder, key)?;
        let head = note(folder, CHECKPOINT)?.verify(key);
        head.map_err(|problem| CeremonyError::wrong(&folder.path(CHECKPOINT), problem))?;
    }
    if history.seal.drand.is_some_and(|round| !round.is_before(history.seal.deadline)) {
        let what = "the beacon's round does not appear before the deadline";
        return Err(CeremonyError::wrong(&folder.path(SEAL), what));
    }
    let stock = sealed_stock(folder, &history)?;
    if Digest::of(&folder.read(RULES)?) != history.seal.rules {
        return Err(CeremonyError::wrong(&folder.path(RULES), "not the rules that were sealed"));
    }
    check_list(folder, &history, &stock, progress)?;
    let mut tables = None;
    if history.seed().is_some() {
        let seed = seed::checked(folder, &history)?;
        for happened in &history.events {
            match &happened.event.what {
                What::Result { tables: named, .. } => {
                    let ranking = rank(folder, &history, seed, &stock, progress)?;
                    let allocation = ranking.allocate(&stock);
                    check_tables(folder, &allocation, &stock, *named, [WINNERS, CUTOFFS])?;
                    tables = Some(*named);
                }
                What::Alternates { number, returned, tables: named } => {
                    let claim = (*number, *returned, *named);
                    check_alternates(folder, &history, &stock, seed, claim, progress)?;
                }
                What::Opening { .. } | What::Seeded { .. } | What::Void { .. } => {}
            }
        }
    }
    Ok(Verified { history, signed: key.is_some(), tables })
}

/// What a piece of the list was seen to hold.
#[derive(Default)]
struct Seen {
    leaves: Vec<Digest>,
    tags: Vec<Tag>,
    first: Vec<u8>,
    last: Vec<u8>,
}

fn check_list(
    folder: &Folder,
    history: &History,
    stock: &Stock,
    progress: Progress<'_>,
) -> Result<(), CeremonyError> {
    let path = folder.path(ENTRIES);
    if list::digest(&path)? != history.seal.list {
        return Err(CeremonyError::wrong(&path, "not the list that was sealed"));
    }
    let look = |seen: &mut Seen, _, bytes: &[u8]| {
        let line = Line::read(bytes).map_err(|problem| problem.to_string())?;
        line.wish(stock).map_err(|problem| problem.to_string())?;
        if !seen.leaves.is_empty() && bytes <= &seen.last[..] {
            return Err("not behind the line before it in the order of bytes".to_owned());
        }
        if seen.leaves.is_empty() {
            seen.first = bytes.to_vec();
        }
        seen.last.clear();
        seen.last.extend_from_slice(bytes);
        seen.leaves.push(leaf(bytes));
        seen.tags.extend(line.tags());
        Ok(())
    };
    let mut pieces = list::scan(&path, "checking", progress, Seen::default, look)?;
    let parted = pieces.windows(2).find(|pair| {
        let (one, two) = (&pair[0].state, &pair[1].state);
        0 < pair[1].lines && two.first <= one.last
    });
    if let Some(pair) = parted {
        let what = "not behind the line before it in the order of bytes".to_owned();
        let line = u64::from(pair[1].first) + 1;
        return Err(CeremonyError::Input { path, line, what });
    }
    let mut tags: Vec<_> = pieces.iter_mut().flat_map(|piece| piece.state.tags.drain(..)).collect();
    tags.sort_unstable();
    if tags.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(CeremonyError::wrong(&path, "a person's tag stands in the list twice"));
    }
    let leaves: Vec<_> = pieces
        .into_iter()
        .map(|list::Piece { first, lines, state }| list::Piece {
            first,
            lines,
            state: state.leaves,
        })
        .collect();
    let head = tiles::head(&leaves, &mut |_, _| {});
    let sealed = (history.seal.entries, history.seal.root);
    if (head.size, head.root) != sealed {
        return Err(CeremonyError::wrong(&path, "its tree is not the one that was sealed"));
    }
    let checkpoint = Checkpoint::read(&note(folder, CHECKPOINT)?)
        .map_err(|problem| CeremonyError::wrong(&folder.path(CHECKPOINT), problem))?;
    let origin = history.seal.draw.as_str();
    if (checkpoint.origin.as_str(), checkpoint.size, checkpoint.root)
        != (origin, sealed.0, sealed.1)
    {
        let what = "not the head of the tree that was sealed";
        return Err(CeremonyError::wrong(&folder.path(CHECKPOINT), what));
    }
    Ok(())
}

fn check_alternates(
    folder: &Folder,
    history: &History,
    sealed: &Stock,
    seed: Digest,
    (number, returned, named): (u32, Digest, Tables),
    progress: Progress<'_>,
) -> Result<(), CeremonyError> {
    let path = folder.path(&returned_file(number));
    let text = folder.read(&returned_file(number))?;
    if Digest::of(&text) != returned {
        return Err(CeremonyError::wrong(&path, "not what the event says came back"));
    }
    let last = (&*path, &*text);
    let (allocation, _) = again(folder, history, seed, sealed, number, last, progress)?;
    let files = [&*winners_file(number), &*cutoffs_file(number)];
    check_tables(folder, &allocation, sealed, named, files)
}

/// Holds the tables of a folder, and what the event says of them, against the draw.
fn check_tables(
    folder: &Folder,
    allocation: &Allocation,
    stock: &Stock,
    named: Tables,
    [winners, cutoffs]: [&str; 2],
) -> Result<(), CeremonyError> {
    let texts = [
        (winners, write_winners(&allocation.winners, stock), named.winners_digest),
        (cutoffs, allocation.cutoffs.write(stock), named.cutoffs_digest),
    ];
    for (file, text, digest) in texts {
        let (path, found) = (folder.path(file), folder.read(file)?);
        if found != text.as_bytes() {
            let ours = text.as_bytes().split(|byte| *byte == b'\n');
            let line = found.split(|byte| *byte == b'\n').zip(ours).take_while(|(a, b)| a == b);
            let line = line.count() as u64 + 1;
            let what = "not what the list and the seed give".to_owned();
            return Err(CeremonyError::Input { path, line, what });
        }
        if Digest::of(&found) != digest {
            return Err(CeremonyError::wrong(&path, "not the table that the signed event names"));
        }
    }
    if allocation.winners.len() as u64 != named.winners {
        let what = "another number of winners than the signed event names";
        return Err(CeremonyError::wrong(&folder.path(winners), what));
    }
    Ok(())
}

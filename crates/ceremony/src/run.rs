//! The draw itself: the sealed list and the seed become winners and cut-offs.
//!
//! Owns: the step, and the ranking of a whole list. Never: draws a list or a stock that is not the
//! sealed one, to the digest.

use crate::error::CeremonyError;
use crate::folder::{CUTOFFS, ENTRIES, Folder, RESULT, STOCK, WINNERS};
use crate::log::History;
use crate::progress::{Passes, whole};
use crate::step::Step;
use crate::{Progress, list, seed};
use draw::allocate::{self, Allocation, Ranking};
use draw::event::{Tables, What};
use draw::note::SigningKey;
use draw::number::Numbers;
use draw::table::write_winners;
use draw::tree::leaves;
use draw::{Digest, Line, Stock};
use std::thread;

/// What came of the draw.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// The digests of winners and cut-offs, as the result names them.
    pub tables: Tables,
    /// Units that were given, and that are left.
    pub units_given: u64,
    /// Units that nobody got.
    pub units_left: u64,
}

/// Draws. Drawn before, the same comes out and nothing is changed.
///
/// # Errors
/// When there is no seed yet, a file is not the sealed one, or another result is there.
pub fn run(
    folder: &Folder,
    key: &SigningKey,
    progress: Progress<'_>,
) -> Result<Drawn, CeremonyError> {
    let mut step = Step::of_standing(folder, key)?;
    let history = &step.history;
    let seed = seed::checked(folder, history)?;
    let stock = sealed_stock(folder, history)?;
    // The list is read twice at once: by whoever ranks it, and for its digest.
    let whole = whole(progress);
    let mut passes = Passes::new(&whole, 5);
    let drawing = passes.next(4);
    let (ranking, sealed) = thread::scope(|scope| {
        let sealed = scope.spawn(|| must_be_sealed(folder, history, &|_, _, _| ()));
        let ranking = rank(folder, history, seed, &stock, &drawing);
        (ranking, sealed.join().expect("a digest does not panic"))
    });
    sealed?;
    passes.next(1)("drawing", 0, 1);
    let allocation = ranking?.allocate(&stock);
    let texts = Texts::of(&allocation, &stock);
    let tables = texts.tables;
    if history.tables().is_some_and(|before| before != tables) {
        return Err(CeremonyError::Differs(folder.path(RESULT)));
    }
    texts.put(folder, [WINNERS, CUTOFFS])?;
    if !history.has_result() {
        step.add(What::Result { seed, tables })?;
    }
    Ok(drawn(&allocation, &stock, tables))
}

pub(crate) fn drawn(allocation: &Allocation, stock: &Stock, tables: Tables) -> Drawn {
    let sum = |units: Vec<u32>| units.into_iter().map(u64::from).sum::<u64>();
    let units_left = sum(allocation.left.clone());
    Drawn { tables, units_given: sum(stock.units()) - units_left, units_left }
}

/// The stock, which is the sealed one.
pub(crate) fn sealed_stock(folder: &Folder, history: &History) -> Result<Stock, CeremonyError> {
    let (text, path) = (folder.read(STOCK)?, folder.path(STOCK));
    if Digest::of(&text) != history.seal.stock {
        return Err(CeremonyError::wrong(&path, "not the stock that was sealed"));
    }
    stock(&text, &path)
}

/// A stock, read from the file at `path`.
pub(crate) fn stock(text: &[u8], path: &std::path::Path) -> Result<Stock, CeremonyError> {
    Stock::read(text).map_err(|problem| CeremonyError::Input {
        path: path.to_owned(),
        line: problem.line as u64,
        what: problem.what.to_string(),
    })
}

/// Refuses a list that is not the sealed one, to the digest.
pub(crate) fn must_be_sealed(
    folder: &Folder,
    history: &History,
    progress: Progress<'_>,
) -> Result<(), CeremonyError> {
    let path = folder.path(ENTRIES);
    if list::digest_with(&path, ("reading", progress))? == history.seal.list {
        return Ok(());
    }
    Err(CeremonyError::wrong(&path, "not the list that was sealed"))
}

/// Every entry of the list with its number.
pub(crate) fn rank(
    folder: &Folder,
    history: &History,
    seed: Digest,
    stock: &Stock,
    progress: Progress<'_>,
) -> Result<Ranking, CeremonyError> {
    let numbers = Numbers::new(seed);
    let count = usize::try_from(history.seal.entries).expect("a list fits into memory");
    let begin = || Ranking::with_capacity(count.div_ceil(crate::THREADS));
    let path = folder.path(ENTRIES);
    let pieces = list::scan_batches(&path, "drawing", progress, begin, |ranking, first, lines| {
        let mut tickets = Vec::with_capacity(lines.len());
        let mut wishes = Vec::with_capacity(lines.len());
        for (at, bytes) in (0..).zip(lines) {
            let line = Line::read(bytes).map_err(|problem| (at, problem.to_string()))?;
            wishes.push(line.wish(stock).map_err(|problem| (at, problem.to_string()))?);
            tickets.push(line.tickets());
        }
        let entries: Vec<(Digest, u8)> = leaves(lines).into_iter().zip(tickets).collect();
        for ((index, number), wish) in (first..).zip(numbers.of_each(&entries)).zip(wishes) {
            ranking.add(allocate::Drawn { number, index, wish });
        }
        Ok(())
    })?;
    let mut pieces = pieces.into_iter();
    let mut whole = pieces.next().expect("a list has at least one piece").state;
    pieces.for_each(|piece| whole.join(piece.state, piece.first));
    Ok(whole)
}

/// Winners and cut-offs, as they are written.
pub(crate) struct Texts {
    winners: String,
    cutoffs: String,
    /// What an event says of them.
    pub(crate) tables: Tables,
}

impl Texts {
    pub(crate) fn of(allocation: &Allocation, stock: &Stock) -> Self {
        let winners = write_winners(&allocation.winners, stock);
        let cutoffs = allocation.cutoffs.write(stock);
        let tables = Tables {
            winners: allocation.winners.len() as u64,
            winners_digest: Digest::of(winners.as_bytes()),
            cutoffs_digest: Digest::of(cutoffs.as_bytes()),
        };
        Self { winners, cutoffs, tables }
    }

    pub(crate) fn put(
        &self,
        folder: &Folder,
        [winners, cutoffs]: [&str; 2],
    ) -> Result<(), CeremonyError> {
        folder.put(winners, self.winners.as_bytes())?;
        folder.put(cutoffs, self.cutoffs.as_bytes())
    }
}

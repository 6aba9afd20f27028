//! From lines to entries, and from winning ones to pools: what the ledger is told.
//!
//! Owns: that way, for the result and each of the alternates, and for a sample. Never: who wins.
//! Invariants: the awards stand in the order of the winners.

use super::lines::INDEX;
use super::receipt::read_line;
use super::{DrawFolder, disk, open, refused, wrong};
use crate::problem::Problem;
use draw::table::read_winners;
use draw::{Line, Stock};
use roll::{Buckets, Index};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use types::ids::{EntryNo, PoolNo};

/// Entry and pool of each winner of the result (`round` 0) or of the `round`th alternates.
pub(crate) fn awards(
    of: &DrawFolder,
    buckets: &Buckets,
    round: u32,
) -> Result<Vec<(EntryNo, PoolNo)>, Problem> {
    let folder = open(&of.path)?;
    let read = |name: &str| folder.read(name).map_err(|error| refused(&error));
    let winners = match round {
        0 => read("winners.txt")?,
        round => read(&format!("winners-{round}.txt"))?,
    };
    let stock = Stock::read(&read("stock.txt")?).map_err(|error| wrong(&of.path, error))?;
    let winners = read_winners(&winners, &stock).map_err(|error| wrong(&of.path, error))?;
    let indexes: Vec<u32> = winners.iter().map(|winner| winner.index).collect();
    let entries = entries_of(of, &indexes)?;
    let pool = |winner: &draw::table::Winner| buckets.pool(stock.name(winner.bucket));
    let pools: Result<Vec<_>, _> = winners.iter().map(pool).collect();
    let pools = pools.map_err(|error| wrong(&of.path, error))?;
    Ok(entries.into_iter().zip(pools).collect())
}

/// Whose lines these are, by their places in the list from 0.
pub(crate) fn entries_of(of: &DrawFolder, lines: &[u32]) -> Result<Vec<EntryNo>, Problem> {
    let commits = commits(&of.path.join("entries.txt"), lines)?;
    let table = of.private.join(INDEX);
    let table = File::open(&table).map_err(disk(&table))?;
    let entries = Index::find(BufReader::new(table), commits.into_iter());
    entries.map_err(|error| wrong(&of.path, error))
}

/// The first commitments of some lines of the list, by their places from 0.
fn commits(list: &Path, wanted: &[u32]) -> Result<Vec<draw::Digest>, Problem> {
    let places: BTreeMap<u32, usize> = wanted.iter().copied().zip(0..).collect();
    let mut found = vec![None; wanted.len()];
    let mut file = BufReader::with_capacity(1 << 20, File::open(list).map_err(disk(list))?);
    let mut line = Vec::new();
    let mut index = 0;
    for (place, at) in places {
        while index <= place {
            if !read_line(&mut file, list, &mut line)? {
                return Err(wrong(list, format!("there is no line {}", place + 1)));
            }
            index += 1;
        }
        let read = Line::read(&line);
        let read = read.map_err(|problem| wrong(list, format!("line {index}: {problem}")))?;
        found[at] = read.commits().next();
    }
    Ok(found.into_iter().map(|commit| commit.expect("each was looked for")).collect())
}

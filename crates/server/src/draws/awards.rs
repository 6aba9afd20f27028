//! From winning lines to entries and pools: what the ledger is told.
//!
//! Owns: that way, for the result and each of the alternates. Never: who wins.
//! Invariants: the awards stand in the order of the winners.

use super::lines::INDEX;
use super::{DrawFolder, disk, failed, refused};
use crate::problem::Problem;
use ceremony::Folder;
use draw::table::read_winners;
use draw::{Line, Stock};
use roll::{Buckets, Index};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use types::ids::{EntryNo, PoolNo};

/// Entry and pool of each winner of the result (`round` 0) or of the `round`th alternates.
pub(crate) fn awards(
    of: &DrawFolder,
    buckets: &Buckets,
    round: u32,
) -> Result<Vec<(EntryNo, PoolNo)>, Problem> {
    let folder = Folder::open(&of.path).map_err(|error| refused(&error))?;
    let read = |name: &str| folder.read(name).map_err(|error| refused(&error));
    let winners = match round {
        0 => read("winners.txt")?,
        round => read(&format!("winners-{round}.txt"))?,
    };
    let wrong = |what: String| failed("draw-file-wrong", &format!("{}: {what}", of.path.display()));
    let stock = Stock::read(&read("stock.txt")?).map_err(|error| wrong(error.to_string()))?;
    let winners = read_winners(&winners, &stock).map_err(|error| wrong(error.to_string()))?;
    let indexes: Vec<u32> = winners.iter().map(|winner| winner.index).collect();
    let commits = commits(&of.path.join("entries.txt"), &indexes).map_err(wrong)?;
    let table = of.private.join(INDEX);
    let table = File::open(&table).map_err(disk(&table))?;
    let entries = Index::find(BufReader::new(table), commits.into_iter());
    let entries = entries.map_err(|error| wrong(error.to_string()))?;
    let pool = |winner: &draw::table::Winner| buckets.pool(stock.name(winner.bucket));
    let pools: Result<Vec<_>, _> = winners.iter().map(pool).collect();
    let pools = pools.map_err(|error| wrong(error.to_string()))?;
    Ok(entries.into_iter().zip(pools).collect())
}

/// The first commitments of some lines of the list, by their places from 0.
fn commits(list: &Path, wanted: &[u32]) -> Result<Vec<draw::Digest>, String> {
    let told = |error: std::io::Error| format!("entries.txt: {error}");
    let places: BTreeMap<u32, usize> = wanted.iter().copied().zip(0..).collect();
    let mut found = vec![None; wanted.len()];
    let mut list = BufReader::with_capacity(1 << 20, File::open(list).map_err(told)?);
    let mut line = Vec::new();
    let mut index = 0;
    for (place, at) in places {
        while index <= place {
            line.clear();
            if list.read_until(b'\n', &mut line).map_err(told)? == 0 {
                return Err(format!("entries.txt has no line {}", place + 1));
            }
            index += 1;
        }
        let read = Line::read(line.strip_suffix(b"\n").unwrap_or(&line));
        let read = read.map_err(|problem| format!("entries.txt, line {index}: {problem}"))?;
        found[at] = read.commits().next();
    }
    Ok(found.into_iter().map(|commit| commit.expect("each was looked for")).collect())
}

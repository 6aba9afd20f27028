//! What a crash leaves of the changes that were not durable, and a failed sync of those it was to
//! make so.
//!
//! Owns: which changes, and which bytes of a write, persist. Never: touches the disk; whoever asks
//! applies what it says.
//! Invariants: the same remains of the same changes are the same bytes; a sector holds the writes
//! to it up to one of them, never a later one without an earlier.
//! On failure: none; every kind of remains fits every disk.

use super::{Kept, SECTOR_BYTES, State, Write};
use model::generate::Random;

/// What a crash leaves of each change that was not durable.
pub(super) struct Choice {
    kept: Kept,
    /// For a prefix: the first change that is not kept whole.
    cut: u64,
    /// The first and the last change that was not durable.
    first: u64,
    last: u64,
}

impl Choice {
    pub(super) fn of(kept: Kept, state: &State) -> Self {
        let writes = state.inodes.iter().flat_map(|inode| inode.pending.iter().map(Write::order));
        let names = state.pending_names.iter().map(|change| change.order);
        let mut orders: Vec<u64> = writes.chain(names).collect();
        orders.sort_unstable();
        let cut = match kept {
            Kept::Prefix { thousandths, .. } => {
                let count = orders.len() as u64 * thousandths.min(1_000) / 1_000;
                orders.get(count as usize).copied().unwrap_or(u64::MAX)
            }
            Kept::Nothing => 0,
            Kept::All | Kept::Sectors(_) => u64::MAX,
        };
        let (first, last) = (orders.first().copied(), orders.last().copied());
        Self { kept, cut, first: first.unwrap_or(0), last: last.unwrap_or(0) }
    }

    pub(super) fn keeps_name(&self, order: u64) -> bool {
        match self.kept {
            Kept::Sectors(seed) => Random::new(seed ^ order.rotate_left(32)).chance(50),
            _ => order < self.cut,
        }
    }

    /// The ranges of a write's bytes that persist.
    pub(super) fn parts(
        &self,
        inode: usize,
        order: u64,
        offset: u64,
        bytes: usize,
    ) -> Vec<(usize, usize)> {
        match self.kept {
            Kept::Sectors(seed) => sectors(offset, bytes)
                .filter(|(from, _)| {
                    let sector = (offset + *from as u64) / SECTOR_BYTES;
                    self.keeps_sector(seed, (inode as u64) << 32 | sector, order)
                })
                .collect(),
            Kept::Prefix { bytes: torn, .. } if order == self.cut => vec![(0, torn.min(bytes))],
            _ if order < self.cut => vec![(0, bytes)],
            _ => Vec::new(),
        }
    }

    /// A sector reached the medium at some moment, or never: it holds every write until then.
    fn keeps_sector(&self, seed: u64, sector: u64, order: u64) -> bool {
        let mut random = Random::new(seed ^ sector.rotate_left(24));
        match random.below(5) {
            0 | 1 => false,
            2 | 3 => true,
            _ => order <= self.first + random.below(self.last - self.first + 1),
        }
    }
}

/// The parts of a write by sectors.
fn sectors(offset: u64, bytes: usize) -> impl Iterator<Item = (usize, usize)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let room = SECTOR_BYTES - (offset + from as u64) % SECTOR_BYTES;
        let part = (from, bytes.min(from + room as usize));
        from = part.1;
        (part.0 < bytes).then_some(part)
    })
}

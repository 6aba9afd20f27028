//! A compact hash table from 64-bit hashes to row numbers.
//!
//! Owns: buckets of one cache line each (8 slots: 32 bits of the hash, 32 bits of row number), in
//! shards that grow one at a time, so that a table of ten million rows never stops the world to
//! grow. Shards grow by different factors and so at different times; together they are always
//! about as full. A row goes into the emptier of two buckets that lie near each other: with one
//! bucket each, a table 90 % full looked through six of them for a key that is not there.
//! A slot's 32 bits of hash are enough to place it again, so growing reads the old buckets in
//! order and nothing else; with 16-bit tags, ten slots a line and the keys read again, growing
//! took two thirds of the time of entering. `touch` loads both buckets ahead of time.
//! Never: owns keys (rows have them), forgets a row, or is iterated.
//! Cost: 8 bytes a slot, 66 to 88 % full, about 10.5 bytes a row.

const SLOTS: usize = 8;
const SHARD_BITS: u32 = 8;
const SHARDS: usize = 1 << SHARD_BITS;
/// Rows of 100 slots before a shard grows.
const FULL_PERCENT: usize = 88;
/// A full shard becomes this large, in thousandths; the last shard a little larger, so that they
/// do not grow at the same time. Growing by a sixth kept tables fuller and moved every row seven
/// times; that was a fifth of the time of entering.
const LARGER_PER_MILLE: usize = 1_250;
const LARGER_PER_MILLE_LAST: usize = 1_350;
/// Buckets of the smallest shard that has a row.
const BUCKETS_MIN: usize = 24;
/// The second bucket of a row lies up to so many behind the first; a power of two.
const NEAR: u32 = 16;
/// Marks a free slot; row numbers stay below `limits::ENTRIES_MAX`.
const FREE: u32 = u32::MAX;

#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Bucket {
    /// Bits 16 to 47 of each row's hash.
    hashes: [u32; SLOTS],
    /// Row numbers; free slots come last.
    rows: [u32; SLOTS],
}

const EMPTY: Bucket = Bucket { hashes: [0; SLOTS], rows: [FREE; SLOTS] };

impl Bucket {
    /// Whether some slot has these bits of hash. Without branches, so that eight comparisons
    /// become two.
    #[inline]
    fn has(&self, middle: u32) -> bool {
        self.hashes.iter().fold(false, |has, hash| has | (*hash == middle))
    }

    #[inline]
    fn put(&mut self, slot: usize, middle: u32, row: u32) {
        assert!(self.rows[slot] == FREE, "a row takes a free slot");
        self.hashes[slot] = middle;
        self.rows[slot] = row;
    }

    /// Slots taken; they come first.
    #[inline]
    fn taken(&self) -> usize {
        let mut taken = 0;
        for row in &self.rows {
            taken += u8::from(*row != FREE);
        }
        usize::from(taken)
    }
}

#[derive(Default)]
struct Shard {
    buckets: Vec<Bucket>,
    rows: usize,
}

/// From a key's hash to the row that has the key.
pub(crate) struct Table {
    shards: Vec<Shard>,
}

impl Table {
    pub(crate) fn new() -> Self {
        Self { shards: std::iter::repeat_with(Shard::default).take(SHARDS).collect() }
    }

    /// Loads the cache line where `hash` lives, so that a later probe finds it near. The result
    /// must be used, or the load is optimised away.
    pub(crate) fn touch(&self, hash: u64) -> u64 {
        let shard = &self.shards[shard_of(hash)];
        if shard.buckets.is_empty() {
            return 0;
        }
        let (first, second) = homes(middle(hash), shard.buckets.len());
        u64::from(shard.buckets[first].rows[0] ^ shard.buckets[second].rows[0])
    }

    /// The row with this hash for which `is_it` holds.
    pub(crate) fn find(&self, hash: u64, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        let shard = &self.shards[shard_of(hash)];
        let (bucket, slot) = shard.place(middle(hash), is_it)?;
        Some(shard.buckets[bucket].rows[slot])
    }

    /// Puts `row` in the place of `before`, which has the same key.
    pub(crate) fn replace(&mut self, hash: u64, before: u32, row: u32) {
        assert!(row != FREE, "row numbers stay below their limit");
        let shard = &mut self.shards[shard_of(hash)];
        let place = shard.place(middle(hash), |found| found == before);
        let (bucket, slot) = place.expect("the row to be replaced is there");
        shard.buckets[bucket].rows[slot] = row;
    }

    /// Adds a row whose key is known not to be there.
    pub(crate) fn insert_new(&mut self, hash: u64, row: u32) {
        assert!(row != FREE, "row numbers stay below their limit");
        let nth = shard_of(hash);
        self.shards[nth].insert_new(nth, middle(hash), row);
    }

    /// Makes room for so many rows in all, when loading a snapshot. Shards differ by the square
    /// root of their share; the few that are larger grow as they do in service.
    pub(crate) fn reserve(&mut self, rows: usize) {
        let buckets = rows / SHARDS * 100 / (SLOTS * FULL_PERCENT) + BUCKETS_MIN;
        for (nth, shard) in self.shards.iter_mut().enumerate() {
            assert!(shard.rows == 0, "room is made before rows come");
            shard.buckets = vec![EMPTY; staggered(nth, buckets)];
        }
    }

    /// Bytes on the heap.
    pub(crate) fn heap_bytes(&self) -> usize {
        let buckets: usize = self.shards.iter().map(|shard| shard.buckets.capacity()).sum();
        buckets * size_of::<Bucket>() + SHARDS * size_of::<Shard>()
    }
}

impl Shard {
    fn place(&self, middle: u32, is_it: impl Fn(u32) -> bool) -> Option<(usize, usize)> {
        if self.buckets.is_empty() {
            return None;
        }
        let (first, second) = homes(middle, self.buckets.len());
        let found = self.slot_in(first, middle, &is_it);
        let found = found.or_else(|| self.slot_in(second, middle, &is_it));
        // A row is elsewhere only if both were full when it came; nothing is ever taken out.
        if found.is_some() || !self.is_full(first) || !self.is_full(second) {
            return found;
        }
        let mut bucket = second;
        loop {
            bucket = next(bucket, self.buckets.len());
            let found = self.slot_in(bucket, middle, &is_it);
            if found.is_some() || !self.is_full(bucket) {
                return found;
            }
        }
    }

    #[inline]
    fn slot_in(
        &self,
        bucket: usize,
        middle: u32,
        is_it: impl Fn(u32) -> bool,
    ) -> Option<(usize, usize)> {
        let here = &self.buckets[bucket];
        if !here.has(middle) {
            return None;
        }
        let is_it = |slot: &usize| {
            here.hashes[*slot] == middle && here.rows[*slot] != FREE && is_it(here.rows[*slot])
        };
        (0..SLOTS).find(is_it).map(|slot| (bucket, slot))
    }

    #[inline]
    fn is_full(&self, bucket: usize) -> bool {
        self.buckets[bucket].rows[SLOTS - 1] != FREE
    }

    fn insert_new(&mut self, nth: usize, middle: u32, row: u32) {
        if self.buckets.len() * SLOTS * FULL_PERCENT < (self.rows + 1) * 100 {
            self.grow(nth);
        }
        self.rows += 1;
        let taken = |bucket: usize| self.buckets[bucket].taken();
        let (bucket, slot) = emptier(middle, self.buckets.len(), taken);
        self.buckets[bucket].put(slot, middle, row);
    }

    /// Moves everything to more buckets. Old and new buckets are both in the order of the
    /// hashes, so that both are walked from front to back.
    #[cold]
    fn grow(&mut self, nth: usize) {
        let larger = match self.buckets.len() {
            0 => staggered(nth, BUCKETS_MIN),
            buckets => {
                let more = (LARGER_PER_MILLE_LAST - LARGER_PER_MILLE) * nth / SHARDS;
                buckets * (LARGER_PER_MILLE + more) / 1_000
            }
        };
        assert!(self.buckets.len() < larger, "a larger shard has more room");
        let mut buckets = vec![EMPTY; larger];
        // Counted apart: a bucket just written is slow to be read again as a whole.
        let mut taken = vec![0_u8; larger];
        for bucket in &self.buckets {
            let rows = bucket.rows.into_iter().take_while(|row| *row != FREE);
            for (row, middle) in rows.zip(bucket.hashes) {
                let (place, free) = emptier(middle, larger, |bucket| usize::from(taken[bucket]));
                buckets[place].put(free, middle, row);
                taken[place] += 1;
            }
        }
        let moved: usize = taken.iter().map(|taken| usize::from(*taken)).sum();
        assert!(moved == self.rows, "growing loses no row");
        self.buckets = buckets;
    }
}

/// From `buckets` for the first shard to a growth more for the last.
const fn staggered(nth: usize, buckets: usize) -> usize {
    buckets + buckets * (LARGER_PER_MILLE_LAST - 1_000) * nth / (1_000 * SHARDS)
}

/// The bucket and slot for a new row: the emptier of its two, or the next that is not full.
#[inline]
fn emptier(middle: u32, buckets: usize, taken: impl Fn(usize) -> usize) -> (usize, usize) {
    let (first, second) = homes(middle, buckets);
    let (in_first, in_second) = (taken(first), taken(second));
    let emptier = in_first.min(in_second);
    if emptier < SLOTS {
        return (if in_first <= in_second { first } else { second }, emptier);
    }
    let mut bucket = second;
    loop {
        bucket = next(bucket, buckets);
        let slot = taken(bucket);
        if slot < SLOTS {
            return (bucket, slot);
        }
    }
}

/// The two buckets where a hash may live.
const fn homes(middle: u32, buckets: usize) -> (usize, usize) {
    let first = bucket_of(middle, buckets);
    let second = first + 1 + (middle & (NEAR - 1)) as usize;
    (first, if second < buckets { second } else { second - buckets })
}

const fn next(bucket: usize, buckets: usize) -> usize {
    if bucket + 1 == buckets { 0 } else { bucket + 1 }
}

const fn shard_of(hash: u64) -> usize {
    (hash >> (64 - SHARD_BITS)) as usize
}

const fn middle(hash: u64) -> u32 {
    (hash >> 16) as u32
}

const fn bucket_of(middle: u32, buckets: usize) -> usize {
    ((middle as u64 * buckets as u64) >> 32) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mix::fold;

    #[test]
    fn every_row_is_found_through_all_growth() {
        let hash = |row: u32| fold(5, u64::from(row));
        let mut table = Table::new();
        for row in 0..200_000 {
            assert_eq!(table.find(hash(row), |found| found == row), None);
            table.insert_new(hash(row), row);
        }
        for row in 0..200_000 {
            assert_eq!(table.find(hash(row), |found| found == row), Some(row));
        }
        let bytes = table.heap_bytes() / 200_000;
        assert!(bytes <= 12, "{bytes} bytes a row");
    }

    #[test]
    fn keys_of_one_hash_are_told_apart() {
        let mut table = Table::new();
        let (same, never) = (42, |_: u32| false);
        for row in 0..1_000 {
            table.insert_new(same, row);
        }
        assert!((0..1_000).all(|row| table.find(same, |found| found == row) == Some(row)));
        assert_eq!(table.find(same, never), None);
        table.replace(same, 7, 5_000);
        let there = |row: u32| table.find(same, |found| found == row) == Some(row);
        assert!((0..1_000).all(|row| there(row) == (row != 7)) && there(5_000));
    }

    #[test]
    fn a_bucket_is_a_cache_line() {
        assert_eq!(size_of::<Bucket>(), 64);
    }
}

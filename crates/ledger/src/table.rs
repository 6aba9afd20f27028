//! A compact hash table from 64-bit hashes to row numbers.
//!
//! Owns: buckets of one cache line each (8 slots: 32 bits of the hash, 32 bits of row number), in
//! shards that grow one at a time and by a sixth, so that a table of ten million rows never
//! stops the world to grow. A slot's 32 bits of hash are enough to place it again, so growing
//! reads the old buckets in order and nothing else; with 16-bit tags, ten slots a line and the
//! keys read again, growing took two thirds of the time of entering. A probe touches one cache
//! line in nearly all cases; `touch` loads it ahead of time.
//! Never: owns keys (rows have them), forgets a row, or is iterated.
//! Cost: 8 bytes a slot, 73 to 85 % full, about 10 bytes a row.

const SLOTS: usize = 8;
const SHARD_BITS: u32 = 8;
const SHARDS: usize = 1 << SHARD_BITS;
/// Rows of 100 slots before a shard grows.
const FULL_PERCENT: usize = 85;
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
    /// A bit for each slot with these bits of hash.
    #[inline]
    fn matches(&self, middle: u32) -> u8 {
        let mut matches = 0;
        for (slot, hash) in self.hashes.iter().enumerate() {
            matches |= u8::from(*hash == middle) << slot;
        }
        matches
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
        u64::from(shard.buckets[bucket_of(middle(hash), shard.buckets.len())].rows[0])
    }

    /// The row with this hash for which `is_it` holds.
    pub(crate) fn find(&self, hash: u64, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        let shard = &self.shards[shard_of(hash)];
        let (bucket, slot) = shard.place(middle(hash), is_it)?;
        Some(shard.buckets[bucket].rows[slot])
    }

    /// Makes `row` the one with this key: in place of the row for which `is_it` holds, or anew.
    /// Returns the row it replaced.
    pub(crate) fn put(&mut self, hash: u64, row: u32, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        assert!(row != FREE, "row numbers stay below their limit");
        let shard = &mut self.shards[shard_of(hash)];
        if let Some((bucket, slot)) = shard.place(middle(hash), is_it) {
            return Some(std::mem::replace(&mut shard.buckets[bucket].rows[slot], row));
        }
        shard.insert_new(middle(hash), row);
        None
    }

    /// Adds a row whose key is known not to be there.
    pub(crate) fn insert_new(&mut self, hash: u64, row: u32) {
        assert!(row != FREE, "row numbers stay below their limit");
        self.shards[shard_of(hash)].insert_new(middle(hash), row);
    }

    /// Makes room for so many rows in all, when loading a snapshot. Shards differ by the square
    /// root of their share; the few that are larger grow as they do in service.
    pub(crate) fn reserve(&mut self, rows: usize) {
        let buckets = rows / SHARDS * 100 / (SLOTS * FULL_PERCENT) + 1;
        for shard in &mut self.shards {
            assert!(shard.rows == 0, "room is made before rows come");
            shard.buckets = vec![EMPTY; buckets];
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
        let mut bucket = bucket_of(middle, self.buckets.len());
        loop {
            let here = &self.buckets[bucket];
            // Without branches, so that eight comparisons become one; a match is rare.
            let mut matches = here.matches(middle);
            while matches != 0 {
                let slot = matches.trailing_zeros() as usize;
                if here.rows[slot] != FREE && is_it(here.rows[slot]) {
                    return Some((bucket, slot));
                }
                matches &= matches - 1;
            }
            // A bucket with a free slot never overflowed: nothing is ever taken out.
            if here.rows[SLOTS - 1] == FREE {
                return None;
            }
            bucket = next(bucket, self.buckets.len());
        }
    }

    fn insert_new(&mut self, middle: u32, row: u32) {
        if self.buckets.len() * SLOTS * FULL_PERCENT < (self.rows + 1) * 100 {
            self.grow();
        }
        self.rows += 1;
        insert(&mut self.buckets, middle, row);
    }

    /// Moves everything to a sixth more buckets. Old and new buckets are both in the order of
    /// the hashes, so that both are walked from front to back.
    fn grow(&mut self) {
        let larger = self.buckets.len() * 7 / 6 + 1;
        let mut buckets = vec![EMPTY; larger];
        let mut taken = vec![0_u8; larger];
        for bucket in &self.buckets {
            for slot in 0..bucket.taken() {
                let (middle, row) = (bucket.hashes[slot], bucket.rows[slot]);
                let mut place = bucket_of(middle, larger);
                while usize::from(taken[place]) == SLOTS {
                    place = next(place, larger);
                }
                let free = usize::from(taken[place]);
                buckets[place].hashes[free] = middle;
                buckets[place].rows[free] = row;
                taken[place] += 1;
            }
        }
        let moved: usize = taken.iter().map(|taken| usize::from(*taken)).sum();
        assert!(moved == self.rows, "growing loses no row");
        self.buckets = buckets;
    }
}

fn insert(buckets: &mut [Bucket], middle: u32, row: u32) {
    let mut bucket = bucket_of(middle, buckets.len());
    loop {
        let here = &mut buckets[bucket];
        let slot = here.taken();
        if slot < SLOTS {
            here.hashes[slot] = middle;
            here.rows[slot] = row;
            return;
        }
        bucket = next(bucket, buckets.len());
    }
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
            assert_eq!(table.put(hash(row), row, |found| found == row), None);
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
        assert_eq!(table.put(same, 5_000, |found| found == 7), Some(7));
        assert_eq!(table.find(same, |found| found == 5_000), Some(5_000));
    }

    #[test]
    fn a_bucket_is_a_cache_line() {
        assert_eq!(size_of::<Bucket>(), 64);
    }
}

//! A compact hash table from 64-bit hashes to row numbers.
//!
//! Owns: buckets of one cache line each (10 tags of 16 bits, 10 row numbers), in shards that grow
//! one at a time, so that a table of ten million rows never stops the world to grow. A probe
//! touches one cache line in nearly all cases; `touch` loads it ahead of time.
//! Never: owns keys (rows have them), forgets a row, or is iterated.
//! Cost: 6.4 bytes a slot, 85 % full at most, about 9 bytes a row.

const SLOTS: usize = 10;
const SHARD_BITS: u32 = 8;
const SHARDS: usize = 1 << SHARD_BITS;
/// Rows a bucket holds on average before its shard grows: 85 % of its slots, in tenths.
const FULL_TENTHS: usize = 85;

#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Bucket {
    /// 0 marks a free slot; free slots come last.
    tags: [u16; SLOTS],
    rows: [u32; SLOTS],
}

const EMPTY: Bucket = Bucket { tags: [0; SLOTS], rows: [0; SLOTS] };

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
        u64::from(shard.buckets[bucket_of(hash, shard.buckets.len())].tags[0])
    }

    /// The row with this hash for which `is_it` holds.
    pub(crate) fn find(&self, hash: u64, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        let shard = &self.shards[shard_of(hash)];
        let (bucket, slot) = shard.place(hash, is_it)?;
        Some(shard.buckets[bucket].rows[slot])
    }

    /// Makes `row` the one with this key: in place of the row for which `is_it` holds, or anew.
    /// `hash_of` gives the hash of any row, for growing. Returns the row it replaced.
    pub(crate) fn put(
        &mut self,
        hash: u64,
        row: u32,
        is_it: impl Fn(u32) -> bool,
        hash_of: impl Fn(u32) -> u64,
    ) -> Option<u32> {
        let shard = &mut self.shards[shard_of(hash)];
        if let Some((bucket, slot)) = shard.place(hash, is_it) {
            return Some(std::mem::replace(&mut shard.buckets[bucket].rows[slot], row));
        }
        shard.insert_new(hash, row, hash_of);
        None
    }

    /// Adds a row whose key is known not to be there.
    pub(crate) fn insert_new(&mut self, hash: u64, row: u32, hash_of: impl Fn(u32) -> u64) {
        self.shards[shard_of(hash)].insert_new(hash, row, hash_of);
    }

    /// Makes room for so many rows in all, spread evenly, when loading a snapshot.
    pub(crate) fn reserve(&mut self, rows: usize) {
        // A shard's share varies by its square root; a tenth more spares nearly all a regrowth.
        let buckets = (rows / SHARDS + rows / SHARDS / 10) * 10 / (SLOTS * FULL_TENTHS / 10) + 1;
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
    fn place(&self, hash: u64, is_it: impl Fn(u32) -> bool) -> Option<(usize, usize)> {
        if self.buckets.is_empty() {
            return None;
        }
        let tag = tag_of(hash);
        let mut bucket = bucket_of(hash, self.buckets.len());
        loop {
            let here = &self.buckets[bucket];
            for slot in 0..SLOTS {
                if here.tags[slot] == tag && is_it(here.rows[slot]) {
                    return Some((bucket, slot));
                }
            }
            // A bucket with a free slot never overflowed: nothing is ever taken out.
            if here.tags[SLOTS - 1] == 0 {
                return None;
            }
            bucket = (bucket + 1) % self.buckets.len();
        }
    }

    fn insert_new(&mut self, hash: u64, row: u32, hash_of: impl Fn(u32) -> u64) {
        if (self.rows + 1) * 100 > self.buckets.len() * SLOTS * FULL_TENTHS {
            self.grow(hash_of);
        }
        self.rows += 1;
        insert(&mut self.buckets, hash, row);
    }

    fn grow(&mut self, hash_of: impl Fn(u32) -> u64) {
        let larger = self.buckets.len() * 4 / 3 + 1;
        let mut buckets = vec![EMPTY; larger];
        for bucket in &self.buckets {
            for slot in 0..SLOTS {
                if bucket.tags[slot] != 0 {
                    insert(&mut buckets, hash_of(bucket.rows[slot]), bucket.rows[slot]);
                }
            }
        }
        self.buckets = buckets;
    }
}

fn insert(buckets: &mut [Bucket], hash: u64, row: u32) {
    let mut bucket = bucket_of(hash, buckets.len());
    loop {
        let here = &mut buckets[bucket];
        if let Some(slot) = here.tags.iter().position(|tag| *tag == 0) {
            here.tags[slot] = tag_of(hash);
            here.rows[slot] = row;
            return;
        }
        bucket = (bucket + 1) % buckets.len();
    }
}

const fn shard_of(hash: u64) -> usize {
    (hash >> (64 - SHARD_BITS)) as usize
}

const fn bucket_of(hash: u64, buckets: usize) -> usize {
    let middle = (hash >> 16) & 0xffff_ffff;
    ((middle * buckets as u64) >> 32) as usize
}

const fn tag_of(hash: u64) -> u16 {
    let low = hash as u16;
    if low == 0 { 1 } else { low }
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
            assert_eq!(table.put(hash(row), row, |found| found == row, hash), None);
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
            table.insert_new(same, row, |_| same);
        }
        assert!((0..1_000).all(|row| table.find(same, |found| found == row) == Some(row)));
        assert_eq!(table.find(same, never), None);
        assert_eq!(table.put(same, 5_000, |found| found == 7, |_| same), Some(7));
        assert_eq!(table.find(same, |found| found == 5_000), Some(5_000));
    }

    #[test]
    fn a_bucket_is_a_cache_line() {
        assert_eq!(size_of::<Bucket>(), 64);
    }
}

//! Which request ids were accepted, as a filter: "no" is certain, "perhaps" asks the ledger.
//!
//! Owns: Bloom filters that double in size as entries come. Never: forgets, or says "no" to an
//! id that was accepted by this process.
//! Invariants: 16 bits an entry and 4 probes within one cache line of 512 bits give about 0.5 %
//! of false "perhaps" a filter (Bloom 1970, blocked as in Putze, Sanders and Singler 2007): a
//! little more than probes all over the filter would, for one cache miss instead of four. Ids
//! are SHA-256 outputs, so their own bits are the probes.
//!
//! After registration has ended, everybody who is late is refused here without a look at the
//! ledger, and everybody who repeats an accepted request still gets its answer.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use types::RequestId;

/// Entries of the first filter; each next one holds twice as many.
const FIRST_ENTRIES: u64 = 1 << 14;
/// Together they hold `limits::ENTRIES_MAX`.
const FILTERS: usize = 17;
const BITS_EACH: u64 = 16;
const PROBES: u32 = 4;
/// Words of a cache line, and the bits that choose one of its bits.
const LINE_WORDS: usize = 8;
const LINE_BIT_BITS: u32 = 9;

/// Accepted request ids of one campaign.
#[derive(Debug)]
pub(crate) struct Known {
    filters: [OnceLock<Box<[AtomicU64]>>; FILTERS],
    entries: AtomicU64,
    /// Whether every id in the ledger is in the filters.
    complete: AtomicBool,
}

impl Known {
    /// An empty set: complete when the campaign has no entries yet.
    pub(crate) fn new(complete: bool) -> Self {
        Self {
            filters: [const { OnceLock::new() }; FILTERS],
            entries: AtomicU64::new(0),
            complete: AtomicBool::new(complete),
        }
    }

    /// Every id that was there before is in now.
    pub(crate) fn set_complete(&self) {
        self.complete.store(true, Ordering::Release);
    }

    /// Remembers an id. What is inserted before an answer leaves is found by a repetition.
    pub(crate) fn insert(&self, request: RequestId) {
        let entry = self.entries.fetch_add(1, Ordering::Relaxed);
        let place = (entry / FIRST_ENTRIES + 1).ilog2() as usize;
        // Beyond the limit on entries the last filter only fills up: more "perhaps", never a
        // wrong "no".
        let place = place.min(FILTERS - 1);
        let words = (FIRST_ENTRIES << place) * BITS_EACH / 64;
        let filter = self.filters[place].get_or_init(|| {
            std::iter::repeat_with(AtomicU64::default).take(words as usize).collect()
        });
        for (word, bit) in probes(request, filter.len()) {
            filter[word].fetch_or(bit, Ordering::Release);
        }
    }

    /// Whether the ledger may know the id.
    pub(crate) fn may_contain(&self, request: RequestId) -> bool {
        !self.complete.load(Ordering::Acquire) || self.has_seen(request)
    }

    /// Whether the id is among those seen so far, be they all or not.
    pub(crate) fn has_seen(&self, request: RequestId) -> bool {
        let filters = self.filters.iter().filter_map(OnceLock::get);
        let has = |filter: &[AtomicU64]| {
            probes(request, filter.len())
                .all(|(word, bit)| filter[word].load(Ordering::Acquire) & bit != 0)
        };
        filters.into_iter().any(|filter| has(filter))
    }
}

/// Word and bit of each probe, all in one line. `words` is a power of two.
fn probes(request: RequestId, words: usize) -> impl Iterator<Item = (usize, u64)> {
    assert!(words.is_power_of_two() && words.is_multiple_of(LINE_WORDS));
    let (low, high) = request.0.split_at(8);
    let low = u64::from_le_bytes(low.try_into().expect("half of 16 bytes"));
    let high = u64::from_le_bytes(high.try_into().expect("half of 16 bytes"));
    let line = (low as usize & (words / LINE_WORDS - 1)) * LINE_WORDS;
    (0..PROBES).map(move |probe| {
        let bit = (high >> (probe * LINE_BIT_BITS)) as usize % (LINE_WORDS * 64);
        (line + bit / 64, 1 << (bit % 64))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest as _, Sha256};
    use types::limits;

    fn id(number: u64) -> RequestId {
        let digest = Sha256::digest(number.to_le_bytes());
        RequestId(digest[..16].try_into().unwrap())
    }

    #[test]
    fn what_was_inserted_is_found_and_little_else() {
        let known = Known::new(true);
        let entries = 100_000;
        (0..entries).for_each(|number| known.insert(id(number)));
        assert!((0..entries).all(|number| known.may_contain(id(number))));
        let wrong = (entries..2 * entries).filter(|number| known.may_contain(id(*number))).count();
        assert!(wrong < 2_000, "below two percent over three filters: {wrong}");
    }

    #[test]
    fn an_incomplete_set_says_perhaps_to_everything() {
        let known = Known::new(false);
        assert!(known.may_contain(id(1)) && !known.has_seen(id(1)));
        known.set_complete();
        assert!(!known.may_contain(id(1)));
    }

    #[test]
    fn the_filters_hold_as_many_as_a_campaign_may_have() {
        let all = FIRST_ENTRIES * ((1 << FILTERS) - 1);
        assert!(all >= u64::from(limits::ENTRIES_MAX));
    }
}

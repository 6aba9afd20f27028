//! Counters and histograms of a node, for `/metrics`, the terminal and the benchmark.
//!
//! Owns: atomics that the sequencer writes once a frame and anybody reads at any time. Never:
//! anything about a person, or an outcome that is not published: a held-back entry counts as
//! *registered*, whatever was decided.

use journal::FrameHash;
use ledger::LedgerHash;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use types::ids::FrameNo;

/// Four buckets for every power of two: a value is known to within 19 %.
const BUCKETS_PER_DOUBLING: u32 = 4;
const BUCKETS: usize = 40 * BUCKETS_PER_DOUBLING as usize;

/// A histogram of non-negative integers, such as microseconds or bytes.
#[derive(Debug)]
pub struct Histogram {
    buckets: Vec<AtomicU64>,
    sum: AtomicU64,
}

impl Default for Histogram {
    fn default() -> Self {
        let buckets = std::iter::repeat_with(AtomicU64::default).take(BUCKETS).collect();
        Self { buckets, sum: AtomicU64::new(0) }
    }
}

impl Histogram {
    /// Counts a value.
    pub fn record(&self, value: u64) {
        self.record_many(value, 1);
    }

    /// Counts a value several times.
    pub fn record_many(&self, value: u64, times: u64) {
        self.buckets[bucket(value)].fetch_add(times, Relaxed);
        self.sum.fetch_add(value.saturating_mul(times), Relaxed);
    }

    /// The counts by now.
    #[must_use]
    pub fn snapshot(&self) -> HistogramSnapshot {
        let counts = self.buckets.iter().map(|bucket| bucket.load(Relaxed)).collect();
        HistogramSnapshot { counts, sum: self.sum.load(Relaxed) }
    }
}

/// A histogram's counts at a moment.
#[derive(Clone, Debug, Default)]
pub struct HistogramSnapshot {
    counts: Vec<u64>,
    sum: u64,
}

impl HistogramSnapshot {
    /// Values counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Their sum.
    #[must_use]
    pub const fn sum(&self) -> u64 {
        self.sum
    }

    /// The least bucket bound that at least `per_mille` of 1,000 values do not exceed; 0 when
    /// there are none.
    #[must_use]
    pub fn quantile(&self, per_mille: u64) -> u64 {
        let rank = (self.count() * per_mille).div_ceil(1_000);
        let mut below = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            below += count;
            if 0 < below && rank <= below {
                return upper_bound(bucket);
            }
        }
        0
    }

    /// Upper bounds and the counts up to and including each, for non-empty buckets.
    pub fn cumulative(&self) -> impl Iterator<Item = (u64, u64)> {
        let mut below = 0;
        self.counts.iter().enumerate().filter_map(move |(bucket, count)| {
            below += count;
            (0 < *count).then(|| (upper_bound(bucket), below))
        })
    }

    /// What came since an earlier snapshot of the same histogram.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let before = earlier.counts.iter().copied().chain(std::iter::repeat(0));
        let counts = self.counts.iter().zip(before).map(|(now, then)| now - then).collect();
        Self { counts, sum: self.sum - earlier.sum }
    }
}

fn bucket(value: u64) -> usize {
    let value = value.max(1);
    let doubling = value.ilog2();
    // The two bits below the highest one choose among the four buckets of a doubling.
    let fraction = if 2 <= doubling { (value >> (doubling - 2)) & 3 } else { (value << 1) & 3 };
    ((doubling * BUCKETS_PER_DOUBLING) as usize + fraction as usize).min(BUCKETS - 1)
}

fn upper_bound(bucket: usize) -> u64 {
    let (doubling, fraction) = (bucket as u64 / 4, bucket as u64 % 4);
    if doubling < 2 {
        return (1 << doubling) + (fraction >> 1) * doubling;
    }
    (1 << doubling) + ((fraction + 1) << (doubling - 2)) - 1
}

/// What the gate turned away without the ledger, by code.
#[derive(Debug, Default)]
pub struct TurnedAway([AtomicU64; TURNED_AWAY_CODES.len()]);

/// Why the gate turns requests away: refusals of the rules, and the pace.
const TURNED_AWAY_CODES: [&str; 6] =
    ["not-open-yet", "paused", "closed", "cap-reached", "sold-out", "slow-down"];

impl TurnedAway {
    /// Counts one.
    ///
    /// # Panics
    /// When the gate does not turn requests away with this code.
    pub fn count(&self, code: &str) {
        let place = TURNED_AWAY_CODES.iter().position(|known| *known == code);
        self.0[place.expect("the gate has few reasons, all listed")].fetch_add(1, Relaxed);
    }

    /// The counts by now.
    pub fn counts(&self) -> impl Iterator<Item = (&'static str, u64)> {
        TURNED_AWAY_CODES.into_iter().zip(self.0.iter().map(|count| count.load(Relaxed)))
    }
}

/// Everything a node counts.
#[derive(Debug, Default)]
pub struct Metrics {
    /// Requests taken into the queue.
    pub arrivals: AtomicU64,
    /// Requests turned away because the queue was full.
    pub shed: AtomicU64,
    /// Frames appended.
    pub frames: AtomicU64,
    /// Commands applied.
    pub commands: AtomicU64,
    /// Commands answered without the journal: repeated, or refused at the door of the ledger.
    pub previewed: AtomicU64,
    /// Look-ups run.
    pub reads: AtomicU64,
    /// Commands a frame.
    pub frame_commands: Histogram,
    /// Payload bytes a frame.
    pub frame_bytes: Histogram,
    /// Microseconds from the beginning of a write to the end of its sync.
    pub sync_us: Histogram,
    /// Microseconds from a request's place in the queue to its answer.
    pub ack_us: Histogram,
    /// What the gate turned away; every campaign's view counts here.
    pub turned_away: Arc<TurnedAway>,
    /// Bytes appended to the journal since the start.
    pub journal_bytes: AtomicU64,
    /// The frame of the newest snapshot, 0 when there is none.
    pub snapshot_frame: AtomicU64,
    /// Snapshots that could not be made.
    pub snapshots_failed: AtomicU64,
    outcomes: Mutex<BTreeMap<&'static str, u64>>,
    stated: Mutex<Option<Stated>>,
}

/// What a node says of one of its frames, for whoever replays the same journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stated {
    /// The last durable frame when this was said; 0 before the first.
    pub frame: FrameNo,
    /// That frame's hash, which covers everything that was recorded up to it.
    pub chain: FrameHash,
    /// The hash of the state behind it.
    pub ledger: LedgerHash,
}

impl Metrics {
    /// Outcomes by code.
    #[must_use]
    pub fn outcomes(&self) -> BTreeMap<&'static str, u64> {
        self.outcomes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The last frame that the node said something of: when it began, and every 30 seconds since.
    #[must_use]
    pub fn stated(&self) -> Option<Stated> {
        *self.stated.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hashes and frame change together: whoever looks gets those of one frame.
    pub(crate) fn state(&self, stated: Stated) {
        *self.stated.lock().unwrap_or_else(PoisonError::into_inner) = Some(stated);
    }

    pub(crate) fn count_outcomes(&self, codes: impl Iterator<Item = &'static str>) {
        let mut outcomes = self.outcomes.lock().unwrap_or_else(PoisonError::into_inner);
        // Most outcomes of a frame are alike: runs of them are counted at once.
        let mut run: (&'static str, u64) = ("", 0);
        for code in codes.map(Some).chain([None]) {
            if code == Some(run.0) {
                run.1 += 1;
                continue;
            }
            if 0 < run.1 {
                *outcomes.entry(run.0).or_default() += run.1;
            }
            run = (code.unwrap_or_default(), 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_lie_below_their_buckets_bound_and_above_the_one_before() {
        for value in (1..5_000).chain([1 << 20, (1 << 30) + 7, u64::from(u32::MAX)]) {
            let bucket = bucket(value);
            assert!(value <= upper_bound(bucket), "{value}");
            assert!(bucket < 8 || upper_bound(bucket - 1) < value, "{value}");
        }
    }

    #[test]
    fn quantiles_are_within_a_fifth() {
        let histogram = Histogram::default();
        (1..=1_000).for_each(|value| histogram.record(value));
        let p99 = histogram.snapshot().quantile(990);
        assert!((990..=1_188).contains(&p99), "{p99}");
        let earlier = histogram.snapshot();
        histogram.record(7);
        let since = histogram.snapshot().since(&earlier);
        assert_eq!((since.count(), since.sum(), since.quantile(500)), (1, 7, 7));
        assert_eq!((earlier.count(), earlier.sum()), (1_000, 500_500));
        for empty in [Histogram::default().snapshot(), HistogramSnapshot::default()] {
            assert_eq!((empty.count(), empty.sum(), empty.quantile(500)), (0, 0, 0));
        }
    }

    #[test]
    fn counts_add_up_bound_by_bound_to_the_largest_value() {
        let histogram = Histogram::default();
        [1, 1, 4, u64::MAX].into_iter().for_each(|value| histogram.record(value));
        let cumulative: Vec<_> = histogram.snapshot().cumulative().collect();
        let last = upper_bound(BUCKETS - 1);
        assert_eq!(cumulative, [(upper_bound(bucket(1)), 2), (4, 3), (last, 4)]);
    }

    #[test]
    fn outcomes_are_counted_by_code_in_runs_and_between() {
        let metrics = Metrics::default();
        metrics.count_outcomes(std::iter::empty());
        assert_eq!(metrics.outcomes(), BTreeMap::new());
        for codes in [&["held", "held", "sold-out", "held"][..], &["held"], &["sold-out"]] {
            metrics.count_outcomes(codes.iter().copied());
        }
        assert_eq!(metrics.outcomes(), BTreeMap::from([("held", 4), ("sold-out", 2)]));
    }

    #[test]
    fn what_was_said_last_of_a_frame_is_told() {
        let metrics = Metrics::default();
        assert_eq!(metrics.stated(), None);
        for frame in [7, 9] {
            let chain = FrameHash([frame; 32]);
            let frame = FrameNo(frame.into());
            let stated = Stated { frame, chain, ledger: LedgerHash(frame.0 * 3) };
            metrics.state(stated);
            assert_eq!(metrics.stated(), Some(stated));
        }
    }

    #[test]
    fn who_is_turned_away_is_counted_by_code() {
        let turned_away = TurnedAway::default();
        ["paused", "sold-out", "sold-out"].iter().for_each(|code| turned_away.count(code));
        let counts: Vec<_> = turned_away.counts().filter(|(_, count)| 0 < *count).collect();
        assert_eq!(counts, [("paused", 1), ("sold-out", 2)]);
    }
}

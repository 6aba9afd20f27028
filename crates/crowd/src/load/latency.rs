//! Latencies of a run, kept in a histogram of three significant digits.

use hdrhistogram::Histogram;

/// The longest latency told apart: ten minutes, in nanoseconds.
const NANOS_MAX: u64 = 600_000_000_000;
const SIGNIFICANT_DIGITS: u8 = 3;

/// Latencies in nanoseconds.
#[derive(Clone, Debug)]
pub struct Latency {
    histogram: Histogram<u64>,
}

/// The quantiles of interest, in nanoseconds; all zero when nothing was recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct LatencySummary {
    /// Latencies recorded.
    pub count: u64,
    /// Half are at or below it.
    pub p50_nanos: u64,
    /// 90 of 100 are at or below it.
    pub p90_nanos: u64,
    /// 99 of 100 are at or below it.
    pub p99_nanos: u64,
    /// 999 of 1,000 are at or below it.
    pub p999_nanos: u64,
    /// The longest.
    pub max_nanos: u64,
}

impl Default for Latency {
    fn default() -> Self {
        let histogram = Histogram::new_with_bounds(1, NANOS_MAX, SIGNIFICANT_DIGITS);
        Self { histogram: histogram.expect("the bounds are in order and the digits at most five") }
    }
}

impl Latency {
    /// Records one latency; longer ones than ten minutes count as ten minutes.
    pub fn record(&mut self, nanos: u64) {
        self.histogram.saturating_record(nanos);
    }

    /// Takes over what `recent` has recorded, and empties it.
    pub fn absorb(&mut self, recent: &mut Self) {
        self.histogram += &recent.histogram;
        recent.histogram.reset();
    }

    /// The value at or below which `quantile` (0 to 1) of the latencies are, in nanoseconds.
    #[must_use]
    pub fn at(&self, quantile: f64) -> u64 {
        self.histogram.value_at_quantile(quantile)
    }

    /// The quantiles of interest.
    #[must_use]
    pub fn summary(&self) -> LatencySummary {
        if self.histogram.is_empty() {
            return LatencySummary::default();
        }
        LatencySummary {
            count: self.histogram.len(),
            p50_nanos: self.at(0.50),
            p90_nanos: self.at(0.90),
            p99_nanos: self.at(0.99),
            p999_nanos: self.at(0.999),
            max_nanos: self.histogram.max(),
        }
    }
}

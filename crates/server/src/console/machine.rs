//! How the node is doing, second by second.
//!
//! Owns: the readings of the last ten minutes. Never: writes a counter; the node owns them.

use super::Console;
use node::metrics::HistogramSnapshot;
use std::collections::VecDeque;
use std::sync::atomic::Ordering::Relaxed;
use types::limits;

/// Seconds over which rates and latencies are told.
const RECENT: usize = 10;

/// What was read, the newest last.
#[derive(Default)]
pub(super) struct Readings {
    /// Requests that came, and that were turned away, by then.
    totals: VecDeque<(u64, u64)>,
    recent: VecDeque<(HistogramSnapshot, HistogramSnapshot)>,
}

/// How the machine does now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Machine {
    /// Microseconds to an answer, and of a sync: half of them, and 99 of 100, are not longer.
    /// Nothing when there were none.
    pub(super) ack_us: Option<(u64, u64)>,
    pub(super) sync_us: Option<(u64, u64)>,
    pub(super) queue: usize,
    /// A second, over the last ten.
    pub(super) requests: u64,
    pub(super) turned_away: u64,
    /// Requests in each second, of ten minutes at most.
    pub(super) history: Vec<u32>,
}

impl Readings {
    /// Takes the counters' state of this second.
    fn take(&mut self, totals: (u64, u64), latencies: (HistogramSnapshot, HistogramSnapshot)) {
        if limits::CONSOLE_SAMPLES_MAX <= self.totals.len() {
            self.totals.pop_front();
        }
        self.totals.push_back(totals);
        if RECENT < self.recent.len() {
            self.recent.pop_front();
        }
        self.recent.push_back(latencies);
    }

    fn machine(&self, queue: usize) -> Machine {
        let (Some(first), Some(last)) = (self.recent.front(), self.recent.back()) else {
            return Machine::default();
        };
        let quantiles = |now: &HistogramSnapshot, then: &HistogramSnapshot| {
            let since = now.since(then);
            (0 < since.count()).then(|| (since.quantile(500), since.quantile(990)))
        };
        let seconds = (self.recent.len() - 1).max(1);
        let recent = self.totals.len().saturating_sub(seconds + 1);
        let (then, now) = (self.totals[recent], self.totals[self.totals.len() - 1]);
        let each = self.totals.iter().zip(self.totals.iter().skip(1));
        let history = each.map(|(then, now)| u32::try_from(now.0 - then.0).unwrap_or(u32::MAX));
        Machine {
            ack_us: quantiles(&last.0, &first.0),
            sync_us: quantiles(&last.1, &first.1),
            queue,
            requests: (now.0 - then.0) / seconds as u64,
            turned_away: (now.1 - then.1) / seconds as u64,
            history: history.collect(),
        }
    }
}

impl Console {
    /// Reads the node's counters; to be called once a second.
    pub(super) fn read_machine(&self) {
        let metrics = self.operator.node.metrics();
        let turned: u64 = metrics.turned_away.counts().map(|(_, count)| count).sum();
        let away = turned + metrics.shed.load(Relaxed);
        let requests = metrics.arrivals.load(Relaxed) + away;
        let latencies = (metrics.ack_us.snapshot(), metrics.sync_us.snapshot());
        self.readings().take((requests, away), latencies);
    }

    /// How the machine does now.
    pub(super) fn machine(&self) -> Machine {
        let queue = self.operator.node.status().queue;
        self.readings().machine(queue)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use node::metrics::Histogram;

    #[test]
    fn rates_and_latencies_are_of_the_last_ten_seconds() {
        let (mut readings, ack) = (Readings::default(), Histogram::default());
        let none = HistogramSnapshot::default;
        assert_eq!(readings.machine(3), Machine::default());
        ack.record(1_000_000);
        for second in 0..30_u64 {
            ack.record(100);
            readings.take((second * 50, second * 5), (ack.snapshot(), none()));
        }
        let machine = readings.machine(3);
        assert_eq!((machine.requests, machine.turned_away, machine.queue), (50, 5, 3));
        let (p50, p99) = machine.ack_us.unwrap();
        assert!(p50 == p99 && (100..=119).contains(&p99), "{p50} {p99}");
        assert_eq!(machine.sync_us, None, "there was no sync");
        assert_eq!(machine.history, [50; 29]);
    }

    #[test]
    fn ten_minutes_are_kept() {
        let mut readings = Readings::default();
        for _ in 0..limits::CONSOLE_SAMPLES_MAX + 9 {
            readings.take((0, 0), Default::default());
        }
        assert_eq!(readings.machine(0).history.len(), limits::CONSOLE_SAMPLES_MAX - 1);
        assert_eq!(readings.recent.len(), RECENT + 1);
    }
}

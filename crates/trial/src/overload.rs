//! Ten times as many clients as a node needs to be busy, and more than it lets in.
//!
//! Owns: the peak before and after, the overload, and how they compare in one run.
//! Never: promises a rate; a test looks at the counts and the memory, a person at the ratio.
//! Invariants: peak and overload are made by the same people's behaviour, at the same node.

use crate::error::TrialError;
use crate::site::{CAMPAIGN, Node, Site};
use crowd::http::{self, Head, fetch};
use crowd::load::{self, Answer, Next, Pace, Plan, Script};
use crowd::{Behaviour, CrowdError, CrowdOptions, Offer, Progress, mix};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

/// People of one run: more than come.
const PEOPLE: u32 = 30_000_000;
/// How often queue and memory are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// By so many thousandths of what they were told, at most, people come later than that.
const LATER_PER_MILLE_MAX: u64 = 400;

/// How an overload is made.
#[derive(Clone, Copy, Debug)]
pub struct Overload {
    /// Decides who comes.
    pub seed: u64,
    /// Connections that make the peak.
    pub connections: usize,
    /// By how much more there are then.
    pub times: usize,
    /// How long the peak is measured.
    pub peak: Duration,
    /// How long the overload lasts.
    pub overload: Duration,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Report {
    /// Answers a second at the peak before: all but those that turn away.
    pub peak_per_second: f64,
    /// The same after, when everything is as it was: how steady the machine is.
    pub peak_after_per_second: f64,
    /// The same under overload.
    pub goodput_per_second: f64,
    /// Requests turned away with 503.
    pub turned_away: u64,
    /// Of those, without a time to come again.
    pub without_time: u64,
    /// Connections that ended without an answer.
    pub lost: u64,
    /// Entries at the beginning of the overload, and at its end.
    pub entries: (u64, u64),
    /// Bytes of memory at the beginning of the overload.
    pub resident_bytes: u64,
    /// Bytes of memory that were in use at most, to its end.
    pub resident_bytes_max: u64,
    /// Requests that waited for the sequencer, at most.
    pub queue_max: u64,
    /// Half of the answers came within so many milliseconds, at the peak and under overload.
    pub p50_millis: [f64; 2],
    /// 99 of 100 answers, likewise.
    pub p99_millis: [f64; 2],
}

impl Report {
    /// Goodput by peak: by the one before, though the overload then meets a fuller node.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        self.goodput_per_second / self.peak_per_second.max(1e-9)
    }

    /// Goodput by the peak after, of a node as full as the overload made it.
    #[must_use]
    pub fn ratio_after(&self) -> f64 {
        self.goodput_per_second / self.peak_after_per_second.max(1e-9)
    }

    /// Bytes of memory by which it grew.
    #[must_use]
    pub const fn grown_bytes(&self) -> u64 {
        self.resident_bytes_max.saturating_sub(self.resident_bytes)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "peak {:.0}/s before and {:.0}/s after (half within {:.1} ms, 99 % within {:.1} ms); \
             overload {:.0}/s ({:.1} ms, {:.1} ms), {:.1} % of the peak before and {:.1} % of \
             that after; {} turned away with 503, {} of them without a time to come again, {} connections lost; memory {} MiB before, \
             at most {} MiB with {} more entries; queue at most {}",
            self.peak_per_second,
            self.peak_after_per_second,
            self.p50_millis[0],
            self.p99_millis[0],
            self.goodput_per_second,
            self.p50_millis[1],
            self.p99_millis[1],
            self.ratio() * 100.0,
            self.ratio_after() * 100.0,
            self.turned_away,
            self.without_time,
            self.lost,
            self.resident_bytes >> 20,
            self.resident_bytes_max >> 20,
            self.entries.1 - self.entries.0,
            self.queue_max
        )
    }
}

/// What was seen of the node meanwhile.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    resident_bytes_max: u64,
    queue_max: u64,
}

/// A crowd whose answers are looked at on their way to it.
struct Watched<'a> {
    crowd: Behaviour<'a>,
    /// When each connection was told to come again: the crowd itself would not wait so long.
    come_again: Vec<Option<Duration>>,
    turned_away: u64,
    without_time: u64,
}

impl Script for Watched<'_> {
    fn request(&mut self, connection: usize, request: &mut Vec<u8>) -> Next {
        let next = self.crowd.request(connection, request);
        match (next, self.come_again[connection].take()) {
            (Next::Wait(wait), Some(told)) => {
                // A little later than told, each by something else, as people do.
                let number = self.turned_away << 32 | connection as u64;
                let later = mix(number, self.turned_away) % LATER_PER_MILLE_MAX;
                Next::Wait(wait.max(told + told * later as u32 / 1_000))
            }
            (next, _) => next,
        }
    }

    fn answer(&mut self, connection: usize, received: &[u8]) -> Result<Answer, CrowdError> {
        if let Some(response) = http::parse(received)?
            && response.status == 503
        {
            self.turned_away += 1;
            self.without_time += u64::from(response.retry_after_seconds.is_none());
            let told = response.retry_after_seconds;
            self.come_again[connection] = told.map(|after| Duration::from_secs(after.into()));
        }
        self.crowd.answer(connection, received)
    }

    fn lost(&mut self, connection: usize) {
        self.crowd.lost(connection);
    }
}

/// What a run of a crowd came to.
struct Ran {
    report: crowd::Report,
    turned_away: u64,
    without_time: u64,
}

/// Measures the peak, makes the overload, measures the peak again, and compares.
///
/// # Errors
/// When the node or the load fails.
pub fn run(site: &Site<'_>, overload: Overload) -> Result<Report, TrialError> {
    let node = site.start()?;
    let offer = site.open_campaign(overload.seed)?;
    let Overload { connections, times, .. } = overload;
    let before = crowd(site, &offer, overload, (0, connections, overload.peak))?;
    let entries = entries(site)?;
    let resident_bytes = node.resident_bytes().map_or(0, |(now, _)| now);
    let is_over = AtomicBool::new(false);
    let (over, seen) = thread::scope(|scope| {
        let looks = scope.spawn(|| look(site, &node, &is_over));
        let run = (PEOPLE, connections * times, overload.overload);
        let over = crowd(site, &offer, overload, run);
        is_over.store(true, Relaxed);
        (over, looks.join().expect("a look does not panic"))
    });
    let (over, seen) = (over?, seen?);
    let entries = (entries, self::entries(site)?);
    let after = crowd(site, &offer, overload, (2 * PEOPLE, connections, overload.peak))?;
    node.stop()?;
    let millis = |nanos: u64| nanos as f64 / 1e6;
    let latencies = [&before, &over].map(|ran| ran.report.latency.summary());
    Ok(Report {
        peak_per_second: before.report.per_second(),
        peak_after_per_second: after.report.per_second(),
        goodput_per_second: over.report.per_second(),
        turned_away: over.turned_away,
        without_time: over.without_time,
        lost: over.report.lost,
        entries,
        resident_bytes,
        resident_bytes_max: seen.resident_bytes_max,
        queue_max: seen.queue_max,
        p50_millis: latencies.map(|latency| millis(latency.p50_nanos)),
        p99_millis: latencies.map(|latency| millis(latency.p99_nanos)),
    })
}

fn crowd(
    site: &Site<'_>,
    offer: &Offer,
    overload: Overload,
    (first_person, connections, duration): (u32, usize, Duration),
) -> Result<Ran, TrialError> {
    let (address, pace) = (site.public(), Pace::Closed);
    let (seed, people) = (overload.seed, PEOPLE);
    let options = CrowdOptions { address, seed, first_person, people, connections, pace, duration };
    let plan =
        Plan { warm_up: Duration::ZERO, reconnect: true, ..Plan::closed(connections, duration) };
    let progress = Progress::default();
    let crowd = Behaviour::new(&options, offer, &progress);
    let come_again = vec![None; connections];
    let mut watched = Watched { crowd, come_again, turned_away: 0, without_time: 0 };
    let report = load::run(address, &plan, &mut watched, Some(&progress))?;
    let Watched { turned_away, without_time, .. } = watched;
    Ok(Ran { report, turned_away, without_time })
}

fn entries(site: &Site<'_>) -> Result<u64, TrialError> {
    let truth = site.ask_operator(&format!("/v1/operator/campaigns/{CAMPAIGN}"))?;
    Ok(truth.get("entries").and_then(serde_json::Value::as_u64).unwrap_or_default())
}

/// Looks at queue and memory until it is over.
fn look(site: &Site<'_>, node: &Node<'_>, is_over: &AtomicBool) -> Result<Seen, TrialError> {
    let mut seen = Seen::default();
    let mut request = Vec::new();
    Head::new("GET", "/metrics", site.operator(), &[]).write(&mut request, &[], b"");
    while !is_over.load(Relaxed) {
        let (_, body) = fetch(site.operator(), &request)?;
        let text = String::from_utf8_lossy(&body).into_owned();
        seen.queue_max = seen.queue_max.max(metric(&text, "tidegate_queue"));
        let resident_bytes = node.resident_bytes().map_or(0, |(now, _)| now);
        seen.resident_bytes_max = seen.resident_bytes_max.max(resident_bytes);
        thread::sleep(LOOK_EVERY);
    }
    Ok(seen)
}

fn metric(text: &str, name: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.and_then(|value| value.trim().parse().ok()).unwrap_or_default()
}

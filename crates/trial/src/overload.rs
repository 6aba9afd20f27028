//! Ten times as many clients as a node needs to be busy, and more than it lets in.
//!
//! Owns: peaks and overloads by turns, and how they compare in one run.
//! Never: promises a rate; a test looks at the counts and the memory, a person at the ratio.
//! Invariants: peak and overload are made by the same people's behaviour, at the same node; each
//! overload lies between two peaks and is compared with these, as the machine's own pace changes
//! by a third within a minute.

use crate::error::TrialError;
use crate::site::{CAMPAIGN, Node, Site};
use crowd::http::{self, Head, fetch};
use crowd::load::{self, Answer, Latency, Next, Pace, Plan, Script};
use crowd::people::POPULATION_MAX;
use crowd::{Behaviour, CrowdError, CrowdOptions, Offer, Progress, mix};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

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
    /// How many overloads there are, each between two peaks; at least one.
    pub turns: u32,
    /// How long the overload lasts, all turns together; the peaks last one turn longer.
    pub duration: Duration,
}

/// One overload and the peaks beside it, in answers a second: all but those that turn away.
#[derive(Clone, Copy, Debug)]
pub struct Turn {
    /// Mean of the peak before and the peak after.
    pub peak_per_second: f64,
    /// The same under overload.
    pub goodput_per_second: f64,
}

impl Turn {
    /// Goodput by peak.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        self.goodput_per_second / self.peak_per_second.max(1e-9)
    }
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Report {
    /// The overloads, in their order.
    pub turns: Vec<Turn>,
    /// Requests turned away with 503.
    pub turned_away: u64,
    /// Of those, without a time to come again.
    pub without_time: u64,
    /// Connections that ended without an answer.
    pub lost: u64,
    /// Entries at the beginning of the first overload, and at the end.
    pub entries: (u64, u64),
    /// Bytes of memory at the beginning of the first overload.
    pub resident_bytes: u64,
    /// Bytes of memory that were in use at most, from then on.
    pub resident_bytes_max: u64,
    /// Requests that waited for the sequencer, at most.
    pub queue_max: u64,
    /// Half of the answers came within so many milliseconds, at the peaks and under overload.
    pub p50_millis: [f64; 2],
    /// 99 of 100 answers, likewise.
    pub p99_millis: [f64; 2],
}

impl Report {
    /// Goodput by peak: the turns' median.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        let ratios = self.ratios();
        ratios[ratios.len() / 2]
    }

    /// Bytes of memory by which it grew.
    #[must_use]
    pub const fn grown_bytes(&self) -> u64 {
        self.resident_bytes_max.saturating_sub(self.resident_bytes)
    }

    /// Of every turn, from the least.
    fn ratios(&self) -> Vec<f64> {
        let mut ratios: Vec<_> = self.turns.iter().map(Turn::ratio).collect();
        ratios.sort_by(f64::total_cmp);
        ratios
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percents = |ratios: &[f64]| -> Vec<_> {
            ratios.iter().map(|ratio| format!("{:.1}", ratio * 100.0)).collect()
        };
        for turn in &self.turns {
            let Turn { peak_per_second, goodput_per_second } = turn;
            let ratio = turn.ratio() * 100.0;
            writeln!(f, "{goodput_per_second:.0}/s beside {peak_per_second:.0}/s: {ratio:.1} %")?;
        }
        write!(
            f,
            "goodput under overload by the peaks beside it: {:.1} % (the median of {}); half \
             within {:.1} ms, 99 % within {:.1} ms (at the peaks {:.1} ms, {:.1} ms); {} turned \
             away with 503, {} of them without a time to come again, {} connections lost; memory \
             {} MiB before, at most {} MiB with {} more entries; queue at most {}",
            self.ratio() * 100.0,
            percents(&self.ratios()).join(", "),
            self.p50_millis[1],
            self.p99_millis[1],
            self.p50_millis[0],
            self.p99_millis[0],
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

/// Ends the looks when it is dropped: also when a crowd panics, which nobody would see otherwise.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
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

/// What came of several runs of a crowd.
#[derive(Default)]
struct Ran {
    latency: Latency,
    turned_away: u64,
    without_time: u64,
    lost: u64,
}

/// Makes the overloads, each between two peaks, and compares.
///
/// # Errors
/// When the node or the load fails.
///
/// # Panics
/// When there are no turns.
pub fn run(site: &Site<'_>, overload: Overload) -> Result<Report, TrialError> {
    assert!(0 < overload.turns, "an overload has a turn");
    let mut node = site.start()?;
    let report = overloads(site, &node, overload).map_err(|error| node.or_ended(error))?;
    node.stop()?;
    Ok(report)
}

fn overloads(site: &Site<'_>, node: &Node<'_>, overload: Overload) -> Result<Report, TrialError> {
    let offer = site.open_campaign(overload.seed)?;
    let mut crowds = Crowds { site, offer, overload, comes: 0 };
    let (mut peaks, mut over) = (Ran::default(), Ran::default());
    let mut before = crowds.come(1, &mut peaks)?;
    let entries = entries(site)?;
    let resident_bytes = node.resident_bytes()?;
    let is_over = AtomicBool::new(false);
    let over_at_last = Over(&is_over);
    let (turns, seen) = thread::scope(|scope| {
        let looks = scope.spawn(|| look(site, node, &is_over));
        let turns = (0..overload.turns).map(|_| {
            let goodput_per_second = crowds.come(overload.times, &mut over)?;
            let after = crowds.come(1, &mut peaks)?;
            let peak_per_second = f64::midpoint(before, after);
            before = after;
            Ok::<_, TrialError>(Turn { peak_per_second, goodput_per_second })
        });
        let turns = turns.collect::<Result<Vec<_>, _>>();
        drop(over_at_last);
        (turns, looks.join().expect("a look does not panic"))
    });
    let (turns, seen) = (turns?, seen?);
    let entries = (entries, self::entries(site)?);
    let millis = |nanos: u64| nanos as f64 / 1e6;
    let latencies = [&peaks, &over].map(|ran| ran.latency.summary());
    Ok(Report {
        turns,
        turned_away: over.turned_away,
        without_time: over.without_time,
        lost: over.lost,
        entries,
        resident_bytes,
        resident_bytes_max: seen.resident_bytes_max,
        queue_max: seen.queue_max,
        p50_millis: latencies.map(|latency| millis(latency.p50_nanos)),
        p99_millis: latencies.map(|latency| millis(latency.p99_nanos)),
    })
}

/// Crowds that come to one node, one after the other, each of other people.
struct Crowds<'a> {
    site: &'a Site<'a>,
    offer: Offer,
    overload: Overload,
    comes: u32,
}

impl Crowds<'_> {
    /// A crowd of `times` the connections that make a peak, for one turn: its answers a second.
    fn come(&mut self, times: usize, ran: &mut Ran) -> Result<f64, TrialError> {
        let Overload { seed, connections, turns, duration, .. } = self.overload;
        let (connections, duration) = (connections * times, duration / turns);
        let (address, pace) = (self.site.public(), Pace::Closed);
        let people = POPULATION_MAX as u32 / (2 * turns + 1);
        let first_person = people * self.comes;
        self.comes += 1;
        let options =
            CrowdOptions { address, seed, first_person, people, connections, pace, duration };
        let plan = Plan {
            warm_up: Duration::ZERO,
            reconnect: true,
            ..Plan::closed(connections, duration)
        };
        let progress = Progress::default();
        let crowd = Behaviour::new(&options, &self.offer, &progress);
        let come_again = vec![None; connections];
        let mut watched = Watched { crowd, come_again, turned_away: 0, without_time: 0 };
        let mut report = load::run(address, &plan, &mut watched, Some(&progress))?;
        ran.latency.absorb(&mut report.latency);
        ran.turned_away += watched.turned_away;
        ran.without_time += watched.without_time;
        ran.lost += report.lost;
        Ok(report.per_second())
    }
}

fn entries(site: &Site<'_>) -> Result<u64, TrialError> {
    let path = format!("/v1/operator/campaigns/{CAMPAIGN}");
    let truth = site.ask_operator(&path)?;
    let entries = truth.get("entries").and_then(serde_json::Value::as_u64);
    entries.ok_or_else(|| TrialError::Answer { what: path, answer: format!("no entries: {truth}") })
}

/// Looks at queue and memory until it is over.
fn look(site: &Site<'_>, node: &Node<'_>, is_over: &AtomicBool) -> Result<Seen, TrialError> {
    let mut seen = Seen::default();
    let mut request = Vec::new();
    Head::new("GET", "/metrics", site.operator(), &[]).write(&mut request, &[], b"");
    while !is_over.load(Relaxed) {
        let (_, body) = fetch(site.operator(), &request)?;
        let text = String::from_utf8_lossy(&body);
        seen.queue_max = seen.queue_max.max(metric(&text, "tidegate_queue")?);
        seen.resident_bytes_max = seen.resident_bytes_max.max(node.resident_bytes()?);
        thread::sleep(LOOK_EVERY);
    }
    Ok(seen)
}

/// A metric without labels.
///
/// # Errors
/// When it is not there, or no whole number: a bound that is held against nothing always holds.
pub fn metric(text: &str, name: &str) -> Result<u64, TrialError> {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    let value = line.and_then(|value| value.trim().parse().ok());
    value.ok_or_else(|| TrialError::Answer {
        what: "/metrics".to_owned(),
        answer: format!("no number {name} in {text}"),
    })
}

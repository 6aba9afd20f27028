//! What a run found, and the file it is kept in.
//!
//! Owns: the shape of `bench/results/*.json`. Never: names a host, a user or a path.
//! Invariants: a row has as many pairs as repeats; its ratios are made pair by pair.

use crate::machine::Machine;
use anyhow::{Context, Result};
use crowd::load::LatencySummary;
use serde::Serialize;
use std::fs;
use std::path::{Path, PathBuf};

/// A whole run.
#[derive(Clone, Debug, Serialize)]
pub struct Results {
    /// The day, in UTC.
    pub date: String,
    /// Where.
    pub machine: Machine,
    /// A sync in the folder the servers wrote to, measured in the same run.
    pub sync: SyncLatency,
    /// How the figures were made.
    pub method: &'static str,
    /// Whether the run was too short to mean anything.
    pub quick: bool,
    /// Requests measured.
    pub rows: Vec<Row>,
    /// Other figures.
    pub figures: Vec<Figure>,
    /// What the project promised, and whether it was kept.
    pub targets: Vec<Target>,
    /// What was not measured, and why.
    pub left_out: Vec<String>,
    /// What was to be measured and could not be.
    pub failed: Vec<String>,
}

/// How long a 4 KiB write and `fdatasync` takes.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct SyncLatency {
    /// Syncs measured.
    pub count: u64,
    /// Half are at or below it.
    pub p50_micros: f64,
    /// 99 of 100 are at or below it.
    pub p99_micros: f64,
}

/// What a subject is and does, and what it leaves out.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Card {
    /// The scenario's name.
    pub scenario: &'static str,
    /// What is measured: a server and its mode.
    pub subject: &'static str,
    /// What it decides and keeps for each request.
    pub state_machine: &'static str,
    /// What is sent and answered.
    pub payload: &'static str,
    /// What a full system does beyond it.
    pub left_out: &'static str,
}

/// One subject at one concurrency.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// What was measured.
    #[serde(flatten)]
    pub card: Card,
    /// `closed`, or `open` at a fixed rate.
    pub pace: &'static str,
    /// Requests a second that an open loop was to send.
    pub due_per_second: Option<u32>,
    /// Connections.
    pub connections: usize,
    /// Seconds of each measurement, after the warm-up.
    pub seconds: f64,
    /// Entries in one request.
    pub entries_per_request: u64,
    /// Requests a second, subject by do-nothing server, pair by pair.
    pub ratio: Spread,
    /// Requests a second.
    pub per_second: Spread,
    /// Median latency in microseconds.
    pub p50_micros: Spread,
    /// Latency that 99 of 100 requests keep, in microseconds.
    pub p99_micros: Spread,
    /// The same latency, subject by do-nothing server, pair by pair.
    pub p99_ratio: Spread,
    /// The measurements themselves.
    pub pairs: Vec<Pair>,
}

/// The do-nothing server and the subject, one directly after the other.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Pair {
    /// The do-nothing server.
    pub do_nothing: Measured,
    /// The subject.
    pub subject: Measured,
}

/// One measurement.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Measured {
    /// Expected answers a second.
    pub per_second: f64,
    /// Answers of another kind.
    pub unexpected: u64,
    /// Connections lost.
    pub lost: u64,
    /// Processor time of the load generator for each request.
    pub generator_nanos: u64,
    /// Latencies of expected answers.
    pub latency: LatencySummary,
}

/// Median, least and most over the repeats.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// The median.
    pub median: f64,
    /// The least.
    pub min: f64,
    /// The most.
    pub max: f64,
}

/// A figure that is not about requests.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    /// The scenario's name.
    pub scenario: &'static str,
    /// What it says.
    pub what: String,
    /// How much.
    pub value: f64,
    /// Of what.
    pub unit: &'static str,
}

/// Something promised.
#[derive(Clone, Debug, Serialize)]
pub struct Target {
    /// What was promised.
    pub wanted: String,
    /// What was found.
    pub found: String,
    /// Whether it is kept.
    pub reached: bool,
}

impl Spread {
    /// The spread of some values; all zero without any.
    #[must_use]
    pub fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.collect();
        values.sort_by(f64::total_cmp);
        let [Some(&min), Some(&max)] = [values.first(), values.last()] else {
            return Self { median: 0.0, min: 0.0, max: 0.0 };
        };
        let middle = values.len() / 2;
        let is_odd = values.len() % 2 == 1;
        let median =
            if is_odd { values[middle] } else { (values[middle - 1] + values[middle]) / 2.0 };
        Self { median, min, max }
    }
}

impl Row {
    /// Unexpected answers and lost connections of the subject, over all pairs.
    #[must_use]
    pub fn trouble(&self) -> u64 {
        self.pairs.iter().map(|pair| pair.subject.unexpected + pair.subject.lost).sum()
    }
}

/// Writes the results into `bench/results`, by date and processor.
///
/// # Errors
/// When the folder cannot be written to.
pub fn write(results: &Results) -> Result<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("results");
    fs::create_dir_all(&folder).with_context(|| "bench/results cannot be made".to_owned())?;
    let name = format!("{}-{}", results.date, results.machine.slug());
    let names = (1..).map(|number| match number {
        1 => format!("{name}.json"),
        number => format!("{name}-{number}.json"),
    });
    let path = names.map(|name| folder.join(name)).find(|path| !path.exists());
    let path = path.expect("among endless names one is free");
    let json = serde_json::to_string_pretty(results).expect("results have only string keys");
    fs::write(&path, json + "\n").with_context(|| format!("{} not written", path.display()))?;
    Ok(path)
}

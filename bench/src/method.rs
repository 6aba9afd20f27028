//! How a figure is made: in pairs, one after the other, and compared pair by pair.
//!
//! Owns: the order of measurements and the arithmetic. Never: drops a measurement.
//! Invariants: A B A B; a ratio is made of two neighbours in time, never of two medians.

use crate::results::{Card, Measured, Pair, Row, Spread};
use anyhow::Result;
use crowd::Loopback;
use crowd::load::{Pace, Plan, Report};

/// What is said in the results file about how the figures were made.
pub const METHOD: &str = "One machine carries the load generator (one thread), the do-nothing \
    server and the subject, each server a process of its own, connections kept alive over \
    loopback. Each row alternates between the do-nothing server and the subject, with the same \
    requests, connections and pace; ratios are made pair by pair; values are the median with least \
    and most over the pairs. A fifth of each measurement's time is sent before as a warm-up. \
    Closed: each connection sends its next request when the one before is answered. Open: requests \
    are due at a fixed rate, and latency counts from when they were due.";

/// What is compared with the do-nothing server.
pub trait Subject {
    /// What it is.
    fn card(&self) -> Card;

    /// Entries in one request; 0 where a request is none.
    fn entries_per_request(&self) -> u64 {
        1
    }

    /// Measures the do-nothing server at `address` with the subject's requests.
    ///
    /// # Errors
    /// When it cannot be measured.
    fn measure_do_nothing(&mut self, address: Loopback, plan: &Plan) -> Result<Report>;

    /// Measures the subject.
    ///
    /// # Errors
    /// When it cannot be measured.
    fn measure(&mut self, plan: &Plan) -> Result<Report>;
}

/// Measures `pairs` pairs.
///
/// # Errors
/// When either side cannot be measured.
pub fn compare(
    subject: &mut dyn Subject,
    do_nothing: Loopback,
    plan: &Plan,
    pairs: u32,
) -> Result<Row> {
    let mut measured = Vec::with_capacity(pairs as usize);
    for _ in 0..pairs {
        let do_nothing = measured_of(&subject.measure_do_nothing(do_nothing, plan)?);
        let subject = measured_of(&subject.measure(plan)?);
        measured.push(Pair { do_nothing, subject });
    }
    Ok(row(subject, plan, measured))
}

fn row(subject: &dyn Subject, plan: &Plan, pairs: Vec<Pair>) -> Row {
    let spread = |value: &dyn Fn(&Pair) -> f64| Spread::of(pairs.iter().map(value));
    let (pace, due_per_second) = match plan.pace {
        Pace::Closed => ("closed", None),
        Pace::Open { per_second } => ("open", Some(per_second)),
    };
    let p99 = |measured: &Measured| measured.latency.p99_nanos as f64;
    Row {
        card: subject.card(),
        pace,
        due_per_second,
        connections: plan.connections,
        seconds: plan.duration.as_secs_f64(),
        entries_per_request: subject.entries_per_request(),
        ratio: spread(&|pair| over(pair.subject.per_second, pair.do_nothing.per_second)),
        per_second: spread(&|pair| pair.subject.per_second),
        p50_micros: spread(&|pair| pair.subject.latency.p50_nanos as f64 / 1e3),
        p99_micros: spread(&|pair| p99(&pair.subject) / 1e3),
        p99_ratio: spread(&|pair| over(p99(&pair.subject), p99(&pair.do_nothing))),
        pairs,
    }
}

fn over(subject: f64, do_nothing: f64) -> f64 {
    if do_nothing > 0.0 { subject / do_nothing } else { 0.0 }
}

fn measured_of(report: &Report) -> Measured {
    Measured {
        per_second: report.per_second(),
        unexpected: report.unexpected,
        lost: report.lost,
        generator_nanos: report.cpu_nanos_per_request,
        latency: report.latency.summary(),
    }
}

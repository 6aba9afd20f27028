//! Single durable entries: parsed, checked, keyed, sealed, ordered, synced, decided, answered.

use super::HttpSubject;
use crate::requests::{Entries, Expected};
use crate::results::{Card, Row};
use crate::session::Session;
use crate::table::count;
use crate::tidegate::{MEASURED, Tidegate};
use anyhow::Result;
use crowd::load::Plan;

const CARD: Card = Card {
    scenario: "entries",
    subject: "tidegate",
    state_machine: "window, two unique fields, stock of one pool; durable before the answer",
    payload: "name, resident identity number, phone, one choice: about 330 bytes with its head; \
        a booking with receipt and pickup code",
    left_out: "TLS; more than one pool: every entry wants the same one, the worst case of others",
};

/// Measures entries in closed loops, and in an open loop at 70 % of the best of them.
///
/// # Errors
/// When tidegate cannot be started or refuses.
pub fn run(session: &mut Session) -> Result<()> {
    let tidegate = Tidegate::start(session, "entries")?;
    tidegate.open(MEASURED)?;
    let entries = Entries::new(MEASURED.code, tidegate.address, 0);
    let mut subject = HttpSubject::new(CARD, tidegate.address, entries, Expected::status(201), 1);
    let connections: &[usize] = if session.quick { &[1, 256] } else { &[1, 64, 256, 1_024] };
    let mut peak = 0.0_f64;
    for connections in connections {
        let plan = session.closed(*connections);
        let row = session.row(&mut subject, &plan)?;
        peak = peak.max(row.per_second.median);
        match *connections {
            1 => judge_latency(session, &row),
            256 => judge_ratio(session, &row, 0.85),
            1_024 => judge_ratio(session, &row, 0.95),
            _ => {}
        }
    }
    let due = (peak * 0.7).clamp(1.0, 1_000_000.0) as u32;
    let plan = Plan::open(256, due, session.duration);
    let row = session.row(&mut subject, &plan)?;
    let found = format!("{:.2} ×, {} µs", row.p99_ratio.median, count(row.p99_micros.median));
    let reached = row.p99_ratio.median < 3.0;
    let wanted = "p99 at 70 % of the peak, open loop, below 3 × the do-nothing server's";
    session.target(wanted, found, reached);
    tidegate.stop()
}

fn judge_ratio(session: &mut Session, row: &Row, least: f64) {
    let wanted = format!("entries ≥ {least} × do-nothing at {} connections", row.connections);
    let found = format!("{:.2} ×", row.ratio.median);
    session.target(&wanted, found, least <= row.ratio.median);
}

/// One connection waits for one sync and one request; nothing overlaps.
fn judge_latency(session: &mut Session, row: &Row) {
    let bare = row.pairs.iter().map(|pair| pair.do_nothing.latency.p50_nanos as f64 / 1e3);
    let bare = crate::results::Spread::of(bare).median;
    let most = 1.5 * session.sync_p50_micros() + bare;
    let median = row.p50_micros.median;
    let found = format!("{} µs, allowed {} µs", count(median), count(most));
    let wanted = "latency at 1 connection ≤ 1.5 × one sync and a bare request";
    session.target(wanted, found, median <= most);
}

//! Ten times as many clients as keep the program busy: those it has no room for are told so at
//! once, and its memory and its queue stay as they are. How much it answers meanwhile is a figure
//! for `cargo xtask kill --overload`, not for a test.

use crate::support::program;
use std::time::Duration;
use trial::overload::{Overload, run};
use trial::site::{Site, Sizes};

/// One address gets half of them.
const CONNECTIONS_MAX: usize = 64;
/// The table of entries doubles now and then, and what allocators keep: far below what 320
/// connections with a request each would take were they all let in without bound.
const GROWN_BYTES_MAX: u64 = 64 << 20;

#[test]
fn what_is_too_much_is_turned_away_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let sizes = Sizes { connections_max: CONNECTIONS_MAX, ..Sizes::default() };
    let site = Site::new(program(), folder.path(), sizes, None).unwrap();
    let overload = Overload {
        seed: 19,
        connections: CONNECTIONS_MAX / 2,
        times: 10,
        turns: 1,
        duration: Duration::from_secs(3),
    };
    let report = run(&site, overload).unwrap();
    println!("{report}");
    assert!(report.entries.0 < report.entries.1, "those who are in are served: {report}");
    let others = CONNECTIONS_MAX as u64 / 2 * 9;
    assert!(others <= report.turned_away + report.lost, "the others are told: {report}");
    assert_eq!(report.without_time, 0, "and when to come again: {report}");
    assert!(report.queue_max <= CONNECTIONS_MAX as u64, "one request a connection: {report}");
    assert!(report.grown_bytes() < GROWN_BYTES_MAX, "memory: {report}");
}

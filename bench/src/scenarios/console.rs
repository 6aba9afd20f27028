//! Entries while a hundred people watch: what the console's open pages cost.

use super::HttpSubject;
use crate::method::Subject;
use crate::requests::{Entries, Expected};
use crate::results::{Card, Spread};
use crate::session::Session;
use crate::table::count;
use crate::tidegate::{MEASURED, Tidegate};
use crate::watchers::Watchers;
use anyhow::{Context, Result};
use crowd::load::Report;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::thread;

const CARD: Card = Card {
    scenario: "console",
    subject: "tidegate",
    state_machine: "as in `entries`, in a campaign with 401 outlets",
    payload: "as in `entries`",
    left_out: "TLS; the browsers that draw what they are sent",
};

/// Pages that are open.
const PAGES: usize = 100;
/// Outlets beside the one that everybody wants: their rows are drawn in the heat table.
const OUTLETS: usize = 400;

/// One measurement, and what it took of the node.
struct Taken {
    report: Report,
    /// Processor time of the node for one answer, in nanoseconds.
    nanos: f64,
}

/// Measures entries without pages, with pages, and without them again: the first and the third
/// tell the noise that the second is held against.
///
/// Judged is the node's own processor time for an entry: a hundred readers on the same two cores
/// take their part of the rate, and are no cost of the engine's.
///
/// # Errors
/// When tidegate cannot be started or refuses.
pub fn run(session: &mut Session) -> Result<()> {
    let tidegate = Tidegate::start(session, "console")?;
    tidegate.open_file(&city(session)?, MEASURED.code)?;
    let entries = Entries::new(MEASURED.code, tidegate.address, 0);
    let mut subject = HttpSubject::new(CARD, tidegate.address, entries, Expected::status(201), 1);
    let plan = session.closed(256);
    let seconds = (plan.warm_up + plan.duration).as_secs_f64();
    let viewer = tidegate.viewer()?;

    let idle = || {
        let before = tidegate.processor_time()?;
        thread::sleep(plan.duration);
        let taken = tidegate.processor_time()? - before;
        anyhow::Ok(taken.as_secs_f64() / plan.duration.as_secs_f64())
    };
    let alone = idle()?;
    let watchers = Watchers::open(viewer, MEASURED.code, PAGES)?;
    let watched = idle()?;
    watchers.close()?;

    let mut measure = || {
        let before = tidegate.processor_time()?;
        let report = subject.measure(&plan)?;
        let taken = tidegate.processor_time()? - before;
        anyhow::Ok(Taken { nanos: taken.as_nanos() as f64 / report.answered as f64, report })
    };
    let (mut noise, mut costs, mut rates, mut tails, mut bytes) =
        (vec![], vec![], vec![], vec![], vec![]);
    for _ in 0..session.pairs() {
        let before = measure()?;
        let watchers = Watchers::open(viewer, MEASURED.code, PAGES)?;
        let watched = measure()?;
        bytes.push(watchers.close()? as f64 / seconds / PAGES as f64);
        let after = measure()?;
        let compared = |of: fn(&Taken) -> f64| of(&watched) * 2.0 / (of(&before) + of(&after));
        noise.push((after.nanos / before.nanos - 1.0).abs());
        costs.push(compared(|taken| taken.nanos));
        rates.push(compared(|taken| taken.report.per_second()));
        tails.push(compared(|taken| taken.report.latency.summary().p99_nanos as f64));
    }
    let noise = Spread::of(noise.into_iter());
    let cost = Spread::of(costs.into_iter());
    let percent = "% of that without";
    let median = |values: Vec<f64>| Spread::of(values.into_iter()).median;
    for (what, value, unit) in [
        (format!("processor time of an entry with {PAGES} pages"), cost.median * 100.0, percent),
        (format!("rate with {PAGES} pages and their readers"), median(rates) * 100.0, percent),
        (format!("p99 with {PAGES} pages and their readers"), median(tails) * 100.0, percent),
        ("processor time without pages and entries".to_owned(), alone * 1e3, "ms/s"),
        (format!("processor time with {PAGES} pages, no entries"), watched * 1e3, "ms/s"),
        ("news for one page".to_owned(), median(bytes), "bytes/s"),
    ] {
        session.figure("console", what, value, unit);
    }
    let found = format!(
        "{:.3} × ({:.3}–{:.3}) the processor time of an entry, noise {} % (at most {} %)",
        cost.median,
        cost.min,
        cost.max,
        count(noise.median * 100.0),
        count(noise.max * 100.0)
    );
    let wanted = format!("{PAGES} open pages of the console cost less than the noise");
    // The usual noise: the largest of a few would let almost anything through.
    session.target(&wanted, found, cost.median <= 1.0 + noise.median);
    tidegate.stop()
}

/// The measured campaign with the outlets of a city.
fn city(session: &Session) -> Result<PathBuf> {
    let mut text = MEASURED.text()?;
    for number in 0..OUTLETS {
        let district = number / 20;
        write!(
            text,
            r#"
[[outlet]]
code = "shop-{number}"
name = {{ en = "Shop {number}" }}
district = {{ en = "District {district}" }}
address = {{ en = "{number} Nowhere Road" }}
[[stock]]
outlet = "shop-{number}"
item = "mask"
slot = "day"
units = 1000
"#
        )
        .expect("writing to a string cannot fail");
    }
    let file = session.folder.path().join("city.toml");
    std::fs::write(&file, text).with_context(|| format!("{} not written", file.display()))?;
    Ok(file)
}

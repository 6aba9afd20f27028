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

/// Measures entries without pages, with pages, and without them again: the first and the third
/// tell the noise that the second is held against.
///
/// # Errors
/// When tidegate cannot be started or refuses.
pub fn run(session: &mut Session) -> Result<()> {
    let tidegate = Tidegate::start(session, "console")?;
    tidegate.open_file(&city(session)?, MEASURED.code)?;
    let entries = Entries::new(MEASURED.code, tidegate.address, 0);
    let mut subject = HttpSubject::new(CARD, tidegate.address, entries, Expected::status(201), 1);
    let plan = session.closed(256);
    let viewer = tidegate.viewer()?;

    let (mut noise, mut rates, mut tails, mut bytes) = (vec![], vec![], vec![], vec![]);
    for _ in 0..session.pairs() {
        let before = subject.measure(&plan)?;
        let watchers = Watchers::open(viewer, MEASURED.code, PAGES)?;
        let watched = subject.measure(&plan)?;
        let seconds = plan.warm_up + plan.duration;
        bytes.push(watchers.close()? as f64 / seconds.as_secs_f64() / PAGES as f64);
        let after = subject.measure(&plan)?;
        let (first, last) = (before.per_second(), after.per_second());
        noise.push((last / first - 1.0).abs());
        rates.push(watched.per_second() * 2.0 / (first + last));
        tails.push(p99(&watched) * 2.0 / (p99(&before) + p99(&after)));
    }
    let noise = Spread::of(noise.into_iter());
    let rate = Spread::of(rates.into_iter());
    let tail = Spread::of(tails.into_iter());
    let bytes = Spread::of(bytes.into_iter());
    let percent = "% of that without";
    session.figure("console", format!("rate with {PAGES} pages"), rate.median * 100.0, percent);
    session.figure("console", format!("p99 with {PAGES} pages"), tail.median * 100.0, percent);
    session.figure("console", "news for one page".to_owned(), bytes.median, "bytes/s");
    let found = format!(
        "{:.3} × ({:.3}–{:.3}), noise {} % (at most {} %)",
        rate.median,
        rate.min,
        rate.max,
        count(noise.median * 100.0),
        count(noise.max * 100.0)
    );
    let wanted = format!("{PAGES} open pages of the console cost less than the noise");
    // The usual noise: the largest of a few would let almost anything through.
    session.target(&wanted, found, 1.0 - noise.median <= rate.median);
    tidegate.stop()
}

fn p99(report: &Report) -> f64 {
    report.latency.summary().p99_nanos as f64
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

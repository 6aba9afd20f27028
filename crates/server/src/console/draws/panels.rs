//! The parts of the view for the hall.
//!
//! Owns: what the hall reads at each stage, and in which order: what matters now stands first.
//! Never: gathers anything; tells of a winner before the publication, for which nothing but what
//! is published is here to be told.

use super::DrawScene;
use super::facts::Facts;
use super::form::due;
use super::parts::{WorkView, doubts, when, work};
use super::tables::{CutoffRow, OutletRow, Span};
use crate::console::page::grouped;
use crate::console::view::html;
use crate::language::Language;
use crate::moment;
use crate::texts::DrawTexts;
use askama::Template;
use draw::Digest;
use draw::beacon::Chain;
use draw::seal::Holder;
use ledger::Stage;
use std::fmt::Write as _;

#[derive(Template)]
#[template(path = "console/draw/part/clock.html")]
struct ClockPart<'a> {
    t: &'a DrawTexts,
    day: String,
    time: String,
    /// With its offset, for the script.
    said: String,
    zone: &'a str,
}

#[derive(Template)]
#[template(path = "console/draw/part/now.html")]
struct NowPart<'a> {
    t: &'a DrawTexts,
    words: String,
    is_void: bool,
    work: Option<WorkView>,
    /// Why nobody should trust the draw.
    doubts: Vec<String>,
}

#[derive(Template)]
#[template(path = "console/draw/part/panels.html")]
struct PanelsPart {
    panels: Vec<Panel>,
}

/// A panel for the hall.
struct Panel {
    title: String,
    lines: Vec<Line>,
}

/// A line of a panel.
enum Line {
    /// A number or a name that the back row reads.
    Big {
        label: String,
        text: String,
    },
    /// Digits in groups of four.
    Digits {
        label: String,
        digits: String,
        is_large: bool,
    },
    /// What became of something, in words.
    Said {
        text: String,
        is_good: bool,
    },
    Balls {
        balls: Vec<String>,
    },
    /// A time, and how long it is until then.
    Due {
        label: String,
        text: String,
        at: String,
        left: String,
        days: String,
        passed: String,
    },
}

#[derive(Template)]
#[template(path = "console/draw/part/winners.html")]
struct WinnersPart<'a> {
    t: &'a DrawTexts,
    outlets: Vec<OutletView>,
}

#[derive(Template)]
#[template(path = "console/draw/part/cutoffs.html")]
struct CutoffsPart<'a> {
    t: &'a DrawTexts,
    cutoffs: Vec<CutoffView>,
    more: Option<String>,
    has_alternates: bool,
}

struct OutletView {
    name: String,
    code: String,
    winners: String,
    units: String,
}

struct CutoffView {
    bucket: String,
    first: Vec<SpanView>,
    /// Of the second pass, where it closed on its way: else nothing is to be said of it.
    second: Vec<SpanView>,
}

struct SpanView {
    /// For how many units, where that matters.
    needs: Option<String>,
    words: String,
    is_digits: bool,
}

/// The parts of the view for the hall.
pub(in crate::console) fn hall_parts(
    scene: &DrawScene,
    language: Language,
) -> Vec<(&'static str, String)> {
    let t = &language.texts().console.draw;
    let (first, rest) = panels(scene, language);
    vec![
        ("hall-clock", html(&clock(scene, language))),
        ("hall-now", html(&now(scene, t))),
        ("hall-first", html(&PanelsPart { panels: first })),
        ("hall-winners", html(&winners(scene, language))),
        ("hall-rest", html(&PanelsPart { panels: rest })),
        ("hall-cutoffs", html(&cutoffs(scene, language))),
    ]
}

fn clock(scene: &DrawScene, language: Language) -> ClockPart<'_> {
    let calendar = &scene.view.definition.calendar;
    ClockPart {
        t: &language.texts().console.draw,
        day: moment::plain_day(calendar.day(scene.now), language),
        time: moment::clock(calendar, scene.now),
        said: moment::rfc3339(calendar, scene.now),
        zone: &calendar.zone,
    }
}

fn now(scene: &DrawScene, t: &'static DrawTexts) -> NowPart<'static> {
    let (facts, hall) = (&scene.facts, &t.hall);
    let seal = facts.history.as_ref().map(|history| &history.seal);
    let words = match facts.draw.stage {
        Stage::Closed => &hall.closed,
        Stage::Sealed if seal.is_some_and(|seal| seal.balls.is_some()) => &hall.sealed,
        Stage::Sealed => &hall.sealed_plain,
        Stage::Opened if seal.is_some_and(|seal| seal.drand.is_some()) => &hall.opened,
        Stage::Opened => &hall.opened_plain,
        Stage::Seeded => &hall.seeded,
        Stage::Drawn if facts.draw.was_published => &hall.alternates,
        Stage::Drawn => &hall.drawn,
        Stage::Published => &hall.published,
        Stage::Resumed => &hall.resumed,
        Stage::Void => &hall.void,
    };
    NowPart {
        t,
        words: words.to_string(),
        is_void: facts.draw.stage == Stage::Void,
        work: work(scene, t),
        doubts: doubts(scene, t),
    }
}

/// The panels that matter now, and the others below them.
fn panels(scene: &DrawScene, language: Language) -> (Vec<Panel>, Vec<Panel>) {
    let (facts, t) = (&scene.facts, &language.texts().console.draw);
    let list = list_panel(facts, t);
    let Some(history) = &facts.history else { return (vec![list], Vec::new()) };
    let (balls, beacon) = (balls(facts, t), beacon(scene, language));
    let secrets = [Holder::Operator, Holder::Notary].map(|holder| secret(facts, holder, t));
    let [operator, notary] = secrets;
    let seed = seed(facts, t);
    match facts.draw.stage {
        Stage::Closed | Stage::Sealed => (vec![list], vec![beacon, balls, operator, notary]),
        // Without a beacon the balls come last.
        Stage::Opened if history.seal.drand.is_some() => {
            (vec![beacon, balls], vec![operator, notary, list])
        }
        Stage::Opened => (vec![balls, operator, notary], vec![list]),
        Stage::Seeded => (vec![seed], vec![beacon, balls, operator, notary, list]),
        Stage::Void => {
            let why = facts.void().map(str::to_owned);
            let line = |text| Line::Big { label: t.hall.reason.to_string(), text };
            let lines = why.map(line).into_iter().collect();
            let void = Panel { title: t.stage.void.to_string(), lines };
            (vec![void], vec![list, beacon, balls, operator, notary])
        }
        Stage::Drawn | Stage::Published | Stage::Resumed => match result(facts, t) {
            Some(result) => (vec![result], vec![seed, beacon, balls, operator, notary, list]),
            None => (vec![seed], vec![beacon, balls, operator, notary, list]),
        },
    }
}

fn digits(label: &str, digest: Digest, is_large: bool) -> Line {
    let digits = digest.fingerprint().to_string();
    Line::Digits { label: label.to_owned(), digits, is_large }
}

fn list_panel(facts: &Facts, t: &DrawTexts) -> Panel {
    let entries = grouped(facts.draw.entries.into());
    let mut lines = vec![Line::Big { label: t.hall.entries.to_string(), text: entries }];
    if let (Some(digest), Some(history)) = (facts.event("seal"), &facts.history) {
        lines.push(digits(&t.hall.seal, Digest(digest.0), true));
        lines.push(digits(&t.hall.file, history.seal.list, false));
        lines.push(digits(&t.hall.root, history.seal.root, false));
    }
    let stage = if facts.draw.is_sealed() { &t.stage.sealed } else { &t.stage.closed };
    Panel { title: stage.to_string(), lines }
}

fn secret(facts: &Facts, holder: Holder, t: &DrawTexts) -> Panel {
    let title = match holder {
        Holder::Operator => &t.hall.operator,
        Holder::Notary => &t.hall.notary,
    };
    let history = facts.history.as_ref().expect("a sealed draw has its log");
    let committed = digits(&t.hall.commitment, history.seal.commitment(holder), false);
    let opened = facts.opened().map(|opened| match holder {
        Holder::Operator => &opened.operator,
        Holder::Notary => &opened.notary,
    });
    let lines = match opened {
        // It was looked at when it was opened, and the log is read with that look again.
        Some(secret) => vec![
            Line::Said { text: t.hall.opens.to_string(), is_good: true },
            digits("", Digest(*secret.0), false),
            committed,
        ],
        None => {
            let text = t.hall.closed_envelope.to_string();
            vec![Line::Said { text, is_good: false }, committed]
        }
    };
    Panel { title: title.to_string(), lines }
}

fn balls(facts: &Facts, t: &DrawTexts) -> Panel {
    let history = facts.history.as_ref().expect("a sealed draw has its log");
    let said = |text: &str| Line::Said { text: text.to_owned(), is_good: false };
    let lines = match (&history.seal.balls, facts.opened()) {
        (None, _) => vec![said(&t.hall.no_balls)],
        (Some(words), None) => vec![said(&t.hall.balls_wait), said(words.as_str())],
        (Some(words), Some(opened)) => {
            let drawn = opened.balls.as_ref().map(ToString::to_string).unwrap_or_default();
            let balls = drawn.split(' ').map(str::to_owned).collect();
            vec![Line::Balls { balls }, said(words.as_str())]
        }
    };
    Panel { title: t.hall.balls.to_string(), lines }
}

fn beacon(scene: &DrawScene, language: Language) -> Panel {
    let (facts, t) = (&scene.facts, &language.texts().console.draw.hall);
    let title = t.beacon.to_string();
    let history = facts.history.as_ref().expect("a sealed draw has its log");
    let Some(fixed) = history.seal.drand else {
        let text = t.no_beacon.to_string();
        return Panel { title, lines: vec![Line::Said { text, is_good: false }] };
    };
    let chain = Chain::find(fixed.chain);
    let name = chain.map_or(&*t.other_chain, |chain| chain.name);
    let text = t.round.with(name, fixed.round);
    let mut lines = vec![Line::Big { label: String::new(), text }];
    let calendar = &scene.view.definition.calendar;
    if let Some(at) = chain.and_then(|chain| due(chain, fixed.round)) {
        let is_said = facts.said().is_some();
        lines.push(Line::Due {
            label: t.due.to_string(),
            text: format!("{} ({})", when(calendar, at, language), calendar.zone),
            // Once it came nobody waits for it.
            at: if is_said { String::new() } else { moment::rfc3339(calendar, at) },
            left: t.left.to_string(),
            days: t.days.with("{days}"),
            passed: t.passed.to_string(),
        });
    }
    if facts.said().is_some() {
        lines.insert(0, Line::Said { text: t.said.to_string(), is_good: true });
    }
    Panel { title, lines }
}

fn seed(facts: &Facts, t: &DrawTexts) -> Panel {
    let line = match facts.seed() {
        Some(seed) => digits("sha256sum seed.txt", seed, true),
        None => Line::Said { text: t.hall.seed_wait.to_string(), is_good: false },
    };
    Panel { title: t.hall.seed.to_string(), lines: vec![line] }
}

/// The result, once everybody may know it.
fn result(facts: &Facts, t: &DrawTexts) -> Option<Panel> {
    let (tables, digest) = (facts.tables.as_ref()?, facts.event("result")?);
    let t = &t.hall;
    let lines = vec![
        Line::Big { label: String::new(), text: grouped(tables.winners) },
        digits(&t.booked.result, Digest(digest.0), true),
    ];
    Some(Panel { title: t.booked.winners.to_string(), lines })
}

fn winners(scene: &DrawScene, language: Language) -> WinnersPart<'static> {
    let definition = &scene.view.definition;
    let outlet = |row: &OutletRow| {
        let outlet = &definition.outlets[row.outlet.index()];
        OutletView {
            name: language.local(definition, &outlet.name).to_owned(),
            code: outlet.code.clone(),
            winners: grouped(row.winners),
            units: grouped(row.units),
        }
    };
    let rows = scene.facts.tables.as_ref().map(|tables| &tables.outlets);
    let outlets = rows.into_iter().flatten().map(outlet).collect();
    WinnersPart { t: &language.texts().console.draw, outlets }
}

fn cutoffs(scene: &DrawScene, language: Language) -> CutoffsPart<'static> {
    let t = &language.texts().console.draw;
    let row = |row: &CutoffRow| CutoffView {
        bucket: row.bucket.clone(),
        first: spans(&row.passes[0], t),
        second: spans(&row.passes[1], t).into_iter().filter(|span| span.is_digits).collect(),
    };
    let tables = scene.facts.tables.as_ref();
    let more = tables.map_or(0, |tables| tables.more);
    CutoffsPart {
        t,
        cutoffs: tables.into_iter().flat_map(|tables| &tables.cutoffs).map(row).collect(),
        more: (0 < more).then(|| t.hall.booked.more.with(grouped(more as u64))),
        has_alternates: tables.is_some_and(|tables| tables.has_alternates),
    }
}

/// A number of the draw as the page that checks shows it: between 0 and 1, cut off and not rounded.
fn decimal(number: Digest) -> String {
    let mut rest = number.0;
    let mut text = "0.".to_owned();
    for _ in 0..6 {
        let mut carry = 0;
        for byte in rest.iter_mut().rev() {
            let tenfold = u16::from(*byte) * 10 + carry;
            (*byte, carry) = (tenfold as u8, tenfold >> 8);
        }
        write!(text, "{carry}").expect("strings take writes");
    }
    text
}

fn spans(spans: &[Span], t: &DrawTexts) -> Vec<SpanView> {
    let t = &t.hall.booked;
    let view = |span: &Span| SpanView {
        needs: (1 < spans.len()).then(|| match span.units {
            (fewest, most) if fewest == most => t.needs.with(fewest),
            (fewest, most) => t.needs.with(format!("{fewest}\u{2060}–\u{2060}{most}")),
        }),
        words: match span.cutoff {
            None => t.never.to_string(),
            Some(Digest::ZERO) => t.before.to_string(),
            Some(cutoff) => decimal(cutoff),
        },
        is_digits: span.cutoff.is_some_and(|cutoff| cutoff != Digest::ZERO),
    };
    spans.iter().map(view).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cut_offs_read_as_on_the_page_that_checks() {
        let number = |first: [u8; 4], last: u8| {
            let mut digest = [last; 32];
            digest[..4].copy_from_slice(&first);
            decimal(Digest(digest))
        };
        assert_eq!(number([0x80, 0, 0, 0], 0), "0.500000");
        assert_eq!(number([0x7f, 0xff, 0xff, 0xff], 0xff), "0.499999");
        assert_eq!(number([0x79, 0x4c, 0xfc, 0xf3], 0), "0.473830");
        assert_eq!(number([0xff; 4], 0xff), "0.999999");
    }
}

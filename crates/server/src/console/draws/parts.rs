//! The parts of a draw's page that change by themselves: its steps, the one at work, the next one.
//!
//! Owns: what each says at each stage. Never: gathers anything.

use super::DrawScene;
use super::address;
use super::kind::Kind;
use super::list::{StageView, slot_name, stage};
use crate::console::page::grouped;
use crate::console::view::html;
use crate::draws::Progress;
use crate::language::Language;
use crate::moment;
use crate::operator::draws::is_rehearsal;
use crate::texts::{ConsoleTexts, DrawTexts};
use askama::Template;
use draw::Digest;
use ledger::Stage;
use types::{Calendar, Millis};

#[derive(Template)]
#[template(path = "console/draw/part/steps.html")]
struct StepsPart<'a> {
    t: &'a DrawTexts,
    stage: StageView,
    slot: Option<String>,
    rows: Vec<StepRow>,
    /// What has to be known of the draw as a whole.
    notes: Vec<String>,
}

/// A step, done or not.
struct StepRow {
    word: String,
    is_done: bool,
    is_next: bool,
    when: String,
    by: String,
    more: String,
    digits: String,
}

#[derive(Template)]
#[template(path = "console/draw/part/work.html")]
struct WorkPart<'a> {
    t: &'a DrawTexts,
    work: Option<WorkView>,
}

/// How far a step is.
pub(super) struct WorkView {
    pub(super) word: String,
    /// None until it tells.
    pub(super) percent: Option<u64>,
}

#[derive(Template)]
#[template(path = "console/draw/part/next.html")]
struct NextPart<'a> {
    t: &'a DrawTexts,
    next: Option<Link>,
    others: Vec<Link>,
    note: Option<String>,
}

struct Link {
    href: String,
    title: String,
}

/// A moment for the hall: to the second, in the campaign's zone.
pub(super) fn when(calendar: &Calendar, at: Millis, language: Language) -> String {
    let day = moment::plain_day(calendar.day(at), language);
    let t = &language.texts().console.draw.hall;
    t.all_time.with(day, moment::clock(calendar, at))
}

/// The parts of a draw's page.
pub(in crate::console) fn page_parts(
    scene: &DrawScene,
    language: Language,
) -> Vec<(&'static str, String)> {
    let t = &language.texts().console;
    vec![
        ("draw-steps", html(&steps(scene, language))),
        ("draw-work", html(&WorkPart { t: &t.draw, work: work(scene, &t.draw) })),
        ("draw-next", html(&next(scene, t))),
    ]
}

pub(super) fn work(scene: &DrawScene, t: &DrawTexts) -> Option<WorkView> {
    if !scene.is_at_work {
        return None;
    }
    let t = &t.work;
    let word = match scene.progress.map(|progress| progress.doing) {
        Some("listing") => &t.listing,
        Some("reading") => &t.reading,
        Some("checking") => &t.checking,
        Some("sorting") => &t.sorting,
        Some("comparing") => &t.comparing,
        Some("drawing") => &t.drawing,
        Some("awarding") => &t.awarding,
        _ => &t.other,
    };
    let percent = |Progress { done, of, .. }: Progress| (done * 100).checked_div(of);
    let percent = scene.progress.and_then(percent).map(|percent| percent.min(100));
    Some(WorkView { word: word.to_string(), percent })
}

fn next(scene: &DrawScene, t: &'static ConsoleTexts) -> NextPart<'static> {
    let (facts, code) = (&scene.facts, &scene.view.definition.code);
    let page = address(code, facts.folder.no);
    let t = &t.draw;
    let has_beacon = facts.history.as_ref().is_some_and(|history| history.seal.drand.is_some());
    let link = |kind: Kind| {
        let [title, ..] = kind.texts(t, has_beacon);
        let href = format!("{page}/do/{}", kind.word());
        Link { href, title: title.to_owned() }
    };
    let nothing =
        |note: &str| NextPart { t, next: None, others: Vec::new(), note: Some(note.to_owned()) };
    if !facts.is_latest {
        return nothing(&t.page.earlier);
    }
    if scene.is_at_work {
        return nothing(&t.page.wait);
    }
    let next = Kind::next(&facts.draw);
    let others = Kind::ALL.into_iter().filter(|kind| facts.offers(*kind));
    let others = others.filter(|kind| Some(*kind) != next).map(link);
    let is_cut = facts.draw.stage == Stage::Drawn && facts.draw.awarded < facts.draw.winners;
    let list = format!("/console/c/{code}/draws");
    let another = Link { href: list, title: t.page.another.to_string() };
    NextPart {
        t,
        others: others.chain(next.is_none().then_some(another)).collect(),
        next: next.map(link),
        note: match next {
            None if facts.lacks_void() => Some(t.page.void_cut_off.to_string()),
            None => Some(t.page.nothing.to_string()),
            Some(_) if is_cut => Some(t.page.awarding.to_string()),
            Some(_) => None,
        },
    }
}

fn steps(scene: &DrawScene, language: Language) -> StepsPart<'static> {
    let (facts, t) = (&scene.facts, &language.texts().console.draw);
    let calendar = &scene.view.definition.calendar;
    let is_void = facts.draw.stage == Stage::Void;
    let next = Kind::next(&facts.draw).filter(|_| facts.is_latest);
    let blank = |word: &str| StepRow {
        word: word.to_owned(),
        is_done: false,
        is_next: false,
        when: String::new(),
        by: String::new(),
        more: String::new(),
        digits: String::new(),
    };
    let recorded = |what: &str, row: StepRow| match facts.record(what) {
        Some(record) => StepRow {
            when: when(calendar, record.at, language),
            by: t.page.by.with(&record.by),
            ..row
        },
        None => row,
    };
    let entries = t.page.entries.with(grouped(facts.draw.entries.into()));
    let at = when(calendar, facts.draw.at, language);
    let mut rows = vec![StepRow { is_done: true, when: at, more: entries, ..blank(&t.page.list) }];
    let done = |word: &str, digest: types::ids::Sha256| {
        let digits = Digest(digest.0).fingerprint().to_string();
        recorded(&digest.to_string(), StepRow { is_done: true, digits, ..blank(word) })
    };
    let known = [
        (Kind::Seal, "seal", &t.page.seal),
        (Kind::Open, "opening", &t.page.opening),
        (Kind::Seed, "seed", &t.page.seed),
        (Kind::Run, "result", &t.page.result),
    ];
    for (kind, event, word) in known {
        match facts.event(event) {
            Some(digest) => rows.push(done(word, digest)),
            None if is_void => {}
            None => rows.push(StepRow { is_next: next == Some(kind), ..blank(word) }),
        }
    }
    let is_first = next == Some(Kind::Publish) && !facts.draw.was_published;
    let published = StepRow {
        is_done: facts.draw.was_published,
        is_next: is_first,
        ..blank(&t.page.publication)
    };
    if facts.draw.was_published {
        rows.push(recorded("publish", published));
    } else if !is_void {
        rows.push(published);
    }
    for (event, digest) in facts.events() {
        match event.word() {
            "alternates" => rows.push(done(&t.page.alternates, *digest)),
            "void" => {
                let more = facts.void().unwrap_or_default().to_owned();
                rows.push(StepRow { more, ..done(&t.page.void, *digest) });
            }
            _ => {}
        }
    }
    let slot = slot_name(&scene.view, &facts.draw, language);
    StepsPart { t, stage: stage(facts.draw.stage, &t.stage), slot, rows, notes: notes(scene, t) }
}

/// What has to be known of a draw as a whole.
fn notes(scene: &DrawScene, t: &DrawTexts) -> Vec<String> {
    let deadline = scene.facts.history.as_ref().map(|history| history.seal.deadline.seconds());
    let is_over = |seconds: i64| i64::try_from(scene.now.0 / 1_000).is_ok_and(|now| seconds <= now);
    let is_overdue = scene.facts.draw.stage < Stage::Seeded && deadline.is_some_and(is_over);
    let overdue = is_overdue.then(|| t.page.overdue.to_string());
    overdue.into_iter().chain(doubts(scene, t)).collect()
}

/// Why nobody should trust a draw.
pub(super) fn doubts(scene: &DrawScene, t: &DrawTexts) -> Vec<String> {
    let facts = &scene.facts;
    let seal = facts.history.as_ref().map(|history| &history.seal);
    let is_private = seal.is_some_and(|seal| !seal.is_publicly_verifiable());
    let is_rehearsal = seal.is_some_and(|seal| is_rehearsal(seal, facts.draw.at));
    let unread = facts.damage.is_some().then(|| t.page.unread.to_string());
    let private = is_private.then(|| t.page.private.to_string());
    let rehearsal = is_rehearsal.then(|| t.page.rehearsal.to_string());
    unread.into_iter().chain(private).chain(rehearsal).collect()
}

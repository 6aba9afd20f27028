//! The parts of the live pages, in words and pictures.
//!
//! Owns: the templates of the parts. Never: gathers anything.

use super::chart;
use super::draws::{self, StageView, stage};
use super::machine::Machine;
use super::next::{Next, next_of};
use super::page::{countdown, grouped, micros};
use super::scene::{
    CampaignScene, Cell, Columns, Heat, LATEST_MILLIS, Line, ListScene, Row, Scene,
};
use super::switches::{Switch, may_pause, offered};
use crate::language::Language;
use crate::moment::{is_same_day, plain, time_of_day};
use crate::texts::ConsoleTexts;
use askama::Template;
use ledger::Phase;
use node::CampaignView;
use types::{Millis, limits};

/// Bars of a chart of the last minutes: what a phone can show.
const BARS_MAX: usize = 60;

#[derive(Template)]
#[template(path = "console/part/campaigns.html")]
struct CampaignsPart<'a> {
    t: &'a ConsoleTexts,
    lines: Vec<LineView>,
    more: String,
    is_more: bool,
}

/// A campaign in the list.
struct LineView {
    code: String,
    title: String,
    phase: PhaseView,
    entries: String,
    next: String,
}

/// A phase's word and its mark.
pub(super) struct PhaseView {
    pub(super) kind: &'static str,
    pub(super) word: String,
}

#[derive(Template)]
#[template(path = "console/part/clock.html")]
struct ClockPart<'a> {
    t: &'a ConsoleTexts,
    phase: PhaseView,
    /// Whether results are out, or how far the latest draw is. Nothing where results are never
    /// held back.
    published: Option<PhaseView>,
    next: Option<NextView>,
}

struct NextView {
    what: String,
    left: String,
    at: String,
}

#[derive(Template)]
#[template(path = "console/part/tiles.html")]
struct TilesPart<'a> {
    t: &'a ConsoleTexts,
    entries: String,
    of_cap: Option<String>,
    a_second: String,
    /// How the entries were decided; none where lots are drawn.
    shares: Option<String>,
    booked: String,
    booked_label: &'a str,
    sold_out: String,
    cooling_down: Option<String>,
    waiting: Option<String>,
    counting: Option<String>,
    free: String,
    of_units: String,
    redeemed: String,
}

#[derive(Template)]
#[template(path = "console/part/chart.html")]
struct ChartPart<'a> {
    title: &'a str,
    words: String,
    svg: String,
    /// What the highest bar says.
    most: String,
    from: String,
    until: String,
}

/// The switches that make sense now. Who may press them is the page's to know.
#[derive(Template)]
#[template(path = "console/part/buttons.html")]
struct ButtonsPart<'a> {
    code: &'a str,
    may_pause: bool,
    switches: Vec<Switch>,
}

#[derive(Template)]
#[template(path = "console/part/heat.html")]
struct HeatPart<'a> {
    t: &'a ConsoleTexts,
    code: &'a str,
    items: Vec<String>,
    rows: Vec<RowView>,
    total: RowView,
    is_by_outlet: bool,
    more: Option<String>,
}

struct RowView {
    name: String,
    /// The outlet's code.
    code: Option<String>,
    /// Of the district, to look into it.
    district: Option<usize>,
    sum: CellView,
    cells: Vec<CellView>,
}

struct CellView {
    heat: u8,
    is_offered: bool,
    free: String,
    offered: String,
}

#[derive(Template)]
#[template(path = "console/part/machine.html")]
struct MachinePart<'a> {
    t: &'a ConsoleTexts,
    ack: Option<(String, String)>,
    sync: Option<(String, String)>,
    queue: String,
    queue_most: String,
    requests: String,
    turned_away: String,
    svg: String,
    most: String,
    words: String,
}

/// All parts of a page.
pub(super) fn render(
    scene: &Scene,
    machine: &Machine,
    language: Language,
) -> Vec<(&'static str, String)> {
    let t = &language.texts().console;
    let machine = ("machine", html(&machine_part(machine, t)));
    match scene {
        Scene::List(scene) => vec![("campaigns", html(&campaigns(scene, language))), machine],
        Scene::Campaign(scene) => vec![
            ("clock", html(&clock(scene, language))),
            ("tiles", html(&tiles(scene, t))),
            ("buttons", html(&buttons(scene, t))),
            ("heat", html(&heat_part(&scene.heat, language))),
            ("minutes", html(&minutes(scene, language))),
            ("whole", html(&whole(scene, language))),
            machine,
        ],
        Scene::Draw(scene) => draws::page_parts(scene, language),
        Scene::Hall(scene) => draws::hall_parts(scene, language),
    }
}

pub(super) fn html(part: &impl Template) -> String {
    part.render().expect("templates render from memory to memory")
}

fn campaigns(scene: &ListScene, language: Language) -> CampaignsPart<'static> {
    let t = &language.texts().console;
    let line = |line: &Line| {
        let definition = &line.view.definition;
        let next = next_of(&line.view, scene.now);
        let next =
            next.map(|next| format!("{} {}", what(next, t), when(line, next, scene, language)));
        LineView {
            code: definition.code.clone(),
            title: local(line, language),
            phase: phase(line, scene.now, t),
            entries: grouped(line.view.entries().into()),
            next: next.unwrap_or_default(),
        }
    };
    let (lines, more) = (scene.lines.iter().map(line).collect(), t.list.more.with(scene.more));
    CampaignsPart { t, lines, more, is_more: 0 < scene.more }
}

fn when(line: &Line, next: Next, scene: &ListScene, language: Language) -> String {
    plain(&line.view.definition.calendar, next.at(), scene.now, language)
}

/// A campaign's title in this language.
pub(super) fn local(line: &Line, language: Language) -> String {
    let definition = &line.view.definition;
    language.local(definition, &definition.texts.title).to_owned()
}

/// A campaign's phase in a word.
pub(super) fn phase(line: &Line, now: Millis, t: &ConsoleTexts) -> PhaseView {
    let t = &t.phase;
    if line.view.is_shredded() {
        return PhaseView { kind: "ended", word: t.shredded.to_string() };
    }
    let (kind, word) = match (line.view.phase(now), &line.waits_for) {
        (Phase::Open { .. }, Some(other)) => ("waiting", t.waiting.with(other)),
        (Phase::Open { .. }, None) => ("open", t.open.to_string()),
        (Phase::NotOpenYet { .. }, _) => ("waiting", t.not_open_yet.to_string()),
        (Phase::Paused, _) => ("paused", t.paused.to_string()),
        (Phase::CapReached, _) => ("full", t.full.to_string()),
        (Phase::Closed, _) => ("ended", t.ended.to_string()),
    };
    PhaseView { kind, word }
}

fn what(next: Next, t: &ConsoleTexts) -> &str {
    match next {
        Next::Opens(_) => &t.next.opens,
        Next::Closes(_) => &t.next.closes,
        Next::Publishes(_) => &t.next.publishes,
    }
}

fn clock(scene: &CampaignScene, language: Language) -> ClockPart<'static> {
    let t = &language.texts().console;
    let (view, now) = (&scene.line.view, scene.now);
    let next = next_of(view, now).map(|next| NextView {
        what: what(next, t).to_owned(),
        left: countdown(next.at().0.saturating_sub(now.0)),
        at: t.next.at.with(plain(&view.definition.calendar, next.at(), now, language)),
    });
    ClockPart { t, phase: phase(&scene.line, now, t), published: publication(view, now, t), next }
}

/// Whether results are out. Where lots are drawn, of the latest draw: one that draws daily is never
/// published as a whole.
fn publication(view: &CampaignView, now: Millis, t: &ConsoleTexts) -> Option<PhaseView> {
    if let Some(draw) = view.draws().last() {
        let StageView { kind, word } = stage(draw.stage, &t.draw.stage);
        let word = format!("{} {}: {word}", t.draw.list.draw, view.draws().len());
        return Some(PhaseView { kind, word });
    }
    let word = if view.is_published(now) { &t.phase.published } else { &t.phase.held_back };
    let word = PhaseView { kind: "", word: word.to_string() };
    view.definition.is_held_back().then_some(word)
}

fn buttons<'a>(scene: &'a CampaignScene, t: &ConsoleTexts) -> ButtonsPart<'a> {
    let (view, now) = (&scene.line.view, scene.now);
    ButtonsPart {
        code: &view.definition.code,
        may_pause: may_pause(view, now),
        switches: offered(view, now, t),
    }
}

fn tiles<'a>(scene: &CampaignScene, t: &'a ConsoleTexts) -> TilesPart<'a> {
    let (counts, series) = (&scene.counts, &scene.series);
    let sum = scene.heat.total.sum();
    let of = |count: u32| grouped(count.into());
    let is_whole = series.entries <= counts.counted;
    let has_cool_down = scene.line.view.definition.series.is_some();
    let draws = scene.line.view.definition.draw().is_some();
    // What a draw gave may have come back since: what is held tells, and not who ever won.
    let held = sum.offered.saturating_sub(sum.free + scene.heat.redeemed);
    TilesPart {
        t,
        entries: of(series.entries),
        of_cap: scene.line.view.marks().cap.map(|cap| t.picture.of_cap.with(of(cap))),
        // What a draw gave is told in units, and the rest in entries: they make no whole.
        shares: (!draws).then(|| {
            chart::shares(&[
                ("booked", counts.booked),
                ("cooling", counts.cooling_down),
                ("sold", counts.sold_out),
            ])
        }),
        a_second: of(series.latest / u32::try_from(LATEST_MILLIS / 1_000).expect("it is small")),
        booked: if draws { grouped(held) } else { of(counts.booked) },
        booked_label: if draws { &t.picture.held } else { &t.picture.booked },
        sold_out: of(counts.sold_out),
        cooling_down: (has_cool_down && !draws).then(|| of(counts.cooling_down)),
        waiting: draws.then(|| of(counts.waiting)),
        counting: (!is_whole)
            .then(|| t.picture.counting.with(of(counts.counted), of(series.entries))),
        free: grouped(sum.free),
        of_units: t.picture.of_units.with(grouped(sum.offered)),
        redeemed: grouped(scene.heat.redeemed),
    }
}

fn minutes(scene: &CampaignScene, language: Language) -> ChartPart<'static> {
    let title = &language.texts().console.picture.minutes;
    chart_part(scene, &scene.series.minutes, title, language)
}

fn whole(scene: &CampaignScene, language: Language) -> ChartPart<'static> {
    let t = &language.texts().console.picture;
    match &scene.series.whole {
        Some(columns) => chart_part(scene, columns, &t.whole, language),
        None => ChartPart {
            title: &t.whole,
            words: t.no_entries.to_string(),
            svg: String::new(),
            most: String::new(),
            from: String::new(),
            until: String::new(),
        },
    }
}

fn chart_part(
    scene: &CampaignScene,
    columns: &Columns,
    title: &'static str,
    language: Language,
) -> ChartPart<'static> {
    let t = &language.texts().console.picture;
    let counts = chart::gather(&columns.counts, BARS_MAX);
    let each = columns.counts.len().div_ceil(counts.len().max(1)) as u64;
    let span = columns.span_millis * each / 1_000;
    let span = if span < 120 { t.seconds.with(span) } else { t.minutes_span.with(span / 60) };
    let end = columns.from.plus(columns.span_millis * columns.counts.len() as u64);
    let calendar = &scene.line.view.definition.calendar;
    let (from, until) = (columns.from, end.min(scene.now));
    // What lies within today needs no date.
    let is_today = is_same_day(calendar, from, until) && is_same_day(calendar, until, scene.now);
    let at = |moment| match is_today {
        true => time_of_day(calendar, moment),
        false => plain(calendar, moment, scene.now, language),
    };
    let (from, until) = (at(from), at(until));
    let sum: u32 = counts.iter().sum();
    let most = counts.iter().copied().max().unwrap_or(0);
    let [sum, most] = [sum, most].map(|count| grouped(count.into()));
    let words = t.chart_text.with(sum, &from, &most, span, &until);
    ChartPart { title, words, svg: chart::bars(&counts), most, from, until }
}

fn heat_part(heat: &Heat, language: Language) -> HeatPart<'_> {
    let t = &language.texts().console;
    let definition = &heat.definition;
    let items = definition.items.iter();
    let items = items.map(|item| language.local(definition, &item.name).to_owned()).collect();
    let view = |row: &Row| {
        let outlet = &definition.outlets[row.outlet];
        let name = match row.district {
            Some(_) => language.local(definition, &outlet.district),
            None => language.local(definition, &outlet.name),
        };
        let code = row.district.is_none().then(|| outlet.code.clone());
        row_view(name.to_owned(), code, row)
    };
    let is_by_outlet = heat.rows.iter().any(|row| row.district.is_none());
    // Below the outlets of one district, the sum of all of them would be taken for theirs.
    let all = if is_by_outlet { &t.picture.all_districts } else { &t.picture.all };
    let total = row_view(all.to_string(), None, &heat.total);
    HeatPart {
        t,
        code: &definition.code,
        items,
        rows: heat.rows.iter().map(view).collect(),
        total,
        is_by_outlet,
        more: (0 < heat.more).then(|| t.picture.more.with(heat.more)),
    }
}

fn row_view(name: String, code: Option<String>, row: &Row) -> RowView {
    let cell = |cell: &Cell| CellView {
        heat: cell.heat(),
        is_offered: 0 < cell.offered,
        free: grouped(cell.free),
        offered: grouped(cell.offered),
    };
    let cells = row.cells.iter().map(cell).collect();
    RowView { name, code, district: row.district, sum: cell(&row.sum()), cells }
}

fn machine_part<'a>(machine: &Machine, t: &'a ConsoleTexts) -> MachinePart<'a> {
    let both = |(p50, p99): (u64, u64)| (micros(p50), micros(p99));
    // Ten minutes, whether the node has run for so long or not.
    let mut history = vec![0; limits::CONSOLE_SAMPLES_MAX - machine.history.len()];
    history.extend(&machine.history);
    let counts = chart::gather(&history, BARS_MAX);
    let most = machine.history.iter().copied().max().unwrap_or(0);
    MachinePart {
        t,
        ack: machine.ack_us.map(both),
        sync: machine.sync_us.map(both),
        queue: grouped(machine.queue as u64),
        queue_most: grouped(limits::QUEUE_REQUESTS_MAX as u64),
        requests: grouped(machine.requests),
        turned_away: grouped(machine.turned_away),
        svg: chart::bars(&counts),
        most: grouped(most.into()),
        words: t.machine.rate_text.with(grouped(most.into())),
    }
}

//! `/e/{receipt}`: an entry as its owner may know it now, and giving it up.
//!
//! Owns: words that are true: *registered* is never *booked*. Never: more than the ledger's
//! public view of the entry.

use super::qr::{Picture, picture};
use super::view::{Fact, local, paragraphs, results};
use super::{Asked, Banner, Named, Page, lots, onward, plain};
use crate::api::seen::{Nothing, Seen};
use crate::api::{lookup, reply};
use crate::campaigns::Prepared;
use crate::language::Language;
use crate::moment::{plain, plain_day, plain_span};
use crate::problem::Problem;
use crate::state::{ServerState, Shared};
use crate::texts::Texts;
use askama::Template;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::response::Response;
use http::{HeaderMap, HeaderValue, StatusCode};
use ledger::PublicEntry;
use std::sync::Arc;
use types::ids::{EntryNo, Millis, PoolNo};
use types::outcome::Outcome;

#[derive(Template)]
#[template(path = "entry.html")]
struct EntryPage<'a> {
    page: &'a Page,
    code: &'a str,
    title: &'a str,
    receipt: Option<&'a str>,
    /// The receipt as it is read out or written down: in groups of four.
    receipt_number: String,
    /// Leads to the entry's receipt in a draw, or to the promise that goes before it.
    draw_link: Option<&'static str>,
    /// Lead to what was taken over of it into draws.
    onward: Vec<onward::Link>,
    /// Of an entry that was found without its receipt: with which it may be opened.
    came_from: Option<String>,
    /// Said of the way onward, if there is one.
    there: &'static str,
    result: ResultView,
    banner: Option<Banner>,
}

/// An entry in words.
struct ResultView {
    kind: Kind,
    headline: &'static str,
    lead: String,
    /// What happens next, and when: in sight without scrolling.
    due: Option<Fact>,
    code: Option<PickupCode>,
    /// Whether the result is still to come.
    waits: bool,
    number: u64,
    facts: Vec<Fact>,
    next: Vec<String>,
    may_cancel: bool,
    /// What giving it up means.
    cancel_truth: Vec<&'static str>,
    /// Leads to a form of its own, for the next person or once more.
    again: Option<&'static str>,
}

/// The look of an entry: no two have the same picture, frame or colour.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Registered,
    Booked,
    Collected,
    Nothing,
    Cancelled,
}

impl Kind {
    /// As the style names it.
    const fn name(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Booked => "booked",
            Self::Collected => "collected",
            Self::Nothing => "nothing",
            Self::Cancelled => "cancelled",
        }
    }

    /// Its picture as the path of an SVG, in a square of 24 units: an hourglass, a tick, a bag that
    /// is handed over, a bar, a cross.
    const fn picture(self) -> &'static str {
        match self {
            Self::Registered => {
                "M6 2h12M6 22h12M8 2v4c0 3 8 4.5 8 6s-8 3-8 6v4M16 2v4c0 3-8 4.5-8 6s8 3 8 6v4"
            }
            Self::Booked => "M12 1.5a10.5 10.5 0 1 0 .01 0zM7 12.5l3.5 3.5 6.5-8",
            Self::Collected => "M4 8h16l-1 14H5zM8 8V6a4 4 0 0 1 8 0v2M9 15l2.5 2.5 4-5",
            Self::Nothing => "M12 1.5a10.5 10.5 0 1 0 .01 0zM7 12h10",
            Self::Cancelled => "M12 1.5a10.5 10.5 0 1 0 .01 0zM8 8l8 8M16 8l-8 8",
        }
    }
}

/// What is shown at the outlet, as text and as a picture.
struct PickupCode {
    text: String,
    picture: Picture,
}

impl PickupCode {
    fn new(text: String) -> Self {
        Self { picture: picture(&text), text }
    }
}

/// `GET /e/{receipt}`
pub(super) async fn show(
    State(state): State<ServerState>,
    Named(receipt): Named,
    asked: Asked,
    headers: HeaderMap,
) -> Response {
    let page = Page::new(format!("/e/{receipt}"), &asked, &headers);
    match lookup::by_receipt(&state, &receipt).await {
        Ok((campaign, seen)) => result_page(&page, &state, &campaign, &seen, Some(&receipt), None),
        Err(not_found) => page.problem(&not_found.problem(page.language)),
    }
}

/// `GET /e/{receipt}/cancel`: whoever opens that address anew is led back to the entry.
pub(super) async fn back(Named(receipt): Named, asked: Asked, headers: HeaderMap) -> Response {
    let page = Page::new(format!("/e/{receipt}"), &asked, &headers);
    match HeaderValue::try_from(format!("/e/{receipt}")) {
        Ok(_) => page.see(&format!("/e/{receipt}")),
        Err(_) => page.problem(&Problem::of("not-found", page.language)),
    }
}

/// `POST /e/{receipt}/cancel`
pub(super) async fn cancel(
    State(state): State<ServerState>,
    Named(receipt): Named,
    asked: Asked,
    headers: HeaderMap,
    form: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Response {
    let page = Page::new(format!("/e/{receipt}"), &asked, &headers);
    let Ok(Form(pairs)) = form else {
        return page.problem(&Problem::of("malformed-form", page.language));
    };
    if !pairs.iter().any(|(name, value)| name == "sure" && value == "yes") {
        return ask_again(&page, &state, &receipt).await;
    }
    match lookup::cancel_by_receipt(&state, &receipt).await {
        Ok((campaign, Outcome::Refused(refusal))) => {
            page.problem(&plain::refusal(&campaign, &refusal, state.now(), page.language))
        }
        Ok(_) => page.see(&format!("/e/{receipt}")),
        Err(not_found) => page.problem(&not_found.problem(page.language)),
    }
}

/// The box that says "sure" was not ticked.
async fn ask_again(page: &Page, state: &Shared, receipt: &str) -> Response {
    let t = &page.t.cancel;
    let banner =
        Banner { title: t.unsure_title.to_string(), detail: t.unsure.to_string(), link: None };
    match lookup::by_receipt(state, receipt).await {
        Ok((campaign, seen)) => {
            let mut answer =
                result_page(page, state, &campaign, &seen, Some(receipt), Some(banner));
            *answer.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            answer
        }
        Err(not_found) => page.problem(&not_found.problem(page.language)),
    }
}

/// The page of an entry; without a receipt when it was found by identity.
pub(super) fn result_page(
    page: &Page,
    state: &Shared,
    campaign: &Prepared,
    seen: &Seen,
    receipt: Option<&str>,
    banner: Option<Banner>,
) -> Response {
    let definition = &*campaign.view.definition;
    let (language, t) = (page.language, page.t);
    let drawn_in = onward::drawn_in(state, campaign, &seen.entry);
    let draw_link = drawn_in.is_none().then(|| lots::link(&campaign.view, seen, t));
    let onward = onward::links(page, state, seen);
    let has_gone_on = receipt.map(|_| !onward.is_empty());
    let words = Words { state, campaign, now: state.now(), language, t, drawn_in, has_gone_on };
    let view = EntryPage {
        page,
        code: &definition.code,
        title: local(definition, &definition.texts.title, page.language),
        receipt,
        receipt_number: in_groups(receipt.unwrap_or_default()),
        draw_link: draw_link.flatten(),
        onward,
        came_from: receipt.is_none().then(|| onward::came_from(page, state, campaign)).flatten(),
        there: onward::there(seen, t),
        result: words.result(seen),
        banner,
    };
    page.answer(StatusCode::OK, &view)
}

struct Words<'a> {
    state: &'a Shared,
    campaign: &'a Prepared,
    now: Millis,
    language: Language,
    t: &'static Texts,
    /// The other campaign in which lots are drawn for what is registered here.
    drawn_in: Option<Arc<Prepared>>,
    /// Whether it was taken over; nothing where whoever asks may not know.
    has_gone_on: Option<bool>,
}

impl Words<'_> {
    fn result(&self, seen: &Seen) -> ResultView {
        match seen.entry {
            PublicEntry::Registered { entry, at, .. } if seen.lacks_registration => {
                self.without_registration(entry, at)
            }
            PublicEntry::Registered { entry, at, .. } if self.draws_once_more(at) => {
                self.drawing_once_more(entry, at)
            }
            PublicEntry::Registered { entry, at, losses } if self.draws() => {
                self.drawing(entry, at, losses)
            }
            PublicEntry::Registered { entry, at, .. } => self.registered(entry, at),
            PublicEntry::Booked { entry, pool, units, redeemed, .. } => {
                self.booked(entry, pool, units, redeemed)
            }
            PublicEntry::NotAllocated { entry, .. } => {
                self.not_allocated(entry, seen.why_nothing())
            }
            PublicEntry::Cancelled { entry, at } => self.cancelled(entry, at),
        }
    }

    fn plain(&self, at: Millis) -> String {
        plain(&self.campaign.view.definition.calendar, at, self.now, self.language)
    }

    fn registered(&self, entry: EntryNo, at: Millis) -> ResultView {
        let t = &self.t.entry.registered;
        ResultView {
            kind: Kind::Registered,
            headline: &t.headline,
            lead: t.lead.to_string(),
            due: Some(Fact::one(
                &self.t.facts.results,
                results(self.campaign, self.now, self.language),
            )),
            code: None,
            waits: true,
            number: number(entry),
            facts: vec![Fact::one(&t.at, self.plain(at))],
            next: vec![t.look_again.to_string(), t.stay.to_string()],
            may_cancel: true,
            cancel_truth: self.cancel_truth(true),
            again: self.another(),
        }
    }

    /// Registered for a draw among those who registered elsewhere, and there no more.
    fn without_registration(&self, entry: EntryNo, at: Millis) -> ResultView {
        let t = &self.t.entry.onward;
        ResultView {
            kind: Kind::Nothing,
            headline: &t.ended_headline,
            lead: t.ended.with(onward::registered_in(self.state, self.campaign, self.language)),
            due: None,
            waits: false,
            next: Vec::new(),
            may_cancel: false,
            again: None,
            ..self.registered(entry, at)
        }
    }

    /// Whether lots were drawn for entries of this time, and are being drawn again among those
    /// that got nothing. It goes by the days alone: what has been won since is not told.
    fn draws_once_more(&self, at: Millis) -> bool {
        let view = &self.campaign.view;
        let Some(draw) = view.draws().last().filter(|draw| draw.is_under_way()) else {
            return false;
        };
        let today = view.definition.calendar.day(self.now);
        let last = reply::last_day(&view.definition, at);
        (draw.was_published || draw.unserved) && last.is_none_or(|last| last < today)
    }

    /// It got nothing in a draw that is published, and may still get what came back.
    fn drawing_once_more(&self, entry: EntryNo, at: Millis) -> ResultView {
        let t = &self.t.entry.registered;
        ResultView {
            headline: &t.drawing.once_more_headline,
            lead: t.drawing.once_more.to_string(),
            due: Some(Fact::one(&self.t.facts.results, self.t.facts.by_hand.to_string())),
            ..self.registered(entry, at)
        }
    }

    /// Registered for a draw: it has not been drawn, or not in a draw so far.
    fn drawing(&self, entry: EntryNo, at: Millis, losses: u8) -> ResultView {
        let t = &self.t.entry.registered.drawing;
        let registered = self.registered(entry, at);
        let mut facts = registered.facts;
        if let Some(last) = reply::last_day(&self.campaign.view.definition, at) {
            let last = plain_day(last, self.language);
            facts.push(Fact::one(&t.stands, t.stands_through.with(last)));
        }
        if 0 < losses {
            facts.push(Fact::one(&t.losses, t.lost.with(losses)));
        }
        let stay = self.t.entry.registered.stay.to_string();
        let (due, next) = match &self.drawn_in {
            Some(into) => self.drawn_elsewhere(into),
            None => (registered.due, vec![t.next.to_string()]),
        };
        ResultView {
            headline: &t.headline,
            lead: t.lead.to_string(),
            due,
            facts,
            next: next.into_iter().chain([stay]).collect(),
            ..registered
        }
    }

    /// When the draw in another campaign has its results, and the way there.
    fn drawn_elsewhere(&self, into: &Prepared) -> (Option<Fact>, Vec<String>) {
        let t = &self.t.entry.onward;
        let due = Fact::one(&self.t.facts.results, results(into, self.now, self.language));
        let mut next = vec![t.drawn_in.with(onward::title(&into.view, self.language))];
        next.extend((self.has_gone_on == Some(false)).then(|| t.later.to_string()));
        (Some(due), next)
    }

    fn draws(&self) -> bool {
        self.campaign.view.definition.draw().is_some()
    }

    fn booked(
        &self,
        entry: EntryNo,
        pool: PoolNo,
        units: u8,
        redeemed: Option<Millis>,
    ) -> ResultView {
        let t = &self.t.entry;
        let definition = &*self.campaign.view.definition;
        let (number, facts) = (number(entry), self.place(pool, units));
        if let Some(at) = redeemed {
            return ResultView {
                kind: Kind::Collected,
                headline: &t.collected.headline,
                lead: t.collected.lead.with(self.plain(at)),
                due: None,
                code: None,
                waits: false,
                number,
                facts,
                next: Vec::new(),
                may_cancel: false,
                cancel_truth: Vec::new(),
                again: None,
            };
        }
        let code = self.state.codes.encode(self.campaign.view.no, entry);
        ResultView {
            kind: Kind::Booked,
            headline: &t.booked.headline,
            lead: t.booked.lead.to_string(),
            due: Some(self.due(pool)),
            code: Some(PickupCode::new(code.to_string())),
            waits: false,
            number,
            facts,
            next: paragraphs(local(definition, &definition.texts.pickup, self.language)),
            may_cancel: true,
            cancel_truth: self.cancel_truth(false),
            again: self.another(),
        }
    }

    /// When to come, and where.
    fn due(&self, pool: PoolNo) -> Fact {
        let definition = &*self.campaign.view.definition;
        let place = self.campaign.view.pools()[pool.index()];
        let (slot, outlet) =
            (&definition.slots[place.slot.index()], &definition.outlets[place.outlet.index()]);
        let text = |text| local(definition, text, self.language);
        let calendar = &definition.calendar;
        let time = plain_span(calendar, slot.from, slot.until, self.now, self.language);
        let slot = self.t.facts.slot.with(text(&slot.name), time);
        let lines = vec![slot, text(&outlet.name).to_owned()];
        Fact { label: &self.t.entry.place.slot, lines }
    }

    fn place(&self, pool: PoolNo, units: u8) -> Vec<Fact> {
        let (t, language) = (&self.t.entry.place, self.language);
        let definition = &*self.campaign.view.definition;
        let place = self.campaign.view.pools()[pool.index()];
        let outlet = &definition.outlets[place.outlet.index()];
        let item = &definition.items[place.item.index()];
        let slot = &definition.slots[place.slot.index()];
        let text = |text| local(definition, text, language).to_owned();
        let span = plain_span(&definition.calendar, slot.from, slot.until, self.now, language);
        let address = vec![text(&outlet.district), text(&outlet.address)];
        let address = address.into_iter().filter(|line| !line.is_empty());
        vec![
            Fact::one(&t.item, text(&item.name)),
            Fact::one(&t.units, units.to_string()),
            Fact::one(&t.outlet, text(&outlet.name)),
            Fact { label: &t.address, lines: address.collect() },
            Fact { label: &t.slot, lines: vec![text(&slot.name), span] },
        ]
    }

    fn not_allocated(&self, entry: EntryNo, why: Nothing) -> ResultView {
        let t = &self.t.entry.nothing;
        let lead = match why {
            Nothing::SoldOut => &t.ran_out,
            Nothing::CoolingDown => &t.cooling_down,
            Nothing::NotDrawn => &t.not_drawn,
            Nothing::NotInDraw => &t.not_in_draw,
            Nothing::NoDraw => &t.no_draw,
        };
        // Where draws go on, whoever is in none any more may enter anew.
        let again = lots::go_on(&self.campaign.view.definition) && self.is_open();
        ResultView {
            kind: Kind::Nothing,
            headline: &t.headline,
            lead: lead.to_string(),
            due: None,
            code: None,
            waits: false,
            number: number(entry),
            facts: Vec::new(),
            next: vec![if again { t.again.to_string() } else { t.next.to_string() }],
            may_cancel: false,
            cancel_truth: Vec::new(),
            again: again.then_some(&*self.t.entry.once_more),
        }
    }

    fn cancelled(&self, entry: EntryNo, at: Millis) -> ResultView {
        let t = &self.t.entry.cancelled;
        let again = self.may_reenter();
        let (headline, lead, label) = match lots::may_have_lapsed(self.campaign.view.draws(), at) {
            true => (&t.ended_headline, &t.ended, &t.ended_at),
            false => (&t.headline, &t.lead, &t.at),
        };
        ResultView {
            kind: Kind::Cancelled,
            headline,
            lead: lead.to_string(),
            due: None,
            code: None,
            waits: false,
            number: number(entry),
            facts: vec![Fact::one(label, self.plain(at))],
            next: if again { vec![t.again.to_string()] } else { Vec::new() },
            may_cancel: false,
            cancel_truth: Vec::new(),
            again: again.then_some(&*self.t.entry.once_more).filter(|_| self.is_open()),
        }
    }

    /// For the next person on the same phone.
    fn another(&self) -> Option<&'static str> {
        self.is_open().then_some(&*self.t.entry.another)
    }

    fn is_open(&self) -> bool {
        let view = &self.campaign.view;
        view.phase(self.now).refusal().is_none() && !self.state.waits(view, self.now)
    }

    /// Whether whoever cancels may enter again, now or once registration goes on: it never does
    /// where results are out that were held back.
    fn may_reenter(&self) -> bool {
        let view = &self.campaign.view;
        let is_over = view.definition.is_held_back() && view.is_published(self.now);
        view.definition.register.reenter_after_cancel && !is_over && !view.is_shredded()
    }

    /// What giving up means for what the entry has, and for who gives it up.
    fn cancel_truth(&self, waits: bool) -> Vec<&'static str> {
        let t = &self.t.cancel;
        let entry = if waits && self.draws() { &t.drawing } else { &t.holding };
        let person = match (self.may_reenter(), self.is_open()) {
            (false, _) => &t.for_good,
            (true, false) => &t.closed,
            (true, true) if self.draws() => &t.may_enter_again,
            (true, true) => &t.at_the_end,
        };
        vec![entry, person]
    }
}

fn in_groups(receipt: &str) -> String {
    let characters: Vec<char> = receipt.chars().collect();
    let groups = characters.chunks(4).map(|group| group.iter().collect::<String>());
    groups.collect::<Vec<_>>().join(" ")
}

/// People count from one.
fn number(entry: EntryNo) -> u64 {
    u64::from(entry.0) + 1
}

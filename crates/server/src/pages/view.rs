//! What pages say about a campaign: its phase and its facts, in words.
//!
//! Owns: which words fit. Never: a count of what is left while outcomes are held
//! back.

use crate::campaigns::Prepared;
use crate::language::Language;
use crate::moment::{plain, plain_span};
use crate::state::Shared;
use crate::texts::Phrase;
use ledger::Phase;
use types::definition::{Definition, Publish};
use types::{LocalText, Millis};

/// Windows and slots named one by one; more are not read on a phone.
const NAMED_MAX: usize = 3;

/// Whether a campaign takes entries, in words.
pub(super) struct PhaseView {
    /// `open`, `waiting`, `paused` or `ended`: the style of it.
    pub(super) kind: &'static str,
    pub(super) word: &'static str,
    pub(super) detail: String,
}

/// A label and what stands beside it, each line apart from the next.
pub(super) struct Fact {
    pub(super) label: &'static str,
    pub(super) lines: Vec<String>,
}

impl Fact {
    pub(super) fn one(label: &'static str, line: String) -> Self {
        Self { label, lines: vec![line] }
    }
}

/// A campaign's text in the page's language.
pub(super) fn local<'a>(
    definition: &Definition,
    text: &'a LocalText,
    language: Language,
) -> &'a str {
    language.local(definition, text)
}

/// A text's paragraphs; none of an empty text.
pub(super) fn paragraphs(text: &str) -> Vec<String> {
    let lines = text.split('\n').map(str::trim).filter(|line| !line.is_empty());
    lines.map(str::to_owned).collect()
}

/// The phase now, in words.
pub(super) fn phase(
    state: &Shared,
    campaign: &Prepared,
    now: Millis,
    language: Language,
) -> PhaseView {
    let view = &campaign.view;
    let t = &language.texts().phase;
    let at = |moment: Millis| plain(&view.definition.calendar, moment, now, language);
    let said = |kind, phrase: &'static Phrase| (kind, &phrase.word, phrase.detail.to_string());
    let (kind, word, detail) = match view.phase(now) {
        _ if view.is_shredded() => said("ended", &t.shredded),
        Phase::Open { .. } if state.waits(view, now) => said("waiting", &t.waiting),
        Phase::Open { .. } if view.all_sold_out() => said("ended", &t.sold_out),
        Phase::Open { until } => {
            let detail = until.map(|until| t.open.until.with(at(until)));
            ("open", &t.open.word, detail.unwrap_or_default())
        }
        Phase::NotOpenYet { opens } => {
            let t = &t.not_open_yet;
            let opens = opens.map(|opens| t.opens.with(at(opens)));
            ("waiting", &t.word, opens.unwrap_or_else(|| t.unknown.to_string()))
        }
        Phase::Paused => said("paused", &t.paused),
        Phase::CapReached => said("ended", &t.full),
        Phase::Closed => {
            let are_out = view.definition.is_held_back() && view.is_published(now);
            let detail = if are_out { &t.ended.results } else { &t.ended.detail }.to_string();
            ("ended", &t.ended.word, detail)
        }
    };
    PhaseView { kind, word, detail }
}

/// What a person wants to know before filling in a form.
pub(super) fn facts(
    state: &Shared,
    campaign: &Prepared,
    now: Millis,
    language: Language,
) -> Vec<Fact> {
    let definition = &*campaign.view.definition;
    let calendar = &definition.calendar;
    let t = &language.texts().facts;
    let span = |from, until| plain_span(calendar, from, until, now, language);
    let mut facts = Vec::new();
    let view = state.node.view();
    if let Some(first) = definition.registered_in().and_then(|code| view.by_code(code)) {
        let title = local(&first.definition, &first.definition.texts.title, language);
        facts.push(Fact::one(&t.who, t.registered_in.with(title)));
    }
    let windows = definition.register.windows.iter().filter(|window| now < window.until);
    let windows: Vec<_> =
        windows.take(NAMED_MAX).map(|window| span(window.from, window.until)).collect();
    if !windows.is_empty() {
        facts.push(Fact { label: &t.registration, lines: windows });
    }
    if let Some(terms) = definition.draw() {
        let mut lines = vec![t.by_lot.to_string()];
        lines.extend(terms.stand_days.map(|days| t.stands.with(days)));
        lines.extend((1 < terms.tickets_max).then(|| t.tickets.with(terms.tickets_max)));
        facts.push(Fact { label: &t.how, lines });
    }
    facts.push(Fact::one(&t.results, results(campaign, now, language)));
    if definition.slots.len() <= NAMED_MAX {
        let slots = definition.slots.iter().map(|slot| {
            let name = local(definition, &slot.name, language);
            t.slot.with(name, span(slot.from, slot.until))
        });
        facts.push(Fact { label: &t.pickup, lines: slots.collect() });
    }
    let (min, max) = (definition.register.units_min, definition.register.units_max);
    let units = if min == max { max.to_string() } else { format!("{min}–{max}") };
    let takes_groups = definition.draw().is_some_and(|terms| 1 < terms.group_max);
    let label = if takes_groups { &t.units_of_group } else { &t.units };
    facts.push(Fact::one(label, units));
    facts
}

/// When a person learns the result.
pub(super) fn results(campaign: &Prepared, now: Millis, language: Language) -> String {
    let definition = &*campaign.view.definition;
    let t = &language.texts().facts;
    let at = |moment: Millis| plain(&definition.calendar, moment, now, language);
    if definition.is_held_back() && campaign.view.is_published(now) {
        return t.published.to_string();
    }
    match definition.publish {
        Publish::AtOnce => t.at_once.to_string(),
        Publish::At { at: due } => at(due),
        Publish::ByHand { expected: Some(due) } => t.expected.with(at(due)),
        Publish::ByHand { expected: None } => t.by_hand.to_string(),
    }
}

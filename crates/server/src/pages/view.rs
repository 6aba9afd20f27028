//! What pages say about a campaign: its phase and its facts, in words.
//!
//! Owns: those words, in both languages. Never: a count of what is left while outcomes are held
//! back.

use crate::campaigns::Prepared;
use crate::language::Language;
use crate::moment::{plain, plain_span};
use crate::state::Shared;
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
    language.local(text, definition.languages.first().map_or("", String::as_str))
}

/// A text's paragraphs; none of an empty text.
pub(super) fn paragraphs(text: &str) -> Vec<String> {
    let lines = text.split('\n').map(str::trim).filter(|line| !line.is_empty());
    lines.map(str::to_owned).collect()
}

/// The phase now, in words.
pub(super) fn phase(state: &Shared, campaign: &Prepared, now: Millis, t: Language) -> PhaseView {
    let view = &campaign.view;
    let calendar = &view.definition.calendar;
    let at = |moment: Millis| plain(calendar, moment, now, t);
    if view.is_shredded() {
        return PhaseView {
            kind: "ended",
            word: t.pick("Personal data deleted", "个人信息已销毁"),
            detail: t.pick("This campaign is over.", "本次活动已结束。").to_owned(),
        };
    }
    let (kind, word, detail) = match view.phase(now) {
        Phase::Open { .. } if state.waits(view, now) => (
            "waiting",
            t.pick("Waiting for earlier results", "须等上一次结果公布"),
            t.pick(
                "Entries are taken once the results of the campaign before this one are published.",
                "上一次活动公布结果之后，才能登记。",
            )
            .to_owned(),
        ),
        Phase::Open { .. } if view.all_sold_out() => (
            "ended",
            t.pick("Sold out", "已约满"),
            t.pick(
                "Nothing is left at the moment; what is cancelled comes back.",
                "目前没有余量；如有人取消，余量会重新放出。",
            )
            .to_owned(),
        ),
        Phase::Open { until } => (
            "open",
            t.pick("Open", "登记进行中"),
            match (until, t) {
                (Some(until), Language::English) => format!("Until {}.", at(until)),
                (Some(until), Language::Chinese) => format!("{} 截止。", at(until)),
                (None, _) => String::new(),
            },
        ),
        Phase::NotOpenYet { opens } => (
            "waiting",
            t.pick("Not open yet", "尚未开始"),
            match (opens, t) {
                (Some(opens), Language::English) => format!("Opens {}.", at(opens)),
                (Some(opens), Language::Chinese) => format!("{} 开始登记。", at(opens)),
                (None, _) => t.pick("The time will be announced.", "开始时间另行公布。").to_owned(),
            },
        ),
        Phase::Paused => (
            "paused",
            t.pick("Paused", "暂停登记"),
            t.pick("Please try again a little later.", "请稍后再来。").to_owned(),
        ),
        Phase::CapReached => (
            "ended",
            t.pick("Full", "名额已满"),
            t.pick("No more entries are taken.", "登记人数已达上限。").to_owned(),
        ),
        Phase::Closed => (
            "ended",
            t.pick("Ended", "登记已结束"),
            if view.definition.is_held_back() && view.is_published(now) {
                t.pick("Results are out: look yours up.", "结果已公布，请查询。").to_owned()
            } else {
                String::new()
            },
        ),
    };
    PhaseView { kind, word, detail }
}

/// What a person wants to know before filling in a form.
pub(super) fn facts(campaign: &Prepared, now: Millis, t: Language) -> Vec<Fact> {
    let definition = &*campaign.view.definition;
    let calendar = &definition.calendar;
    let span = |from, until| plain_span(calendar, from, until, now, t);
    let mut facts = Vec::new();
    let windows = definition.register.windows.iter().filter(|window| now < window.until);
    let windows: Vec<_> =
        windows.take(NAMED_MAX).map(|window| span(window.from, window.until)).collect();
    if !windows.is_empty() {
        facts.push(Fact { label: t.pick("Registration", "登记时间"), lines: windows });
    }
    facts.push(Fact::one(t.pick("Results", "结果公布"), results(campaign, now, t)));
    if definition.slots.len() <= NAMED_MAX {
        let colon = t.pick(": ", "：");
        let slots = definition.slots.iter().map(|slot| {
            let name = local(definition, &slot.name, t);
            format!("{name}{colon}{}", span(slot.from, slot.until))
        });
        facts.push(Fact { label: t.pick("Pickup", "领取时间"), lines: slots.collect() });
    }
    let (min, max) = (definition.register.units_min, definition.register.units_max);
    let units = if min == max { max.to_string() } else { format!("{min}–{max}") };
    facts.push(Fact::one(t.pick("Units per person", "每人数量"), units));
    facts
}

/// When a person learns the result.
pub(super) fn results(campaign: &Prepared, now: Millis, t: Language) -> String {
    let definition = &*campaign.view.definition;
    let at = |moment: Millis| plain(&definition.calendar, moment, now, t);
    if definition.is_held_back() && campaign.view.is_published(now) {
        return t.pick("Published", "已公布").to_owned();
    }
    match (definition.publish, t) {
        (Publish::AtOnce, _) => t.pick("At once, when you submit", "提交后立即告知").to_owned(),
        (Publish::At { at: due }, _) => at(due),
        (Publish::ByHand { expected: Some(due) }, Language::English) => {
            format!("Expected {}", at(due))
        }
        (Publish::ByHand { expected: Some(due) }, Language::Chinese) => {
            format!("预计 {}", at(due))
        }
        (Publish::ByHand { expected: None }, _) => {
            t.pick("The organiser will announce it", "由主办方公布").to_owned()
        }
    }
}

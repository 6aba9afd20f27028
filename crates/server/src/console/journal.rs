//! The page of what operators did.
//!
//! Owns: the search form, the table, and the words for what an action changed. Never: a person of
//! those who enter; what operators did names none.

use super::Console;
use super::guard::Overseer;
use super::page::{Shell, grouped};
use crate::operator::history::Wanted;
use crate::operator::truth::ActionTruth;
use crate::texts::ConsoleTexts;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use http::StatusCode;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;
use types::action::COMMAND_LINE;
use types::limits;

/// The words of actions, as the journal has them.
const WORDS: [&str; 17] = [
    "open",
    "pause",
    "resume",
    "close",
    "publish",
    "cap",
    "withdraw",
    "stock",
    "load",
    "list",
    "export",
    "shred",
    "close-draw",
    "draw-event",
    "lapse",
    "alternates",
    "take-over",
];

#[derive(Template)]
#[template(path = "console/actions.html")]
struct ActionsPage<'a> {
    shell: &'a Shell,
    search: &'a Search,
    kinds: Vec<KindView>,
    rows: Vec<RowView>,
    span: String,
    newer: Option<String>,
    older: Option<String>,
}

/// What is looked for.
struct Search {
    text: String,
    actor: String,
    campaign: String,
    kind: String,
    page: usize,
}

struct KindView {
    word: &'static str,
    name: String,
    is_chosen: bool,
}

struct RowView {
    action: ActionTruth,
    /// Date and time of day, and the zone's offset.
    when: (String, String),
    name: String,
    /// Why it was not done, in a few words; nothing when it was done.
    refused: Option<String>,
    /// What in particular, unless the change says it.
    detail: String,
    /// From where, in words.
    from: Option<String>,
    /// What it changed, before and after, in words.
    change: Option<String>,
}

impl Search {
    fn of(query: &HashMap<String, String>) -> Self {
        let get = |name: &str| {
            let value = query.get(name).map_or("", String::as_str).trim();
            value.chars().take(limits::CONSOLE_SEARCH_CHARS_MAX).collect::<String>()
        };
        let page = get("page").parse().unwrap_or(0);
        // No page lies behind the last action that is kept.
        let page = page.min(limits::ACTIONS_KEPT_MAX / limits::CONSOLE_ACTIONS_PER_PAGE);
        let [text, actor, campaign, kind] = ["text", "actor", "campaign", "kind"].map(get);
        Self { text, actor, campaign, kind, page }
    }

    /// The address of another page of the same search.
    fn address(&self, page: usize) -> String {
        let mut address = format!("/console/actions?page={page}");
        let pairs = [
            ("text", &self.text),
            ("actor", &self.actor),
            ("campaign", &self.campaign),
            ("kind", &self.kind),
        ];
        for (name, value) in pairs.into_iter().filter(|(_, value)| !value.is_empty()) {
            address.push('&');
            address.push_str(name);
            address.push('=');
            for byte in value.bytes() {
                if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
                    address.push(char::from(byte));
                } else {
                    write!(address, "%{byte:02X}").expect("writing to a string cannot fail");
                }
            }
        }
        address
    }
}

/// `GET /console/actions`
pub(super) async fn show(
    State(console): State<Arc<Console>>,
    Overseer(seat): Overseer,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let shell = &Shell::of(&seat, "/console/actions");
    let search = Search::of(&query);
    let each = limits::CONSOLE_ACTIONS_PER_PAGE;
    let from = search.page * each;
    let wanted = Wanted {
        text: search.text.to_lowercase(),
        actor: search.actor.clone(),
        campaign: search.campaign.clone(),
        word: search.kind.clone(),
    };
    // One more tells whether there is another page.
    let mut found = match console.operator.find_actions(wanted, from, each + 1).await {
        Ok(found) => found,
        Err(problem) => return shell.problem_of(&problem),
    };
    let is_more = each < found.len();
    found.truncate(each);
    let until = from + found.len();
    let page = ActionsPage {
        shell,
        kinds: kinds(&search, shell.t),
        span: match found.is_empty() {
            true => shell.t.actions.nothing.to_string(),
            false => shell.t.actions.found.with(from + 1, until),
        },
        newer: (0 < search.page).then(|| search.address(search.page - 1)),
        older: is_more.then(|| search.address(search.page + 1)),
        rows: found.into_iter().map(|action| row(action, shell.t)).collect(),
        search: &search,
    };
    shell.answer(StatusCode::OK, &page)
}

fn kinds(search: &Search, t: &ConsoleTexts) -> Vec<KindView> {
    let view =
        |word: &'static str| KindView { word, name: name(word, t), is_chosen: search.kind == word };
    WORDS.into_iter().map(view).collect()
}

fn row(action: ActionTruth, t: &ConsoleTexts) -> RowView {
    let is_done = matches!(action.outcome.as_str(), "done" | "loaded" | "listed");
    let refused = (!is_done).then(|| {
        let known = t.refusal.get(&action.outcome);
        known.map_or_else(|| action.outcome.clone(), |known| known.word.to_string())
    });
    let from = action.from.as_deref().map(|from| match from {
        COMMAND_LINE => t.actions.command_line.to_string(),
        address => t.actions.from.with(address),
    });
    let change = change(&action, t);
    // The change of a cap says all that its detail does, in the reader's words.
    let is_told = change.is_some() && action.word == "cap";
    let detail = match (action.word.as_str(), action.detail.as_str()) {
        _ if is_told => String::new(),
        ("cap", "lifted") => t.change.lifted.to_string(),
        (_, detail) => detail.to_owned(),
    };
    let (name, when) = (name(&action.word, t), when(&action.at));
    RowView { name, refused, detail, from, change, when, action }
}

/// What an action changed, for people: `Cap: 50 → 100`.
fn change(action: &ActionTruth, t: &ConsoleTexts) -> Option<String> {
    let (before, after) = action.before.as_deref().zip(action.after.as_deref())?;
    let of = &t.change;
    let what = match action.word.as_str() {
        "open" | "pause" | "resume" | "close" => &of.phase,
        "publish" => &of.results,
        "cap" => &of.cap,
        "stock" | "withdraw" | "load" => &of.units,
        "lapse" => &of.booked,
        "list" => &of.people,
        "shred" => &of.personal_data,
        _ => return None,
    };
    let [told, then] = [before, after].map(|word| value(word, t));
    Some(if before == after { of.same.with(told, what) } else { of.to.with(then, told, what) })
}

/// A value that an action changed, for people.
fn value(word: &str, t: &ConsoleTexts) -> String {
    let word = match word {
        "open" => &t.phase.open,
        "not-open-yet" => &t.phase.not_open_yet,
        "paused" => &t.phase.paused,
        "cap-reached" => &t.phase.full,
        "closed" => &t.phase.ended,
        "published" => &t.phase.published,
        "unpublished" => &t.phase.held_back,
        "shredded" => &t.phase.shredded,
        "kept" => &t.change.kept,
        "none" => &t.change.none,
        number => return number.parse().map_or_else(|_| number.to_owned(), grouped),
    };
    word.to_string()
}

/// A moment as the API writes it, for people: to the second, its offset apart.
fn when(at: &str) -> (String, String) {
    let (date, time) = at.split_once('T').unwrap_or((at, ""));
    let end = time.find(['+', '-', 'Z']).unwrap_or(time.len());
    let (time, offset) = time.split_at(end);
    let time = time.split('.').next().unwrap_or(time);
    (format!("{date} {time}"), offset.to_owned())
}

/// A word of the journal for people.
fn name(word: &str, t: &ConsoleTexts) -> String {
    let t = &t.word;
    let name: &str = match word {
        "open" => &t.open,
        "pause" => &t.pause,
        "resume" => &t.resume,
        "close" => &t.close,
        "publish" => &t.publish,
        "cap" => &t.cap,
        "withdraw" => &t.withdraw,
        "stock" => &t.stock,
        "load" => &t.load,
        "list" => &t.list,
        "export" => &t.export,
        "shred" => &t.shred,
        "close-draw" => &t.close_draw,
        "draw-event" => &t.draw_event,
        "lapse" => &t.lapse,
        "alternates" => &t.alternates,
        "take-over" => &t.take_over,
        other => other,
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_told_to_the_second() {
        let told = |at| {
            let (when, offset) = when(at);
            format!("{when}|{offset}")
        };
        assert_eq!(told("2030-02-01T20:00:00.118+08:00"), "2030-02-01 20:00:00|+08:00");
        assert_eq!(told("2030-02-01T08:00:00-03:30"), "2030-02-01 08:00:00|-03:30");
        assert_eq!(told("2030-02-01T12:00:00Z"), "2030-02-01 12:00:00|Z");
    }

    #[test]
    fn a_search_keeps_its_words_from_page_to_page() {
        let query = [("text", " a&b=雨 "), ("page", "3"), ("actor", "ann")];
        let query = query.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let address = Search::of(&query).address(4);
        assert_eq!(address, "/console/actions?page=4&text=a%26b%3D%E9%9B%A8&actor=ann");
    }
}

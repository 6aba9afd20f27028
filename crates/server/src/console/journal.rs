//! The page of what operators did.
//!
//! Owns: the search form and the table. Never: a person; what operators did names none.

use super::Console;
use super::guard::Overseer;
use super::page::Shell;
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
use types::limits;

/// The words of actions, as the journal has them.
const WORDS: [&str; 12] = [
    "open", "pause", "resume", "close", "publish", "cap", "withdraw", "stock", "load", "list",
    "export", "shred",
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
    is_done: bool,
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
    let is_done = matches!(action.outcome.as_str(), "done" | "loaded");
    RowView { name: name(&action.word, t), is_done, when: when(&action.at), action }
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

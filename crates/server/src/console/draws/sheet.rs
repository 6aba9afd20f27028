//! The script of a draw, to print: one page with the facts that a notary certifies.
//!
//! Owns: which facts, and what of them is known. Never: a fact that nobody saw yet: its place
//! stays blank, to be filled in by hand; a winner.

use super::address;
use super::facts::Facts;
use super::form::due;
use super::parts::when;
use crate::console::Console;
use crate::console::guard::Overseer;
use crate::console::page::{Shell, grouped};
use crate::console::switches::title;
use crate::language::Language;
use crate::operator::draws::is_rehearsal;
use crate::texts::SheetTexts;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use draw::Digest;
use draw::beacon::Chain;
use draw::seal::Holder;
use http::StatusCode;
use ledger::Stage;
use std::sync::Arc;
use types::Calendar;

/// Groups of four in a digest, and in what a beacon says: as many blanks to fill in.
const DIGEST_GROUPS: usize = 16;
const SIGNATURE_GROUPS: usize = 24;

#[derive(Template)]
#[template(path = "console/draw/sheet.html")]
struct SheetPage<'a> {
    shell: &'a Shell,
    sheet: &'static str,
    campaign: String,
    name: String,
    href: String,
    void: Option<String>,
    is_private: bool,
    is_rehearsal: bool,
    steps: Vec<Step>,
    files: String,
    key: Option<String>,
}

/// A step of the day, and what is known of it.
struct Step {
    title: String,
    fact: String,
    lines: Vec<Line>,
    /// When the node recorded it.
    recorded: Option<String>,
}

/// A line of a step.
enum Line {
    /// Digits in groups of four; where they are not known yet, as many empty ones.
    Digits { label: String, groups: Vec<String> },
    /// Something to be ticked once it was seen.
    Tick { label: String },
    /// Words; where they are not known yet, a blank.
    Words { text: String },
}

/// `GET /console/c/{campaign}/draws/{draw}/sheet`
pub(super) async fn show(
    State(console): State<Arc<Console>>,
    Overseer(seat): Overseer,
    Path((code, draw)): Path<(String, String)>,
) -> Response {
    let shell = &Shell::of(&seat, &format!("/console/c/{code}/draws/{draw}/sheet"));
    let (view, no) = match console.draw_of(shell, &code, &draw) {
        Ok(found) => found,
        Err(answer) => return *answer,
    };
    let facts = match console.facts(&view, no).await {
        Ok(facts) => facts,
        Err(problem) => return shell.problem_of(&problem),
    };
    // A key is made when a draw is sealed, and not by looking.
    let key = match facts.draw.is_sealed().then(|| console.operator.draw_key(&facts.folder)) {
        Some(Err(problem)) => return shell.problem_of(&problem),
        Some(Ok(key)) => Some(key),
        None => None,
    };
    let t = &shell.t.draw.sheet;
    let sheet =
        Sheet { facts: &facts, calendar: &view.definition.calendar, language: shell.language };
    let history = facts.history.as_ref();
    let is_void = facts.draw.stage == Stage::Void;
    let page = SheetPage {
        shell,
        sheet: crate::pages::asset_path("record.css"),
        campaign: title(&view, shell),
        name: facts.folder.name.to_string(),
        href: address(&code, no),
        void: is_void.then(|| t.void.with(facts.void().unwrap_or("…"))),
        is_private: history.is_some_and(|history| !history.seal.is_publicly_verifiable()),
        is_rehearsal: history.is_some_and(|history| is_rehearsal(&history.seal, facts.draw.at)),
        steps: sheet.steps(),
        files: t.check_files.with(format!("/draws/{code}/{no}/")),
        key,
    };
    shell.answer(StatusCode::OK, &page)
}

/// What the steps are made of.
struct Sheet<'a> {
    facts: &'a Facts,
    calendar: &'a Calendar,
    language: Language,
}

impl Sheet<'_> {
    fn steps(&self) -> Vec<Step> {
        vec![self.list(), self.secrets(), self.balls(), self.beacon(), self.seed(), self.result()]
    }

    fn t(&self) -> &'static SheetTexts {
        &self.language.texts().console.draw.sheet
    }

    /// When the node recorded an event.
    fn recorded(&self, event: &str) -> Option<String> {
        let digest = self.facts.event(event)?.to_string();
        let record = self.facts.record(&digest)?;
        Some(self.t().recorded.with(when(self.calendar, record.at, self.language)))
    }

    fn list(&self) -> Step {
        let (t, history) = (self.t(), self.facts.history.as_ref());
        let seal = self.facts.event("seal").map(|digest| Digest(digest.0));
        Step {
            title: t.list.to_string(),
            fact: t.list_fact.with(grouped(self.facts.draw.entries.into())),
            lines: vec![
                digits(&t.seal, seal),
                digits(&t.file, history.map(|history| history.seal.list)),
                digits(&t.root, history.map(|history| history.seal.root)),
            ],
            recorded: self.recorded("seal"),
        }
    }

    fn secrets(&self) -> Step {
        let (t, history) = (self.t(), self.facts.history.as_ref());
        let holders = [(Holder::Operator, &t.operator), (Holder::Notary, &t.notary)];
        let lines = holders.into_iter().flat_map(|(holder, label)| {
            let commitment = history.map(|history| history.seal.commitment(holder));
            [digits(label, commitment), Line::Tick { label: t.opens.to_string() }]
        });
        Step {
            title: t.secrets.to_string(),
            fact: t.secrets_fact.to_string(),
            lines: lines.collect(),
            recorded: self.recorded("opening"),
        }
    }

    fn balls(&self) -> Step {
        let (t, history) = (self.t(), self.facts.history.as_ref());
        let words = history.map(|history| history.seal.balls.as_ref());
        let fact = match words {
            Some(None) => t.no_balls.to_string(),
            Some(Some(words)) => t.balls_fact.with(words.as_str()),
            None => t.balls_fact.with("…"),
        };
        let drawn = self.facts.opened().and_then(|opened| opened.balls.as_ref());
        let text = drawn.map(ToString::to_string).unwrap_or_default();
        let lines = if words == Some(None) { Vec::new() } else { vec![Line::Words { text }] };
        Step { title: t.balls.to_string(), fact, lines, recorded: None }
    }

    fn beacon(&self) -> Step {
        let (t, history) = (self.t(), self.facts.history.as_ref());
        let title = t.beacon.to_string();
        let fixed = match history.map(|history| history.seal.drand) {
            Some(None) => {
                let fact = t.no_beacon.to_string();
                return Step { title, fact, lines: Vec::new(), recorded: None };
            }
            Some(Some(fixed)) => Some(fixed),
            None => None,
        };
        let chain = fixed.and_then(|fixed| Chain::find(fixed.chain));
        let at = chain.zip(fixed).and_then(|(chain, fixed)| due(chain, fixed.round));
        let at = at.map(|at| when(self.calendar, at, self.language));
        let blank = || "…".to_owned();
        let fact = t.beacon_fact.with(
            chain.map_or_else(blank, |chain| chain.name.to_owned()),
            fixed.map_or_else(blank, |fixed| fixed.round.to_string()),
            at.map_or_else(blank, |at| format!("{at} ({})", self.calendar.zone)),
        );
        let said = self.facts.said().map(|said| said.signature.to_string());
        let groups = said.map_or_else(|| blanks(SIGNATURE_GROUPS), |said| in_fours(&said));
        let lines = vec![Line::Digits { label: String::new(), groups }];
        Step { title, fact, lines, recorded: None }
    }

    fn seed(&self) -> Step {
        let t = self.t();
        Step {
            title: t.seed.to_string(),
            fact: t.seed_fact.to_string(),
            lines: vec![digits("", self.facts.seed())],
            recorded: self.recorded("seed"),
        }
    }

    /// The result's fingerprint, once everybody may know it.
    fn result(&self) -> Step {
        let t = self.t();
        let digest = self.facts.event("result").filter(|_| self.facts.draw.was_published);
        let published = self.facts.record("publish").filter(|_| digest.is_some());
        let recorded =
            published.map(|record| t.recorded.with(when(self.calendar, record.at, self.language)));
        Step {
            title: t.result.to_string(),
            fact: t.result_fact.to_string(),
            lines: vec![digits("", digest.map(|digest| Digest(digest.0)))],
            recorded,
        }
    }
}

fn digits(label: &str, digest: Option<Digest>) -> Line {
    let groups = digest.map(|digest| in_fours(&digest.to_string()));
    let groups = groups.unwrap_or_else(|| blanks(DIGEST_GROUPS));
    Line::Digits { label: label.to_owned(), groups }
}

fn blanks(groups: usize) -> Vec<String> {
    vec![String::new(); groups]
}

fn in_fours(digits: &str) -> Vec<String> {
    let groups = digits.as_bytes().chunks(4);
    groups.map(|group| String::from_utf8_lossy(group).into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_read_in_fours_and_blanks_are_as_many() {
        assert_eq!(in_fours("ca242b62"), ["ca24", "2b62"]);
        for digest in [None, Some(Digest([0xab; 32]))] {
            let Line::Digits { groups, .. } = digits("", digest) else { panic!("no digits") };
            assert_eq!(groups.len(), DIGEST_GROUPS);
            assert!(groups.iter().all(|group| group.is_empty() == digest.is_none()));
        }
        assert_eq!(in_fours(&"0".repeat(96)).len(), SIGNATURE_GROUPS);
    }
}

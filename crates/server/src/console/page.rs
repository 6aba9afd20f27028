//! What every page of the console has around it.
//!
//! Owns: the shell, problems as pages, and the words of numbers and spans. Never: what a page is
//! about.

use super::accounts::AccountRole;
use super::guard::{Guest, Seat};
use super::sessions::Person;
use crate::language::Language;
use crate::problem::Problem;
use crate::texts::ConsoleTexts;
use askama::Template;
use axum::body::Body;
use axum::response::Response;
use http::header::{CONTENT_LANGUAGE, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use std::sync::Arc;

/// Around every page.
pub(super) struct Shell {
    pub(super) language: Language,
    pub(super) t: &'static ConsoleTexts,
    /// Nobody on the log-in page.
    pub(super) person: Option<Arc<Person>>,
    /// The page's own address, for the same page in another language.
    pub(super) path: String,
    pub(super) sheet: &'static str,
    pub(super) script: &'static str,
    pub(super) keep: &'static str,
    pub(super) mark: &'static str,
    /// Whether the form sent just before did nothing, since nobody was logged in.
    pub(super) is_undone: bool,
}

/// A language that the page can be had in.
pub(super) struct Other {
    pub(super) address: &'static str,
    pub(super) tag: &'static str,
    pub(super) name: &'static str,
}

impl Shell {
    pub(super) fn of(seat: &Seat, path: &str) -> Self {
        let person = Some(Arc::clone(&seat.visit.person));
        Self { person, is_undone: seat.is_undone, ..Self::spoken(seat.language, path) }
    }

    pub(super) fn guest(guest: &Guest) -> Self {
        Self::spoken(guest.language, "/console/log-in")
    }

    pub(super) fn spoken(language: Language, path: &str) -> Self {
        Self {
            language,
            t: &language.texts().console,
            person: None,
            path: path.to_owned(),
            sheet: crate::pages::asset_path("console.css"),
            script: crate::pages::asset_path("live.js"),
            keep: crate::pages::asset_path("keep.js"),
            mark: crate::pages::asset_path("mark.svg"),
            is_undone: false,
        }
    }

    /// The other languages.
    pub(super) fn others(&self) -> Vec<Other> {
        others(self.language)
    }

    /// The direction of its texts.
    pub(super) fn dir(&self) -> String {
        self.language.texts().language.dir.to_string()
    }

    /// Whether its person may change things.
    pub(super) fn is_owner(&self) -> bool {
        let role = self.person.as_ref().map(|person| person.role);
        role == Some(super::accounts::AccountRole::Owner)
    }

    /// Whether its person may look at the list of actions.
    pub(super) fn sees_actions(&self) -> bool {
        self.person.as_ref().is_some_and(|person| person.role != AccountRole::Outlet)
    }

    /// The role of its person, in a word.
    pub(super) fn role(&self) -> &str {
        use super::accounts::AccountRole as Role;
        match self.person.as_ref().map(|person| person.role) {
            Some(Role::Owner) => &self.t.role.owner,
            Some(Role::Auditor) => &self.t.role.auditor,
            Some(Role::Outlet) => &self.t.role.outlet,
            None => "",
        }
    }

    /// What every form of the session repeats.
    pub(super) fn token(&self) -> &str {
        self.person.as_ref().map_or("", |person| &person.form_token)
    }

    /// A page.
    pub(super) fn answer(&self, status: StatusCode, page: &impl Template) -> Response {
        html(self.language, status, page)
    }

    /// A problem as a page.
    pub(super) fn problem(
        &self,
        status: StatusCode,
        code: &str,
        title: &str,
        detail: &str,
    ) -> Response {
        let asks_to_look = ASKS_TO_LOOK.contains(&code) && self.sees_actions();
        self.answer(status, &ProblemPage { shell: self, code, title, detail, asks_to_look })
    }

    /// A problem of the operator API as a page.
    pub(super) fn problem_of(&self, problem: &Problem) -> Response {
        let (title, detail) = self.words(problem);
        let mut answer = self.problem(problem.status, problem.code, &title, &detail);
        if let Some(seconds) = problem.retry_after_seconds {
            answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        answer
    }

    /// A refusal's title and sentence: in the page's language where it has them.
    pub(super) fn words(&self, problem: &Problem) -> (String, String) {
        // English ones say more: which place, which number.
        let key = problem.meaning.unwrap_or(problem.code);
        let own = self.t.refusal.get(key).filter(|_| self.language != problem.language);
        match own {
            Some(own) => (own.word.to_string(), own.detail.to_string()),
            None => (problem.title.to_string(), problem.detail.to_string()),
        }
    }
}

/// Codes whose words say to look at the list of actions.
const ASKS_TO_LOOK: [&str; 2] = ["failed", "form-refused"];

#[derive(Template)]
#[template(path = "console/problem.html")]
struct ProblemPage<'a> {
    shell: &'a Shell,
    code: &'a str,
    title: &'a str,
    detail: &'a str,
    /// Whether it leads to the list of actions.
    asks_to_look: bool,
}

/// A refusal of the console itself as a page.
pub(super) fn refusal(shell: &Shell, status: StatusCode, code: &'static str) -> Response {
    let words = shell.t.refusal.get(code).expect("every refusal of the console has its words");
    shell.problem(status, code, &words.word, &words.detail)
}

/// The languages that a page in this one can be had in, too.
pub(super) fn others(language: Language) -> Vec<Other> {
    let others = Language::all().filter(|other| *other != language);
    others
        .map(|other| {
            let own = &other.texts().language;
            Other { address: &own.address, tag: &own.tag, name: &own.name }
        })
        .collect()
}

/// A page in a language.
pub(super) fn html(language: Language, status: StatusCode, page: &impl Template) -> Response {
    let html = page.render().expect("templates render from memory to memory");
    let mut answer = Response::new(Body::from(html));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    answer
}

/// The refusal for whoever may look but change nothing; none for an owner.
pub(super) fn not_an_owner(shell: &Shell, seat: &Seat) -> Option<Response> {
    let Person { name, role, .. } = &*seat.visit.person;
    if *role == AccountRole::Owner {
        return None;
    }
    tracing::warn!(client = %seat.from, actor = %name, "not with this role");
    Some(refusal(shell, StatusCode::FORBIDDEN, "role-not-allowed"))
}

/// See other.
pub(super) fn see(path: &str) -> Response {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = StatusCode::SEE_OTHER;
    let target = HeaderValue::try_from(path).expect("paths of the console are plain");
    answer.headers_mut().insert(LOCATION, target);
    answer
}

/// A number in groups of three digits.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev();
    let groups: Vec<_> = groups.map(|group| str::from_utf8(group).expect("digits")).collect();
    groups.join(",")
}

/// Microseconds in three digits at most.
pub(super) fn micros(us: u64) -> String {
    match us {
        0..1_000 => format!("{us} µs"),
        1_000..10_000 => format!("{:.1} ms", us as f64 / 1e3),
        10_000..1_000_000 => format!("{} ms", us / 1_000),
        _ => format!("{:.1} s", us as f64 / 1e6),
    }
}

/// Milliseconds as a clock that counts down: `2:05:09`, with days before it where there are any.
pub(super) fn countdown(millis: u64) -> String {
    let seconds = millis.div_ceil(1_000);
    let (days, hours) = (seconds / 86_400, seconds / 3_600 % 24);
    let (minutes, seconds) = (seconds / 60 % 60, seconds % 60);
    match (days, hours) {
        (0, 0) => format!("{minutes}:{seconds:02}"),
        (0, _) => format!("{hours}:{minutes:02}:{seconds:02}"),
        _ => format!("{days} d {hours}:{minutes:02}:{seconds:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!(["0", "999", "1,000", "12,345,678"], [0, 999, 1_000, 12_345_678].map(grouped));
        let spans = [7, 1_250, 25_400, 2_500_000].map(micros);
        assert_eq!(spans, ["7 µs", "1.2 ms", "25 ms", "2.5 s"]);
        let clocks = [900, 65_000, 3_600_000, 90_061_000].map(countdown);
        assert_eq!(clocks, ["0:01", "1:05", "1:00:00", "1 d 1:01:01"]);
    }
}

//! Letting a phone in by a code, and out again.
//!
//! Owns: the log-in page and its form. Never: says whether a code was wrong, used or too old.

use super::super::Console;
use super::super::guard::{Guest, is_from_here, read};
use super::super::lockout::Trier;
use super::super::page::see;
use super::clerk::{Pass, Pressed, end, keep_language, set_secret, spoken, unread};
use super::page::Shell;
use askama::Template;
use axum::extract::{Query, Request, State};
use axum::response::Response;
use http::header::RETRY_AFTER;
use http::{HeaderMap, StatusCode};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::time::Instant;

#[derive(Template)]
#[template(path = "counter/log_in.html")]
struct LogInPage<'a> {
    shell: &'a Shell,
    error: Option<String>,
    ended: Option<Ended>,
    is_clear: bool,
}

/// What a shift that is over leaves to be said.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    Shift,
    /// And a hand-over was pressed, which was not taken.
    HandOver,
}

/// `GET /counter/log-in`
pub(super) async fn show(
    guest: Guest,
    headers: HeaderMap,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let guest = spoken(guest, &headers);
    let ended = query.get("ended").map(|what| match what.as_str() {
        "hand-over" => Ended::HandOver,
        _ => Ended::Shift,
    });
    let mut answer = log_in_page(&guest, StatusCode::OK, None, ended);
    keep_language(&mut answer, guest.chosen, guest.is_secure);
    answer
}

/// `POST /counter/log-in`
pub(super) async fn submit(State(console): State<Arc<Console>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let guest = spoken(Guest::of(&parts), &parts.headers);
    let shell = Shell::guest(&guest);
    // Nobody has a shift yet; the browser's word must do against log-ins from elsewhere.
    if !is_from_here(&parts.headers) {
        return shell.problem(StatusCode::FORBIDDEN, "form-refused");
    }
    let fields = match read(Request::from_parts(parts, body)).await {
        Ok(fields) => fields,
        Err((status, code)) => return shell.problem(status, code),
    };
    // Codes belong to nobody: whoever guesses waits by their address.
    let trier = Trier::Counter(guest.from);
    if let Err(wait) = console.lockout.begin(trier, Instant::now()) {
        let seconds = wait.as_secs() + 1;
        let error = shell.t.log_in.wait.with(seconds);
        let many = StatusCode::TOO_MANY_REQUESTS;
        let mut answer = log_in_page(&guest, many, Some(error), None);
        answer.headers_mut().insert(RETRY_AFTER, seconds.into());
        return answer;
    }
    let now = console.operator.now();
    let Some(waiting) = console.shifts.take(fields.get("code"), now) else {
        if let Some(count) = console.strangers.one(Instant::now()) {
            tracing::warn!(client = %guest.from, count, "log-ins are refused");
        }
        let error = shell.t.log_in.refused.to_string();
        return log_in_page(&guest, StatusCode::FORBIDDEN, Some(error), None);
    };
    console.lockout.succeeded(trier);
    let shifts = Arc::clone(&console);
    let begun = tokio::task::spawn_blocking(move || shifts.shifts.begin(waiting, now)).await;
    match begun.expect("writing a file does not panic") {
        Ok((secret, shift)) => {
            tracing::info!(client = %guest.from, shift = shift.number, counter = %shift.name,
                outlets = %shift.outlets.join(" "), actor = %shift.by, "a counter was let in");
            let seconds = shift.ends.since(now) / 1_000;
            let mut answer = see("/counter");
            set_secret(&mut answer, Some((&secret, seconds)), guest.is_secure);
            answer
        }
        Err(error) => unread(&guest, &error),
    }
}

/// `POST /counter/log-out`
pub(super) async fn log_out(
    State(console): State<Arc<Console>>,
    Pressed { clerk, .. }: Pressed,
) -> Response {
    let mut answer = see("/counter/log-in");
    if let Pass::Shift(number) = clerk.pass {
        let (shifts, now) = (Arc::clone(&console), console.operator.now());
        let ended = tokio::task::spawn_blocking(move || shifts.shifts.end(number, now)).await;
        if let Err(error) = ended.expect("writing a file does not panic") {
            tracing::error!(code = error.code(), %error, "a shift cannot be ended");
            return Shell::of(&clerk, "").unread(error.code());
        }
        tracing::info!(client = %clerk.from, shift = number, counter = %clerk.name,
            "a counter logged out");
    }
    end(&console, clerk.pass, &mut answer, clerk.is_secure);
    answer
}

fn log_in_page(
    guest: &Guest,
    status: StatusCode,
    error: Option<String>,
    ended: Option<Ended>,
) -> Response {
    let shell = &Shell::guest(guest);
    let is_clear = !guest.is_secure && !guest.from.is_loopback();
    shell.answer(status, &LogInPage { shell, error, ended, is_clear })
}

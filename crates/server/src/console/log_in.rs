//! Logging in and out, and one's own account.
//!
//! Owns: the two pages and what their forms do. Never: says whether a name exists: a wrong name,
//! a wrong password and a disabled account get the same answer after the same time.

use super::Console;
use super::accounts::{Account, AccountRole};
use super::device;
use super::guard::{
    self, Guest, Posted, Seat, UNDONE, is_from_here, is_ours, read, set_cookie, unread,
};
use super::lockout::Trier;
use super::page::{Shell, refusal, see};
use super::passwords::{HashError, Password, PasswordFault};
use crate::language::Language;
use askama::Template;
use axum::extract::{Query, Request, State};
use axum::response::Response;
use http::header::RETRY_AFTER;
use http::{HeaderMap, StatusCode};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

#[derive(Template)]
#[template(path = "console/log_in.html")]
struct LogInPage<'a> {
    shell: &'a Shell,
    error: Option<String>,
    name: &'a str,
    next: &'a str,
    is_ended: bool,
    is_clear: bool,
    is_empty: bool,
}

#[derive(Template)]
#[template(path = "console/account.html")]
struct AccountPage<'a> {
    shell: &'a Shell,
    sessions: usize,
    error: Option<String>,
    is_changed: bool,
}

/// `GET /console/log-in`
pub(super) async fn show(
    State(console): State<Arc<Console>>,
    guest: Guest,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let next = query.get("next").map_or("", String::as_str);
    let is_ended = query.contains_key("ended");
    console.log_in_page(&guest, StatusCode::OK, None, "", next, is_ended)
}

/// `POST /console/log-in`
pub(super) async fn submit(State(console): State<Arc<Console>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let guest = Guest::of(&parts);
    let shell = Shell::guest(&guest);
    // Nobody has a session yet; the browser's word must do against log-ins from elsewhere.
    if !is_from_here(&parts.headers) {
        return refusal(&shell, StatusCode::FORBIDDEN, "form-refused");
    }
    let headers = parts.headers.clone();
    let mut fields = match read(Request::from_parts(parts, body)).await {
        Ok(fields) => fields,
        Err((status, code)) => return refusal(&shell, status, code),
    };
    let password = Password::typed(fields.take("password"));
    let name = fields.get("name").trim().to_owned();
    let next = fields.get("next").to_owned();
    // After a wrong password, too, it is told that the form sent just before did nothing.
    let is_ended = !fields.get("ended").is_empty();
    match console.log_in(&guest, &headers, &name, password).await {
        Ok(entered) => {
            let start = match entered.account.role {
                AccountRole::Owner | AccountRole::Auditor => "/console",
                AccountRole::Outlet => "/counter",
            };
            let mut answer = match is_ours(&next) {
                true if is_ended => see(&format!("{next}?{UNDONE}")),
                true => see(&next),
                false => see(start),
            };
            entered.tell(&mut answer, guest.is_secure);
            answer
        }
        Err(Refused::Wrong) => {
            let error = shell.t.log_in.refused.to_string();
            console.log_in_page(&guest, StatusCode::FORBIDDEN, Some(error), &name, &next, is_ended)
        }
        Err(Refused::Wait(wait)) => {
            let seconds = wait.as_secs() + 1;
            let error = shell.t.log_in.wait.with(seconds);
            let many = StatusCode::TOO_MANY_REQUESTS;
            let mut answer = console.log_in_page(&guest, many, Some(error), &name, &next, is_ended);
            answer.headers_mut().insert(RETRY_AFTER, seconds.into());
            answer
        }
        Err(Refused::Busy) => {
            let error = shell.t.log_in.busy.to_string();
            let busy = StatusCode::SERVICE_UNAVAILABLE;
            console.log_in_page(&guest, busy, Some(error), &name, &next, is_ended)
        }
        Err(Refused::Unread(answer)) => *answer,
    }
}

/// `POST /console/log-out`
pub(super) async fn log_out(State(console): State<Arc<Console>>, posted: Posted) -> Response {
    console.sessions.end(&posted.seat.visit.key);
    let mut answer = see("/console/log-in");
    set_cookie(&mut answer, None, posted.seat.is_secure);
    answer
}

/// `GET /console/account`
pub(super) async fn account(
    State(console): State<Arc<Console>>,
    seat: Seat,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    console.account_page(&seat, StatusCode::OK, None, query.contains_key("changed"))
}

/// `POST /console/account/log-out-everywhere`
pub(super) async fn log_out_everywhere(
    State(console): State<Arc<Console>>,
    posted: Posted,
) -> Response {
    let name = posted.seat.visit.person.name.clone();
    let accounts = Arc::clone(&console.accounts);
    let ended = tokio::task::spawn_blocking(move || accounts.end_sessions(&name)).await;
    if let Err(error) = ended.expect("writing a file does not panic") {
        return unread(&guest_of(&posted.seat), &error);
    }
    let name = &posted.seat.visit.person.name;
    console.sessions.end_all(name);
    tracing::info!(client = %posted.seat.from, actor = %name, "logged out everywhere");
    let mut answer = see("/console/log-in");
    set_cookie(&mut answer, None, posted.seat.is_secure);
    answer
}

/// `POST /console/account/password`
pub(super) async fn change_password(
    State(console): State<Arc<Console>>,
    Posted { seat, mut fields }: Posted,
) -> Response {
    let t = &Shell::of(&seat, "/console/account").t.account;
    let [old, new, again] = ["old", "new", "again"].map(|name| Password::typed(fields.take(name)));
    let wrong = |error: &str| Some(error.to_owned());
    let fault = if !new.is(&again) {
        wrong(&t.differ)
    } else {
        match new.check(&seat.visit.person.name) {
            Ok(()) => None,
            Err(PasswordFault::TooShort) => wrong(&t.too_short),
            Err(PasswordFault::TooLong) => wrong(&t.too_long),
            Err(PasswordFault::Guessable | PasswordFault::ControlCharacter) => wrong(&t.guessable),
        }
    };
    if fault.is_some() {
        return console.account_page(&seat, StatusCode::BAD_REQUEST, fault, false);
    }
    match console.renew_password(&seat, old, new).await {
        Ok(entered) => {
            let mut answer = see("/console/account?changed=1");
            entered.tell(&mut answer, seat.is_secure);
            answer
        }
        Err(Refused::Wrong) => {
            console.account_page(&seat, StatusCode::FORBIDDEN, wrong(&t.wrong), false)
        }
        Err(Refused::Wait(wait)) => {
            let error = Shell::of(&seat, "").t.log_in.wait.with(wait.as_secs() + 1);
            console.account_page(&seat, StatusCode::TOO_MANY_REQUESTS, Some(error), false)
        }
        Err(Refused::Busy) => {
            let error = Shell::of(&seat, "").t.log_in.busy.to_string();
            console.account_page(&seat, StatusCode::SERVICE_UNAVAILABLE, Some(error), false)
        }
        Err(Refused::Unread(answer)) => *answer,
    }
}

fn guest_of(seat: &Seat) -> Guest {
    Guest { language: seat.language, chosen: None, is_secure: seat.is_secure, from: seat.from }
}

/// A session that has just begun.
struct Entered {
    secret: String,
    account: Account,
}

impl Entered {
    /// Gives the browser what it needs, and what lets it be known later.
    fn tell(&self, answer: &mut Response, is_secure: bool) {
        set_cookie(answer, Some(&self.secret), is_secure);
        if let Err(error) = device::remember(answer, &self.account, is_secure) {
            tracing::error!(%error, "a browser will not be known again");
        }
    }
}

/// Why a password let nobody in.
enum Refused {
    Wrong,
    Wait(Duration),
    Busy,
    Unread(Box<Response>),
}

impl Refused {
    fn of(error: &HashError) -> Self {
        match error {
            HashError::Busy => {}
            HashError::Failed(_) => tracing::error!(%error, "nobody can log in"),
        }
        Self::Busy
    }
}

impl Console {
    async fn log_in(
        &self,
        guest: &Guest,
        headers: &HeaderMap,
        name: &str,
        password: Password,
    ) -> Result<Entered, Refused> {
        let account = self.accounts.find(name);
        let account = account.map_err(|error| Refused::Unread(Box::new(unread(guest, &error))))?;
        let client = guest.from;
        let known = account.as_ref();
        let known = known.and_then(|account| device::known(headers, account, guest.is_secure));
        let trier = known.map_or(Trier::Stranger { name, address: client }, Trier::Known);
        let Some(account) = self.try_password(trier, account, password).await? else {
            // Without the name, which may be a password in the wrong field.
            if let Some(count) = self.strangers.one(Instant::now()) {
                tracing::warn!(%client, count, "log-ins are refused");
            }
            return Err(Refused::Wrong);
        };
        // The browser forgets the session that it had.
        if let Some(former) = guard::secret(headers, guest.is_secure) {
            self.sessions.leave(former);
        }
        let entered = self.enter(account, guest.chosen)?;
        let Account { name, role, .. } = &entered.account;
        tracing::info!(%client, actor = %name, %role, "logged in");
        Ok(entered)
    }

    /// Another password; whoever else is logged in to the account is so no longer, and this
    /// browser goes on with a session of its own.
    async fn renew_password(
        &self,
        seat: &Seat,
        old: Password,
        new: Password,
    ) -> Result<Entered, Refused> {
        let name = &seat.visit.person.name;
        let unread = |error| Refused::Unread(Box::new(unread(&guest_of(seat), &error)));
        let account = self.accounts.find(name).map_err(unread)?;
        let trier = Trier::Known(seat.visit.key);
        if self.try_password(trier, account, old).await?.is_none() {
            return Err(Refused::Wrong);
        }
        let hash = self.hasher.hash(new).await.map_err(|error| Refused::of(&error))?;
        let (accounts, now) = (Arc::clone(&self.accounts), self.operator.now());
        let whose = name.clone();
        let set = tokio::task::spawn_blocking(move || accounts.set_password(&whose, hash, now));
        let account = set.await.expect("writing a file does not panic").map_err(unread)?;
        self.sessions.end_all(name);
        let entered = self.enter(account, seat.visit.language)?;
        tracing::info!(client = %seat.from, actor = %name, "changed the password");
        Ok(entered)
    }

    /// The account, when the password is its own. Tries are counted, and too many of them wait.
    async fn try_password(
        &self,
        trier: Trier<'_>,
        account: Option<Account>,
        password: Password,
    ) -> Result<Option<Account>, Refused> {
        self.lockout.begin(trier, Instant::now()).map_err(Refused::Wait)?;
        let hash = account.as_ref().and_then(Account::hash);
        let is_stranger = matches!(trier, Trier::Stranger { .. });
        let is_right = self.hasher.check(password, hash, is_stranger).await.map_err(|error| {
            self.lockout.undone(trier);
            Refused::of(&error)
        })?;
        if is_right {
            self.lockout.succeeded(trier);
        } else {
            self.lockout.failed(trier, Instant::now());
        }
        Ok(account.filter(|_| is_right))
    }

    fn enter(&self, account: Account, language: Option<Language>) -> Result<Entered, Refused> {
        let begun = self.sessions.begin(&account, language, Instant::now());
        let secret = begun.map_err(|error| Refused::of(&HashError::Failed(error.to_string())))?;
        Ok(Entered { secret, account })
    }

    fn log_in_page(
        &self,
        guest: &Guest,
        status: StatusCode,
        error: Option<String>,
        name: &str,
        next: &str,
        is_ended: bool,
    ) -> Response {
        let shell = Shell::guest(guest);
        let is_empty = match self.accounts.list() {
            Ok(accounts) => accounts.is_empty(),
            Err(error) => return unread(guest, &error),
        };
        let next = if is_ours(next) { next } else { "" };
        let is_clear = !guest.is_secure && !guest.from.is_loopback();
        let shell = &shell;
        let page = LogInPage { shell, error, name, next, is_ended, is_clear, is_empty };
        shell.answer(status, &page)
    }

    fn account_page(
        &self,
        seat: &Seat,
        status: StatusCode,
        error: Option<String>,
        is_changed: bool,
    ) -> Response {
        let shell = &Shell::of(seat, "/console/account");
        let sessions = self.sessions.count(&seat.visit.person.name, Instant::now());
        shell.answer(status, &AccountPage { shell, sessions, error, is_changed })
    }
}

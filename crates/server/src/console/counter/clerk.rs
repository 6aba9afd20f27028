//! Who stands at the counter: a shift that a code began, or an account of the role outlet.
//!
//! Owns: the cookie of a shift, and which outlets its person may hand out for. Never: lets in an
//! owner or an auditor, who do not stand at counters.
//! Invariants: a form needs a browser that says it came from these pages, and the token that only
//! a page of the same log-in holds.

use super::super::Console;
use super::super::accounts::AccountRole;
use super::super::fields::Fields;
use super::super::guard::{self, Guest, Seat, cookie, give_cookie, is_from_here, read};
use super::super::page::see;
use super::super::sessions::SessionKey;
use super::page::Shell;
use super::shifts::{Shift, ShiftError};
use crate::language::Language;
use crate::secret::base32;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::Response;
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode};
use sha2::{Digest as _, Sha256};
use std::net::IpAddr;
use std::sync::Arc;
use subtle::ConstantTimeEq as _;
use types::Millis;

/// See the console's own; beside it in one browser.
const SECURE_COOKIE: &str = "__Host-tidegate-counter";
const CLEAR_COOKIE: &str = "tidegate-counter";
/// Which language somebody chose at this counter.
const LANGUAGE_COOKIE: &str = "tidegate-counter-language";
/// Where units are handed over.
const HAND_OVER: &str = "/counter/hand-over";
const A_YEAR_SECONDS: u64 = 365 * 24 * 3_600;

/// What somebody is let in by.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Pass {
    /// The number of a shift.
    Shift(u64),
    /// The session of an account.
    Session(SessionKey),
}

/// Somebody at a counter.
pub(super) struct Clerk {
    pub(super) pass: Pass,
    /// Recorded with everything they hand out.
    pub(super) actor: String,
    /// What the page calls them.
    pub(super) name: String,
    pub(super) outlets: Vec<String>,
    /// When a shift is over.
    pub(super) ends: Option<Millis>,
    pub(super) form_token: String,
    pub(super) language: Language,
    /// Asked for in the address.
    pub(super) chosen: Option<Language>,
    pub(super) is_secure: bool,
    pub(super) from: IpAddr,
}

/// A form of a page of ours.
pub(super) struct Pressed {
    pub(super) clerk: Clerk,
    pub(super) fields: Fields,
}

impl Clerk {
    fn of_shift(shift: Shift, secret: &str, guest: &Guest, language: Language) -> Self {
        Self {
            pass: Pass::Shift(shift.number),
            actor: actor(&shift),
            name: shift.name,
            outlets: shift.outlets,
            ends: Some(shift.ends),
            form_token: token_of(secret),
            language,
            chosen: guest.chosen,
            is_secure: guest.is_secure,
            from: guest.from,
        }
    }

    fn of_session(seat: Seat) -> Self {
        let person = &seat.visit.person;
        Self {
            pass: Pass::Session(seat.visit.key),
            actor: person.name.clone(),
            name: person.name.clone(),
            outlets: person.outlets.clone(),
            ends: None,
            form_token: person.form_token.clone(),
            language: seat.language,
            chosen: None,
            is_secure: seat.is_secure,
            from: seat.from,
        }
    }

    /// The outlet that a request names; without a name the only one.
    pub(super) fn outlet(&self, named: &str) -> Option<&str> {
        match self.outlets.as_slice() {
            [only] if named.is_empty() => Some(only),
            outlets => outlets.iter().find(|own| *own == named).map(String::as_str),
        }
    }

    /// Tells this log-in from others, and lets nobody in: a page keeps it beside what was pressed.
    pub(super) fn mark(&self) -> String {
        let digest = Sha256::new_with_prefix("tidegate/counter/mark/v1:");
        base32(&digest.chain_update(&self.form_token).finalize().into())
    }

    /// Whether a form or a frame holds the token of this log-in.
    pub(super) fn knows(&self, token: &str) -> bool {
        bool::from(token.as_bytes().ct_eq(self.form_token.as_bytes()))
    }
}

/// Who handed out, as the journal names them: the counter, and the owner who let it in.
fn actor(shift: &Shift) -> String {
    let owner = format!("{} / {}", shift.name, shift.by);
    owner.chars().take(types::limits::ACTOR_CHARS_MAX).collect()
}

/// What every form of a shift repeats: made of its secret, so that a restart forgets it not.
fn token_of(secret: &str) -> String {
    let digest = Sha256::new_with_prefix("tidegate/counter/form/v1:").chain_update(secret);
    base32(&digest.finalize().into())
}

impl FromRequestParts<Arc<Console>> for Clerk {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        console: &Arc<Console>,
    ) -> Result<Self, Response> {
        let guest = spoken(Guest::of(parts), &parts.headers);
        if let Some(secret) = secret(&parts.headers, guest.is_secure) {
            let secret = secret.to_owned();
            let shift = console.shifts.find(&secret, console.operator.now());
            match shift {
                Ok(Some(shift)) => {
                    let language = guest.language;
                    return Ok(Self::of_shift(shift, &secret, &guest, language));
                }
                Ok(None) => {}
                Err(error) => return Err(unread(&guest, &error)),
            }
        }
        let had_one = secret(&parts.headers, guest.is_secure).is_some();
        let is_form = parts.method != Method::GET;
        let seat = match Seat::from_request_parts(parts, console).await {
            Ok(seat) => seat,
            // Its way is to the console's log-in; a phone's is to the counter's.
            Err(answer) if answer.status().is_redirection() => {
                let path = match parts.uri.path() {
                    // Whoever pressed has the goods in their hands.
                    HAND_OVER if is_form => "/counter/log-in?ended=hand-over",
                    _ if had_one || is_form => "/counter/log-in?ended=1",
                    _ => "/counter/log-in",
                };
                return Err(see(path));
            }
            // Accounts that cannot be read: no log-in mends that.
            Err(answer) => return Err(answer),
        };
        match seat.visit.person.role {
            AccountRole::Outlet => Ok(Self::of_session(seat)),
            AccountRole::Owner | AccountRole::Auditor => {
                Err(Shell::guest(&guest).problem(StatusCode::FORBIDDEN, "not-at-the-counter"))
            }
        }
    }
}

impl FromRequest<Arc<Console>> for Pressed {
    type Rejection = Response;

    async fn from_request(request: Request, console: &Arc<Console>) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let guest = spoken(Guest::of(&parts), &parts.headers);
        let shell = Shell::guest(&guest);
        if !is_from_here(&parts.headers) {
            return Err(shell.problem(StatusCode::FORBIDDEN, "form-refused"));
        }
        let clerk = Clerk::from_request_parts(&mut parts, console).await?;
        let fields = read(Request::from_parts(parts, body)).await;
        let fields = fields.map_err(|(status, code)| shell.problem(status, code))?;
        if !clerk.knows(fields.get("token")) {
            return Err(shell.problem(StatusCode::FORBIDDEN, "form-refused"));
        }
        Ok(Self { clerk, fields })
    }
}

/// Somebody with the language that was chosen here before, unless the address names one.
pub(super) fn spoken(guest: Guest, headers: &HeaderMap) -> Guest {
    let kept = || cookie(headers, LANGUAGE_COOKIE).and_then(Language::of_tag);
    let language = guest.chosen.or_else(kept).unwrap_or(guest.language);
    Guest { language, ..guest }
}

/// The page that says why no phone is let in.
pub(super) fn unread(guest: &Guest, error: &ShiftError) -> Response {
    tracing::error!(code = error.code(), %error, "shifts cannot be read or written");
    Shell::guest(guest).unread(error.code())
}

/// The shift's secret, as the phone keeps it.
fn secret(headers: &HeaderMap, is_secure: bool) -> Option<&str> {
    cookie(headers, name(is_secure))
}

/// Gives a phone its secret for so many seconds, or takes it away.
pub(super) fn set_secret(answer: &mut Response, secret: Option<(&str, u64)>, is_secure: bool) {
    let (value, seconds) = secret.unwrap_or(("", 0));
    give_cookie(answer, name(is_secure), (value, Some(seconds)), is_secure);
}

const fn name(is_secure: bool) -> &'static str {
    if is_secure { SECURE_COOKIE } else { CLEAR_COOKIE }
}

/// Remembers the language that an address names.
pub(super) fn keep_language(answer: &mut Response, chosen: Option<Language>, is_secure: bool) {
    if let Some(language) = chosen {
        let tag = &*language.texts().language.tag;
        give_cookie(answer, LANGUAGE_COOKIE, (tag, Some(A_YEAR_SECONDS)), is_secure);
    }
}

/// Ends what somebody is let in by.
pub(super) fn end(console: &Console, pass: Pass, answer: &mut Response, is_secure: bool) {
    match pass {
        Pass::Shift(_) => set_secret(answer, None, is_secure),
        Pass::Session(key) => {
            console.sessions.end(&key);
            guard::set_cookie(answer, None, is_secure);
        }
    }
}

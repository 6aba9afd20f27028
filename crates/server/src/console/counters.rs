//! Counters: an owner lets phones in, and sees which ones hand out.
//!
//! Owns: the page, and the code that it shows once. Never: shows a code a second time, or keeps it.
//! On failure: a page that says so; a code that was not seen is simply made again.

use super::Console;
use super::counter::shifts::{NewShift, Shift, ShiftError};
use super::fields::Fields;
use super::guard::{Overseer, Posted, Seat};
use super::page::{Shell, not_an_owner, see};
use crate::moment::utc;
use crate::pages::qr::{self, Picture};
use crate::secret;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::header::HOST;
use http::{HeaderMap, StatusCode};
use std::collections::BTreeMap;
use std::sync::Arc;
use types::definition::turns_direction;
use types::{Millis, limits};

/// The page's address.
const PATH: &str = "/console/counters";
/// Outlets that the form proposes; of more, the code is typed.
const PROPOSED_MAX: usize = 500;
/// Characters of a host's name in an address (RFC 1035), with its port.
const HOST_CHARS_MAX: usize = 259;

#[derive(Template)]
#[template(path = "console/counters.html")]
struct CountersPage<'a> {
    shell: &'a Shell,
    is_owner: bool,
    offered: Option<Offered>,
    error: Option<String>,
    typed: Typed,
    outlets: BTreeMap<String, String>,
    shifts: Vec<ShiftView>,
    request: String,
    hours_max: u64,
    name_chars_max: usize,
}

/// What stands in the form.
struct Typed {
    name: String,
    outlets: String,
    hours: String,
}

/// A code, shown once.
struct Offered {
    code: String,
    until: String,
    name: String,
    address: String,
    picture: Picture,
}

struct ShiftView {
    number: u64,
    name: String,
    outlets: String,
    by: String,
    began: String,
    ends: String,
}

impl Default for Typed {
    fn default() -> Self {
        let hours = limits::COUNTER_SHIFT_HOURS.to_string();
        Self { name: String::new(), outlets: String::new(), hours }
    }
}

impl Typed {
    fn of(fields: &Fields) -> Self {
        let [name, outlets, hours] =
            ["name", "outlets", "hours"].map(|field| fields.get(field).trim().to_owned());
        Self { name, outlets, hours }
    }

    /// Codes of outlets, between spaces or commas of either script.
    fn outlets(&self) -> Vec<String> {
        let is_between = |c: char| c.is_whitespace() || ",;，；、".contains(c);
        let mut codes: Vec<String> = Vec::new();
        for code in self.outlets.split(is_between).filter(|code| !code.is_empty()) {
            if !codes.iter().any(|known| known == code) {
                codes.push(code.to_owned());
            }
        }
        codes
    }
}

/// `GET /console/counters`
pub(super) async fn show(
    State(console): State<Arc<Console>>,
    Overseer(seat): Overseer,
) -> Response {
    console.counters_page(&seat, StatusCode::OK, None, None, Typed::default())
}

/// `POST /console/counters`: a code, which this answer alone shows.
pub(super) async fn offer(
    State(console): State<Arc<Console>>,
    headers: HeaderMap,
    Posted { seat, fields }: Posted,
) -> Response {
    if let Some(refused) = not_an_owner(&Shell::of(&seat, PATH), &seat) {
        return refused;
    }
    let typed = Typed::of(&fields);
    let new = match console.checked(&seat, &typed) {
        Ok(new) => new,
        Err(error) => {
            let status = StatusCode::BAD_REQUEST;
            return console.counters_page(&seat, status, None, Some(error), typed);
        }
    };
    let (name, outlets) = (new.name.clone(), new.outlets.clone());
    let (hours, form) = (new.hours, fields.get("request"));
    let (code, until) = match console.shifts.offer(new, form, console.operator.now()) {
        Ok(offered) => offered,
        Err(error) => return unread(&seat, &ShiftError::Random(error)),
    };
    tracing::info!(client = %seat.from, actor = %seat.visit.person.name, counter = %name,
        outlets = %outlets.join(" "), hours, "a code for a counter was made");
    let until = console.in_words(&outlets[0], until, seat.language).unwrap_or_else(|| utc(until));
    let address = address(&headers, seat.is_secure);
    // Behind the `#`, which no browser sends: the phone's own page reads it.
    let picture = qr::picture(&format!("{address}#{code}"));
    let offered = Offered { code, until, name, address, picture };
    console.counters_page(&seat, StatusCode::OK, Some(offered), None, Typed::default())
}

/// `POST /console/counters/end`
pub(super) async fn end(
    State(console): State<Arc<Console>>,
    Posted { seat, fields }: Posted,
) -> Response {
    if let Some(refused) = not_an_owner(&Shell::of(&seat, PATH), &seat) {
        return refused;
    }
    let number = fields.get("shift").parse().unwrap_or(0);
    let (shifts, now) = (Arc::clone(&console), console.operator.now());
    let ended = tokio::task::spawn_blocking(move || shifts.shifts.end(number, now)).await;
    match ended.expect("writing a file does not panic") {
        Ok(Some(Shift { number, name, .. })) => {
            tracing::info!(client = %seat.from, actor = %seat.visit.person.name,
                shift = number, counter = %name, "a shift was ended");
        }
        // It was over by itself.
        Ok(None) => {}
        Err(error) => return unread(&seat, &error),
    }
    see(PATH)
}

fn unread(seat: &Seat, error: &ShiftError) -> Response {
    tracing::error!(code = error.code(), %error, "shifts cannot be read or written");
    let shell = Shell::of(seat, PATH);
    let t = &shell.t.counters;
    shell.problem(StatusCode::SERVICE_UNAVAILABLE, error.code(), &t.title, &t.unread)
}

/// Where phones log in, as this browser has come here.
fn address(headers: &HeaderMap, is_secure: bool) -> String {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let host: String = host.chars().take(HOST_CHARS_MAX).collect();
    let scheme = if is_secure { "https" } else { "http" };
    format!("{scheme}://{host}/counter/log-in")
}

impl Console {
    /// The shift that a form asks for, or what is wrong with it.
    fn checked(&self, seat: &Seat, typed: &Typed) -> Result<NewShift, String> {
        let t = &seat.language.texts().console.counters;
        let is_odd = |c: char| c.is_control() || turns_direction(c);
        let is_name = 1 <= typed.name.chars().count()
            && typed.name.chars().count() <= limits::COUNTER_NAME_CHARS_MAX
            && !typed.name.chars().any(is_odd);
        if !is_name {
            return Err(t.wrong_name.with(limits::COUNTER_NAME_CHARS_MAX));
        }
        let outlets = typed.outlets();
        if outlets.is_empty() || limits::TOKEN_OUTLETS_MAX < outlets.len() {
            return Err(t.no_outlet.with(limits::TOKEN_OUTLETS_MAX));
        }
        let view = self.operator.node.view();
        let is_known = |code: &String| {
            let mut campaigns = view.campaigns.iter();
            campaigns.any(|one| one.definition.outlets.iter().any(|known| known.code == *code))
        };
        if let Some(unknown) = outlets.iter().find(|code| !is_known(code)) {
            return Err(t.unknown_outlet.with(unknown));
        }
        let hours = typed.hours.parse().ok();
        let hours = hours.filter(|hours| (1..=limits::COUNTER_SHIFT_HOURS_MAX).contains(hours));
        let hours = hours.ok_or_else(|| t.wrong_hours.with(limits::COUNTER_SHIFT_HOURS_MAX))?;
        let by = seat.visit.person.name.clone();
        Ok(NewShift { name: typed.name.clone(), outlets, by, hours })
    }

    /// Outlets of all campaigns by code, with their names; none when they are too many.
    fn proposed(&self, seat: &Seat) -> BTreeMap<String, String> {
        let mut proposed = BTreeMap::new();
        for campaign in &self.operator.node.view().campaigns {
            let definition = &campaign.definition;
            for outlet in &definition.outlets {
                let name = seat.language.local(definition, &outlet.name).to_owned();
                proposed.insert(outlet.code.clone(), name);
                if PROPOSED_MAX < proposed.len() {
                    return BTreeMap::new();
                }
            }
        }
        proposed
    }

    fn counters_page(
        &self,
        seat: &Seat,
        status: StatusCode,
        offered: Option<Offered>,
        error: Option<String>,
        typed: Typed,
    ) -> Response {
        let shell = &Shell::of(seat, PATH);
        let shifts = match self.shifts.list(self.operator.now()) {
            Ok(shifts) => shifts,
            Err(error) => return unread(seat, &error),
        };
        let words = |shift: &Shift, at: Millis| {
            // A file that somebody wrote by hand may name none.
            let outlet = shift.outlets.first().map_or("", String::as_str);
            self.in_words(outlet, at, seat.language).unwrap_or_else(|| utc(at))
        };
        let view = |shift: Shift| ShiftView {
            number: shift.number,
            began: words(&shift, shift.began),
            ends: words(&shift, shift.ends),
            outlets: shift.outlets.join(" "),
            name: shift.name,
            by: shift.by,
        };
        let page = CountersPage {
            shell,
            is_owner: shell.is_owner(),
            offered,
            error,
            typed,
            outlets: self.proposed(seat),
            shifts: shifts.into_iter().map(view).collect(),
            // Without randomness nobody is logged in, either.
            request: secret::random().unwrap_or_default(),
            hours_max: limits::COUNTER_SHIFT_HOURS_MAX,
            name_chars_max: limits::COUNTER_NAME_CHARS_MAX,
        };
        shell.answer(status, &page)
    }
}

//! The operator console: pages for those who run campaigns.
//!
//! Owns: accounts, sessions, the pages under `/console`, and what brings them to life. Never:
//! decides what the rules decide, or changes anything but by what the operator API does.
//! Invariants: every page has a session behind it, but for the log-in page; every change comes
//! from a form of ours and is recorded under the account's name; what many watch is rendered once.
//! On failure: a page that says what happened and what to do.

pub mod accounts;
mod answers;
mod chart;
mod counter;
mod counters;
mod device;
mod draws;
mod export;
mod faults;
mod fields;
mod guard;
mod journal;
mod live;
mod lockout;
mod log_in;
mod machine;
mod next;
mod page;
pub mod passwords;
mod press;
mod scene;
mod sessions;
mod stock;
mod switches;
mod view;
mod watching;
mod withdraw;

pub(crate) use guard::IsSecure;
pub(crate) use live::Watched;

use crate::listener::turned_away::TurnedAway;
use crate::operator::Operator;
use accounts::AccountStore;
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{any, get};
use counter::Frames;
use counter::shifts::Shifts;
use guard::{Guest, to_page};
use http::StatusCode;
use live::Feeds;
use lockout::Lockout;
use machine::Readings;
use page::{Shell, refusal};
use passwords::Hasher;
use scene::Memory;
use sessions::Sessions;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use stock::Drafts;
use tokio::sync::watch;
use types::limits;

/// What the pages share.
pub struct Console {
    operator: Arc<Operator>,
    accounts: Arc<AccountStore>,
    sessions: Sessions,
    lockout: Lockout,
    hasher: Hasher,
    feeds: Feeds,
    readings: Mutex<Readings>,
    /// Held while somebody gathers what there is to see.
    memory: tokio::sync::Mutex<Memory>,
    drafts: Drafts,
    /// What is known of draws.
    draws: draws::Known,
    /// Phones at counters.
    shifts: Shifts,
    frames: Frames,
    /// Those who failed to log in.
    strangers: TurnedAway,
    /// True when the node stops: streams must end, or nobody's requests would.
    stop: watch::Receiver<bool>,
}

impl Console {
    /// What the pages need; they end their streams when `stop` holds true or its sender is gone.
    #[must_use]
    pub fn new(
        operator: Arc<Operator>,
        accounts: Arc<AccountStore>,
        stop: watch::Receiver<bool>,
    ) -> Arc<Self> {
        let shifts = Shifts::new(accounts.folder());
        Arc::new(Self {
            operator,
            accounts,
            sessions: Sessions::default(),
            lockout: Lockout::default(),
            hasher: Hasher::default(),
            feeds: Feeds::default(),
            readings: Mutex::default(),
            memory: tokio::sync::Mutex::default(),
            drafts: Drafts::default(),
            draws: draws::Known::default(),
            shifts,
            frames: Frames::default(),
            strangers: TurnedAway::default(),
            stop,
        })
    }

    fn readings(&self) -> MutexGuard<'_, Readings> {
        self.readings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The pages of the operator listener.
pub fn router(console: Arc<Console>) -> Router {
    let forms = Router::new()
        .route("/console/log-in", get(log_in::show).post(log_in::submit))
        .route("/console/log-out", get(home).post(log_in::log_out))
        .route("/console/account", get(log_in::account))
        .route("/console/account/password", get(to_page).post(log_in::change_password))
        .route("/console/account/log-out-everywhere", get(to_page).post(log_in::log_out_everywhere))
        // For whoever types less than the whole address.
        .route("/", get(home))
        .route("/console/", get(home))
        .route("/console", get(watching::list))
        .route("/console/stay", get(watching::stay))
        .route("/console/live", get(watching::list_live))
        .route("/console/actions", get(journal::show))
        .route("/console/counters", get(counters::show).post(counters::offer))
        .route("/console/counters/end", get(to_page).post(counters::end))
        .route("/console/c/{campaign}", get(watching::campaign))
        .route("/console/c/{campaign}/live", get(watching::campaign_live))
        .route("/console/c/{campaign}/do/{switch}", get(switches::show).post(switches::submit))
        .route("/console/c/{campaign}/stock/confirm", get(to_page).post(stock::confirm))
        .route("/console/c/{campaign}/export", get(export::show).post(export::submit))
        .route("/console/{*elsewhere}", any(not_here))
        .layer(DefaultBodyLimit::max(limits::CONSOLE_FORM_BYTES_MAX));
    let tables = Router::new()
        .route("/console/c/{campaign}/stock", get(stock::show).post(stock::preview))
        .layer(DefaultBodyLimit::max(limits::CONSOLE_UPLOAD_BYTES_MAX));
    // A seal's rules are a text of some pages.
    let draws = draws::router().layer(DefaultBodyLimit::max(limits::CONSOLE_DRAW_FORM_BYTES_MAX));
    forms
        .merge(tables)
        .merge(draws)
        .layer(middleware::from_fn_with_state(Arc::clone(&console), once_ready))
        .layer(middleware::map_response(guard::strict))
        .merge(counter::router(Arc::clone(&console)))
        .with_state(console)
}

/// Where everybody begins.
async fn home() -> Response {
    page::see("/console")
}

/// Any other address.
async fn not_here(guest: Guest) -> Response {
    refusal(&Shell::guest(&guest), StatusCode::NOT_FOUND, "no-such-page")
}

/// Until replay is done there is nothing to show but emptiness.
async fn once_ready(
    State(console): State<Arc<Console>>,
    request: axum::extract::Request,
    next: Next,
) -> Response {
    if console.operator.node.status().state == node::State::Replaying {
        let (parts, _) = request.into_parts();
        let shell = Shell::guest(&Guest::of(&parts));
        return refusal(&shell, StatusCode::SERVICE_UNAVAILABLE, "starting");
    }
    next.run(request).await
}

//! The operator API: everything the command line and the console do goes through it.
//!
//! Owns: the routes under `/v1/operator/` and `/metrics`, who may use them, and the path of an
//! operator's action into the journal. Never: decides what the rules decide; shows a person to
//! anyone but an operator, and then only in an export.
//! Invariants: every change is one command with the token's name, the caller's address and a
//! reason; keys are made durable before a campaign is loaded, and destroyed only after its
//! shredding is.
//! On failure: a problem document with a code that has a page in `docs/errors`.

mod access;
pub(crate) mod actions;
mod campaigns;
mod chunks;
mod definition_lock;
pub(crate) mod draws;
pub(crate) mod export;
mod gather;
pub(crate) mod handing_out;
pub(crate) mod history;
pub(crate) mod input;
mod lists;
mod marks;
mod metrics;
mod people;
mod redemptions;
mod refusal;
mod shred;
pub(crate) mod stock;
mod take_over;
pub mod tokens;
pub(crate) mod truth;
mod words;

pub(crate) use access::{Actor, bearer};
pub use shred::{ShredError, finish_shreds};

use crate::app::{PAGE_POLICY, as_a_page};
use crate::console::Watched;
use crate::draws::Draws;
use crate::language::Language;
use crate::listener::turned_away::TurnedAway;
use crate::moment::rfc3339 as moment;
use crate::problem::Problem;
use crate::take_over::TakeOvers;
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::header::{CACHE_CONTROL, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use definition_lock::DefinitionLock;
use identity::Keyring;
use ledger::Ledger;
use node::{CampaignView, Node, Unavailable};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokens::TokenStore;
use tokio::sync::Semaphore;
use types::{Action, Millis, OperatorCommand, Outcome, limits};
use utoipa::OpenApi;

/// What the routes share.
pub struct Operator {
    pub(crate) node: Node,
    keyring: Arc<Keyring>,
    tokens: Arc<TokenStore>,
    /// For working files of exports: on the data folder's disk, which is fit for personal data.
    scratch: PathBuf,
    /// Held by whatever goes by the numbers or the keys of a definition.
    definitions: DefinitionLock,
    counting: campaigns::Counting,
    /// Those who came without a valid token.
    strangers: TurnedAway,
    /// Those who watch the console.
    pub(crate) watched: Watched,
    exports: Arc<Semaphore>,
    export_bookings_max: usize,
    pub(crate) draws: Draws,
    take_overs: TakeOvers,
}

impl Operator {
    /// What the routes need. `folder` is the data folder; working files of exports go to
    /// `scratch` in it.
    ///
    /// # Errors
    /// When the working folder cannot be made.
    pub fn new(
        node: Node,
        keyring: Arc<Keyring>,
        tokens: Arc<TokenStore>,
        folder: &Path,
    ) -> std::io::Result<Self> {
        let scratch = folder.join("scratch");
        std::os::unix::fs::DirBuilderExt::mode(&mut std::fs::DirBuilder::new(), 0o700)
            .recursive(true)
            .create(&scratch)?;
        Ok(Self {
            node,
            keyring,
            tokens,
            scratch,
            definitions: DefinitionLock::default(),
            counting: campaigns::Counting::default(),
            strangers: TurnedAway::default(),
            watched: Watched::default(),
            exports: Arc::new(Semaphore::new(limits::EXPORTS_MAX)),
            export_bookings_max: limits::EXPORT_BOOKINGS_MAX,
            draws: Draws::new(folder),
            take_overs: TakeOvers::default(),
        })
    }

    /// The same with exports that hold about so many bookings in memory at a time, at least 1,
    /// and look at the ledger more often instead.
    #[must_use]
    pub fn holding(self, export_bookings_max: usize) -> Self {
        assert!(0 < export_bookings_max, "an export that holds nothing never ends");
        Self { export_bookings_max, ..self }
    }

    /// The node's time.
    pub(crate) fn now(&self) -> Millis {
        self.node.now()
    }

    /// The campaign of a code, as the gate sees it.
    pub(crate) fn campaign(&self, code: &str) -> Result<Arc<CampaignView>, Problem> {
        self.node.view().by_code(code).cloned().ok_or_else(|| refusal::unknown_campaign(code))
    }

    /// Looks at the ledger between two frames.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Ledger) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let pending = self.node.read(look).map_err(unavailable)?;
        pending.await.map_err(unavailable)
    }

    /// Journals one action of somebody, with their name and address, and waits for its outcome.
    async fn act(&self, by: &Actor, reason: &str, action: Action) -> Result<Outcome, Problem> {
        let (actor, reason) = (by.name.clone(), reason.to_owned());
        let from = Some(by.from.to_string());
        let command = OperatorCommand { actor, from, reason, action };
        let mut record = Vec::new();
        if command.encode(&mut record).is_err() {
            let detail = "The action is larger than one command of the journal may be. Nothing \
                          was done. Send fewer rows at a time.";
            return Err(Problem::new(413, "action-too-large", "Action too large", detail));
        }
        let pending = self.node.submit_one(record).map_err(unavailable)?;
        match pending.await.map_err(unavailable)? {
            Outcome::Refused(refused) => Err(refusal::problem(&refused)),
            outcome => Ok(outcome),
        }
    }
}

/// Until replay is done there is nothing to answer from but emptiness.
async fn once_ready(
    State(operator): State<Arc<Operator>>,
    request: axum::extract::Request,
    next: axum::middleware::Next,
) -> Response {
    if operator.node.status().state == node::State::Replaying && request.uri().path() != "/metrics"
    {
        return unavailable(Unavailable::Replaying).into_response();
    }
    next.run(request).await
}

/// The routes of the operator listener.
pub fn router(operator: Arc<Operator>) -> Router {
    Router::new()
        .route("/v1/operator/campaigns", get(campaigns::list).post(campaigns::load))
        .route("/v1/operator/campaigns/{campaign}", get(campaigns::show))
        .route("/v1/operator/campaigns/{campaign}/actions", post(actions::act))
        .route("/v1/operator/campaigns/{campaign}/stock", post(stock::change))
        .route("/v1/operator/campaigns/{campaign}/lists", post(lists::add))
        .route("/v1/operator/campaigns/{campaign}/export", post(export::export))
        .route("/v1/operator/campaigns/{campaign}/shred", post(shred::shred))
        .route("/v1/operator/campaigns/{campaign}/draws", get(draws::list).post(draws::close))
        .route("/v1/operator/campaigns/{campaign}/draws/{draw}", get(draws::show))
        .route("/v1/operator/campaigns/{campaign}/draws/{draw}/sample", post(draws::sample))
        .route("/v1/operator/campaigns/{campaign}/draws/{draw}/{step}", post(draws::step))
        .route(
            "/v1/operator/campaigns/{campaign}/take-over",
            get(take_over::show).post(take_over::begin),
        )
        .route("/v1/operator/redemptions", post(redemptions::redeem))
        .route("/v1/operator/actions", get(actions::list))
        .route("/metrics", get(metrics::metrics))
        .layer(DefaultBodyLimit::max(limits::UPLOAD_BYTES_MAX))
        .fallback(|| async { Problem::of("no-such-page", Language::default()) })
        .method_not_allowed_fallback(|| async {
            Problem::of("method-not-allowed", Language::default())
        })
        .layer(axum::middleware::from_fn_with_state(Arc::clone(&operator), once_ready))
        .layer(axum::middleware::map_response(finish))
        .layer(axum::middleware::from_fn_with_state(Arc::clone(&operator), access::note))
        // Where the documents' `type` leads.
        .merge(crate::pages::errors().layer(axum::middleware::map_response(article)))
        .with_state(operator)
}

/// The operator API's part of the OpenAPI document.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    Documented::openapi()
}

#[derive(OpenApi)]
#[openapi(
    paths(
        campaigns::list,
        campaigns::load,
        campaigns::show,
        actions::act,
        actions::list,
        stock::change,
        lists::add,
        export::export,
        shred::shred,
        draws::list,
        draws::close,
        draws::show,
        draws::step,
        draws::sample,
        take_over::show,
        take_over::begin,
        redemptions::redeem,
        metrics::metrics,
    ),
    tags((name = "operator", description = "For those who run campaigns; bearer token needed."))
)]
struct Documented;

/// What every answer carries: nobody keeps it, since it may say what is not published.
async fn finish(mut response: Response) -> Response {
    let is_unauthorized = response.status() == StatusCode::UNAUTHORIZED;
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if is_unauthorized {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

/// A page on the console's own address must be no weaker than the console.
async fn article(answer: Response) -> Response {
    as_a_page(answer, PAGE_POLICY.clone())
}

/// The node cannot take the request now.
pub(crate) fn unavailable(why: Unavailable) -> Problem {
    let advice = match why {
        // Stock that is added twice is twice the stock.
        Unavailable::Failed => {
            "Whether what was asked was done is not known: look at the list of actions before \
             asking again"
        }
        _ => "Nothing was done; what was asked may be asked again",
    };
    let detail = format!("{why}. {advice}.");
    Problem::new(503, why.code(), "Not available now", detail)
        .retry_after(why.retry_after_seconds())
}

fn hex(bytes: &[u8]) -> String {
    let mut hex = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        write!(hex, "{byte:02x}").expect("writing to a string cannot fail");
    }
    hex
}

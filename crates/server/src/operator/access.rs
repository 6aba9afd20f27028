//! Who asks, and whether they may: settled from the headers, before a body is taken.
//!
//! Owns: the reading of `Authorization`, what each role may do, and the log's line for each
//! request. Never: tells a stranger why a token does not hold; logs a query, a body or a token.
//! Invariants: every word of a line is one of ours: a route, a campaign there is, the name of a
//! token, the code of a refusal. What a caller wrote is not, whatever it was meant to be.

use super::Operator;
use super::tokens::{Role, Token};
use crate::listener::ClientAddress;
use crate::problem::{AnsweredCode, Problem};
use axum::extract::{FromRequestParts, MatchedPath, RawPathParams, Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::Response;
use node::CampaignView;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use tokio::time::Instant;

/// What a route asks of its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Right {
    /// To read what is true, without people.
    Read,
    /// To change things, and to see people in an export.
    Change,
    /// To hand units out.
    Redeem,
}

impl Right {
    /// Whether a role has it.
    const fn belongs_to(self, role: Role) -> bool {
        match self {
            Self::Read => matches!(role, Role::Operator | Role::Auditor),
            Self::Change => matches!(role, Role::Operator),
            Self::Redeem => matches!(role, Role::Operator | Role::Outlet),
        }
    }
}

/// Whoever may read.
pub(super) struct Reader;

/// Whoever may change things.
pub(super) struct Changer(pub(super) Actor);

/// Whoever may hand units out.
pub(super) struct Redeemer(pub(super) Token);

impl FromRequestParts<Arc<Operator>> for Reader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, of: &Arc<Operator>) -> Result<Self, Problem> {
        of.admit(parts, Right::Read).map(|_| Self)
    }
}

impl FromRequestParts<Arc<Operator>> for Changer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, of: &Arc<Operator>) -> Result<Self, Problem> {
        let Token { name, .. } = of.admit(parts, Right::Change)?;
        let ClientAddress(from) = ClientAddress::of(&parts.extensions);
        Ok(Self(Actor { name, from }))
    }
}

impl FromRequestParts<Arc<Operator>> for Redeemer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, of: &Arc<Operator>) -> Result<Self, Problem> {
        of.admit(parts, Right::Redeem).map(Self)
    }
}

/// Somebody who acts, and from where: what the journal keeps of them.
#[derive(Clone, Debug)]
pub(crate) struct Actor {
    /// The token's or the account's name.
    pub(crate) name: String,
    /// The address, as the listener knows it.
    pub(crate) from: IpAddr,
}

/// Who the request turned out to come from, for the log; empty while that is not known.
#[derive(Clone, Default)]
struct Caller(Arc<OnceLock<String>>);

/// One line in the log for each request of a caller with a token: from where, who, what, and how
/// it ended. What was only looked at is told at a lower level, what was refused to a caller at a
/// higher one. Of callers without a token, whose number nobody bounds, only now and then one.
pub(super) async fn note(
    State(operator): State<Arc<Operator>>,
    mut request: Request,
    next: Next,
) -> Response {
    let caller = Caller::default();
    request.extensions_mut().insert(caller.clone());
    // Behind no listener, as in some tests, a request comes from nowhere.
    let client = request.extensions().get().map(|ClientAddress(address)| *address);
    let route = request.extensions().get::<MatchedPath>().cloned();
    let method = known(request.method());
    let (mut head, body) = request.into_parts();
    let parts = RawPathParams::from_request_parts(&mut head, &()).await.ok();
    let answer = next.run(Request::from_parts(head, body)).await;
    let status = answer.status().as_u16();
    let code = answer.extensions().get().map(|AnsweredCode(code)| *code);
    let client = client.map_or_else(String::new, |client| client.to_string());
    let route = route.as_ref().map_or("-", MatchedPath::as_str);
    let Some(actor) = caller.0.get() else {
        if status == 401
            && let Some(count) = operator.strangers.one(Instant::now())
        {
            tracing::warn!(
                client,
                method,
                route,
                count,
                "requests without a valid token are refused"
            );
        } else {
            tracing::debug!(client, method, route, status, "a request of nobody known");
        }
        return answer;
    };
    let campaign = operator.named(parts.as_ref());
    let campaign = campaign.as_ref().map_or("-", |view| view.definition.code.as_str());
    if status == 403 {
        tracing::warn!(client, actor, method, route, campaign, status, code, "not with this role");
    } else if matches!(method, "GET" | "HEAD") {
        tracing::debug!(client, actor, method, route, campaign, status, code, "an operator's look");
    } else {
        tracing::info!(
            client,
            actor,
            method,
            route,
            campaign,
            status,
            code,
            "an operator's request"
        );
    }
    answer
}

/// A method's name; a caller may make one up.
fn known(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or("-")
}

/// The secret of a bearer token; the scheme's case does not matter (RFC 9110, 11.1).
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, secret) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim())
}

impl Operator {
    /// The campaign that a path names, if there is such a one.
    fn named(&self, parts: Option<&RawPathParams>) -> Option<Arc<CampaignView>> {
        let (_, code) = parts?.iter().find(|(name, _)| *name == "campaign")?;
        self.node.view().by_code(code).cloned()
    }

    /// The caller's token, when it has the right.
    fn admit(&self, parts: &Parts, right: Right) -> Result<Token, Problem> {
        let token = self.caller(&parts.headers)?;
        if let Some(Caller(caller)) = parts.extensions.get() {
            // A request asks once; if it asked twice, it would be the same token.
            let _first = caller.set(token.name.clone());
        }
        if right.belongs_to(token.role) {
            return Ok(token);
        }
        let detail = format!(
            "The token \"{}\" has the role {}, which may not do this. Nothing was done. Use a \
             token of another role.",
            token.name, token.role
        );
        Err(Problem::new(403, "role-not-allowed", "Not with this role", detail))
    }

    fn caller(&self, headers: &HeaderMap) -> Result<Token, Problem> {
        let Some(secret) = bearer(headers) else {
            let detail = "The request has no token. Send the header \"Authorization: Bearer …\" \
                          with a token that `tidegate token create` made.";
            return Err(Problem::new(401, "token-missing", "Token missing", detail));
        };
        let found = self.tokens.find(secret, self.now()).map_err(|error| {
            tracing::error!(code = error.code(), %error, "tokens cannot be read");
            let detail = "The node cannot read its tokens, so it lets nobody in. Its log says \
                          why and what to do.";
            Problem::new(503, error.code(), "Tokens cannot be read", detail)
        })?;
        found.ok_or_else(|| {
            let detail = "The token is unknown, revoked or expired. `tidegate token list` shows \
                          the tokens there are; `tidegate token create` makes a new one.";
            Problem::new(401, "token-refused", "Token refused", detail)
        })
    }
}

//! The work at a counter: type or scan a code, look, hand over, the next one.
//!
//! Owns: the pages and what their forms do. Never: hands over what nobody has looked at.

use super::super::Console;
use super::super::page::see;
use super::RETRY_SECONDS;
use super::clerk::{Clerk, Pressed, keep_language};
use super::counts::Counts;
use super::page::Shell;
use super::told::{About, Asker, LookPage, Told, ToldPage, What};
use crate::language::Language;
use crate::moment::plain;
use crate::operator::handing_out::Worth;
use crate::secret;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use http::StatusCode;
use http::header::RETRY_AFTER;
use node::CampaignView;
use std::collections::HashMap;
use std::sync::Arc;
use types::Millis;

#[derive(Template)]
#[template(path = "counter/home.html")]
struct HomePage<'a> {
    shell: &'a Shell,
    /// The outlet's name.
    title: String,
    counts: Option<Counts>,
    code: &'static str,
}

#[derive(Template)]
#[template(path = "counter/outlets.html")]
struct OutletsPage<'a> {
    shell: &'a Shell,
    outlets: Vec<OutletView>,
}

struct OutletView {
    code: String,
    name: String,
}

/// `GET /counter`
pub(super) async fn home(
    State(console): State<Arc<Console>>,
    clerk: Clerk,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let named = query.get("outlet").map_or("", String::as_str);
    let mut answer = match clerk.outlet(named) {
        Some(outlet) => console.home_page(&clerk, outlet).await,
        None => console.outlets_page(&clerk),
    };
    keep_language(&mut answer, clerk.chosen, clerk.is_secure);
    answer
}

/// What only forms lead to, asked for by hand.
pub(super) async fn to_home() -> Response {
    see("/counter")
}

/// `POST /counter/look`
pub(super) async fn look(
    State(console): State<Arc<Console>>,
    Pressed { clerk, fields }: Pressed,
) -> Response {
    let Some(outlet) = clerk.outlet(fields.get("outlet")) else {
        return Shell::of(&clerk, "").problem(StatusCode::FORBIDDEN, "outlet-not-allowed");
    };
    let shell = &console.shell(&clerk, outlet);
    let code = fields.get("code").trim();
    let at = console.operator.at_outlet(code, outlet);
    let about = About::of(code, at.as_ref());
    let found = match at {
        Ok(at) => console.operator.look(&at, &clerk.actor).await.map(|worth| (at, worth)),
        Err(why) => Err(why),
    };
    let now = console.operator.now();
    match found {
        Ok((at, Worth { units, people })) => {
            let what = What::of(&at, units, now, shell.language);
            let grouped = about.map(|about| about.code).unwrap_or_default();
            let Ok(request) = secret::random() else {
                return shell.problem(StatusCode::SERVICE_UNAVAILABLE, "failed");
            };
            let (grouped, request) = (&grouped, &request);
            let page = LookPage { shell, what, people, code, grouped, request };
            shell.answer(StatusCode::OK, &page)
        }
        Err(why) => {
            let pressed = identity::request_id(fields.get("pressed")).ok();
            let asker = Asker { actor: &clerk.actor, pressed };
            let told = Told { about, ..Told::not(shell, code, why, &asker, now) };
            console.told_page(shell, told, code, None).await
        }
    }
}

/// `POST /counter/hand-over`
pub(super) async fn hand_over(
    State(console): State<Arc<Console>>,
    Pressed { clerk, fields }: Pressed,
) -> Response {
    let Some(outlet) = clerk.outlet(fields.get("outlet")) else {
        return Shell::of(&clerk, "").problem(StatusCode::FORBIDDEN, "outlet-not-allowed");
    };
    let shell = &console.shell(&clerk, outlet);
    let (code, request) = (fields.get("code"), fields.get("request"));
    let Ok(id) = identity::request_id(request) else {
        return shell.problem(StatusCode::FORBIDDEN, "form-refused");
    };
    let at = console.operator.at_outlet(code, outlet);
    let about = About::of(code, at.as_ref());
    let done = match at {
        Ok(at) => {
            let handed = console.operator.hand_out(&at, id, &clerk.actor).await;
            handed.map(|handed| (at, handed))
        }
        Err(why) => Err(why),
    };
    let now = console.operator.now();
    match done {
        Ok((at, handed)) => {
            let campaign = at.view.definition.code.as_str();
            let units = handed.units.units;
            tracing::info!(client = %clerk.from, actor = %clerk.actor, campaign, outlet, units,
                repeated = handed.repeated, "units were handed over");
            let is_fresh = !handed.repeated && fields.get("late").is_empty();
            let told = if is_fresh { Told::done } else { Told::recorded };
            let told = Told { about, ..told(shell, &at, &handed, now) };
            console.told_page(shell, told, "", None).await
        }
        Err(why) => {
            let asker = Asker { actor: &clerk.actor, pressed: None };
            let told = Told { about, ..Told::not(shell, code, why, &asker, now) };
            let is_open = told.status == StatusCode::SERVICE_UNAVAILABLE;
            let again = is_open.then_some((code, request));
            console.told_page(shell, told, "", again).await
        }
    }
}

impl Console {
    fn shell(&self, clerk: &Clerk, outlet: &str) -> Shell {
        let shell = Shell::of(clerk, outlet);
        let until = clerk.ends.and_then(|ends| self.in_words(outlet, ends, clerk.language));
        Shell { until, ..shell }
    }

    async fn home_page(&self, clerk: &Clerk, outlet: &str) -> Response {
        let shell = &self.shell(clerk, outlet);
        let counts = self.known_counts(outlet, clerk.language).await;
        let title = self.name_of(outlet, clerk.language);
        shell.answer(StatusCode::OK, &HomePage { shell, title, counts, code: "" })
    }

    fn outlets_page(&self, clerk: &Clerk) -> Response {
        let shell = &self.shell(clerk, "");
        let view = |code: &String| {
            let name = self.name_of(code, clerk.language);
            OutletView { code: code.clone(), name }
        };
        let outlets = clerk.outlets.iter().map(view).collect();
        shell.answer(StatusCode::OK, &OutletsPage { shell, outlets })
    }

    async fn told_page(
        &self,
        shell: &Shell,
        told: Told,
        code: &str,
        again: Option<(&str, &str)>,
    ) -> Response {
        let counts = self.known_counts(&shell.outlet, shell.language).await;
        let status = told.status;
        // A mistyped code stands there to be mended; any other makes room for the next one.
        let code = if told.kind == "mistyped" { code } else { "" };
        let mut answer = shell.answer(status, &ToldPage { shell, told, counts, code, again });
        if status == StatusCode::SERVICE_UNAVAILABLE {
            answer.headers_mut().insert(RETRY_AFTER, RETRY_SECONDS.into());
        }
        answer
    }

    /// An outlet's name where a campaign has it, the newest first; else its code.
    pub(in super::super) fn name_of(&self, outlet: &str, language: Language) -> String {
        let view = self.operator.node.view();
        let named = view.campaigns.iter().rev().find_map(|campaign| {
            let definition = &campaign.definition;
            let known = definition.outlets.iter().find(|known| known.code == outlet)?;
            Some(language.local(definition, &known.name).to_owned())
        });
        named.filter(|name| !name.is_empty()).unwrap_or_else(|| outlet.to_owned())
    }

    /// A moment as the newest campaign of an outlet tells the time.
    pub(in super::super) fn in_words(
        &self,
        outlet: &str,
        at: Millis,
        language: Language,
    ) -> Option<String> {
        let view = self.operator.node.view();
        let has = |campaign: &&Arc<CampaignView>| {
            campaign.definition.outlets.iter().any(|known| known.code == outlet)
        };
        let campaign = view.campaigns.iter().rev().find(has)?;
        Some(plain(&campaign.definition.calendar, at, self.operator.now(), language))
    }
}

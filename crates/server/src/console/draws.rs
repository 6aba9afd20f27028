//! Draws on the console: the list, a page for each, its steps, the view for the hall, the script.
//!
//! Owns: their routes, and finding what an address names. Never: makes or journals a step, which
//! the operator API does under the account's name; tells who wins before it is published.

mod facts;
mod form;
mod hall;
mod kind;
mod list;
mod live;
mod page;
mod panels;
mod parts;
mod sheet;
mod steps;
mod tables;

pub(super) use facts::Known;
pub(super) use list::{StageView, stage};
pub(super) use panels::hall_parts;
pub(super) use parts::page_parts;

use super::Console;
use super::page::{Shell, refusal};
use crate::draws::Progress;
use crate::problem::Problem;
use axum::Router;
use axum::response::Response;
use axum::routing::get;
use facts::Facts;
use http::StatusCode;
use node::CampaignView;
use std::sync::Arc;
use types::ids::DrawNo;
use types::{CampaignNo, Millis};

/// What there is to see of a draw.
pub(super) struct DrawScene {
    pub(super) view: Arc<CampaignView>,
    pub(super) now: Millis,
    pub(super) facts: Arc<Facts>,
    /// How far the step is that works now, if it has told.
    pub(super) progress: Option<Progress>,
    pub(super) is_at_work: bool,
}

/// The pages of draws.
pub(super) fn router() -> Router<Arc<Console>> {
    Router::new()
        .route("/console/c/{campaign}/draws", get(list::show).post(list::close))
        .route("/console/c/{campaign}/draws/{draw}", get(page::show))
        .route("/console/c/{campaign}/draws/{draw}/live", get(live::page))
        .route("/console/c/{campaign}/draws/{draw}/hall", get(hall::show))
        .route("/console/c/{campaign}/draws/{draw}/hall/live", get(live::hall))
        .route("/console/c/{campaign}/draws/{draw}/sheet", get(sheet::show))
        .route("/console/c/{campaign}/draws/{draw}/do/{step}", get(steps::show).post(steps::submit))
}

/// Where a draw's page is.
fn address(code: &str, no: DrawNo) -> String {
    format!("/console/c/{code}/draws/{no}")
}

impl Console {
    /// The draw that an address names.
    fn draw_of(
        &self,
        shell: &Shell,
        code: &str,
        draw: &str,
    ) -> Result<(Arc<CampaignView>, DrawNo), Box<Response>> {
        let unknown = |code| Box::new(refusal(shell, StatusCode::NOT_FOUND, code));
        let view = self.operator.campaign(code).map_err(|_| unknown("unknown-campaign"))?;
        // One draw has one address.
        let number = draw.parse().ok().filter(|number: &u16| number.to_string() == draw);
        let there = 1..=view.draws().len();
        let found = number.map(DrawNo).filter(|no| there.contains(&no.index()));
        found.map(|no| (view, no)).ok_or_else(|| unknown("no-such-page"))
    }

    /// What there is to see of a draw now.
    pub(super) async fn draw_scene(
        &self,
        no: CampaignNo,
        draw: DrawNo,
    ) -> Result<DrawScene, Problem> {
        let view = Arc::clone(&self.operator.node.view().campaigns[no.index()]);
        let facts = self.facts(&view, draw).await?;
        let code = &view.definition.code;
        Ok(DrawScene {
            now: self.operator.now(),
            progress: self.operator.draws.progress(code, draw),
            is_at_work: self.operator.draws.is_at_work(code, draw),
            view,
            facts,
        })
    }
}

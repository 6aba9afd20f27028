//! Draws by the operator API: each step made in files, and journalled with a name and a reason.
//!
//! Owns: the routes below `/draws`, what they tell, and who may work when. Never: another order
//! than the ledger's; a result that is told before it is published.
//! Invariants: a step that was cut off between file and journal is gone on with when it is asked
//! for again; a step goes on to its end though whoever asked has left; while it works, no command
//! changes what it works with.

mod answer;
mod close;
mod known;
mod record;
mod request;
mod result;
mod sample;
mod seal;
mod step;
mod void;

use super::access::{Actor, Changer, Reader};
use super::{Operator, input, refusal};
use crate::draws::{self, DrawFolder, blocking};
use crate::extract::{Segment, Segments, Upload};
use crate::problem::Problem;
use answer::DrawAnswer;
use axum::Json;
use axum::extract::State;
use draw::note::SigningKey;
use ledger::{Draw, Ledger};
use node::CampaignView;
pub(crate) use request::{Asked, Close, Open, Reason, Seal, Seed};
pub(super) use sample::{__path_sample, sample};
use std::sync::Arc;
pub(crate) use step::{Step, is_rehearsal};
use types::Refusal;
use types::ids::{CampaignNo, DrawNo};

#[utoipa::path(get, path = "/v1/operator/campaigns/{campaign}/draws", tag = "operator",
    params(("campaign" = String, Path, description = "The campaign's code")),
    responses((status = 200, description = "The campaign's draws, by number",
        body = [DrawAnswer])))]
/// The draws of a campaign.
pub(super) async fn list(
    State(operator): State<Arc<Operator>>,
    _: Reader,
    Segment(code): Segment,
) -> Result<Json<Vec<DrawAnswer>>, Problem> {
    let view = operator.campaign(&code)?;
    let draws = operator.draws_of(view.no).await?;
    let each = (1..=draws.len()).map(|number| operator.tell(&view, &draws, number).map(|of| of.1));
    each.collect::<Result<_, _>>().map(Json)
}

#[utoipa::path(post, path = "/v1/operator/campaigns/{campaign}/draws", tag = "operator",
    params(("campaign" = String, Path, description = "The campaign's code")),
    request_body = Close,
    responses(
        (status = 200, description = "The list is closed", body = DrawAnswer),
        (status = 409, description = "Refused: draw-order, still-open, no-entries, …"),
        (status = 503, description = "draw-busy")))]
/// Closes the list of the next draw.
pub(super) async fn close(
    State(operator): State<Arc<Operator>>,
    Changer(caller): Changer,
    Segment(code): Segment,
    Upload(body): Upload,
) -> Result<Json<DrawAnswer>, Problem> {
    let asked: Close = input::json(&body)?;
    let draw = operator.close_list(&caller, &code, &asked).await?;
    operator.answer(&code, draw).await.map(Json)
}

#[utoipa::path(get, path = "/v1/operator/campaigns/{campaign}/draws/{draw}", tag = "operator",
    params(("campaign" = String, Path, description = "The campaign's code"),
        ("draw" = u16, Path, description = "The draw's number, from 1")),
    responses((status = 200, description = "The draw", body = DrawAnswer),
        (status = 404, description = "unknown-campaign, unknown-draw")))]
/// One draw, and how far its step is if one is at work.
pub(super) async fn show(
    State(operator): State<Arc<Operator>>,
    _: Reader,
    Segments((code, draw)): Segments<(String, u16)>,
) -> Result<Json<DrawAnswer>, Problem> {
    operator.answer(&code, DrawNo(draw)).await.map(Json)
}

#[utoipa::path(post, path = "/v1/operator/campaigns/{campaign}/draws/{draw}/{step}",
    tag = "operator",
    params(("campaign" = String, Path, description = "The campaign's code"),
        ("draw" = u16, Path, description = "The draw's number, from 1"),
        ("step" = String, Path, description = "seal, open, seed, run, alternates or void")),
    request_body(content((Seal), (Open), (Seed), (Reason))),
    responses(
        (status = 200, description = "The step is done, now or before", body = DrawAnswer),
        (status = 409, description = "Refused: draw-order, draw-differs, draw-seed-refused, …"),
        (status = 503, description = "draw-busy")))]
/// Does a step of a draw. Asked for again, it is done to the same files, or refused.
pub(super) async fn step(
    State(operator): State<Arc<Operator>>,
    Changer(caller): Changer,
    Segments((code, draw, word)): Segments<(String, u16, String)>,
    Upload(body): Upload,
) -> Result<Json<DrawAnswer>, Problem> {
    let asked = Asked::of(&word, &body)?;
    operator.draw_step(caller, &code, DrawNo(draw), &asked).await?;
    operator.answer(&code, DrawNo(draw)).await.map(Json)
}

impl Operator {
    /// Takes a step of a draw for somebody.
    pub(crate) async fn draw_step(
        self: &Arc<Self>,
        by: Actor,
        code: &str,
        no: DrawNo,
        asked: &Asked,
    ) -> Result<(), Problem> {
        let (reason, step) = (input::reason(asked.reason())?, asked.step()?);
        let at_work = self.draws.begin(code, no)?;
        let (operator, code) = (Arc::clone(self), code.to_owned());
        // Whoever asked may leave; the step goes on to its end.
        let task = tokio::spawn(async move {
            let done = operator.take_step(&by, &reason, &code, no, step).await;
            drop(at_work);
            done
        });
        let done = task.await;
        done.unwrap_or_else(|error| Err(draws::failed("draw-step-failed", &error.to_string())))
    }

    /// The operator's key under a draw's name, as it is published.
    pub(crate) fn draw_key(&self, of: &DrawFolder) -> Result<String, Problem> {
        Ok(self.signing_key(of)?.verifying().to_string())
    }

    /// The operator's key under a draw's name.
    fn signing_key(&self, of: &DrawFolder) -> Result<SigningKey, Problem> {
        let secret = self.keyring.draw_key();
        let secret = secret.map_err(|error| draws::failed(error.code(), &error.to_string()))?;
        Ok(draws::signing_key(&of.name, &secret))
    }

    async fn draws_of(&self, no: CampaignNo) -> Result<Vec<Draw>, Problem> {
        self.read(move |ledger: &Ledger| {
            let campaign = ledger.campaign(no).expect("campaigns are never taken away");
            campaign.draws().to_vec()
        })
        .await
    }

    fn tell(
        &self,
        view: &CampaignView,
        draws: &[Draw],
        number: usize,
    ) -> Result<(DrawFolder, DrawAnswer), Problem> {
        let definition = &view.definition;
        let no = DrawNo::from_index(number);
        let folder = DrawFolder::of(self.draws.root(), &definition.code, draws, no);
        let folder = folder.expect("it is one of the draws");
        let progress = self.draws.progress(&definition.code, no);
        let key = self.signing_key(&folder)?.verifying();
        let answer = DrawAnswer::new(definition, &draws[number - 1], &folder, &key, progress);
        Ok((folder, answer))
    }

    async fn answer(&self, code: &str, no: DrawNo) -> Result<DrawAnswer, Problem> {
        let view = self.campaign(code)?;
        let draws = self.draws_of(view.no).await?;
        if !(1..=draws.len()).contains(&no.index()) {
            return Err(refusal::problem(&Refusal::UnknownDraw));
        }
        let (folder, answer) = self.tell(&view, &draws, no.index())?;
        let closed = draws[no.index() - 1].at;
        blocking(move || Ok(answer.with_files(&folder, closed))).await
    }
}

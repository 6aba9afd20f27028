//! The end of a list: who is in the next draw.
//!
//! Owns: that command, and what must be whole before it. Never: who is on the list.
//! Invariants: no list is closed behind a draw whose files say less than the ledger has: the next
//! seal could never follow it. That they say more, the ledger prevents: a draw is under way until
//! all of them are recorded.

use super::super::access::Actor;
use super::super::{Operator, input, refusal};
use super::request::Close;
use crate::draws::{self, DrawFolder, blocking, refused};
use crate::problem::Problem;
use ceremony::History;
use ledger::{Draw, Stage};
use node::CampaignView;
use std::path::Path;
use types::ids::DrawNo;
use types::{Action, Definition, Outcome};

impl Operator {
    /// Closes the list of a campaign's next draw for somebody, and gives its number.
    pub(crate) async fn close_list(
        &self,
        by: &Actor,
        code: &str,
        asked: &Close,
    ) -> Result<DrawNo, Problem> {
        let reason = input::reason(asked.reason.as_deref())?;
        // A slot goes by its number in the definition.
        let held = self.definitions.hold().await;
        let on_its_way = self.draws.disturb(code)?;
        let view = self.campaign(code)?;
        let slot = asked.slot_of(&view.definition)?;
        self.must_be_whole(&view).await?;
        let action = Action::CloseDraw { campaign: view.no, slot, unserved: asked.unserved };
        let outcome = self.act(by, &reason, action).await;
        let outcome = outcome.map_err(|refused| self.words(refused, &view.definition, asked))?;
        drop((held, on_its_way));
        let Outcome::Listed { draw, .. } = outcome else {
            unreachable!("a list is closed or refused")
        };
        Ok(draw)
    }

    /// Refuses to go on from a void draw whose note is missing.
    async fn must_be_whole(&self, view: &CampaignView) -> Result<(), Problem> {
        let draws = self.draws_of(view.no).await?;
        let Some(latest) = draws.last().cloned() else { return Ok(()) };
        let no = DrawNo::from_index(draws.len());
        let folder = DrawFolder::of(self.draws.root(), &view.definition.code, &draws, no);
        let path = folder.expect("it is one of the draws").path;
        blocking(move || is_whole(&latest, &path)).await
    }

    /// What a refused close means.
    fn words(&self, refused: Problem, definition: &Definition, asked: &Close) -> Problem {
        let refused = match refused.code {
            "not-as-asked" => {
                let (meaning, detail) = not_as_asked(definition, asked);
                refused.detail(format!("{detail} Nothing was done.")).meaning(meaning)
            }
            _ => refused,
        };
        refusal::named(refused, "series-unpublished", || {
            let other = self.waits_for(definition, self.now());
            let other =
                other.map_or_else(|| "Another campaign".to_owned(), |it| format!("\"{it}\""));
            Some(format!(
                "{other} of the same series has entries, and its results are held back, so that \
                 nobody knows whose cool-down runs. Nothing was done. Publish it first."
            ))
        })
    }
}

fn is_whole(latest: &Draw, path: &Path) -> Result<(), Problem> {
    let has_note = latest.stage == Stage::Void && latest.is_sealed();
    // That the folder was taken elsewhere since keeps nobody from a draw of its own.
    if !has_note || !path.try_exists().map_err(draws::disk(path))? {
        return Ok(());
    }
    let history = History::read(&draws::open(path)?).map_err(|error| refused(&error))?;
    if history.void().is_some() {
        return Ok(());
    }
    let detail = "The draw before is void in the ledger, and its void.txt is not there. Nothing \
                  was done. Give the step void again, with the same reason; then close the list.";
    let problem = Problem::new(409, "draw-out-of-order", "A step of the draw was cut off", detail);
    Err(problem.meaning("draw-void-cut-off"))
}

/// What it means, and what to ask instead.
fn not_as_asked(definition: &Definition, asked: &Close) -> (&'static str, &'static str) {
    let draws_again = definition.draw().is_some_and(|terms| terms.stand_days.is_some());
    match (draws_again, asked.slot.is_some(), asked.unserved) {
        (true, false, _) => (
            "list-needs-slot",
            "The campaign draws again and again, one slot at a time. Name the \"slot\".",
        ),
        (false, true, _) => {
            ("list-takes-no-slot", "The campaign draws all its slots at once. Leave \"slot\" away.")
        }
        (_, _, true) => (
            "list-not-of-unserved",
            "A list of those \"unserved\" comes behind a published draw, or behind a void one that \
             was of those unserved, and of the same slot. Leave \"unserved\" away, or name that \
             slot.",
        ),
        (_, _, false) => (
            "list-of-unserved",
            "The draw before was published or of those unserved, so that the next one is among \
             those who have nothing. Ask for \"unserved\": true.",
        ),
    }
}

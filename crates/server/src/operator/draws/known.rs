//! A draw as the ledger has it, with everything that its files need.
//!
//! Owns: the look at both before a step. Never: changes either.

use super::super::{Operator, refusal};
use crate::draws::{self, DrawFolder, blocking, recorded_alternates, refused};
use crate::problem::Problem;
use ceremony::{Folder, History};
use ledger::{Draw, Ledger};
use roll::{Buckets, Place};
use std::sync::Arc;
use types::ids::{CampaignNo, DrawNo, Sha256};
use types::{Definition, Refusal};

/// The latest draw of a campaign.
pub(super) struct Known {
    pub(super) campaign: CampaignNo,
    pub(super) definition: Arc<Definition>,
    pub(super) draw: Draw,
    /// Entries of the campaign.
    pub(super) entries: u32,
    pub(super) folder: DrawFolder,
    pub(super) buckets: Buckets,
}

impl Operator {
    /// The latest draw, which must be this one.
    pub(super) async fn known(&self, code: &str, no: DrawNo) -> Result<Arc<Known>, Problem> {
        let campaign = self.campaign(code)?.no;
        let root = self.draws.root().to_owned();
        let code = code.to_owned();
        let look = move |ledger: &Ledger| {
            let of = ledger.campaign(campaign).expect("campaigns are never taken away");
            let (latest, draw) = of.latest_draw()?;
            let folder = DrawFolder::of(&root, &code, of.draws(), no)?;
            (latest == no).then(|| (draw.clone(), of.entries_len(), folder))
        };
        let seen = self.read(look).await?;
        let (draw, entries, folder) =
            seen.ok_or_else(|| refusal::problem(&Refusal::UnknownDraw))?;
        let (definition, pools) = self.pools(campaign).await?;
        let known = move || {
            let place = |pool: &ledger::Pool| Place {
                outlet: pool.place.outlet,
                item: pool.place.item,
                slot: pool.place.slot,
                free: pool.free(),
            };
            let places: Vec<_> = pools.iter().map(place).collect();
            let buckets = Buckets::new(&definition, &places, draw.slot);
            Ok(Arc::new(Known { campaign, definition, draw, entries, folder, buckets }))
        };
        blocking(known).await
    }
}

impl Known {
    /// The draw's folder, which is there from the seal on, unless it was taken elsewhere.
    pub(super) fn open(&self) -> Result<Folder, Problem> {
        draws::open(&self.folder.path)
    }

    /// The draw's log.
    pub(super) fn history(&self) -> Result<History, Problem> {
        History::read(&self.open()?).map_err(|error| refused(&error))
    }

    /// The draw's log, with every round of alternates that the ledger has: one that is not there
    /// would be made of what is free today, and signed a second time with other winners.
    pub(super) fn history_with_rounds(&self) -> Result<History, Problem> {
        let history = self.history()?;
        let there = history.alternates();
        if recorded_alternates(&self.draw) <= there {
            return Ok(history);
        }
        let what = format!(
            "alternates-{}.txt is not there, which the ledger has; put the files of that round \
             back from a copy of the folder",
            there + 1
        );
        Err(draws::wrong(&self.folder.path, what))
    }

    /// The digest of the note in a file, which a step has made.
    pub(super) fn digest_of(&self, file: &str) -> Result<Sha256, Problem> {
        let digest = self.history()?.digest_of(file);
        let missing = || draws::wrong(&self.folder.path, format!("{file} is not there"));
        digest.map(|digest| Sha256(digest.0)).ok_or_else(missing)
    }
}

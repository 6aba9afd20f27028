//! A pickup code at an outlet: what it is worth there now, and handing its units out.
//!
//! Owns: the path from a code to the ledger's answer, one for programs and for the counter's
//! pages. Never: opens who a code belongs to, or says before publication what it is worth.

use super::Operator;
use identity::{CodeProblem, Codes};
use ledger::{PoolPlace, Redemption};
use node::{CampaignView, Unavailable};
use std::sync::Arc;
use types::{CampaignNo, Command, EntryNo, Millis, Outcome, OutletNo, Redeem, Refusal, RequestId};

/// A code that was read, at an outlet.
#[derive(Clone)]
pub(crate) struct AtOutlet {
    pub(crate) view: Arc<CampaignView>,
    campaign: CampaignNo,
    pub(crate) entry: EntryNo,
    /// None when the campaign has no such outlet.
    outlet: Option<OutletNo>,
}

/// Units that are to be handed out, or were just now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Units {
    pub(crate) place: PoolPlace,
    pub(crate) units: u8,
}

/// What a code is worth now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Worth {
    pub(crate) units: Units,
    /// People whose booking it is: more than one where they entered a draw together.
    pub(crate) people: usize,
}

/// What was handed out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HandedOut {
    pub(crate) units: Units,
    pub(crate) at: Millis,
    /// Whether the same request did it before, at that time.
    pub(crate) repeated: bool,
}

/// Why nothing is handed out.
pub(crate) enum NotHandedOut {
    /// It is no code.
    Code(CodeProblem),
    /// No booking has it.
    Unknown,
    /// The campaign has no such outlet.
    Elsewhere(Arc<CampaignView>),
    /// The rules say no.
    Refused {
        view: Arc<CampaignView>,
        refusal: Refusal,
        /// What handed the units out before, where that is why.
        before: Option<Redemption>,
    },
    /// The node takes nothing now.
    Unavailable(Unavailable),
}

impl From<Unavailable> for NotHandedOut {
    fn from(why: Unavailable) -> Self {
        Self::Unavailable(why)
    }
}

impl Operator {
    /// Reads a code for an outlet.
    pub(crate) fn at_outlet(&self, code: &str, outlet: &str) -> Result<AtOutlet, NotHandedOut> {
        let codes = Codes::new(&self.keyring.code_key());
        let (campaign, entry) = codes.decode(code).map_err(NotHandedOut::Code)?;
        let view = self.node.view().campaigns.get(campaign.index()).cloned();
        let view = view.ok_or(NotHandedOut::Unknown)?;
        let place = view.definition.outlets.iter().position(|known| known.code == outlet);
        let outlet = place.map(OutletNo::from_index);
        Ok(AtOutlet { view, campaign, entry, outlet })
    }

    /// What would be handed out now; nothing is.
    pub(crate) async fn look(&self, at: &AtOutlet, actor: &str) -> Result<Worth, NotHandedOut> {
        let AtOutlet { campaign, entry, .. } = *at;
        // One that no outlet has: the ledger then says where the units are.
        let outlet = at.outlet.unwrap_or(OutletNo(u16::MAX));
        let (now, actor) = (self.now(), actor.to_owned());
        let look = self.node.read(move |ledger| {
            // No hand-over has it: people's requests are digests.
            let request = RequestId([0; 16]);
            let redeem = Redeem { campaign, entry, outlet, request, actor: &actor };
            if let Some(outcome) = ledger.preview(now, &Command::Redeem(redeem)) {
                let before = ledger.campaign(campaign).and_then(|found| found.redemption(entry));
                return Err((outcome, before.cloned()));
            }
            let found = ledger.entry(campaign, entry).expect("what is redeemed is an entry");
            let pool = found.pool.expect("what is redeemed holds units");
            let of = ledger.campaign(campaign).expect("entries have a campaign");
            let units = Units { place: of.pools()[pool.index()].place, units: found.units };
            Ok(Worth { units, people: of.people_of(entry) })
        })?;
        match look.await? {
            Ok(worth) => Ok(worth),
            Err((Outcome::Refused(refusal), before)) => Err(at.refused(refusal, before)),
            Err((outcome, _)) => unreachable!("a look is not {}", outcome.code()),
        }
    }

    /// Hands the units out, once.
    pub(crate) async fn hand_out(
        &self,
        at: &AtOutlet,
        request: RequestId,
        actor: &str,
    ) -> Result<HandedOut, NotHandedOut> {
        let AtOutlet { campaign, entry, .. } = *at;
        let elsewhere = || NotHandedOut::Elsewhere(Arc::clone(&at.view));
        let outlet = at.outlet.ok_or_else(elsewhere)?;
        let mut record = Vec::new();
        Redeem { campaign, entry, outlet, request, actor }.encode(&mut record);
        match self.node.submit_one(record)?.await? {
            Outcome::Redeemed { pool, units, at: when, repeated, .. } => {
                let units = Units { place: at.view.pools()[pool.index()], units };
                Ok(HandedOut { units, at: when, repeated })
            }
            Outcome::Refused(refusal) => Err(at.refused(refusal, None)),
            outcome => unreachable!("a redemption is not {}", outcome.code()),
        }
    }
}

impl AtOutlet {
    fn refused(&self, refusal: Refusal, before: Option<Redemption>) -> NotHandedOut {
        match refusal {
            Refusal::NotFound => NotHandedOut::Unknown,
            refusal => NotHandedOut::Refused { view: Arc::clone(&self.view), refusal, before },
        }
    }
}

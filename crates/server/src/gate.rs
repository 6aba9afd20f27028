//! The gate: what can be answered at the door is, without the journal and without parsing.
//!
//! Owns: the order of checks before an entry may reach the node. Never: decides what needs the
//! ledger: whoever may have been accepted before is let through to get the same answer again.
//! Invariants: a refusal at the door is one that the ledger would give, too, by the view's time.

mod known;
mod pace;

pub(crate) use known::Known;
pub(crate) use pace::Pace;

use crate::campaigns::Prepared;
use types::ids::{Millis, PoolNo, RequestId};
use types::outcome::Refusal;

/// Whether a request may go on to be read; by what stands in its headers alone.
///
/// # Errors
/// Why it may not.
pub(crate) fn door(campaign: &Prepared, request: RequestId, now: Millis) -> Result<(), Closed> {
    let view = &campaign.view;
    let refusal = if let Some(refusal) = view.phase(now).refusal() {
        refusal
    } else if view.all_sold_out() {
        Refusal::SoldOut
    } else {
        return match &campaign.pace {
            // Whoever asks for the answer to an accepted request must not be told to wait for it.
            Some(pace) if !pace.admit() && !campaign.known.has_seen(request) => {
                view.count_turned_away("slow-down");
                Err(Closed::TooFast)
            }
            _ => Ok(()),
        };
    };
    if campaign.known.may_contain(request) {
        return Ok(());
    }
    view.count_turned_away(refusal.code());
    Err(Closed::Refused(refusal))
}

/// Whether none of the chosen pools has enough, and the request cannot have been accepted before.
pub(crate) fn is_sold_out(
    campaign: &Prepared,
    request: RequestId,
    pools: &[PoolNo],
    units: u8,
) -> bool {
    let sold_out = campaign.view.sold_out(pools, units) && !campaign.known.may_contain(request);
    if sold_out {
        campaign.view.count_turned_away("sold-out");
    }
    sold_out
}

/// Why the door is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Closed {
    /// By the rules.
    Refused(Refusal),
    /// More come than are let through.
    TooFast,
}

/// Remembers a request id when its entry is accepted, and when nobody was left to learn whether
/// it was: a client that goes away and comes again must not be refused at the door.
pub(crate) struct Remember<'a> {
    known: &'a Known,
    request: RequestId,
    settled: bool,
}

impl<'a> Remember<'a> {
    pub(crate) const fn new(known: &'a Known, request: RequestId) -> Self {
        Self { known, request, settled: false }
    }

    /// The outcome is there: a refused request changed nothing and need not be remembered.
    pub(crate) const fn settle(&mut self, accepted: bool) {
        self.settled = !accepted;
    }
}

impl Drop for Remember<'_> {
    fn drop(&mut self) {
        if !self.settled {
            self.known.insert(self.request);
        }
    }
}

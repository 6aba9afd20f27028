//! The next thing that will happen to a campaign without anybody's doing.
//!
//! Owns: which one it is. Never: reads a clock.

use ledger::Phase;
use node::CampaignView;
use types::Millis;
use types::definition::Publish;

/// What happens next by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    Opens(Millis),
    Closes(Millis),
    Publishes(Millis),
}

/// The next thing that will happen to a campaign without anybody's doing.
pub(super) fn next_of(view: &CampaignView, now: Millis) -> Option<Next> {
    if view.is_shredded() {
        return None;
    }
    let by_phase = match view.phase(now) {
        Phase::Open { until } => until.map(Next::Closes),
        Phase::NotOpenYet { opens } => opens.map(Next::Opens),
        Phase::Paused | Phase::CapReached | Phase::Closed => None,
    };
    let publishes = match view.definition.publish {
        Publish::At { at } if !view.is_published(now) => Some(Next::Publishes(at)),
        _ => None,
    };
    by_phase.into_iter().chain(publishes).min_by_key(|next| next.at())
}

impl Next {
    pub(super) const fn at(self) -> Millis {
        match self {
            Self::Opens(at) | Self::Closes(at) | Self::Publishes(at) => at,
        }
    }
}

//! What a look-up sees of an entry: what the ledger tells its owner, why it has nothing, and the
//! entries that taking over made of it.
//!
//! Owns: that why, and the way from an entry to those, for whoever holds its receipt. Never:
//! another entry of the same person; tells of a draw that is not published; looks through entries,
//! or for anything in campaigns that no other one names.

use super::reply;
use crate::campaigns::Prepared;
use crate::state::Shared;
use crate::take_over::request_id;
use identity::Scope;
use ledger::{Campaign, Draw, Ledger, PublicEntry, Stage};
use node::CampaignView;
use std::sync::Arc;
use types::Definition;
use types::ids::{CampaignNo, EntryNo, Millis, RequestId};

/// An entry as whoever looks it up may see it.
pub(crate) struct Seen {
    pub(crate) entry: PublicEntry,
    /// Why it has nothing, if it has not.
    nothing: Option<Nothing>,
    /// Whether it is in no draw any more, because the entry with which its people registered in
    /// another campaign is no more.
    pub(crate) lacks_registration: bool,
    /// The entries that taking over made of it, by campaign; none for whoever has no receipt.
    pub(crate) taken_over: Vec<(CampaignNo, EntryNo)>,
}

/// Why an entry has nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nothing {
    /// Others came first.
    SoldOut,
    /// A success was too recent.
    CoolingDown,
    /// It was on the list of a draw that is published.
    NotDrawn,
    /// It was on no such list, though lots were drawn in its days, or its people got something
    /// since the list was closed.
    NotInDraw,
    /// There was no draw in its days that came to a result.
    NoDraw,
}

impl Nothing {
    /// Its word in the API.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::SoldOut => "sold-out",
            Self::CoolingDown => "cooling-down",
            Self::NotDrawn => "not-drawn",
            Self::NotInDraw | Self::NoDraw => "not-in-draw",
        }
    }
}

impl Seen {
    /// As somebody sees it who holds no receipt of it.
    pub(crate) fn without_receipt(ledger: &Ledger, no: CampaignNo, entry: PublicEntry) -> Self {
        let campaign = ledger.campaign(no).expect("an entry of it was found");
        let lacks_registration = match entry {
            PublicEntry::Registered { entry, .. } => ledger.lacks_registration(no, entry),
            _ => false,
        };
        Self {
            entry,
            nothing: nothing(campaign, &entry),
            lacks_registration,
            taken_over: Vec::new(),
        }
    }

    /// Whether it may be in a draw to come, for all that its owner may know.
    pub(crate) const fn may_be_drawn(&self) -> bool {
        matches!(self.entry, PublicEntry::Registered { .. }) && !self.lacks_registration
    }

    /// Why it has nothing, which it has not.
    pub(crate) fn why_nothing(&self) -> Nothing {
        self.nothing.expect("whoever has nothing is told why")
    }

    /// As whoever holds its receipt sees it; `onward` are the requests that it may have made.
    pub(crate) fn look(
        ledger: &Ledger,
        no: CampaignNo,
        entry: EntryNo,
        onward: &[(CampaignNo, RequestId)],
    ) -> Option<Self> {
        let made = |(into, request): &(CampaignNo, RequestId)| {
            let made = ledger.campaign(*into)?.entry_of_request(*request)?;
            Some((*into, made))
        };
        let taken_over = onward.iter().filter_map(made).collect();
        let seen = Self::without_receipt(ledger, no, ledger.public_entry(no, entry)?);
        Some(Self { taken_over, ..seen })
    }
}

fn nothing(campaign: &Campaign, entry: &PublicEntry) -> Option<Nothing> {
    let PublicEntry::NotAllocated { entry, at, cooling_down } = *entry else { return None };
    let definition = campaign.definition();
    let lots_were_drawn = were_drawn(definition, campaign.draws(), at);
    Some(match definition.draw() {
        None if cooling_down => Nothing::CoolingDown,
        None => Nothing::SoldOut,
        Some(_) if was_listed(campaign, entry, lots_were_drawn) => Nothing::NotDrawn,
        Some(_) if lots_were_drawn => Nothing::NotInDraw,
        Some(_) => Nothing::NoDraw,
    })
}

/// Whether an entry that has nothing was on the list of a draw that is published. Of the latest
/// draw its list is known, and of those before it the losses that they left. One that an earlier
/// entry of the person had brought counts like them, where campaigns draw again and again.
fn was_listed(campaign: &Campaign, entry: EntryNo, lots_were_drawn: bool) -> bool {
    // Among the unserved are only those who were in a draw that is published.
    let is_told = |draw: &Draw| draw.was_published || (draw.stage == Stage::Void && draw.unserved);
    let is_latest_told = campaign.latest_draw().is_some_and(|(_, draw)| is_told(draw));
    (is_latest_told && campaign.is_listed(entry))
        || (lots_were_drawn && 0 < campaign.losses_of(entry))
}

/// Whether a draw whose list was closed while an entry of this time stood has its result out.
fn were_drawn(definition: &Definition, draws: &[Draw], at: Millis) -> bool {
    let last = reply::last_day(definition, at);
    let stood = |draw: &Draw| {
        let day = definition.calendar.day(draw.at);
        at <= draw.at && last.is_none_or(|last| day <= last)
    };
    draws.iter().any(|draw| draw.was_published && stood(draw))
}

/// The requests that taking over would have made of an entry, in each campaign that could have it.
pub(super) fn onward(
    state: &Shared,
    campaign: &Prepared,
    entry: EntryNo,
) -> Vec<(CampaignNo, RequestId)> {
    let request = |into: Arc<CampaignView>| {
        let scope = Scope::of(&into.definition);
        // Shredded meanwhile, nothing of it is told.
        let keys = state.keyring.campaign_keys(&into.definition.code, &scope)?;
        Some((into.no, request_id(&keys, &campaign.view.definition.code, entry)))
    };
    draws_among(state, &campaign.view).into_iter().filter_map(request).collect()
}

/// The campaign in which lots are drawn among those who wait in this one, if they are not here: a
/// list that was closed here counts, unless it was void before anybody saw it.
pub(crate) fn drawn_elsewhere(state: &Shared, first: &CampaignView) -> Option<Arc<CampaignView>> {
    let was_nothing = |draw: &Draw| draw.stage == Stage::Void && !draw.is_sealed();
    let is_here = first.definition.draw().is_none() || !first.draws().iter().all(was_nothing);
    if is_here { None } else { draws_among(state, first).into_iter().next() }
}

/// The campaigns that draw among the people of this one.
fn draws_among(state: &Shared, first: &CampaignView) -> Vec<Arc<CampaignView>> {
    // Only in a series are people known to be the same in two campaigns.
    if first.definition.series.is_none() {
        return Vec::new();
    }
    let draws = |into: &&Arc<CampaignView>| {
        into.definition.registered_in() == Some(&*first.definition.code)
            && into.definition.draw().is_some()
            && !into.is_shredded()
    };
    state.node.view().campaigns.iter().filter(draws).cloned().collect()
}

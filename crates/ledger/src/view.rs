//! What may be seen of an entry: everything, or what its owner may know now.

use crate::draw::Stage;
use crate::entry::{Decision, Fate, Place};
use crate::{Campaign, Ledger};
use types::ids::{CampaignNo, EntryNo, Millis, PersonKey, PoolNo};

/// An entry as it is, for those with the right to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryView {
    /// Which.
    pub entry: EntryNo,
    /// When it came.
    pub at: Millis,
    /// What was decided.
    pub decision: Decision,
    /// What became of it.
    pub fate: Fate,
    /// Whose units it holds, or held before it was cancelled.
    pub pool: Option<PoolNo>,
    /// Units asked for.
    pub units: u8,
    /// Its command in the journal, where the sealed fields are.
    pub place: Place,
    /// The digest of those fields: what is found at that place is theirs only if it has it.
    pub identity: [u8; 8],
}

/// An entry as its owner may know it now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublicEntry {
    /// It has its place; outcomes are not published.
    Registered {
        /// Which.
        entry: EntryNo,
        /// When it came.
        at: Millis,
        /// Draws that it took part in without luck.
        losses: u8,
    },
    /// It holds units.
    Booked {
        /// Which.
        entry: EntryNo,
        /// When it came.
        at: Millis,
        /// Of this pool.
        pool: PoolNo,
        /// So many.
        units: u8,
        /// When they were handed out.
        redeemed: Option<Millis>,
    },
    /// It holds none, and that is published.
    NotAllocated {
        /// Which.
        entry: EntryNo,
        /// When it came.
        at: Millis,
        /// Whether a recent success was the reason, rather than the stock.
        cooling_down: bool,
    },
    /// It was given up.
    Cancelled {
        /// Which.
        entry: EntryNo,
        /// When it was.
        at: Millis,
    },
}

impl Ledger {
    /// An entry as it is.
    #[must_use]
    pub fn entry(&self, campaign: CampaignNo, entry: EntryNo) -> Option<EntryView> {
        let row = self.campaign(campaign)?.row(entry)?;
        Some(EntryView {
            entry,
            at: row.at(),
            decision: row.decision(),
            fate: row.fate(),
            pool: row.pool(),
            units: row.units(),
            place: row.place(),
            identity: row.digests.identity,
        })
    }

    /// An entry as its owner may know it, by the time of the last frame.
    #[must_use]
    pub fn public_entry(&self, campaign: CampaignNo, entry: EntryNo) -> Option<PublicEntry> {
        let found = self.campaign(campaign)?;
        let view = self.entry(campaign, entry)?;
        let at = view.at;
        if let Fate::Cancelled { at } = view.fate {
            return Some(PublicEntry::Cancelled { entry, at });
        }
        if !found.is_told(self.time, entry) {
            let losses = found.losses_so_far(entry);
            return Some(PublicEntry::Registered { entry, at, losses });
        }
        let redeemed = match view.fate {
            Fate::Redeemed { at } => Some(at),
            Fate::Live | Fate::Cancelled { .. } => None,
        };
        Some(match (view.decision, view.pool) {
            (Decision::Booked, Some(pool)) => {
                PublicEntry::Booked { entry, at, pool, units: view.units, redeemed }
            }
            (decision, _) => {
                let cooling_down = decision == Decision::CoolingDown;
                PublicEntry::NotAllocated { entry, at, cooling_down }
            }
        })
    }

    /// Whether an entry is on a list that is closed and not sealed yet, or would be on one that is
    /// closed now, for all that its owner may know of both campaigns, where they are two.
    #[must_use]
    pub fn awaits_seal(&self, campaign: CampaignNo, entry: EntryNo) -> bool {
        let Some(found) = self.campaign(campaign) else { return false };
        match found.draws().last().filter(|draw| draw.is_under_way()) {
            Some(draw) => draw.stage == Stage::Closed && found.is_listed(entry),
            None => found.stands(self.time, entry) && self.is_still_registered(found, entry),
        }
    }

    /// Whether an entry that would still stand is in no draw for want of another one: that with
    /// which its people registered in the campaign that this one takes its people from. A list
    /// that is drawn from now, and has the entry, keeps it.
    #[must_use]
    pub fn lacks_registration(&self, campaign: CampaignNo, entry: EntryNo) -> bool {
        let Some(found) = self.campaign(campaign) else { return false };
        let is_drawn_now = found.draws_now() && found.is_listed(entry);
        let stands = found.stands(self.time, entry) && !is_drawn_now;
        stands && !self.is_still_registered(found, entry)
    }

    fn is_still_registered(&self, campaign: &Campaign, entry: EntryNo) -> bool {
        self.are_registered(campaign, self.time, campaign.all_keys_of(entry))
    }

    /// The entry of a person who states every identity field right; whoever gets one wrong is
    /// told nothing.
    #[must_use]
    pub fn find(
        &self,
        campaign: CampaignNo,
        keys: &[PersonKey],
        identity: [u8; 8],
    ) -> Option<PublicEntry> {
        let found = self.campaign(campaign)?;
        if keys.len() != found.fields_len() || found.marks.shredded {
            return None;
        }
        let mut entries =
            keys.iter().enumerate().map(|(field, key)| found.latest_of_key(field, *key));
        let entry = entries.next()??;
        let same = entries.all(|other| other == Some(entry));
        let knows = found.row(entry)?.digests.identity == identity;
        if same && knows { self.public_entry(campaign, entry) } else { None }
    }
}

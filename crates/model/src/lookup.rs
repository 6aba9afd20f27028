//! "Looking up" in the rules: what may be known of an entry.
//!
//! Owns: the one place that tells what is held back from what is said. Never: says why not.

use crate::Model;
use crate::campaign::Campaign;
use crate::state::{Decision, Fate};
use types::{CampaignNo, EntryNo, Millis, PersonKey, PoolNo};

/// What may be known of an entry now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// The entry.
    pub entry: EntryNo,
    /// When it was accepted.
    pub at: Millis,
    /// How it stands.
    pub standing: Standing,
    /// Draws lost so far, while it is registered.
    pub losses: u8,
}

/// How an entry stands, as far as it may be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It has its place; more is not said before publication.
    Registered,
    /// It holds units.
    Booked {
        /// Of this pool.
        pool: PoolNo,
        /// So many.
        units: u8,
    },
    /// No chosen pool had enough.
    SoldOut,
    /// A success in the series was too recent.
    CoolingDown,
    /// It was given up.
    Cancelled {
        /// When.
        at: Millis,
    },
    /// Its units were handed out.
    Redeemed {
        /// Of this pool.
        pool: PoolNo,
        /// So many.
        units: u8,
        /// When.
        at: Millis,
    },
}

impl Model {
    /// What may be known of an entry at the time of the last frame.
    #[must_use]
    pub fn entry(&self, campaign: CampaignNo, entry: EntryNo) -> Option<View> {
        self.entry_at(campaign, entry, self.at)
    }

    /// The same at a later moment.
    #[must_use]
    pub fn entry_at(&self, campaign: CampaignNo, entry: EntryNo, at: Millis) -> Option<View> {
        let campaign = self.campaign(campaign).ok()?;
        view(campaign, entry, at)
    }

    /// The same for the entry to which every one of the person keys and the digest of all
    /// identity fields belong.
    #[must_use]
    pub fn find(
        &self,
        campaign: CampaignNo,
        keys: &[PersonKey],
        identity: [u8; 8],
    ) -> Option<View> {
        let campaign = self.campaign(campaign).ok()?;
        // Who is shredded is found no more; a receipt still shows how the entry stands.
        if campaign.marks.shredded || keys.len() != campaign.definition.unique_fields().count() {
            return None;
        }
        let first = campaign.latest_entry(0, keys[0])?;
        let same =
            (0..keys.len()).all(|field| campaign.latest_entry(field, keys[field]) == Some(first));
        let known = campaign.entry(first).ok()?.digests.identity == identity;
        if same && known { view(campaign, first, self.at) } else { None }
    }
}

fn view(campaign: &Campaign, number: EntryNo, now: Millis) -> Option<View> {
    let entry = campaign.entry(number).ok()?;
    let units = entry.units;
    let standing = match (&entry.fate, entry.decision) {
        (Fate::Cancelled { at }, _) => Standing::Cancelled { at: *at },
        _ if campaign.is_secret_of(entry, now) => Standing::Registered,
        (Fate::Redeemed { at, .. }, Decision::Booked { pool }) => {
            Standing::Redeemed { pool, units, at: *at }
        }
        (_, Decision::Booked { pool }) => Standing::Booked { pool, units },
        (_, Decision::SoldOut | Decision::Waiting) => Standing::SoldOut,
        (_, Decision::CoolingDown) => Standing::CoolingDown,
    };
    let is_registered = standing == Standing::Registered;
    let losses = if is_registered { campaign.losses_so_far(entry) } else { 0 };
    Some(View { entry: number, at: entry.at, standing, losses })
}

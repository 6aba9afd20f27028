//! Why the books say what they say, for a finding.
//!
//! Owns: the entry, pool or rule that decided, and its words. Never: decides; it is told by what
//! did.
//! Invariants: words are of the books as they stand when the finding is made.
//! On failure: panics; what decided is in the books.

use super::Campaign;
use super::campaign::Pool;
use super::definition::unique;
use types::ids::{CampaignNo, EntryNo, PoolNo};

/// The entry, pool or rule that decided.
#[derive(Clone, Copy, Debug)]
pub(super) enum Because {
    /// `docs/rules.md` alone.
    Rule,
    /// A request that came before under the same id.
    Request(EntryNo),
    /// An entry of the same person, by a unique field.
    Person(CampaignNo, usize, EntryNo),
    /// A success of the same person, by a unique field.
    Success(CampaignNo, usize, EntryNo),
    /// The first choice that had the units.
    Free(CampaignNo, PoolNo),
    /// The first choice, which like all others had not.
    Taken(CampaignNo, PoolNo),
    /// There is no such entry.
    NoEntry(EntryNo),
    /// An entry that is not on the list of the latest draw.
    Unlisted(EntryNo),
    /// An entry that was given units before.
    Awarded(CampaignNo, EntryNo),
    /// An entry that stands twice among the winners.
    Twice(EntryNo),
    /// There is no such pool.
    NoPool(PoolNo),
    /// A pool of another slot than that of the draw.
    OtherSlot(CampaignNo, PoolNo),
    /// A pool, and the units that winners would take of it.
    Short(CampaignNo, PoolNo, u64),
    /// An entry whose result is not published.
    Unpublished(EntryNo),
}

impl Because {
    /// A clause that follows what the books say; empty when there is nothing to add.
    pub(super) fn words(self, campaigns: &[Campaign]) -> String {
        let field = |no: CampaignNo, field: usize| {
            let register = &campaigns[no.index()].definition.register;
            unique(register).nth(field).map_or("", |field| &field.code)
        };
        let pool = |campaign: CampaignNo, no: PoolNo| {
            let campaign = &campaigns[campaign.index()];
            let pool: &Pool = &campaign.pools[no.index()];
            (campaign.place(pool).join("/"), pool.units.free())
        };
        match self {
            Self::Rule => String::new(),
            Self::Request(entry) => format!(", since that request id made entry {entry}"),
            Self::Person(campaign, no, entry) => {
                format!(", since entry {entry} has the same {}", field(campaign, no))
            }
            Self::Success(campaign, no, entry) => format!(
                ", since entry {entry} of {} succeeded with the same {}",
                campaigns[campaign.index()].definition.code,
                field(campaign, no)
            ),
            Self::Free(campaign, no) => {
                let (place, free) = pool(campaign, no);
                format!(", since pool {no} ({place}) had {free} free")
            }
            Self::Taken(campaign, no) => {
                let (place, free) = pool(campaign, no);
                format!(", since no choice had so many free: pool {no} ({place}) had {free}")
            }
            Self::NoEntry(entry) => format!(", since there is no entry {entry}"),
            Self::Unlisted(entry) => format!(", since entry {entry} is not on its list"),
            Self::Awarded(campaign, entry) => {
                let campaign = &campaigns[campaign.index()];
                let to = campaign.entry(entry).and_then(|entry| entry.pool);
                let to = to.map(|no| {
                    let place = campaign.place(&campaign.pools[no.index()]).join("/");
                    format!(" of pool {no} ({place})")
                });
                format!(", since entry {entry} was given units{} before", to.unwrap_or_default())
            }
            Self::Twice(entry) => format!(", since entry {entry} stands twice among them"),
            Self::NoPool(no) => format!(", since there is no pool {no}"),
            Self::OtherSlot(campaign, no) => {
                let (place, _) = pool(campaign, no);
                format!(", since pool {no} ({place}) is of another slot than the draw")
            }
            Self::Short(campaign, no, units) => {
                let (place, free) = pool(campaign, no);
                format!(", since pool {no} ({place}) had {free} free, and they take {units}")
            }
            Self::Unpublished(entry) => {
                format!(", since what became of entry {entry} is not published")
            }
        }
    }
}

//! A campaign of the model, and its phase.
//!
//! Owns: "Phase of a campaign at t" in the rules, and the look-ups the commands share.
//! Never: changes anything.

use crate::state::{CampaignState, Draw, Entry, Marks, Pool};
use std::collections::{BTreeMap, BTreeSet};
use types::limits;
use types::{Definition, EntryNo, ItemNo, Millis, PersonKey, PoolNo, Publish, Refusal, RequestId};

/// Whether a campaign takes entries, and if not, why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It takes entries.
    Open,
    /// It will.
    NotOpenYet {
        /// When; none when an operator opens it by hand.
        opens: Option<Millis>,
    },
    /// An operator has paused it.
    Paused,
    /// As many entries as the cap allows.
    CapReached,
    /// It takes no more.
    Closed,
}

impl Phase {
    /// The refusal of an entry in this phase, if any.
    pub(crate) const fn refusal(self) -> Option<Refusal> {
        match self {
            Self::Open => None,
            Self::NotOpenYet { opens } => Some(Refusal::NotOpenYet { opens }),
            Self::Paused => Some(Refusal::Paused),
            Self::CapReached => Some(Refusal::CapReached),
            Self::Closed => Some(Refusal::Closed),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Campaign {
    pub(crate) definition: Definition,
    pub(crate) pools: Vec<Pool>,
    pub(crate) entries: Vec<Entry>,
    /// The entry each known request made, and the digest of the request.
    pub(crate) requests: BTreeMap<RequestId, (EntryNo, [u8; 8])>,
    /// For each unique field, the keys that may not enter.
    pub(crate) blocked: Vec<BTreeSet<PersonKey>>,
    /// For each unique field, the keys that may enter when the campaign has an allow list.
    pub(crate) allowed: Vec<BTreeSet<PersonKey>>,
    /// For each reserved item, the keys that may choose it, by unique field.
    pub(crate) reserved: BTreeMap<ItemNo, Vec<BTreeSet<PersonKey>>>,
    pub(crate) draws: Vec<Draw>,
    pub(crate) marks: Marks,
}

impl Campaign {
    pub(crate) fn has_listed_people(&self) -> bool {
        let lists = self.blocked.iter().chain(&self.allowed);
        lists.into_iter().any(|list| !list.is_empty()) || self.has_reserved_people()
    }

    pub(crate) fn has_reserved_people(&self) -> bool {
        self.reserved.values().flatten().any(|list| !list.is_empty())
    }

    pub(crate) fn new(definition: Definition) -> Self {
        let pool = |stock: &types::definition::Stock| {
            Pool::new(stock.outlet, stock.item, stock.slot, u64::from(stock.units))
        };
        let fields = definition.unique_fields().count();
        let items = definition.items.iter().enumerate();
        let reserved = items.filter(|(_, item)| item.reserved.is_some());
        let lists = |index| (ItemNo::from_index(index), vec![BTreeSet::new(); fields]);
        Self {
            pools: definition.stock.iter().map(pool).collect(),
            entries: Vec::new(),
            requests: BTreeMap::new(),
            blocked: vec![BTreeSet::new(); fields],
            allowed: vec![BTreeSet::new(); fields],
            reserved: reserved.map(|(index, _)| lists(index)).collect(),
            draws: Vec::new(),
            marks: Marks { cap: definition.register.cap, ..Marks::default() },
            definition,
        }
    }

    /// The first phase that holds, in the order of the rules.
    pub(crate) fn phase(&self, at: Millis) -> Phase {
        let windows = &self.definition.register.windows;
        // 1.
        let over = self.marks.closed || self.is_published(at) || self.is_drawn_once();
        if self.marks.shredded || over {
            return Phase::Closed;
        }
        // 2.
        if self.marks.cap.unwrap_or(limits::ENTRIES_MAX) <= self.entries_count() {
            return Phase::CapReached;
        }
        // 3.
        if self.marks.paused {
            return Phase::Paused;
        }
        // 4.
        if self.marks.opened {
            return Phase::Open;
        }
        // 5.
        if windows.iter().any(|window| window.from <= at && at < window.until) {
            return Phase::Open;
        }
        // 6.
        if let Some(next) = windows.iter().find(|window| at < window.from) {
            return Phase::NotOpenYet { opens: Some(next.from) };
        }
        // 7.
        if windows.is_empty() {
            return Phase::NotOpenYet { opens: None };
        }
        // 8.
        Phase::Closed
    }

    /// Whether outcomes were held back and no longer are.
    pub(crate) fn is_published(&self, at: Millis) -> bool {
        match self.definition.publish {
            Publish::AtOnce => false,
            Publish::At { at: time } => self.marks.published || time <= at,
            Publish::ByHand { .. } => self.marks.published,
        }
    }

    /// Whether outcomes are held back still.
    pub(crate) fn is_secret(&self, at: Millis) -> bool {
        self.definition.is_held_back() && !self.is_published(at)
    }

    /// Entries ever accepted.
    pub(crate) fn entries_count(&self) -> u32 {
        u32::try_from(self.entries.len()).expect("the limits keep entries within 32 bits")
    }

    pub(crate) fn entry(&self, number: EntryNo) -> Result<&Entry, Refusal> {
        self.entries.get(number.index()).ok_or(Refusal::NotFound)
    }

    /// The latest entry in which somebody has this key in this unique field.
    pub(crate) fn latest_entry(&self, field: usize, key: PersonKey) -> Option<EntryNo> {
        let has = |entry: &Entry| entry.people.iter().any(|keys| keys[field] == key);
        self.entries.iter().rposition(has).map(EntryNo::from_index)
    }

    pub(crate) fn pool_mut(&mut self, pool: PoolNo) -> &mut Pool {
        &mut self.pools[pool.index()]
    }

    pub(crate) fn state(&self) -> CampaignState {
        CampaignState {
            definition: self.definition.clone(),
            pools: self.pools.clone(),
            entries: self.entries.clone(),
            blocked: self.blocked.clone(),
            allowed: self.allowed.clone(),
            reserved: self.reserved.clone(),
            draws: self.draws.clone(),
            marks: self.marks.clone(),
        }
    }
}

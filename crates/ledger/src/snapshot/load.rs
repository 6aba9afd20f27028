//! A ledger's state, read back.
//!
//! Owns: what the bytes must be for it. Never: takes a number as an index or a length before it
//! was held against its limit.
//! Invariants: booked and redeemed units of each pool are those of its entries.
//! On failure: the part that is not a ledger's.

use super::{LoadError, Source, VERSION};
use crate::campaign::{Campaign, Drawn, Redemption};
use crate::draw::{Draw, Stage};
use crate::entry::{Fate, Row};
use crate::lot::Lot;
use crate::people::{PeopleList, Series, Success, Successes};
use crate::phase::{Export, Marks};
use crate::pool::{Pool, PoolPlace};
use crate::{ActionRecord, Ledger};
use types::action::{DrawEvent, ListKind, is_origin};
use types::calendar::LocalDay;
use types::definition::Definition;
use types::ids::{
    CampaignNo, EntryNo, FrameNo, ItemNo, Millis, OutletNo, PersonKey, RequestId, Sha256, SlotNo,
};
use types::limits;

impl Ledger {
    /// Reads a whole state.
    ///
    /// # Errors
    /// When the source fails, or its bytes are not a ledger's.
    pub fn load<S: Source>(source: &mut S) -> Result<Self, LoadError<S::Error>> {
        let mut input = In { source, version: VERSION };
        let version = input.u32()?;
        if VERSION < version {
            return Err(LoadError::Newer(version));
        }
        if version == 0 {
            return Err(LoadError::Unsound("version"));
        }
        input.version = version;
        let mut ledger = Self::new();
        ledger.time = Millis(input.u64()?);
        ledger.frame = FrameNo(input.u64()?);
        ledger.outcomes_hash = input.u64()?;
        let actions_hash = input.u64()?;
        for _ in 0..input.count("actions", limits::ACTIONS_KEPT_MAX)? {
            ledger.remember_action(input.action()?);
        }
        // While all there ever were are kept, the chain over them can be computed again.
        let are_all = ledger.actions.len() < limits::ACTIONS_KEPT_MAX;
        if are_all && ledger.actions_hash != actions_hash {
            return Err(LoadError::Unsound("action"));
        }
        ledger.actions_hash = actions_hash;
        for _ in 0..input.count("series", limits::CAMPAIGNS_MAX)? {
            ledger.series.push(input.series()?);
        }
        for no in 0..input.count("campaigns", limits::CAMPAIGNS_MAX)? {
            let campaign = input.campaign(CampaignNo::from_index(no), ledger.series.len())?;
            ledger.by_code.insert(campaign.definition.code.clone(), campaign.no);
            ledger.campaigns.push(campaign);
        }
        if ledger.by_code.len() != ledger.campaigns.len() {
            return Err(LoadError::Unsound("campaign code"));
        }
        if !ledger.names_are_sound() {
            return Err(LoadError::Unsound("campaign that another one names"));
        }
        ledger.find_entered_last();
        Ok(ledger)
    }

    /// Which campaign of each series took the latest entry: their entries say.
    fn find_entered_last(&mut self) {
        let mut latest = vec![None; self.series.len()];
        for campaign in &self.campaigns {
            let Some(series) = campaign.series else { continue };
            let Some(last) = campaign.entries_len().checked_sub(1) else { continue };
            let place = campaign.row(EntryNo(last)).expect("the last entry is there").place();
            let here = Some((place.frame, place.offset, campaign.no));
            if latest[series] < here {
                latest[series] = here;
            }
        }
        for (series, latest) in self.series.iter_mut().zip(latest) {
            series.entered_last = latest.map(|(.., campaign)| campaign);
        }
    }
}

struct In<'a, S> {
    source: &'a mut S,
    /// Of the body.
    version: u32,
}

type Loaded<T, S> = Result<T, LoadError<<S as Source>::Error>>;

impl<S: Source> In<'_, S> {
    fn array<const N: usize>(&mut self) -> Loaded<[u8; N], S> {
        let mut bytes = [0; N];
        self.source.fill(&mut bytes).map_err(LoadError::Source)?;
        Ok(bytes)
    }

    fn u32(&mut self) -> Loaded<u32, S> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Loaded<u64, S> {
        self.array().map(u64::from_le_bytes)
    }

    fn u16(&mut self, what: &'static str) -> Loaded<u16, S> {
        u16::try_from(self.u32()?).map_err(|_| LoadError::Unsound(what))
    }

    fn flag(&mut self, what: &'static str) -> Loaded<bool, S> {
        match self.u32()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(LoadError::Unsound(what)),
        }
    }

    fn count(&mut self, what: &'static str, most: usize) -> Loaded<usize, S> {
        let count = self.u32()? as usize;
        if count <= most { Ok(count) } else { Err(LoadError::Unsound(what)) }
    }

    fn option(&mut self, what: &'static str) -> Loaded<Option<u32>, S> {
        match self.u64()? {
            u64::MAX => Ok(None),
            number => u32::try_from(number).map(Some).map_err(|_| LoadError::Unsound(what)),
        }
    }

    fn bytes(&mut self, what: &'static str) -> Loaded<Vec<u8>, S> {
        let length = self.count(what, limits::COMMAND_BYTES_MAX)?;
        let mut bytes = vec![0; length];
        self.source.fill(&mut bytes).map_err(LoadError::Source)?;
        Ok(bytes)
    }

    fn text(&mut self, what: &'static str) -> Loaded<String, S> {
        String::from_utf8(self.bytes(what)?).map_err(|_| LoadError::Unsound(what))
    }

    fn action(&mut self) -> Loaded<ActionRecord, S> {
        let (frame, at) = (FrameNo(self.u64()?), Millis(self.u64()?));
        let campaign = match self.option("action")? {
            None => None,
            Some(no) => {
                Some(CampaignNo(u16::try_from(no).map_err(|_| LoadError::Unsound("action"))?))
            }
        };
        let mut record = ActionRecord {
            frame,
            at,
            campaign,
            actor: self.text("action")?,
            reason: self.text("action")?,
            word: self.text("action")?,
            detail: self.text("action")?,
            outcome: self.text("action")?,
            from: String::new(),
            before: String::new(),
            after: String::new(),
        };
        if 2 <= self.version {
            record.from = self.text("action")?;
            record.before = self.text("action")?;
            record.after = self.text("action")?;
        }
        let is_sound = match record.from.as_str() {
            "" => record.before.is_empty() && record.after.is_empty(),
            from => is_origin(from),
        };
        if is_sound { Ok(record) } else { Err(LoadError::Unsound("action")) }
    }

    fn series(&mut self) -> Loaded<Series, S> {
        let code = self.text("series")?;
        let cool_down_days = self.u16("series")?;
        let fields = self.count("series", limits::UNIQUE_FIELDS_MAX)?;
        let mut successes = Vec::with_capacity(fields);
        for _ in 0..fields {
            let mut people = Successes::new();
            for _ in 0..self.u32()? {
                let success = Success {
                    key: PersonKey(self.array()?),
                    day: LocalDay(self.u32()?),
                    campaign: CampaignNo(self.u16("success")?),
                    entry: EntryNo(self.u32()?),
                };
                people.remember(success, cool_down_days);
            }
            successes.push(people);
        }
        Ok(Series { code, cool_down_days, successes, entered_last: None })
    }

    fn campaign(&mut self, no: CampaignNo, series_len: usize) -> Loaded<Campaign, S> {
        let json = self.bytes("definition")?;
        let definition: Definition =
            serde_json::from_slice(&json).map_err(|_| LoadError::Unsound("definition"))?;
        definition.check().map_err(|_| LoadError::Unsound("definition"))?;
        let series = self.option("series")?.map(|series| series as usize);
        if series.is_some_and(|series| series_len <= series) {
            return Err(LoadError::Unsound("series"));
        }
        let mut campaign = Campaign::without_pools(no, definition, series);
        campaign.marks = self.marks()?;
        for _ in 0..self.count("pools", limits::POOLS_MAX)? {
            let pool = self.pool(&campaign.definition)?;
            campaign.push_pool(pool);
        }
        let kinds = 2 + campaign.definition.items.len();
        for _ in 0..self.count("lists", kinds * limits::UNIQUE_FIELDS_MAX)? {
            let list = match self.count("list", kinds - 1)? {
                0 => ListKind::Block,
                1 => ListKind::Allow,
                other => ListKind::Reserved(ItemNo::from_index(other - 2)),
            };
            let field = self.count("list", campaign.fields_len() - 1)? as u8;
            let mut people = PeopleList::new();
            for _ in 0..self.count("list", limits::LIST_KEYS_MAX)? {
                people.add(PersonKey(self.array()?));
            }
            campaign.lists.insert((list, field), people);
        }
        for _ in 0..self.count("redemptions", limits::ENTRIES_MAX as usize)? {
            let entry = EntryNo(self.u32()?);
            let request = RequestId(self.array()?);
            let actor = self.text("redemption")?;
            if campaign.redemption(entry).is_some() {
                return Err(LoadError::Unsound("redemption"));
            }
            campaign.remember_redemption(entry, Redemption { request, actor });
        }
        if 3 <= self.version {
            for _ in 0..self.count("draws", limits::DRAWS_MAX)? {
                let draw = self.draw(&campaign.definition)?;
                campaign.draws.push(draw);
            }
        }
        self.entries(&mut campaign)?;
        #[cfg(planted)]
        campaign.forget_requests();
        Ok(campaign)
    }

    fn pool(&mut self, definition: &Definition) -> Loaded<Pool, S> {
        let place = PoolPlace {
            outlet: OutletNo(self.u16("pool")?),
            item: ItemNo(self.u16("pool")?),
            slot: SlotNo(self.u16("pool")?),
        };
        let pool = Pool {
            place,
            issued: self.u64()?,
            withdrawn: self.u64()?,
            withdrawn_early: self.u64()?,
            booked: self.u64()?,
            redeemed: self.u64()?,
        };
        let taken = pool.withdrawn.checked_add(pool.booked);
        let sound = place.outlet.index() < definition.outlets.len()
            && place.item.index() < definition.items.len()
            && place.slot.index() < definition.slots.len()
            && pool.issued <= u64::from(limits::POOL_UNITS_MAX)
            && taken.is_some_and(|taken| taken <= pool.issued)
            && pool.withdrawn_early <= pool.withdrawn
            && pool.redeemed <= pool.booked;
        if sound { Ok(pool) } else { Err(LoadError::Unsound("pool")) }
    }

    fn marks(&mut self) -> Loaded<Marks, S> {
        let mut marks = Marks {
            opened: self.flag("mark")?,
            closed: self.flag("mark")?,
            paused: self.flag("mark")?,
            published: self.flag("mark")?,
            shredded: self.flag("mark")?,
            drawing: 3 <= self.version && self.flag("mark")?,
            cap: self.option("cap")?,
            exports: Vec::new(),
        };
        for _ in 0..self.count("exports", limits::EXPORTS_KEPT_MAX)? {
            marks.exports.push(Export {
                frame: FrameNo(self.u64()?),
                at: Millis(self.u64()?),
                bookings: self.u32()?,
                checksum: self.text("export")?,
            });
        }
        Ok(marks)
    }

    fn entries(&mut self, campaign: &mut Campaign) -> Loaded<(), S> {
        let entries = self.count("entries", limits::ENTRIES_MAX as usize)?;
        campaign.reserve_entries(entries);
        let fields = campaign.fields_len();
        let mut tally = Tally { pools: vec![(0, 0); campaign.pools().len()], redemptions: 0 };
        for _ in 0..entries {
            let mut words = [0; 7];
            for word in &mut words {
                *word = self.u64()?;
            }
            let row = Row::from_words(words).ok_or(LoadError::Unsound("entry"))?;
            let lot = match campaign.definition.draw() {
                Some(_) => Lot::from_byte(self.array::<1>()?[0]),
                None => Some(Lot::default()),
            };
            let lot = lot.ok_or(LoadError::Unsound("lot"))?;
            tally.take(&row).ok_or(LoadError::Unsound("entry"))?;
            let redeemed = matches!(row.fate(), Fate::Redeemed { .. });
            let entry = EntryNo(campaign.entries_len());
            if redeemed != campaign.redemption(entry).is_some() {
                return Err(LoadError::Unsound("redemption"));
            }
            let mut keys = [PersonKey([0; 16]); limits::UNIQUE_FIELDS_MAX];
            for key in &mut keys[..fields] {
                *key = PersonKey(self.array()?);
            }
            let keys = keys[..fields].iter().copied();
            let before = campaign.entries_of_keys(keys.clone());
            campaign.push_row(row, keys, &before, Drawn { lot, further: Vec::new() });
        }
        if !tally.fits(campaign) {
            return Err(LoadError::Unsound("pool"));
        }
        if 3 <= self.version { self.groups(campaign) } else { Ok(()) }
    }

    fn groups(&mut self, campaign: &mut Campaign) -> Loaded<(), S> {
        let fields = campaign.fields_len();
        let most = fields * usize::from(limits::DRAW_UNITS_MAX - 1);
        for _ in 0..self.count("groups", campaign.entries_len() as usize)? {
            let entry = EntryNo(self.u32()?);
            let count = self.count("group", most)?;
            let is_new = campaign.further_keys_of(entry).is_empty();
            let whole = 0 < count && count.is_multiple_of(fields);
            if !whole || !is_new || campaign.row(entry).is_none() {
                return Err(LoadError::Unsound("group"));
            }
            let mut keys = Vec::with_capacity(count);
            for _ in 0..count {
                keys.push(PersonKey(self.array()?));
            }
            campaign.push_group(entry, keys);
        }
        Ok(())
    }

    fn draw(&mut self, definition: &Definition) -> Loaded<Draw, S> {
        let (frame, at) = (FrameNo(self.u64()?), Millis(self.u64()?));
        let slot = match self.option("draw")?.map(u16::try_from) {
            None => None,
            Some(Ok(slot)) => Some(SlotNo(slot)),
            Some(Err(_)) => return Err(LoadError::Unsound("draw")),
        };
        let (unserved, was_published) = (self.flag("draw")?, self.flag("draw")?);
        let entries = self.u32()?;
        let stage = Stage::ALL[self.count("draw", Stage::ALL.len() - 1)?];
        let (winners, awarded) = (self.u32()?, self.u32()?);
        let mut events = Vec::new();
        for _ in 0..self.count("draw", limits::ENTRIES_MAX as usize)? {
            events.push(self.event()?);
        }
        let known = slot.is_none_or(|slot| slot.index() < definition.slots.len());
        let counted = awarded <= winners && winners <= entries;
        let lasts = match stage {
            Stage::Void => !was_published,
            Stage::Published | Stage::Resumed => was_published,
            _ => true,
        };
        if !known || !counted || !lasts {
            return Err(LoadError::Unsound("draw"));
        }
        Ok(Draw {
            frame,
            at,
            slot,
            unserved,
            entries,
            stage,
            winners,
            awarded,
            was_published,
            events,
        })
    }

    fn event(&mut self) -> Loaded<(DrawEvent, Sha256), S> {
        let (kind, number) = (self.u32()?, self.u32()?);
        let event = match kind {
            0 => DrawEvent::Seal { entries: number },
            1 => DrawEvent::Opening,
            2 => DrawEvent::Seed,
            3 => DrawEvent::Result { winners: number },
            4 => DrawEvent::Alternates { winners: number },
            5 => DrawEvent::Void,
            _ => return Err(LoadError::Unsound("draw")),
        };
        Ok((event, Sha256(self.array()?)))
    }
}

/// The units that the entries hold, to be held against what the pools say.
struct Tally {
    /// Booked and redeemed units of each pool.
    pools: Vec<(u64, u64)>,
    redemptions: usize,
}

impl Tally {
    /// Counts an entry; none when there is no such pool.
    fn take(&mut self, row: &Row) -> Option<()> {
        let Some(pool) = row.pool() else { return Some(()) };
        let (booked, redeemed) = self.pools.get_mut(pool.index())?;
        let units = u64::from(row.units());
        match row.fate() {
            Fate::Cancelled { .. } => {}
            Fate::Live => *booked += units,
            Fate::Redeemed { .. } => {
                *booked += units;
                *redeemed += units;
                self.redemptions += 1;
            }
        }
        Some(())
    }

    fn fits(&self, campaign: &Campaign) -> bool {
        let pools = campaign.pools().iter().map(|pool| (pool.booked, pool.redeemed));
        pools.eq(self.pools.iter().copied()) && campaign.redemptions().len() == self.redemptions
    }
}

//! A ledger's state, written.
//!
//! Owns: the order and width of every part. Never: leaves a part out that decides anything.

use super::{Sink, VERSION};
use crate::campaign::{Campaign, list_number};
use crate::draw::Draw;
use crate::people::Series;
use crate::phase::Marks;
use crate::pool::Pool;
use crate::{ActionRecord, Ledger};
use types::action::DrawEvent;
use types::ids::EntryNo;

impl Ledger {
    /// Writes the whole state.
    ///
    /// # Errors
    /// Those of the sink.
    pub fn save<S: Sink>(&self, sink: &mut S) -> Result<(), S::Error> {
        let mut out = Out { sink };
        out.u32(VERSION)?;
        out.words(&[self.time.0, self.frame.0, self.outcomes_hash, self.actions_hash])?;
        out.u32(self.actions.len() as u32)?;
        self.actions.iter().try_for_each(|action| out.action(action))?;
        out.u32(self.series.len() as u32)?;
        self.series.iter().try_for_each(|series| out.series(series))?;
        out.u32(self.campaigns.len() as u32)?;
        self.campaigns.iter().try_for_each(|campaign| out.campaign(campaign))
    }
}

struct Out<'a, S> {
    sink: &'a mut S,
}

impl<S: Sink> Out<'_, S> {
    fn u32(&mut self, number: u32) -> Result<(), S::Error> {
        self.sink.put(&number.to_le_bytes())
    }

    fn words(&mut self, words: &[u64]) -> Result<(), S::Error> {
        words.iter().try_for_each(|word| self.sink.put(&word.to_le_bytes()))
    }

    fn text(&mut self, text: &[u8]) -> Result<(), S::Error> {
        self.u32(text.len() as u32)?;
        self.sink.put(text)
    }

    fn option(&mut self, number: Option<u32>) -> Result<(), S::Error> {
        self.words(&[number.map_or(u64::MAX, u64::from)])
    }

    fn action(&mut self, action: &ActionRecord) -> Result<(), S::Error> {
        self.words(&[action.frame.0, action.at.0])?;
        self.option(action.campaign.map(|campaign| u32::from(campaign.0)))?;
        let texts = [&action.actor, &action.reason, &action.word, &action.detail, &action.outcome];
        let told = [&action.from, &action.before, &action.after];
        texts.iter().chain(&told).try_for_each(|text| self.text(text.as_bytes()))
    }

    fn series(&mut self, series: &Series) -> Result<(), S::Error> {
        self.text(series.code.as_bytes())?;
        self.u32(u32::from(series.cool_down_days))?;
        self.u32(series.successes.len() as u32)?;
        for successes in &series.successes {
            self.u32(successes.live().count() as u32)?;
            for success in successes.live() {
                self.sink.put(&success.key.0)?;
                self.u32(success.day.0)?;
                self.u32(u32::from(success.campaign.0))?;
                self.u32(success.entry.0)?;
            }
        }
        Ok(())
    }

    fn campaign(&mut self, campaign: &Campaign) -> Result<(), S::Error> {
        let json =
            serde_json::to_vec(&*campaign.definition).expect("definitions have only string keys");
        self.text(&json)?;
        self.option(campaign.series.map(|series| series as u32))?;
        self.marks(&campaign.marks)?;
        self.u32(campaign.pools().len() as u32)?;
        for pool in campaign.pools() {
            let place = &pool.place;
            let places = [place.outlet.0, place.item.0, place.slot.0];
            places.iter().try_for_each(|number| self.u32(u32::from(*number)))?;
            let Pool { issued, withdrawn, withdrawn_early, booked, redeemed, .. } = *pool;
            self.words(&[issued, withdrawn, withdrawn_early, booked, redeemed])?;
        }
        self.u32(campaign.lists.len() as u32)?;
        for ((list, field), people) in &campaign.lists {
            self.u32(list_number(*list) as u32)?;
            self.u32(u32::from(*field))?;
            self.u32(people.len() as u32)?;
            people.keys().try_for_each(|key| self.sink.put(&key.0))?;
        }
        self.u32(campaign.redemptions().len() as u32)?;
        for (entry, redemption) in campaign.redemptions() {
            self.u32(entry.0)?;
            self.sink.put(&redemption.request.0)?;
            self.text(redemption.actor.as_bytes())?;
        }
        self.u32(campaign.draws().len() as u32)?;
        campaign.draws().iter().try_for_each(|draw| self.draw(draw))?;
        self.entries(campaign)?;
        self.u32(campaign.groups().all().len() as u32)?;
        for (entry, keys) in campaign.groups().all() {
            self.u32(entry.0)?;
            self.u32(keys.len() as u32)?;
            keys.iter().try_for_each(|key| self.sink.put(&key.0))?;
        }
        Ok(())
    }

    fn marks(&mut self, marks: &Marks) -> Result<(), S::Error> {
        let flags = [
            marks.opened,
            marks.closed,
            marks.paused,
            marks.published,
            marks.shredded,
            marks.drawing,
        ];
        flags.iter().try_for_each(|flag| self.u32(u32::from(*flag)))?;
        self.option(marks.cap)?;
        self.u32(marks.exports.len() as u32)?;
        marks.exports.iter().try_for_each(|export| {
            self.words(&[export.frame.0, export.at.0])?;
            self.u32(export.bookings)?;
            self.text(export.checksum.as_bytes())
        })
    }

    fn draw(&mut self, draw: &Draw) -> Result<(), S::Error> {
        self.words(&[draw.frame.0, draw.at.0])?;
        self.option(draw.slot.map(|slot| u32::from(slot.0)))?;
        let flags = [draw.unserved, draw.was_published].map(u32::from);
        let counts = [draw.entries, draw.stage as u32, draw.winners, draw.awarded];
        flags.iter().chain(&counts).try_for_each(|number| self.u32(*number))?;
        self.u32(draw.events.len() as u32)?;
        draw.events.iter().try_for_each(|(event, digest)| {
            let (kind, number) = match event {
                DrawEvent::Seal { entries } => (0, *entries),
                DrawEvent::Opening => (1, 0),
                DrawEvent::Seed => (2, 0),
                DrawEvent::Result { winners } => (3, *winners),
                DrawEvent::Alternates { winners } => (4, *winners),
                DrawEvent::Void => (5, 0),
            };
            self.u32(kind)?;
            self.u32(number)?;
            self.sink.put(&digest.0)
        })
    }

    fn entries(&mut self, campaign: &Campaign) -> Result<(), S::Error> {
        self.u32(campaign.entries_len())?;
        for entry in (0..campaign.entries_len()).map(EntryNo) {
            let row = campaign.row(entry).expect("entries are numbered without gaps");
            let mut bytes = [0; 56];
            let (chunks, _) = bytes.as_chunks_mut::<8>();
            for (chunk, word) in chunks.iter_mut().zip(row.words()) {
                *chunk = word.to_le_bytes();
            }
            self.sink.put(&bytes)?;
            if campaign.definition.draw().is_some() {
                self.sink.put(&[campaign.lot(entry).byte()])?;
            }
            campaign.keys_of(entry).try_for_each(|key| self.sink.put(&key.0))?;
        }
        Ok(())
    }
}

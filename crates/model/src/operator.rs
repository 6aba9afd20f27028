//! "Operator" in the rules: switches, cap, lists, export, shred.
//!
//! Owns: every action but loading (`load`) and the stock's (`stock`).
//! Invariants: a refusal changes nothing but that it is remembered.

use crate::Model;
use crate::campaign::{Campaign, Phase};
use crate::state::{Export, Place};
use std::collections::BTreeSet;
use types::{
    Action, ListKind, Millis, OperatorCommand, Outcome, PersonKey, Refusal, StockMode, limits,
};

/// What an action that moves no units answers.
const DONE: Outcome = Outcome::Done { units: 0 };

impl Model {
    pub(crate) fn operator(
        &mut self,
        place: Place,
        at: Millis,
        command: &OperatorCommand,
    ) -> Result<Outcome, Refusal> {
        if let Action::Load { definition } = &command.action {
            return self.load(at, definition);
        }
        let number = command.action.campaign().expect("every action but load names a campaign");
        let campaign = self.campaign_mut(number)?;
        if campaign.marks.shredded {
            return Err(Refusal::Shredded);
        }
        let draws = campaign.definition.draw().is_some();
        match &command.action {
            Action::Load { .. } => unreachable!("handled above"),
            Action::Stock { mode: StockMode::Replace, .. } | Action::Withdraw { .. }
                if campaign.is_draw_under_way() =>
            {
                Err(Refusal::DrawUnderWay)
            }
            Action::Stock { mode, rows, .. } => campaign.stock(*mode, rows),
            Action::Open { .. } => campaign.open(at),
            Action::Pause { .. } => campaign.pause(),
            Action::Resume { .. } => campaign.resume(),
            Action::Close { .. } => campaign.close(),
            Action::Publish { .. } if draws => self.publish_draw(number),
            Action::Publish { .. } => campaign.publish(at),
            Action::Cap { entries, .. } => campaign.cap(*entries),
            Action::Withdraw { outlet, item, slot, units, .. } => {
                campaign.withdraw(*outlet, *item, *slot, *units)
            }
            Action::List { list, field, keys, .. } => campaign.list(*list, *field, keys),
            Action::Export { bookings, checksum, .. } => {
                let checksum = checksum.clone();
                let export = Export { frame: place.frame, at, bookings: *bookings, checksum };
                campaign.marks.exports.push(export);
                let exports = campaign.marks.exports.len();
                let forgotten = exports.saturating_sub(limits::EXPORTS_KEPT_MAX);
                campaign.marks.exports.drain(..forgotten);
                Ok(DONE)
            }
            Action::Shred { .. } => {
                campaign.marks.shredded = true;
                Ok(DONE)
            }
            Action::CloseDraw { slot, unserved, .. } => {
                self.close_draw((place.frame, at), number, *slot, *unserved)
            }
            Action::DrawEvent { draw, event, digest, .. } => {
                campaign.draw_event(*draw, *event, *digest)
            }
            Action::Alternates { draw, begin, .. } => campaign.alternates(*draw, *begin),
            Action::Lapse { outlet, item, slot, .. } => campaign.lapse(at, *outlet, *item, *slot),
            Action::TakeOver { .. } if !draws => Err(Refusal::NotADraw),
            Action::TakeOver { .. } if campaign.definition.register.registered_in.is_none() => {
                Err(Refusal::NotAsAsked)
            }
            Action::TakeOver { .. } => Ok(DONE),
        }
    }
}

impl Campaign {
    fn open(&mut self, at: Millis) -> Result<Outcome, Refusal> {
        if self.is_published(at) {
            return Err(Refusal::Published);
        }
        if self.is_drawn_once() {
            return Err(Refusal::DrawUnderWay);
        }
        if self.marks.opened && !self.marks.closed {
            return Err(Refusal::AlreadySo);
        }
        self.marks.opened = true;
        self.marks.closed = false;
        Ok(DONE)
    }

    fn pause(&mut self) -> Result<Outcome, Refusal> {
        if self.marks.paused {
            return Err(Refusal::AlreadySo);
        }
        self.marks.paused = true;
        Ok(DONE)
    }

    fn resume(&mut self) -> Result<Outcome, Refusal> {
        if !self.marks.paused {
            return Err(Refusal::AlreadySo);
        }
        self.marks.paused = false;
        Ok(DONE)
    }

    fn close(&mut self) -> Result<Outcome, Refusal> {
        if self.marks.closed {
            return Err(Refusal::AlreadySo);
        }
        self.marks.closed = true;
        self.marks.opened = false;
        self.marks.paused = false;
        Ok(DONE)
    }

    fn publish(&mut self, at: Millis) -> Result<Outcome, Refusal> {
        if !self.definition.is_held_back() || self.is_published(at) {
            return Err(Refusal::AlreadySo);
        }
        if !matches!(self.phase(at), Phase::Closed | Phase::CapReached) {
            return Err(Refusal::StillOpen);
        }
        self.marks.published = true;
        Ok(DONE)
    }

    fn cap(&mut self, cap: Option<u32>) -> Result<Outcome, Refusal> {
        let entries = self.entries_count();
        if cap.is_some_and(|cap| cap == 0 || limits::ENTRIES_MAX < cap) {
            return Err(Refusal::OverLimit);
        }
        if cap.is_some_and(|cap| cap < entries) {
            return Err(Refusal::BelowEntries { entries });
        }
        if cap == self.marks.cap {
            return Err(Refusal::AlreadySo);
        }
        self.marks.cap = cap;
        Ok(DONE)
    }

    fn list(&mut self, kind: ListKind, field: u8, keys: &[PersonKey]) -> Result<Outcome, Refusal> {
        let lists = match kind {
            ListKind::Block => &mut self.blocked,
            ListKind::Allow => &mut self.allowed,
            ListKind::Reserved(item) => {
                self.reserved.get_mut(&item).ok_or(Refusal::UnknownPlace)?
            }
        };
        let list = lists.get_mut(usize::from(field)).ok_or(Refusal::UnknownPlace)?;
        if limits::LIST_KEYS_MAX < list.len() + keys.len() {
            return Err(Refusal::OverLimit);
        }
        let new: BTreeSet<PersonKey> =
            keys.iter().filter(|key| !list.contains(*key)).copied().collect();
        let units = new.len() as u64;
        list.extend(new);
        Ok(Outcome::Done { units })
    }
}

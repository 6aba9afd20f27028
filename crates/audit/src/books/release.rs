//! Giving up and handing out, by the books.
//!
//! Owns: "Cancel" and "Redeem" in `docs/rules.md`, in that order.

use super::campaign::{Campaign, Decision, Fate};
use super::people::Success;
use super::says::Because;
use super::{Books, Kind, Place};
use crate::claim::{Claim, Refused};
use crate::record::Command;
use types::calendar::LocalDay;
use types::definition::Fulfil;
use types::ids::{CampaignNo, EntryNo, Millis, SlotNo};

impl Books {
    pub(super) fn take_cancel(
        &mut self,
        place: Place,
        (no, entry): (CampaignNo, EntryNo),
        claim: Option<&Claim>,
    ) -> Claim {
        let own = self.judge_cancel(place.at, no, entry);
        let what = |books: &Self| format!("{}: cancelling entry {entry}", books.named(no));
        self.compare(place, (&own, claim), Kind::Cancel, &Because::Rule, what);
        if let Claim::Cancelled { at, .. } = claim.unwrap_or(&own)
            && *at == place.at
            && self.is_live(no, entry)
        {
            self.cancel(place.at, no, entry);
        }
        own
    }

    fn judge_cancel(&self, at: Millis, no: CampaignNo, entry: EntryNo) -> Claim {
        let Some(campaign) = self.campaign(no) else {
            return Claim::Refused(Refused::UnknownCampaign);
        };
        if campaign.marks.shredded {
            return Claim::Refused(Refused::Shredded);
        }
        let Some(found) = campaign.entry(entry) else {
            return Claim::Refused(Refused::NotFound);
        };
        match found.fate {
            Fate::Live => Claim::Cancelled { entry, at },
            Fate::Cancelled { at } => Claim::Cancelled { entry, at },
            Fate::Redeemed { at } => {
                let pool = found.pool.map(|pool| campaign.pools[pool.index()]);
                let outlet = pool.map(|pool| pool.outlet).unwrap_or_default();
                Claim::Refused(Refused::AlreadyRedeemed { at, outlet })
            }
        }
    }

    fn cancel(&mut self, at: Millis, no: CampaignNo, entry: EntryNo) {
        let campaign = &mut self.campaigns[no.index()];
        campaign.end(entry, Fate::Cancelled { at });
        let decision = campaign.entry(entry).map(|entry| entry.decision);
        let (Some(series), Some(Decision::Booked)) = (campaign.series, decision) else { return };
        let (people, fields) = (campaign.people_of(entry), campaign.fields_len());
        for person in people {
            let success = Success { campaign: no, entry, person, day: LocalDay::default() };
            (0..fields).for_each(|field| {
                self.series[series].forget(&self.campaigns, field, success);
            });
        }
    }

    fn is_live(&self, no: CampaignNo, entry: EntryNo) -> bool {
        let entry = self.campaign(no).and_then(|campaign| campaign.entry(entry));
        entry.is_some_and(|entry| entry.fate == Fate::Live)
    }

    pub(super) fn take_redeem(
        &mut self,
        place: Place,
        command: &Command<'_>,
        claim: Option<&Claim>,
    ) -> Claim {
        let Command::Redeem { campaign: no, entry, outlet, request, actor } = *command else {
            unreachable!("only redemptions come here");
        };
        let own = self.judge_redeem(place.at, command);
        let what = |books: &Self| {
            let campaign = books.named(no);
            format!("{campaign}: redeeming entry {entry} at outlet {outlet} by {actor}")
        };
        let because = match own {
            Claim::Refused(Refused::NotPublished) => Because::Unpublished(entry),
            _ => Because::Rule,
        };
        self.compare(place, (&own, claim), Kind::Redeem, &because, what);
        if let Claim::Redeemed { repeated: false, .. } = claim.unwrap_or(&own)
            && self.is_live(no, entry)
        {
            let campaign = &mut self.campaigns[no.index()];
            campaign.end(entry, Fate::Redeemed { at: place.at });
            campaign.remember_redemption(entry, request, actor);
        }
        own
    }

    fn judge_redeem(&self, at: Millis, command: &Command<'_>) -> Claim {
        let Command::Redeem { campaign: no, entry, outlet, request, actor } = *command else {
            unreachable!("only redemptions come here");
        };
        let refused = Claim::Refused;
        let Some(campaign) = self.campaign(no) else { return refused(Refused::UnknownCampaign) };
        if campaign.marks.shredded {
            return refused(Refused::Shredded);
        }
        let Some(found) = campaign.entry(entry) else { return refused(Refused::NotFound) };
        if !campaign.tells(at, entry) {
            return refused(Refused::NotPublished);
        }
        if let Fate::Cancelled { at } = found.fate {
            return refused(Refused::AlreadyCancelled { at });
        }
        let (Some(no), Decision::Booked) = (found.pool, found.decision) else {
            return refused(Refused::NotBooked);
        };
        let pool = &campaign.pools[no.index()];
        if let Fate::Redeemed { at } = found.fate {
            let is_same = pool.outlet == outlet && campaign.was_redeemed_by(entry, request, actor);
            return match is_same {
                true => Claim::Redeemed { entry, pool: no, units: found.units, at, repeated: true },
                false => refused(Refused::AlreadyRedeemed { at, outlet: pool.outlet }),
            };
        }
        if pool.outlet != outlet {
            return refused(Refused::WrongOutlet { outlet: pool.outlet });
        }
        if !is_in_slot(campaign, pool.slot, at) {
            return refused(Refused::WrongTime { slot: pool.slot });
        }
        Claim::Redeemed { entry, pool: no, units: found.units, at, repeated: false }
    }
}

fn is_in_slot(campaign: &Campaign, slot: SlotNo, at: Millis) -> bool {
    let slot = &campaign.definition.slots[slot.index()];
    let Fulfil::Pickup { whole_day } = campaign.definition.fulfil;
    if !whole_day {
        return slot.from <= at && at < slot.until;
    }
    let last = Millis(slot.until.0.saturating_sub(1));
    let today = campaign.day(at);
    campaign.day(slot.from) <= today && today <= campaign.day(last)
}

//! Awards, by the books: whether a winner may have what it is given.
//!
//! Owns: "Award" in `docs/rules.md`, and, which the ledger does not look at, that a winner gets
//! what it chose. Never: computes who wins.
//! Invariants: a part is applied whole or not at all; what is awarded and was not chosen is one
//! finding a winner, and stays awarded, since that is what happened.

use super::campaign::{Campaign, Fate, Pool};
use super::definition::{draws_once, is_reserved};
use super::draw::{Draw, Stage};
use super::says::Because;
use super::steps::latest;
use super::{Books, Kind, Place};
use crate::claim::{Claim, Refused};
use crate::record::Award;
use std::collections::{BTreeMap, BTreeSet};
use types::ids::{EntryNo, Millis, PoolNo};
use types::outcome::DrawNeed;

impl Books {
    pub(super) fn take_award(
        &mut self,
        place: Place,
        award: &Award<'_>,
        claim: Option<&Claim>,
    ) -> Claim {
        let (own, because) = match self.judge_award(place.at, award) {
            Ok(units) => (Claim::Done { units }, Because::Rule),
            Err((refused, because)) => (Claim::Refused(refused), because),
        };
        let kind = match (&own, claim) {
            (Claim::Refused(Refused::SoldOut), Some(Claim::Done { .. })) => Kind::Oversold,
            (Claim::Done { .. }, Some(Claim::Refused(Refused::SoldOut))) => Kind::Undersold,
            _ => Kind::Award,
        };
        let what = |books: &Self| {
            let Award { campaign, draw, first, .. } = *award;
            let until = u64::from(first) + award.winners().len() as u64;
            let campaign = books.named(campaign);
            let first = u64::from(first) + 1;
            let winners = match first == until {
                true => format!("winner {first}"),
                false => format!("winners {first} to {until}"),
            };
            format!("{campaign}: awarding {winners} of draw {draw}")
        };
        self.compare(place, (&own, claim), kind, &because, what);
        if matches!(claim.unwrap_or(&own), Claim::Done { .. }) {
            self.award(place, award);
        }
        own
    }

    fn judge_award(&self, at: Millis, award: &Award<'_>) -> Result<u64, (Refused, Because)> {
        let by_rule = |refused| (refused, Because::Rule);
        let campaign = self.campaign(award.campaign);
        let campaign = campaign.ok_or(by_rule(Refused::UnknownCampaign))?;
        if campaign.marks.shredded {
            return Err(by_rule(Refused::Shredded));
        }
        let draw = latest(campaign, award.draw).map_err(by_rule)?;
        let (first, awarded) = (u64::from(award.first), u64::from(draw.awarded));
        let until = first + award.winners().len() as u64;
        // What a void draw gave was taken back.
        if until <= awarded && draw.stage != Stage::Void {
            return Err(by_rule(Refused::AlreadySo));
        }
        if draw.lacks() != DrawNeed::Awards {
            return Err(by_rule(Refused::DrawOrder { needs: draw.lacks() }));
        }
        if first != awarded {
            return Err(by_rule(Refused::NotAsAsked));
        }
        if u64::from(draw.winners) < until {
            return Err(by_rule(Refused::OverLimit));
        }
        if self.awaits_publication(campaign, at) || self.awaits_winners(campaign) {
            return Err(by_rule(Refused::SeriesUnpublished));
        }
        let gets = |entry| self.is_given(at, campaign, entry);
        judge_winners(campaign, draw, award, gets)
    }

    /// Whether a live winner has no other success in the series that is too recent.
    fn is_given(&self, at: Millis, campaign: &Campaign, entry: EntryNo) -> bool {
        let is_gone = |found: super::campaign::Entry| matches!(found.fate, Fate::Cancelled { .. });
        if campaign.entry(entry).is_none_or(is_gone) {
            return false;
        }
        let mut people = campaign.people_of(entry);
        !people.any(|person| {
            let mut fields = 0..campaign.fields_len();
            fields.any(|field| {
                self.cools_down(at, campaign, field, campaign.key(field, entry, person))
            })
        })
    }

    /// Whether another draw of the series has winners who are not published, while a cool-down
    /// would depend on them.
    fn awaits_winners(&self, campaign: &Campaign) -> bool {
        let Some(series) = campaign.series else { return false };
        0 < self.series[series].cool_down_days
            && self.campaigns.iter().any(|other| {
                other.series == Some(series)
                    && other.no != campaign.no
                    && !other.marks.shredded
                    && other.draws_now()
                    && other.entries().any(|entry| other.is_hidden(entry))
            })
    }

    /// Gives winners what they won, as far as there is such an entry and such a pool.
    fn award(&mut self, place: Place, award: &Award<'_>) {
        let Some(campaign) = self.campaign(award.campaign) else { return };
        let gets = award.winners().map(|(entry, _)| self.is_given(place.at, campaign, entry));
        let given: Vec<bool> = gets.collect();
        let campaign = &mut self.campaigns[award.campaign.index()];
        let mut unchosen = Vec::new();
        for ((entry, pool), gets) in award.winners().zip(given) {
            let (Some(found), Some(to)) =
                (campaign.entry(entry), campaign.pools.get(pool.index()).copied())
            else {
                continue;
            };
            if !gets {
                // It is served, all the same.
                if let Some(lot) = campaign.lot_mut(entry) {
                    lot.hidden = true;
                }
                continue;
            }
            if !may_get(campaign, entry, &to) {
                unchosen.push(unchosen_text(campaign, award, entry, pool));
            }
            if found.fate == Fate::Live && campaign.is_waiting(entry) {
                campaign.award(entry, pool);
            }
        }
        if let Some(draw) = campaign.draws.last_mut() {
            draw.awarded = draw.awarded.saturating_add(award.winners().len() as u32);
        }
        unchosen.into_iter().for_each(|text| self.find(place, Kind::Unchosen, text));
    }
}

fn judge_winners(
    campaign: &Campaign,
    draw: &Draw,
    award: &Award<'_>,
    gets: impl Fn(EntryNo) -> bool,
) -> Result<u64, (Refused, Because)> {
    let mut seen = BTreeSet::new();
    let mut asked: BTreeMap<PoolNo, u64> = BTreeMap::new();
    let no = campaign.no;
    for (entry, pool) in award.winners() {
        let refused = |because| Err((Refused::NotAsAsked, because));
        let Some(found) = campaign.entry(entry) else {
            return refused(Because::NoEntry(entry));
        };
        if !found.listed {
            return refused(Because::Unlisted(entry));
        }
        if !campaign.is_waiting(entry) || found.hidden {
            return refused(Because::Awarded(no, entry));
        }
        if !seen.insert(entry) {
            return refused(Because::Twice(entry));
        }
        let Some(to) = campaign.pools.get(pool.index()) else {
            return refused(Because::NoPool(pool));
        };
        if draw.slot.is_some_and(|slot| slot != to.slot) {
            return refused(Because::OtherSlot(no, pool));
        }
        if gets(entry) {
            *asked.entry(pool).or_default() += u64::from(found.units);
        }
    }
    let free = |pool: PoolNo| u64::try_from(campaign.pools[pool.index()].units.free()).unwrap_or(0);
    if let Some((pool, units)) = asked.iter().find(|(pool, units)| free(**pool) < **units) {
        return Err((Refused::SoldOut, Because::Short(no, *pool, *units)));
    }
    Ok(asked.values().sum())
}

/// Whether an entry chose a pool, or takes it as it takes any.
fn may_get(campaign: &Campaign, entry: EntryNo, pool: &Pool) -> bool {
    let Some(lot) = campaign.lot(entry) else { return false };
    let is_once = draws_once(&campaign.definition);
    let is_chosen = |choice: PoolNo| {
        let choice = &campaign.pools[choice.index()];
        (choice.outlet, choice.item) == (pool.outlet, pool.item)
            && (!is_once || choice.slot == pool.slot)
    };
    lot.choices().any(is_chosen) || (lot.any && !is_reserved(&campaign.definition, pool.item))
}

fn unchosen_text(campaign: &Campaign, award: &Award<'_>, entry: EntryNo, pool: PoolNo) -> String {
    let place = |pool: PoolNo| campaign.place(&campaign.pools[pool.index()]).join("/");
    let lot = campaign.lot(entry);
    let chosen: Vec<_> = lot.into_iter().flat_map(|lot| lot.choices()).map(place).collect();
    let other = match lot.is_some_and(|lot| lot.any) {
        true => "and any other that is not reserved",
        false => "and no other",
    };
    format!(
        "{}: draw {} gave entry {entry} pool {pool} ({}), which it did not choose; it takes {} {other}",
        campaign.definition.code,
        award.draw,
        place(pool),
        chosen.join(", ")
    )
}

//! Entering, by the books.
//!
//! Owns: "Enter" in `docs/rules.md`, in that order.

use super::campaign::{Campaign, Decision, Grant};
use super::definition::{draws_once, is_reserved, terms};
use super::lots::Lot;
use super::people::{Key, Success};
use super::says::Because;
use super::{Books, Kind, Place};
use crate::claim::{Claim, Refused, counted};
use crate::record::Enter;
use std::collections::BTreeSet;
use types::ListKind;
use types::calendar::LocalDay;
use types::ids::{EntryNo, Millis, PersonKey, PoolNo};

/// What entering comes to.
struct Judged {
    claim: Claim,
    /// What is given, when the entry is accepted.
    grant: Option<Grant>,
    because: Because,
}

impl Judged {
    const fn refused(refused: Refused, because: Because) -> Self {
        Self { claim: Claim::Refused(refused), grant: None, because }
    }
}

impl Books {
    pub(super) fn take_enter(
        &mut self,
        place: Place,
        enter: &Enter<'_>,
        claim: Option<&Claim>,
    ) -> Claim {
        let Judged { claim: own, grant, because } = self.judge_enter(place.at, enter);
        let kind = match claim {
            Some(claim) if *claim != own => kind(&own, claim, because),
            _ => Kind::Answer,
        };
        let what = |books: &Self| {
            let campaign = books.named(enter.campaign);
            let digits = enter.request.0.iter().map(|byte| format!("{byte:02x}"));
            let request: String = digits.collect();
            format!("{campaign}: request {request} for {}", counted(enter.units))
        };
        let is_right = self.compare(place, (&own, claim), kind, &because, what);
        let grant = match claim {
            Some(claim) if !is_right => self.adopt(enter, claim, grant),
            _ => grant,
        };
        if let Some(grant) = grant {
            self.accept(place, enter, grant);
        }
        own
    }

    fn judge_enter(&self, at: Millis, enter: &Enter<'_>) -> Judged {
        let Some(campaign) = self.campaign(enter.campaign) else {
            return Judged::refused(Refused::UnknownCampaign, Because::Rule);
        };
        if let Some(entry) = campaign.entry_of_request(enter.request) {
            let because = Because::Request(entry);
            let before = campaign.entry(entry).expect("requests lead to entries");
            if before.request_digest != enter.request_digest {
                return Judged::refused(Refused::RequestReused, because);
            }
            return Judged { claim: campaign.told(entry), grant: None, because };
        }
        if let Some(refused) = self.refused_at_all(campaign, at, enter) {
            return Judged::refused(refused, Because::Rule);
        }
        if let Some((refused, because)) = refused_by_entries(campaign, at, enter) {
            return Judged::refused(refused, because);
        }
        let entry = EntryNo(campaign.entries_len());
        let held_back = campaign.is_held_back();
        let accepted = |decision, because| Judged {
            claim: Claim::Registered { entry },
            grant: Some(Grant { decision, pool: None, units: enter.units }),
            because,
        };
        let is_drawn = terms(&campaign.definition).is_some();
        if let Some((until, because)) = self.cooling_down(campaign, at, enter) {
            return match held_back && !is_drawn {
                true => accepted(Decision::CoolingDown, because),
                false => Judged::refused(Refused::CoolingDown { until }, because),
            };
        }
        if is_drawn {
            return accepted(Decision::Waiting, Because::Rule);
        }
        let units = i64::from(enter.units);
        let has_them = |pool: &PoolNo| units <= campaign.pools[pool.index()].units.free();
        let Some(pool) = enter.choices().find(has_them) else {
            let first = enter.choices().next().expect("a record names a choice");
            let because = Because::Taken(enter.campaign, first);
            return match held_back {
                true => accepted(Decision::SoldOut, because),
                false => Judged::refused(Refused::SoldOut, because),
            };
        };
        let claim = match held_back {
            true => Claim::Registered { entry },
            false => Claim::Booked { entry, pool, units: enter.units },
        };
        let grant = Grant { decision: Decision::Booked, pool: Some(pool), units: enter.units };
        Judged { claim, grant: Some(grant), because: Because::Free(enter.campaign, pool) }
    }

    /// Rules 3 to 5: the phase, the series, what is asked, and for whom.
    fn refused_at_all(
        &self,
        campaign: &Campaign,
        at: Millis,
        enter: &Enter<'_>,
    ) -> Option<Refused> {
        if let Some(refused) = campaign.closed_because(at) {
            return Some(refused);
        }
        if self.awaits_publication(campaign, at) {
            return Some(Refused::SeriesUnpublished);
        }
        let register = &campaign.definition.register;
        let (choices, keys) = (enter.choices(), enter.keys());
        let is_twice = |nth: usize| {
            choices.clone().skip(nth + 1).any(|other| Some(other) == choices.clone().nth(nth))
        };
        let is_as_asked = register.units_min <= enter.units
            && enter.units <= register.units_max
            && choices.len() <= usize::from(register.choices_max)
            && keys.len() == campaign.fields_len() * usize::from(enter.people)
            && !(0..choices.len()).any(is_twice)
            && is_company_as_asked(campaign, enter);
        if !is_as_asked {
            return Some(Refused::NotAsAsked);
        }
        if !choices.clone().all(|pool| pool.index() < campaign.pools.len()) {
            return Some(Refused::UnknownPlace);
        }
        let is_eligible = is_eligible(campaign, enter) && self.lets_in(campaign, at, enter);
        (!is_eligible).then_some(Refused::NotEligible)
    }

    /// Whether a series waits for what another campaign has not published.
    pub(super) fn awaits_publication(&self, campaign: &Campaign, at: Millis) -> bool {
        let Some(series) = campaign.series else { return false };
        campaign.is_held_back()
            && 0 < self.series[series].cool_down_days
            && self.campaigns.iter().any(|other| {
                other.series == Some(series)
                    && other.no != campaign.no
                    && 0 < other.entries_len()
                    && terms(&other.definition).is_none()
                    && !other.is_published(at)
                    && !other.marks.shredded
            })
    }

    /// Until when a success in the series is too recent, and which.
    fn cooling_down(
        &self,
        campaign: &Campaign,
        at: Millis,
        enter: &Enter<'_>,
    ) -> Option<(LocalDay, Because)> {
        let series = &self.series[campaign.series?];
        let days = u32::from(series.cool_down_days);
        if days == 0 {
            return None;
        }
        let mut latest: Option<(LocalDay, Because)> = None;
        for (nth, key) in enter.keys().enumerate() {
            let field = nth % campaign.fields_len();
            let Some(success) = series.latest(&self.campaigns, field, &key.0) else { continue };
            let Success { campaign: no, entry, day, .. } = success;
            let until = LocalDay(day.0 + days);
            if latest.is_none_or(|(before, _)| before < until) {
                latest = Some((until, Because::Success(no, field, entry)));
            }
        }
        let today = campaign.day(at);
        latest.filter(|(until, _)| today < *until)
    }

    /// Whether a person's success in the series is too recent, by one unique field.
    pub(super) fn cools_down(
        &self,
        at: Millis,
        campaign: &Campaign,
        field: usize,
        key: &Key,
    ) -> bool {
        let Some(series) = campaign.series.map(|series| &self.series[series]) else {
            return false;
        };
        let days = u32::from(series.cool_down_days);
        let success = series.latest(&self.campaigns, field, key);
        success.is_some_and(|success| campaign.day(at).0 < success.day.0 + days)
    }

    /// What the books take over from a wrong claim: what it says was given, as far as there is a
    /// place for it.
    fn adopt(&self, enter: &Enter<'_>, claim: &Claim, own: Option<Grant>) -> Option<Grant> {
        let campaign = self.campaign(enter.campaign)?;
        if enter.keys().len() != campaign.fields_len() * usize::from(enter.people) {
            return None;
        }
        let next = EntryNo(campaign.entries_len());
        match *claim {
            Claim::Booked { entry, pool, units }
                if entry == next && pool.index() < campaign.pools.len() =>
            {
                Some(Grant { decision: Decision::Booked, pool: Some(pool), units })
            }
            Claim::Registered { entry } if entry == next => {
                let decision = match terms(&campaign.definition) {
                    Some(_) => Decision::Waiting,
                    None => Decision::SoldOut,
                };
                let none = Grant { decision, pool: None, units: enter.units };
                Some(own.unwrap_or(none))
            }
            Claim::Refused(_) => None,
            _ => own,
        }
    }

    fn accept(&mut self, place: Place, enter: &Enter<'_>, grant: Grant) {
        let campaign = &mut self.campaigns[enter.campaign.index()];
        let request = (enter.request, enter.request_digest);
        let losses = losses_brought(campaign, enter);
        let lot = Lot::new(enter.choices(), enter.any, losses);
        let entry = campaign.accept(request, place.at, enter.keys(), (grant, lot));
        let day = campaign.day(place.at);
        let Some(series) = campaign.series else { return };
        if grant.decision == Decision::Booked {
            let success = Success { campaign: enter.campaign, entry, person: 0, day };
            for field in 0..campaign.fields_len() {
                self.series[series].remember(&self.campaigns, field, success);
            }
        }
    }
}

/// Rule 6: what the person's entries before this one say.
fn refused_by_entries(
    campaign: &Campaign,
    at: Millis,
    enter: &Enter<'_>,
) -> Option<(Refused, Because)> {
    for (nth, key) in enter.keys().enumerate() {
        let field = nth % campaign.fields_len();
        let Some(entry) = campaign.entry_of_person(field, key) else { continue };
        let because = Because::Person(campaign.no, field, entry);
        if !campaign.is_cancelled(entry) {
            if is_in(campaign, at, entry) {
                return Some((Refused::AlreadyIn, because));
            }
            continue;
        }
        if !campaign.definition.register.reenter_after_cancel {
            return Some((Refused::EnteredBefore, because));
        }
    }
    None
}

/// Whether a live entry keeps its people from entering again.
fn is_in(campaign: &Campaign, at: Millis, entry: EntryNo) -> bool {
    let draws_again = terms(&campaign.definition).is_some() && !draws_once(&campaign.definition);
    !draws_again || campaign.is_open(at, entry)
}

/// Rule 4, of a group and of taking any place: only as far as the draw offers it, and no two
/// people with one key.
fn is_company_as_asked(campaign: &Campaign, enter: &Enter<'_>) -> bool {
    let (group_max, accept_any) = match terms(&campaign.definition) {
        Some(terms) => (terms.group_max, terms.accept_any),
        None => (1, false),
    };
    let fields = campaign.fields_len();
    let keys = || enter.keys().enumerate().map(|(nth, key)| (nth % fields, key));
    let has_twins = || keys().collect::<BTreeSet<_>>().len() < keys().count();
    enter.people <= group_max && (accept_any || !enter.any) && (enter.people == 1 || !has_twins())
}

/// Rule 5: lists, person by person.
fn is_eligible(campaign: &Campaign, enter: &Enter<'_>) -> bool {
    let fields = campaign.fields_len();
    let people = usize::from(enter.people);
    let has_on = |list: ListKind, person: usize| {
        let mut keys = enter.keys().skip(person * fields).take(fields).enumerate();
        keys.any(|(field, key)| {
            campaign.lists.get(&(list, field as u8)).is_some_and(|people| people.has(&key.0))
        })
    };
    let all_on = |list: ListKind| (0..people).all(|person| has_on(list, person));
    let is_blocked = (0..people).any(|person| has_on(ListKind::Block, person));
    let mut parts = enter
        .choices()
        .map(|choice| campaign.pools[choice.index()].item)
        .filter(|item| is_reserved(&campaign.definition, *item));
    !is_blocked
        && (!campaign.definition.register.allow_list || all_on(ListKind::Allow))
        && parts.all(|item| all_on(ListKind::Reserved(item)))
}

/// Rule 9: the fewest losses that one of the people brings.
fn losses_brought(campaign: &Campaign, enter: &Enter<'_>) -> u8 {
    if terms(&campaign.definition).is_none() {
        return 0;
    }
    let brings = |key: PersonKey| {
        let latest = campaign.entry_of_person(0, key);
        // A win that nobody may know of counts as none.
        let counts = |entry: &EntryNo| campaign.is_waiting(*entry) || campaign.is_hidden(*entry);
        let latest = latest.filter(counts);
        latest.map_or(0, |entry| campaign.losses_so_far(entry))
    };
    enter.keys().step_by(campaign.fields_len()).map(brings).min().unwrap_or(0)
}

/// Of which kind a wrong claim is.
fn kind(own: &Claim, claim: &Claim, because: Because) -> Kind {
    use Refused::{AlreadyIn, CoolingDown, EnteredBefore, RequestReused, SoldOut};
    let numbered = |claim: &Claim| match *claim {
        Claim::Booked { entry, .. } | Claim::Registered { entry } => Some(entry),
        _ => None,
    };
    let is_accepted = |claim: &Claim| numbered(claim).is_some();
    match (own, claim) {
        _ if matches!(because, Because::Request(..)) => Kind::Request,
        (_, Claim::Refused(RequestReused)) => Kind::Request,
        (Claim::Refused(SoldOut), _) if is_accepted(claim) => Kind::Oversold,
        (Claim::Refused(AlreadyIn | EnteredBefore), _) if is_accepted(claim) => Kind::Person,
        (_, Claim::Refused(AlreadyIn | EnteredBefore)) => Kind::Person,
        (Claim::Refused(CoolingDown { .. }), _) if is_accepted(claim) => Kind::CoolDown,
        (_, Claim::Refused(CoolingDown { .. })) => Kind::CoolDown,
        (_, Claim::Refused(SoldOut)) if is_accepted(own) => Kind::Undersold,
        (
            Claim::Booked { entry, pool, .. },
            Claim::Booked { entry: claimed, pool: claimed_pool, .. },
        ) if entry == claimed && pool != claimed_pool => Kind::Choice,
        _ if is_accepted(own) && is_accepted(claim) && numbered(own) != numbered(claim) => {
            Kind::Number
        }
        _ => Kind::Answer,
    }
}

//! "Load" in the rules: a campaign comes into being, or is replaced before anyone entered.
//!
//! Invariants: campaigns of one series agree in what the series shares.

use crate::Model;
use crate::campaign::Campaign;
use types::definition::Reserved;
use types::outcome::{LISTED_PEOPLE_LOST, RESERVED_PEOPLE_LOST};
use types::{CampaignNo, Definition, Millis, Outcome, Refusal, limits};

impl Model {
    pub(crate) fn load(&mut self, at: Millis, definition: &Definition) -> Result<Outcome, Refusal> {
        if let Err(error) = definition.check() {
            return Err(Refusal::DefinitionInvalid { why: error.to_string() });
        }
        let same_code = |campaign: &Campaign| campaign.definition.code == definition.code;
        let taken = self.campaigns.iter().position(same_code);
        if let Some(index) = taken {
            let campaign = &self.campaigns[index];
            let untouched = campaign.entries.is_empty()
                && !campaign.marks.shredded
                && !campaign.is_published(at);
            if !untouched {
                return Err(Refusal::CampaignExists);
            }
            if campaign.has_listed_people() && !campaign.definition.shares_person_keys(definition) {
                return Err(Refusal::DefinitionInvalid { why: LISTED_PEOPLE_LOST.to_owned() });
            }
            if campaign.has_reserved_people() && items(&campaign.definition) != items(definition) {
                return Err(Refusal::DefinitionInvalid { why: RESERVED_PEOPLE_LOST.to_owned() });
            }
        } else if limits::CAMPAIGNS_MAX <= self.campaigns.len() {
            return Err(Refusal::TooManyCampaigns);
        }
        let others = self.campaigns.iter().filter(|campaign| !same_code(campaign));
        if !others.into_iter().all(|other| agree(&other.definition, definition)) {
            return Err(Refusal::SeriesDiffers);
        }
        self.check_registered_in(definition)?;
        let index = taken.unwrap_or(self.campaigns.len());
        let mut campaign = Campaign::new(definition.clone());
        if index == self.campaigns.len() {
            self.campaigns.push(campaign);
        } else {
            let before = &self.campaigns[index];
            if before.has_listed_people() {
                campaign.blocked = before.blocked.clone();
                campaign.allowed = before.allowed.clone();
            }
            if before.has_reserved_people() {
                campaign.reserved = before.reserved.clone();
            }
            self.campaigns[index] = campaign;
        }
        Ok(Outcome::Loaded { campaign: CampaignNo::from_index(index) })
    }
}

/// The items, by code and by what is reserved.
fn items(definition: &Definition) -> Vec<(&str, Option<&Reserved>)> {
    definition.items.iter().map(|item| (item.code.as_str(), item.reserved.as_ref())).collect()
}

/// Whether two campaigns can stand side by side: in one series they must agree.
fn agree(one: &Definition, other: &Definition) -> bool {
    let (Some(series), Some(other_series)) = (&one.series, &other.series) else { return true };
    if series.code != other_series.code {
        return true;
    }
    let fields = one.unique_fields().map(|field| &field.code);
    series.cool_down_days == other_series.cool_down_days
        && fields.eq(other.unique_fields().map(|field| &field.code))
        && one.is_held_back() == other.is_held_back()
        && one.calendar.zone == other.calendar.zone
}

//! What a withdrawal would take, told before it is done.
//!
//! Owns: the place and the number that were asked for, and the answer. Never: takes anything.

use super::Console;
use super::fields::Fields;
use super::guard::Seat;
use super::page::{Shell, grouped};
use super::switches::action;
use crate::operator::actions::{ActionRequest, Word};
use node::CampaignView;
use std::collections::HashMap;
use types::limits;

/// What a withdrawal would take, once that was asked.
pub(super) struct WithdrawView {
    pub(super) outlet: String,
    pub(super) units: String,
    /// The first of them, to choose from.
    pub(super) outlets: Vec<ChoiceView>,
    pub(super) items: Vec<ChoiceView>,
    pub(super) slots: Vec<ChoiceView>,
    pub(super) item: String,
    pub(super) slot: String,
    /// Whether no place was named: from all pools.
    pub(super) is_all: bool,
    pub(super) would: Option<String>,
    pub(super) error: Option<(String, String)>,
}

pub(super) struct ChoiceView {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) is_chosen: bool,
}

impl Console {
    /// What a withdrawal would take from the place that the address names, if it names one.
    pub(super) async fn withdrawal(
        &self,
        (shell, seat): (&Shell, &Seat),
        view: &CampaignView,
        query: HashMap<String, String>,
    ) -> WithdrawView {
        let is_asked = query.contains_key("units");
        let fields = Fields::new(query.into_iter().collect());
        let choice = |code: &String, name, chosen: &str| ChoiceView {
            code: code.clone(),
            name: shell.language.local(&view.definition, name).to_owned(),
            is_chosen: code == chosen,
        };
        let [outlet, item, slot, units] =
            ["outlet", "item", "slot", "units"].map(|name| fields.get(name).trim().to_owned());
        let outlets = view.definition.outlets.iter().take(limits::CONSOLE_OUTLETS_OFFERED_MAX);
        let items = view.definition.items.iter();
        let slots = view.definition.slots.iter();
        let mut seen = WithdrawView {
            outlets: outlets.map(|one| choice(&one.code, &one.name, &outlet)).collect(),
            items: items.map(|one| choice(&one.code, &one.name, &item)).collect(),
            slots: slots.map(|one| choice(&one.code, &one.name, &slot)).collect(),
            is_all: outlet.is_empty() && item.is_empty() && slot.is_empty(),
            outlet,
            units,
            item,
            slot,
            would: None,
            error: None,
        };
        if !is_asked {
            return seen;
        }
        let t = &shell.t.withdraw;
        let Ok(request) = action(Word::Withdraw, &fields) else {
            seen.error = Some((shell.t.switch.refused.to_string(), t.wrong.to_string()));
            return seen;
        };
        let is_known = |code: &str| view.definition.outlets.iter().any(|one| one.code == code);
        if let Some(outlet) = request.outlet.as_deref().filter(|outlet| !is_known(outlet)) {
            let detail = t.unknown_outlet.with(outlet);
            seen.error = Some((shell.t.switch.refused.to_string(), detail));
            return seen;
        }
        let request = ActionRequest { dry_run: true, all: seen.is_all, ..request };
        let code = view.definition.code.clone();
        match self.operator.perform(&seat.actor(), code, &request).await {
            Ok(would) => {
                let pools = grouped(would.pools.unwrap_or_default() as u64);
                seen.would = Some(t.would.with(pools, grouped(would.units)));
            }
            Err(problem) => seen.error = Some(shell.words(&problem)),
        }
        seen
    }
}

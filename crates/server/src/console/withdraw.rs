//! What a withdrawal or a lapse would take, told before it is done.
//!
//! Owns: the place and the number that were asked for, and the answer. Never: takes anything.

use super::Console;
use super::fields::Fields;
use super::guard::Seat;
use super::page::{Shell, grouped};
use super::switches::action;
use crate::operator::actions::{ActionRequest, Word};
use node::CampaignView;
use types::limits;

/// What would be taken, once that was asked.
pub(super) struct WithdrawView {
    pub(super) outlet: String,
    /// At most so many from each pool, where that can be said.
    pub(super) units: Option<String>,
    /// The first of them, to choose from.
    pub(super) outlets: Vec<ChoiceView>,
    pub(super) items: Vec<ChoiceView>,
    pub(super) slots: Vec<ChoiceView>,
    pub(super) item: String,
    pub(super) slot: String,
    /// Whether no place was named: from all pools.
    pub(super) is_all: bool,
    pub(super) would: Option<String>,
    /// Words of those units that can still be collected, and whether they are meant, too.
    pub(super) early: Option<String>,
    pub(super) is_early: bool,
    pub(super) error: Option<(String, String)>,
}

pub(super) struct ChoiceView {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) is_chosen: bool,
}

impl Console {
    /// What would be taken from the place that the fields name, if that is asked.
    pub(super) async fn withdrawal(
        &self,
        (shell, seat): (&Shell, &Seat),
        (view, kind): (&CampaignView, Word),
        fields: &Fields,
        is_asked: bool,
    ) -> WithdrawView {
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
            units: (kind == Word::Withdraw).then_some(units),
            item,
            slot,
            would: None,
            early: None,
            is_early: fields.get("early") == "1",
            error: None,
        };
        if !is_asked {
            return seen;
        }
        let t = &shell.t.withdraw;
        let Ok(request) = action(kind, fields) else {
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
                let units = grouped(would.units);
                let early = would.early_units.filter(|early| 0 < *early);
                seen.early = early.map(|early| shell.t.lapse.early.with(grouped(early)));
                seen.would = Some(match kind {
                    Word::Lapse => shell.t.lapse.would.with(pools, units),
                    _ => t.would.with(pools, units),
                });
            }
            Err(problem) => seen.error = Some(shell.words(&problem)),
        }
        seen
    }
}

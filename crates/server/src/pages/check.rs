//! The last step before sending: everything once more, as it will be sent.
//!
//! Owns: what is read before the button is pressed. Never: changes what was typed.

use super::offer::Making;
use crate::api::prepare::Faults;

/// Everything the last step shows.
pub(super) struct CheckView {
    pub(super) hidden: Vec<(String, String)>,
    pub(super) facts: Vec<Line>,
    /// Where no day is chosen: for how many an entry stands.
    pub(super) days: Option<String>,
    pub(super) truth: &'static str,
    pub(super) submit: &'static str,
    pub(super) heading: &'static str,
}

/// A label of the campaign's or ours, and what stands beside it.
pub(super) struct Line {
    pub(super) label: String,
    pub(super) lines: Vec<String>,
}

impl Making<'_> {
    /// The last step of a form that has no fault.
    pub(super) fn check(&self, request: Option<&str>) -> CheckView {
        let form = self.form(request, &Faults::default(), &[]);
        let mut facts = Vec::new();
        for choice in &form.choices {
            let Some(pick) = choice.picks.iter().find(|pick| pick.chosen) else { continue };
            let mut lines = vec![choice.outlet.clone()];
            lines.extend(choice.address.iter().cloned());
            match &pick.slot {
                Some(slot) => {
                    lines.extend([format!("{} · {}", pick.item, slot.name), slot.time.clone()]);
                }
                None => lines.push(pick.item.clone()),
            }
            facts.push(Line { label: choice.legend.clone(), lines });
        }
        if form.any == Some(true) {
            let any = self.language.texts().form.any.to_string();
            facts.push(Line { label: any, lines: vec!["✓".to_owned()] });
        }
        if let Some(units) = &form.units {
            let label = self.language.texts().form.units.to_string();
            facts.push(Line { label, lines: vec![units.value.clone()] });
        }
        let fields = form
            .fields
            .iter()
            .map(|field| Line { label: field.label.clone(), lines: vec![field.value.clone()] });
        facts.extend(fields);
        for person in form.people.iter().filter(|person| person.is_open) {
            let lines = person.fields.iter().map(|field| field.value.clone()).collect();
            facts.push(Line { label: person.legend.clone(), lines });
        }
        let mut hidden = form.hidden;
        let known: Vec<String> = hidden.iter().map(|(name, _)| name.clone()).collect();
        let kept = self.typed.kept().into_iter();
        hidden.extend(kept.filter(|(name, _)| !known.contains(name)));
        let t = &self.language.texts().check;
        let heading = if form.may_move { &t.third_step } else { &t.title };
        let (days, truth, submit) = (form.days, form.truth, form.submit);
        CheckView { hidden, facts, days, truth, submit, heading }
    }
}

//! The second step of entering: who, what and when.
//!
//! Owns: every error beside its input and in one summary. Never: judges a value, or loses one.

use super::fields::{FieldView, Whose, fields};
use super::offer::{Making, PickView};
use super::typed::{outlet_name, pick_name};
use super::view::local;
use crate::api::prepare::{ChoiceFault, Faults, PeopleFault, units_message};
use crate::language::Language;

/// Everything the form shows.
pub(super) struct FormView {
    pub(super) heading: &'static str,
    pub(super) errors: Vec<ErrorView>,
    pub(super) hidden: Vec<(String, String)>,
    pub(super) fields: Vec<FieldView>,
    pub(super) choices: Vec<ChoiceView>,
    pub(super) units: Option<UnitsView>,
    /// Whether any place will do, where a draw asks that.
    pub(super) any: Option<bool>,
    /// Further people of a group, where a draw has them.
    pub(super) people: Vec<PersonView>,
    /// What is wrong with all of them together.
    pub(super) people_error: Option<String>,
    /// Whether there are other outlets to choose.
    pub(super) may_move: bool,
    /// Whether the device shall remember who it is for: `yes`, `no`, or empty where nobody was
    /// asked yet.
    pub(super) remembers: &'static str,
    /// What it would remember.
    pub(super) remember: String,
    /// Where no day is chosen: for how many an entry stands.
    pub(super) days: Option<String>,
    pub(super) truth: &'static str,
    pub(super) submit: &'static str,
}

/// A line of the summary of errors.
pub(super) struct ErrorView {
    pub(super) anchor: String,
    pub(super) label: String,
    pub(super) message: String,
}

/// One choice at an outlet: of item and slot, or of the item alone.
pub(super) struct ChoiceView {
    pub(super) number: usize,
    pub(super) legend: String,
    pub(super) outlet: String,
    pub(super) address: Vec<String>,
    pub(super) error: Option<String>,
    pub(super) picks: Vec<PickView>,
    /// Whether it may be left empty: then the first of the inputs says so.
    pub(super) may_skip: bool,
    pub(super) skipped: bool,
}

/// A further person of a group.
pub(super) struct PersonView {
    pub(super) anchor: String,
    pub(super) legend: String,
    /// What is wrong with the person, and with none of the fields.
    pub(super) error: Option<String>,
    pub(super) fields: Vec<FieldView>,
    /// Whether something was typed.
    pub(super) is_open: bool,
}

impl PersonView {
    /// Its lines of the summary of errors, each of which says whose it is.
    fn summaries(&self, comma: &str) -> Vec<ErrorView> {
        let whose = |error: ErrorView| {
            let label = format!("{}{comma}{}", self.legend, error.label);
            ErrorView { label, ..error }
        };
        let fields = self.fields.iter().filter_map(FieldView::summary).map(whose);
        let own = self.error.clone().map(|message| {
            let (anchor, label) = (self.anchor.clone(), self.legend.clone());
            ErrorView { anchor, label, message }
        });
        fields.chain(own).collect()
    }
}

/// How many.
pub(super) struct UnitsView {
    pub(super) min: u8,
    pub(super) max: u8,
    pub(super) value: String,
    pub(super) error: Option<String>,
}

/// What a choice is called, from 1.
pub(super) fn legend(number: usize, marks_optional: bool, language: Language) -> String {
    let t = &language.texts().form;
    let name = &t.choices[number - 1];
    if number > 1 && marks_optional { t.optional.with(name) } else { name.to_string() }
}

impl Making<'_> {
    /// The whole form. `numbers` are those of the choices that were checked.
    pub(super) fn form(
        &self,
        request: Option<&str>,
        faults: &Faults,
        numbers: &[usize],
    ) -> FormView {
        let language = self.language;
        let t = &language.texts().form;
        let register = &self.definition().register;
        let terms = self.definition().draw();
        let sending = match terms {
            Some(_) => &t.drawing,
            None if self.definition().is_held_back() => &t.registering,
            None => &t.booking,
        };
        let units = (register.units_min != register.units_max).then(|| UnitsView {
            min: register.units_min,
            max: register.units_max,
            value: match self.typed.get("units") {
                "" => register.units_min.to_string(),
                typed => typed.to_owned(),
            },
            error: faults.units.then(|| units_message(self.campaign, language)),
        });
        let fields = fields(self.campaign, self.typed, &faults.fields, language, Whose::Own);
        let people = self.people(faults);
        let of_all = faults.people.filter(|fault| !matches!(fault, PeopleFault::Twice(_)));
        let people_error = of_all.map(|fault| fault.message(self.campaign, language));
        let choices: Vec<_> = (1..=usize::from(register.choices_max))
            .filter_map(|number| self.choice(number, faults, numbers))
            .collect();
        let labels: Vec<_> = fields.iter().map(|field| field.label.as_str()).collect();
        let texts = language.texts();
        let remember = texts.check.remember.with(labels.join(&texts.base.comma));
        FormView {
            heading: &sending.title,
            errors: {
                let mut errors = errors(&fields, &choices, units.as_ref(), &t.units);
                let comma = &texts.base.comma;
                errors.extend(people.iter().flat_map(|person| person.summaries(comma)));
                errors.extend(people_error.as_ref().map(|message| ErrorView {
                    anchor: "people".to_owned(),
                    label: t.together.to_string(),
                    message: message.clone(),
                }));
                errors
            },
            hidden: self.hidden(request),
            fields,
            choices,
            units,
            any: terms.filter(|terms| terms.accept_any).map(|_| self.typed.any()),
            people,
            people_error,
            may_move: !self.is_alone(),
            remembers: match self.typed.get("remember") {
                "yes" => "yes",
                _ if self.typed.stated().codes().next().is_none() => "",
                _ => "no",
            },
            remember,
            days: terms.and_then(|terms| terms.stand_days).map(|days| t.days.with(days)),
            truth: &sending.truth,
            submit: &sending.submit,
        }
    }

    /// The inputs of further people.
    fn people(&self, faults: &Faults) -> Vec<PersonView> {
        let group_max = self.definition().draw().map_or(1, |terms| terms.group_max);
        let named = self.typed.people_named();
        let person = |number: u8| {
            let place = named.iter().position(|known| *known == number);
            let whose = Whose::Further(number, place);
            let fault = faults.people.filter(|fault| match fault {
                PeopleFault::Twice(nth) => place == Some(*nth),
                PeopleFault::Count | PeopleFault::TooLong => false,
            });
            PersonView {
                anchor: format!("p{number}"),
                error: fault.map(|fault| fault.message(self.campaign, self.language)),
                legend: self.language.texts().form.person.with(number + 1),
                fields: fields(self.campaign, self.typed, &faults.fields, self.language, whose),
                is_open: place.is_some(),
            }
        };
        (1..group_max).map(person).collect()
    }

    /// Whether a single outlet offers anything, so that there is none to choose.
    fn is_alone(&self) -> bool {
        self.campaign.offering().len() == 1
    }

    pub(super) fn hidden(&self, request: Option<&str>) -> Vec<(String, String)> {
        let mut hidden = Vec::new();
        hidden.extend(request.map(|request| ("request".to_owned(), request.to_owned())));
        hidden.extend(self.district.map(|district| ("district".to_owned(), district.to_string())));
        for number in 1..=usize::from(self.definition().register.choices_max) {
            let name = outlet_name(number);
            let code = self.typed.get(&name).to_owned();
            if !code.is_empty() {
                hidden.push((name, code));
            }
        }
        hidden
    }

    /// A choice's inputs; none of a choice for which no outlet was named.
    fn choice(&self, number: usize, faults: &Faults, numbers: &[usize]) -> Option<ChoiceView> {
        let (language, definition) = (self.language, self.definition());
        let no = self.outlet(number)?;
        let outlet = &definition.outlets[no.index()];
        let place = numbers.iter().position(|known| *known == number);
        let fault = faults.choices.iter().find(|fault| match fault {
            ChoiceFault::Count => number == 1,
            ChoiceFault::Unknown(at, _)
            | ChoiceFault::SlotMissing(at)
            | ChoiceFault::NotOffered(at)
            | ChoiceFault::Twice(at) => place == Some(*at),
        });
        let picked = self.typed.get(&pick_name(number));
        let mut picks = self.picks(no, picked);
        if let [only] = &mut picks[..] {
            only.chosen = (only.chosen || number == 1) && !only.gone;
        }
        let text = |text| local(definition, text, language).to_owned();
        let address = [text(&outlet.district), text(&outlet.address)];
        Some(ChoiceView {
            number,
            legend: match (definition.register.choices_max, self.campaign.asks_slot()) {
                (1, true) => language.texts().form.what_and_when.to_string(),
                (1, false) => language.texts().form.what.to_string(),
                _ => legend(number, self.is_alone(), language),
            },
            outlet: text(&outlet.name),
            address: address.into_iter().filter(|line| !line.is_empty()).collect(),
            error: fault.map(|fault| fault.message(self.campaign, language)),
            may_skip: number > 1 && self.is_alone(),
            skipped: picked.is_empty(),
            picks,
        })
    }
}

impl ChoiceView {
    /// Whether nothing is left at the outlet.
    pub(super) fn is_gone(&self) -> bool {
        self.picks.iter().all(|pick| pick.gone)
    }

    fn summary(&self) -> Option<ErrorView> {
        // The first input that can be reached: a link to it puts the cursor there.
        let first = self.picks.iter().position(|pick| !pick.gone).map(|place| place + 1);
        let anchor = match first {
            Some(place) => format!("choice{}-{place}", self.number),
            None => format!("choice{}", self.number),
        };
        Some(ErrorView { anchor, label: self.legend.clone(), message: self.error.clone()? })
    }
}

fn errors(
    fields: &[FieldView],
    choices: &[ChoiceView],
    units: Option<&UnitsView>,
    units_label: &str,
) -> Vec<ErrorView> {
    let units = units.and_then(|units| {
        let (anchor, label) = ("units".to_owned(), units_label.to_owned());
        Some(ErrorView { anchor, label, message: units.error.clone()? })
    });
    let choices = choices.iter().filter_map(ChoiceView::summary);
    choices.chain(units).chain(fields.iter().filter_map(FieldView::summary)).collect()
}

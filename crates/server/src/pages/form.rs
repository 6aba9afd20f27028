//! The booking form: from a campaign and what was typed to what is shown, and back.
//!
//! Owns: the names of the inputs, and that nothing typed is lost. Never: judges a value.

use super::Banner;
use super::view::local;
use crate::api::prepare::{ChoiceFault, Faults, units_message};
use crate::api::wire::{Choice, Choices, Stated, Text};
use crate::campaigns::Prepared;
use crate::language::Language;
use crate::moment::plain_span;
use crate::people::FieldError;
use std::borrow::Cow;
use std::collections::BTreeMap;
use types::definition::{Definition, FieldKind};
use types::{Millis, limits};

/// Outlets in one list; a campaign with more asks for the district first.
const OUTLETS_LISTED_MAX: usize = 400;

/// What a form sent: names and values.
#[derive(Default)]
pub(super) struct Typed(Vec<(String, String)>);

impl Typed {
    pub(super) fn new(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    pub(super) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The identity fields.
    pub(super) fn stated(&self) -> Stated<'_> {
        Stated::new(
            self.0.iter().filter_map(|(name, value)| {
                name.strip_prefix("f.").map(|code| (code, value.as_str()))
            }),
        )
    }

    /// The choices, and which number on the form each has. All but the first may be left empty.
    pub(super) fn choices(&self, most: u8) -> (Choices<'_>, Vec<usize>) {
        let mut numbers = Vec::new();
        let mut choices = Choices::default();
        for number in 1..=usize::from(most) {
            let part = |name: &str| Text(Cow::Borrowed(self.get(&format!("{name}{number}"))));
            let choice = Choice { outlet: part("outlet"), item: part("item"), slot: part("slot") };
            if number == 1 || !choice.outlet.0.is_empty() {
                choices.first.push(choice);
                numbers.push(number);
            }
        }
        choices.count = choices.first.len();
        (choices, numbers)
    }

    /// The units; a text that is no number is out of any range.
    pub(super) fn units(&self) -> Option<u64> {
        let units = self.get("units").trim();
        (!units.is_empty()).then(|| units.parse().unwrap_or(u64::MAX))
    }
}

/// One input for an identity field.
pub(super) struct FieldView {
    pub(super) code: String,
    pub(super) label: String,
    pub(super) value: String,
    pub(super) hint: &'static str,
    pub(super) error: Option<&'static str>,
    pub(super) autocomplete: &'static str,
    pub(super) input_mode: &'static str,
    pub(super) described_by: String,
}

/// Everything the form shows.
pub(super) struct FormView {
    pub(super) heading: &'static str,
    pub(super) banner: Option<Banner>,
    pub(super) errors: Vec<ErrorView>,
    pub(super) request: String,
    pub(super) district: Option<usize>,
    pub(super) fields: Vec<FieldView>,
    pub(super) choices: Vec<ChoiceView>,
    pub(super) units: Option<UnitsView>,
    pub(super) truth: &'static str,
    pub(super) submit: &'static str,
}

/// A line of the summary of errors.
pub(super) struct ErrorView {
    pub(super) anchor: String,
    pub(super) label: String,
    pub(super) message: String,
}

/// One choice of outlet, item and slot.
pub(super) struct ChoiceView {
    pub(super) number: usize,
    pub(super) legend: String,
    pub(super) error: Option<String>,
    pub(super) outlets: Vec<GroupView>,
    pub(super) parts: Vec<PartView>,
}

/// The outlets of a district.
pub(super) struct GroupView {
    pub(super) district: String,
    pub(super) outlets: Vec<OptionView>,
}

/// Item or slot.
pub(super) struct PartView {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) options: Vec<OptionView>,
}

/// One of several.
pub(super) struct OptionView {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) chosen: bool,
    pub(super) gone: bool,
}

/// How many.
pub(super) struct UnitsView {
    pub(super) min: u8,
    pub(super) max: u8,
    pub(super) value: String,
    pub(super) error: Option<String>,
}

/// What a form is made from.
pub(super) struct Making<'a> {
    pub(super) campaign: &'a Prepared,
    pub(super) language: Language,
    pub(super) now: Millis,
    pub(super) typed: &'a Typed,
    pub(super) district: Option<usize>,
    /// For each outlet, whether nothing is left there; may be empty.
    pub(super) gone: &'a [bool],
}

/// The names of a campaign's districts, in order of appearance.
pub(super) fn districts(definition: &Definition, t: Language) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for outlet in &definition.outlets {
        let name = local(definition, &outlet.district, t);
        if names.last().is_none_or(|last| last != name) && !names.iter().any(|known| known == name)
        {
            names.push(name.to_owned());
        }
    }
    names
}

/// Whether a district must be chosen before the form can be shown.
pub(super) fn asks_district(definition: &Definition) -> bool {
    definition.outlets.len() > OUTLETS_LISTED_MAX
}

/// The identity inputs, with what was typed and what is wrong with it.
pub(super) fn fields(
    campaign: &Prepared,
    typed: &Typed,
    errors: &[FieldError],
    t: Language,
) -> Vec<FieldView> {
    let definition = &*campaign.view.definition;
    let fields = definition.register.fields.iter().map(|field| {
        let error = errors.iter().find(|error| error.field == field.code);
        let (hint, autocomplete, input_mode) = about(&field.kind, t);
        let code = field.code.clone();
        let mut described_by = Vec::new();
        if !hint.is_empty() {
            described_by.push(format!("f-{code}-hint"));
        }
        if error.is_some() {
            described_by.push(format!("f-{code}-error"));
        }
        FieldView {
            label: local(definition, &field.label, t).to_owned(),
            value: typed.get(&format!("f.{code}")).to_owned(),
            hint,
            error: error.map(|error| error.message(t)),
            autocomplete,
            input_mode,
            described_by: described_by.join(" "),
            code,
        }
    });
    fields.collect()
}

/// Hint, autocomplete token and keyboard of a kind of field.
const fn about(kind: &FieldKind, t: Language) -> (&'static str, &'static str, &'static str) {
    match kind {
        FieldKind::ResidentId => {
            (t.pick("18 characters; the last may be X", "18 位，最后一位可以是 X"), "off", "text")
        }
        FieldKind::Phone { .. } => ("", "tel", "tel"),
        FieldKind::Passport => ("", "off", "text"),
        FieldKind::HomeReturnPermit => {
            (t.pick("H or M and digits", "字母 H 或 M 加数字"), "off", "text")
        }
        FieldKind::Text { .. } => ("", "name", "text"),
    }
}

impl Making<'_> {
    /// The whole form. `numbers` are those of the choices that were checked.
    pub(super) fn form(
        &self,
        request: String,
        faults: &Faults,
        numbers: &[usize],
        banner: Option<Banner>,
    ) -> FormView {
        let t = self.language;
        let definition = &*self.campaign.view.definition;
        let register = &definition.register;
        let held_back = definition.is_held_back();
        let units = (register.units_min != register.units_max).then(|| UnitsView {
            min: register.units_min,
            max: register.units_max,
            value: match self.typed.get("units") {
                "" => register.units_min.to_string(),
                typed => typed.to_owned(),
            },
            error: faults.units.then(|| units_message(self.campaign, t)),
        });
        let fields = fields(self.campaign, self.typed, &faults.fields, t);
        let choices: Vec<_> = (1..=usize::from(register.choices_max))
            .map(|number| self.choice(number, faults, numbers))
            .collect();
        FormView {
            heading: if held_back {
                t.pick("Register", "填写登记")
            } else {
                t.pick("Book", "填写预约")
            },
            banner,
            errors: errors(&fields, &choices, units.as_ref(), t),
            request,
            district: self.district,
            fields,
            choices,
            units,
            truth: if held_back {
                t.pick(
                    "You get an entry number now. Being registered is not being booked: the \
                     result comes later.",
                    "提交后会得到登记号。登记不等于预约成功，结果将在公布后告知。",
                )
            } else {
                t.pick("You learn at once whether you are booked.", "提交后立即告知是否预约成功。")
            },
            submit: if held_back {
                t.pick("Register", "提交登记")
            } else {
                t.pick("Book", "提交预约")
            },
        }
    }

    fn choice(&self, number: usize, faults: &Faults, numbers: &[usize]) -> ChoiceView {
        let t = self.language;
        let definition = &*self.campaign.view.definition;
        let several = definition.register.choices_max > 1;
        let legend = match (several, t) {
            (false, _) => t.pick("What, where and when", "领取网点与时间").to_owned(),
            (true, Language::English) if number == 1 => "First choice".to_owned(),
            (true, Language::English) => format!("Choice {number} (optional)"),
            (true, Language::Chinese) if number == 1 => "第 1 志愿".to_owned(),
            (true, Language::Chinese) => format!("第 {number} 志愿（可不填）"),
        };
        let place = numbers.iter().position(|known| *known == number);
        let fault = faults.choices.iter().find(|fault| match fault {
            ChoiceFault::Count => number == 1,
            ChoiceFault::Unknown(at, _) | ChoiceFault::NotOffered(at) | ChoiceFault::Twice(at) => {
                place == Some(*at)
            }
        });
        let items = definition.items.iter().map(|item| (&item.code, &item.name));
        let items = items.map(|(code, name)| (code, local(definition, name, t).to_owned()));
        let slots = definition.slots.iter().map(|slot| {
            let span = plain_span(&definition.calendar, slot.from, slot.until, self.now, t);
            (&slot.code, format!("{} {span}", local(definition, &slot.name, t)))
        });
        let part = |name, label, options: Vec<(&String, String)>| PartView {
            name,
            label,
            options: options
                .into_iter()
                .map(|(code, text)| OptionView {
                    chosen: self.typed.get(&format!("{name}{number}")) == code,
                    name: text,
                    code: code.clone(),
                    gone: false,
                })
                .collect(),
        };
        ChoiceView {
            number,
            legend,
            error: fault.map(|fault| fault.message(self.campaign, t)),
            outlets: self.outlets(number),
            parts: vec![
                part("item", t.pick("What", "品类"), items.collect()),
                part("slot", t.pick("When", "时段"), slots.collect()),
            ],
        }
    }

    fn outlets(&self, number: usize) -> Vec<GroupView> {
        let t = self.language;
        let definition = &*self.campaign.view.definition;
        let names = districts(definition, t);
        let mut groups: BTreeMap<usize, GroupView> = BTreeMap::new();
        let chosen = self.typed.get(&format!("outlet{number}"));
        for (no, outlet) in definition.outlets.iter().enumerate() {
            let district = local(definition, &outlet.district, t);
            let place = names.iter().position(|name| name == district).unwrap_or_default();
            if self.district.is_some_and(|wanted| wanted != place) {
                continue;
            }
            let group = groups.entry(place).or_insert_with(|| GroupView {
                district: district.to_owned(),
                outlets: Vec::new(),
            });
            group.outlets.push(OptionView {
                chosen: outlet.code == chosen,
                name: local(definition, &outlet.name, t).to_owned(),
                code: outlet.code.clone(),
                gone: self.gone.get(no).copied().unwrap_or(false),
            });
        }
        groups.into_values().collect()
    }
}

fn errors(
    fields: &[FieldView],
    choices: &[ChoiceView],
    units: Option<&UnitsView>,
    t: Language,
) -> Vec<ErrorView> {
    let fields = fields.iter().filter_map(|field| {
        let (anchor, label) = (format!("f-{}", field.code), field.label.clone());
        Some(ErrorView { anchor, label, message: field.error?.to_owned() })
    });
    let choices = choices.iter().filter_map(|choice| {
        let (anchor, label) = (format!("outlet{}", choice.number), choice.legend.clone());
        Some(ErrorView { anchor, label, message: choice.error.clone()? })
    });
    let units = units.and_then(|units| {
        let (anchor, label) = ("units".to_owned(), t.pick("How many", "数量").to_owned());
        Some(ErrorView { anchor, label, message: units.error.clone()? })
    });
    fields.chain(choices).chain(units).collect()
}

/// A request id of a new form: the same form sent twice is one request.
pub(super) fn new_request() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the system has random bytes");
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The request id of a form that was sent; none when it cannot have been ours.
pub(super) fn sent_request(typed: &Typed) -> Option<&str> {
    let request = typed.get("request");
    (1..=limits::IDEMPOTENCY_KEY_CHARS_MAX).contains(&request.len()).then_some(request)
}

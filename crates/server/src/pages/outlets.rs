//! The first step of entering: which outlet for each choice.
//!
//! Owns: carrying along what was typed before. Never: anything personal in an address: what is
//! asked for by address is outlets alone.

use super::form::{ErrorView, legend};
use super::offer::{GroupView, Making};
use super::typed::{AGAIN, Typed, outlet_name};
use crate::language::Language;

/// Whether something was typed already that must not be lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begun {
    Yes,
    No,
}

/// Everything the first step shows.
pub(super) struct OutletsView {
    pub(super) errors: Vec<ErrorView>,
    /// `get` while nothing is typed, else `post`.
    pub(super) method: &'static str,
    pub(super) hidden: Vec<(String, String)>,
    pub(super) choices: Vec<WhereView>,
    /// Whether there is a list of districts to go back to.
    pub(super) by_district: bool,
    /// Whether the places of outlets are known.
    pub(super) has_positions: bool,
}

/// The outlet of one choice.
pub(super) struct WhereView {
    pub(super) number: usize,
    pub(super) label: String,
    pub(super) error: Option<&'static str>,
    pub(super) groups: Vec<GroupView>,
}

impl Making<'_> {
    /// The first step. `missing` are the choices whose outlet must still be named.
    pub(super) fn outlets_view(&self, missing: &[usize], begun: Begun) -> OutletsView {
        let language = self.language;
        let t = &language.texts().outlets;
        let most = usize::from(self.definition().register.choices_max);
        let choices: Vec<_> = (1..=most)
            .map(|number| WhereView {
                number,
                label: if most == 1 {
                    t.outlet.to_string()
                } else {
                    legend(number, true, language)
                },
                error: missing.contains(&number).then_some(&*t.missing),
                groups: self.groups(number),
            })
            .collect();
        OutletsView {
            errors: choices.iter().filter_map(WhereView::summary).collect(),
            method: match begun {
                Begun::Yes => "post",
                Begun::No => "get",
            },
            hidden: hidden(self.typed, self.district, begun, language),
            choices,
            by_district: self.district.is_some(),
            has_positions: self.has_positions(),
        }
    }
}

impl WhereView {
    fn summary(&self) -> Option<ErrorView> {
        let (anchor, label) = (outlet_name(self.number), self.label.clone());
        Some(ErrorView { anchor, label, message: self.error?.to_owned() })
    }
}

fn hidden(
    typed: &Typed,
    district: Option<usize>,
    begun: Begun,
    language: Language,
) -> Vec<(String, String)> {
    let mut hidden = Vec::new();
    let mut push = |name: &str, value: String| hidden.push((name.to_owned(), value));
    if let Some(district) = district {
        push("district", district.to_string());
    }
    match begun {
        Begun::Yes => {
            push("to", "form".to_owned());
            hidden.extend(typed.kept());
        }
        // A form that is sent by address takes the place of what stands behind the `?`.
        Begun::No => {
            push("lang", language.texts().language.address.to_string());
            if typed.is_again() {
                push(AGAIN, "1".to_owned());
            }
        }
    }
    hidden
}

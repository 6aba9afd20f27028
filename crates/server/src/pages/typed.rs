//! What a form sent: names and values.
//!
//! Owns: the names of the inputs. Never: judges a value, or loses one.

use crate::api::wire::{Choice, Choices, Further, Stated, Text};
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;
use types::limits;

/// Stands in the address of a page for somebody who enters again.
pub(super) const AGAIN: &str = "again";

/// The name of the input for words to find an outlet by.
pub(super) const SEARCH: &str = "search";

/// The name of the box for whoever takes any place.
pub(super) const ANY: &str = "any";

/// How the names of the inputs of a group's further person begin, from 1.
pub(super) fn person_prefix(number: u8) -> String {
    format!("p{number}.")
}

/// Whether an input is one of a further person.
fn is_of_person(name: &str) -> bool {
    let rest = name.strip_prefix('p').and_then(|rest| rest.split_once('.'));
    rest.is_some_and(|(number, _)| number.parse::<u8>().is_ok())
}

/// Names and values, in the order they were sent.
#[derive(Debug, Default)]
pub(super) struct Typed(Vec<(String, String)>);

/// The name of the input that holds the outlet of a choice, from 1.
pub(super) fn outlet_name(number: usize) -> String {
    format!("outlet{number}")
}

/// The name of the inputs that hold a choice, from 1: `outlet/item/slot`, or `outlet/item`.
pub(super) fn pick_name(number: usize) -> String {
    format!("choice{number}")
}

impl Typed {
    pub(super) fn new(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    pub(super) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// Whether nothing was sent at all.
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it was sent, be it empty.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    /// The identity fields.
    pub(super) fn stated(&self) -> Stated<'_> {
        Stated::new(
            self.0.iter().filter_map(|(name, value)| {
                name.strip_prefix("f.").map(|code| (code, value.as_str()))
            }),
        )
    }

    /// The numbers on the form, from 1, of the further people of whom something was typed.
    pub(super) fn people_named(&self) -> Vec<u8> {
        let is_named = |number: &u8| self.of_person(*number).any(|(_, value)| !value.is_empty());
        (1..limits::DRAW_UNITS_MAX).filter(is_named).collect()
    }

    /// The further people of a group; somebody of whom nothing was typed is nobody.
    pub(super) fn further(&self) -> Further<'_> {
        let named = self.people_named().into_iter();
        let first: Vec<_> = named.map(|number| Stated::new(self.of_person(number))).collect();
        Further { count: first.len(), first }
    }

    /// The fields of a further person, from 1.
    fn of_person(&self, number: u8) -> impl Iterator<Item = (&str, &str)> {
        let prefix = person_prefix(number);
        self.0.iter().filter_map(move |(name, value)| {
            name.strip_prefix(&prefix).map(|code| (code, value.trim()))
        })
    }

    /// Whether any place will do.
    pub(super) fn any(&self) -> bool {
        self.get(ANY) == "yes"
    }

    /// What must outlive a change of outlets: all but the outlets and the button.
    pub(super) fn kept(&self) -> Vec<(String, String)> {
        let kept = self.0.iter().filter(|(name, _)| {
            let kept = ["request", "units", "remember", ANY].contains(&name.as_str());
            let is_person = name.starts_with("f.") || is_of_person(name);
            kept || is_person || name.starts_with("choice")
        });
        kept.cloned().collect()
    }

    /// Everything as the end of an address; what no code, number or search can be is left out.
    pub(super) fn as_query(&self) -> String {
        let is_code = |text: &str| {
            text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        };
        let known = self.0.iter().filter_map(|(name, value)| match name.as_str() {
            SEARCH => Some(format!("&{SEARCH}={}", encoded(value))),
            _ => (is_code(name) && is_code(value)).then(|| format!("&{name}={value}")),
        });
        known.collect()
    }

    /// The choices, and which number on the form each has. All but the first may be left empty.
    pub(super) fn choices(&self, most: u8) -> (Choices<'_>, Vec<usize>) {
        let mut numbers = Vec::new();
        let mut choices = Choices::default();
        for number in 1..=usize::from(most) {
            let picked = self.get(&pick_name(number));
            let outlet = self.get(&outlet_name(number));
            if number > 1 && picked.is_empty() && outlet.is_empty() {
                continue;
            }
            let mut parts = picked.splitn(3, '/');
            let mut part = || parts.next().map(|part| Text(Cow::Borrowed(part)));
            let (outlet_code, item) = (part().unwrap_or_default(), part().unwrap_or_default());
            let mut choice = Choice { outlet: outlet_code, item, slot: part() };
            if picked.is_empty() {
                choice.outlet = Text(Cow::Borrowed(outlet));
            }
            choices.first.push(choice);
            numbers.push(number);
        }
        choices.count = choices.first.len();
        (choices, numbers)
    }

    /// The units; a text that is no number is out of any range.
    pub(super) fn units(&self) -> Option<u64> {
        let units = self.get("units").trim();
        (!units.is_empty()).then(|| units.parse().unwrap_or(u64::MAX))
    }

    /// The district's place, from 0; none when it is no number.
    pub(super) fn district(&self) -> Option<usize> {
        self.get("district").parse().ok()
    }

    /// The request id that a form brought, if it brought one.
    pub(super) fn request(&self) -> Option<&str> {
        self.has("request").then(|| self.get("request"))
    }

    /// Whether somebody whose entry is cancelled enters again, with the same words perhaps.
    pub(super) fn is_again(&self) -> bool {
        self.has(AGAIN)
    }
}

/// A request id that nobody else has.
pub(super) fn new_request() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the system has random bytes");
    hex(&bytes)
}

/// The request id of a form that brought none, from everything in it that matters: the same form
/// sent again is the same request. `person` is keyed, so that an id in the journal tells nothing
/// to whoever tries persons out without the campaign's keys.
pub(super) fn request_of(person: &[&[u8]], typed: &Typed) -> String {
    let mut digest = Sha256::new().chain_update(b"tidegate/form/v1");
    let mut add = |part: &[u8]| {
        let length = u32::try_from(part.len()).expect("a form is at most 64 KiB");
        digest.update(length.to_le_bytes());
        digest.update(part);
    };
    person.iter().for_each(|part| add(part));
    for (name, value) in &typed.0 {
        let is_asked = name.starts_with("choice") || name == "units" || name == ANY;
        // Further people are hashed by the caller, keyed: their values are no part of this.
        if is_asked {
            add(name.as_bytes());
            add(value.as_bytes());
        }
    }
    hex(&digest.finalize()[..16])
}

/// A text as the value of an address.
fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

//! The kinds of people in a crowd: what each does, step by step, and how many there are of each.
//!
//! Owns: the table of kinds. Never: sends; `behaviour` walks the steps.
//! Invariants: the shares add up to 1,000, and every kind enters at least once.

use crate::offer::Mistake;
use crate::{below, mix};

/// One thing a person does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Reads the campaign document.
    Document,
    /// Looks at the status.
    Status,
    /// Enters, with a new request id.
    Enter,
    /// Enters and sends the same request once more at the same time: a double tap.
    EnterTwice,
    /// Sends the last request again, as one does after a timeout.
    Repeat,
    /// Enters with something wrong.
    Mistyped(Mistake),
    /// Cancels, with the receipt of the last entry.
    Cancel,
    /// Looks up the result, with the receipt.
    Result,
}

/// A kind of person.
#[derive(Debug)]
pub struct Persona {
    /// What to call it.
    pub name: &'static str,
    /// Of 1,000 people, how many are of this kind.
    pub per_mille: u16,
    /// What such a person does.
    pub steps: &'static [Step],
}

/// All kinds.
pub static PERSONAS: [Persona; 11] = [
    Persona { name: "plain", per_mille: 640, steps: &[Step::Enter] },
    Persona { name: "watcher", per_mille: 80, steps: &[Step::Status, Step::Status, Step::Enter] },
    Persona { name: "reader", per_mille: 5, steps: &[Step::Document, Step::Enter] },
    Persona { name: "repeater", per_mille: 70, steps: &[Step::Enter, Step::Repeat] },
    Persona {
        name: "impatient",
        per_mille: 10,
        steps: &[Step::Enter, Step::Repeat, Step::Repeat, Step::Repeat, Step::Repeat],
    },
    Persona { name: "double-tapper", per_mille: 60, steps: &[Step::EnterTwice] },
    Persona {
        name: "mind-changer",
        per_mille: 40,
        steps: &[Step::Enter, Step::Cancel, Step::Enter, Step::Result],
    },
    Persona {
        name: "mistyper",
        per_mille: 35,
        steps: &[Step::Mistyped(Mistake::CheckCharacter), Step::Enter],
    },
    Persona {
        name: "misreader",
        per_mille: 10,
        steps: &[Step::Mistyped(Mistake::Outlet), Step::Enter],
    },
    Persona {
        name: "hoarder",
        per_mille: 10,
        steps: &[Step::Mistyped(Mistake::Units), Step::Enter],
    },
    Persona { name: "chancer", per_mille: 40, steps: &[Step::Enter, Step::Enter, Step::Result] },
];

/// The kind of the person with this number.
#[must_use]
pub fn persona(seed: u64, number: u32) -> &'static Persona {
    let mut place = below(mix(seed ^ 0x70_65_72_73, u64::from(number)), 1_000) as u16;
    for persona in &PERSONAS {
        if place < persona.per_mille {
            return persona;
        }
        place -= persona.per_mille;
    }
    unreachable!("the shares add up to 1,000")
}

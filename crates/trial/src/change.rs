//! Operators' changes: what was asked for, what is known of it, and how things stand after it.
//!
//! Owns: the operators' own books. Never: believes the program: stock, pause and cap follow from
//! the changes that were acknowledged alone.
//! Invariants: one change at a time; the next begins when the one before is known. The API knows
//! no request ids for changes: each has a reason of its own, by which the record is searched for
//! it before it is asked for again.

use crate::site::OUTLETS;
use serde_json::Value;

/// What an operator wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// More units at an outlet.
    Add {
        /// The outlet's place in [`OUTLETS`].
        outlet: usize,
        /// How many.
        units: u64,
    },
    /// A new table of all stock: as it stands, but for one outlet.
    Replace {
        /// The outlet's place in [`OUTLETS`].
        outlet: usize,
        /// Units on offer there from now on.
        on_offer: u64,
    },
    /// Free units out of an outlet.
    Withdraw {
        /// The outlet's place in [`OUTLETS`].
        outlet: usize,
        /// At most so many.
        most: u64,
    },
    /// A cap on entries, or none any more.
    Cap {
        /// The highest number that an entry may get.
        entries: Option<u64>,
    },
    /// No entries until resumed.
    Pause,
    /// Entries again.
    Resume,
}

/// What is known of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Nothing yet.
    Unknown,
    /// It was done, and withdrew so many units.
    Done {
        /// Units withdrawn; 0 of other changes.
        withdrawn: u64,
    },
    /// Refused by the rules: nothing changed.
    Refused,
}

/// A change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// What for.
    pub what: What,
    /// When it was sent for the first time, in nanoseconds since the trial began.
    pub first_sent: u64,
    /// When its fate became known.
    pub at: u64,
    /// What is known.
    pub fate: Fate,
}

/// How things stand by the acknowledged changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Units ever put on offer, by outlet.
    pub issued: [u64; OUTLETS.len()],
    /// Units withdrawn, by outlet.
    pub withdrawn: [u64; OUTLETS.len()],
    /// Whether it is paused.
    pub paused: bool,
    /// The cap in force.
    pub cap: Option<u64>,
}

impl Default for Standing {
    fn default() -> Self {
        let issued = OUTLETS.map(|(_, units)| units);
        Self { issued, withdrawn: [0; OUTLETS.len()], paused: false, cap: None }
    }
}

impl Standing {
    /// Units on offer at an outlet, booked or not.
    #[must_use]
    pub const fn on_offer(&self, outlet: usize) -> u64 {
        self.issued[outlet] - self.withdrawn[outlet]
    }

    /// Units on offer in all.
    #[must_use]
    pub fn on_offer_everywhere(&self) -> u64 {
        (0..OUTLETS.len()).map(|outlet| self.on_offer(outlet)).sum()
    }

    /// How things stand after a change that was done.
    #[must_use]
    pub const fn after(mut self, what: What, withdrawn: u64) -> Self {
        match what {
            What::Add { outlet, units } => self.issued[outlet] += units,
            What::Replace { outlet, on_offer } => {
                let before = self.on_offer(outlet);
                self.issued[outlet] += on_offer.saturating_sub(before);
                self.withdrawn[outlet] += before.saturating_sub(on_offer);
            }
            What::Withdraw { outlet, .. } => self.withdrawn[outlet] += withdrawn,
            What::Cap { entries } => self.cap = entries,
            What::Pause => self.paused = true,
            What::Resume => self.paused = false,
        }
        self
    }
}

/// All changes, in their order, and how things stand.
#[derive(Clone, Debug, Default)]
pub struct Book {
    changes: Vec<Change>,
    standing: Standing,
}

impl Book {
    /// All changes in the order in which they were made.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// How things stand by what is known.
    #[must_use]
    pub const fn standing(&self) -> &Standing {
        &self.standing
    }

    /// The one change that nothing is known of, if there is one.
    #[must_use]
    pub fn unknown(&self) -> Option<usize> {
        let last = self.changes.len().checked_sub(1)?;
        (self.changes[last].fate == Fate::Unknown).then_some(last)
    }

    /// A new change, sent now; its place.
    ///
    /// # Panics
    /// When nothing is known yet of the one before.
    pub fn add(&mut self, what: What, first_sent: u64) -> usize {
        assert!(self.unknown().is_none(), "one change at a time");
        self.changes.push(Change { what, first_sent, at: u64::MAX, fate: Fate::Unknown });
        self.changes.len() - 1
    }

    /// Takes note of an answer to the newest change.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn answered(&mut self, status: u16, body: &str, now: u64) -> Result<(), String> {
        let what = self.newest().what;
        let wrong = || Err(format!("{what:?} got {status} {body}"));
        let Ok(document) = serde_json::from_str::<Value>(body) else { return wrong() };
        let number = |name: &str| document.get(name).and_then(Value::as_u64);
        if status == 409 {
            self.settle(Fate::Refused, now);
            let code = document.get("code").and_then(Value::as_str);
            return match (what, code) {
                (What::Replace { .. }, Some("below-booked"))
                | (What::Cap { entries: Some(_) }, Some("below-entries")) => Ok(()),
                _ => wrong(),
            };
        }
        let withdrawn = match what {
            What::Withdraw { most, .. } => number("units").filter(|units| *units <= most),
            _ => Some(0),
        };
        let (200, Some(withdrawn)) = (status, withdrawn) else { return wrong() };
        self.settle(Fate::Done { withdrawn }, now);
        let is_stock = matches!(what, What::Add { .. } | What::Replace { .. });
        let expected = self.standing.on_offer_everywhere();
        if is_stock && number("units_after") != Some(expected) {
            return Err(format!("{what:?} makes {expected} units on offer, and was told {body}"));
        }
        Ok(())
    }

    /// Takes note of what the record says of the newest change.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn found(&mut self, outcome: &str, detail: &str, now: u64) -> Result<(), String> {
        let what = self.newest().what;
        if outcome != "done" {
            self.settle(Fate::Refused, now);
            return Ok(());
        }
        // `outlet shop, at most 5 a pool: 3 units`
        let units = detail.rsplit_once(": ").and_then(|(_, units)| units.split(' ').next());
        let withdrawn = match what {
            What::Withdraw { .. } => units.and_then(|units| units.replace(',', "").parse().ok()),
            _ => Some(0),
        };
        let fate = withdrawn.map(|withdrawn| Fate::Done { withdrawn });
        self.settle(fate.unwrap_or(Fate::Refused), now);
        fate.map(|_| ()).ok_or_else(|| format!("{what:?} is recorded as {detail:?}"))
    }

    fn newest(&self) -> &Change {
        self.changes.last().expect("an answer comes to a change")
    }

    fn settle(&mut self, fate: Fate, now: u64) {
        let newest = self.changes.last_mut().expect("an answer comes to a change");
        assert!(newest.fate == Fate::Unknown, "a change is known once");
        (newest.fate, newest.at) = (fate, now);
        if let Fate::Done { withdrawn } = fate {
            self.standing = self.standing.after(newest.what, withdrawn);
        }
    }

    /// When entries were stopped by a pause.
    #[must_use]
    pub fn pauses(&self) -> Vec<Span> {
        self.spans(|what| match what {
            What::Pause => Some(Some(0)),
            What::Resume => Some(None),
            _ => None,
        })
    }

    /// When there was a cap.
    #[must_use]
    pub fn caps(&self) -> Vec<Span> {
        self.spans(|what| match what {
            What::Cap { entries } => Some(entries),
            _ => None,
        })
    }

    /// Spans that begin with a change to something, and end with the next.
    fn spans(&self, begins: impl Fn(What) -> Option<Option<u64>>) -> Vec<Span> {
        let mut spans: Vec<Span> = Vec::new();
        let mut is_open = false;
        for change in &self.changes {
            let Some(entries_max) = begins(change.what) else { continue };
            if change.fate == Fate::Refused {
                continue;
            }
            if let Some(span) = spans.last_mut().filter(|_| is_open) {
                (span.until_surely, span.until_at_most) = (change.first_sent, change.at);
            }
            is_open = entries_max.is_some();
            spans.extend(entries_max.map(|entries_max| Span {
                entries_max,
                from_at_least: change.first_sent,
                from_surely: change.at,
                until_surely: u64::MAX,
                until_at_most: u64::MAX,
            }));
        }
        spans
    }
}

/// A time in which entries were stopped, as exactly as those outside can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The highest number that an entry could get in it; 0 for none at all.
    pub entries_max: u64,
    /// Not before this: the change was sent.
    pub from_at_least: u64,
    /// From this on: it was acknowledged.
    pub from_surely: u64,
    /// Until this at least: its end was sent.
    pub until_surely: u64,
    /// Not after this: its end was acknowledged.
    pub until_at_most: u64,
}

/// The reason given with the change at a place: its name in the record.
#[must_use]
pub fn reason(place: usize) -> String {
    format!("change {place}")
}

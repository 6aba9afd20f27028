//! What a crowd was told: its own record of every answer, for the audit afterwards.
//!
//! Owns: one compact record an answer. Never: trusts anything but the answers themselves.
//! Invariants: a record, once added, does not change; the same request names the same person.

use crate::progress::Code;
use std::collections::HashMap;
use std::fmt;

/// What a crowd asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Act {
    /// An entry.
    Enter,
    /// The end of an entry.
    Cancel,
}

/// A request's identity: shown to the server as its `Idempotency-Key`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestKey {
    /// The crowd's seed.
    pub crowd: u64,
    /// The person's number.
    pub person: u32,
    /// Which of the person's requests.
    pub serial: u32,
}

/// Characters of a request key as text.
pub const REQUEST_KEY_CHARS: usize = 32;

impl RequestKey {
    /// The 32 hexadecimal digits that go into the header.
    #[must_use]
    pub fn text(&self) -> [u8; REQUEST_KEY_CHARS] {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let low = u64::from(self.person) << 32 | u64::from(self.serial);
        let mut text = [0; REQUEST_KEY_CHARS];
        for (place, half) in text.chunks_exact_mut(16).zip([self.crowd, low]) {
            for (index, digit) in place.iter_mut().enumerate() {
                *digit = DIGITS[(half >> (60 - 4 * index)) as usize & 15];
            }
        }
        text
    }
}

impl fmt::Display for RequestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}{:08x}{:08x}", self.crowd, self.person, self.serial)
    }
}

/// One answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acknowledgement<'a> {
    /// The request it answers; for a cancellation the entry's request.
    pub key: RequestKey,
    /// What was asked for.
    pub act: Act,
    /// The HTTP status.
    pub status: u16,
    /// The outcome or refusal.
    pub code: &'static str,
    /// The entry's number, when the answer named one.
    pub number: Option<u64>,
    /// The receipt, when the answer named one; empty otherwise.
    pub receipt: &'a str,
}

impl Acknowledgement<'_> {
    /// Whether it says that the person has an entry.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.act == Act::Enter && matches!(self.status, 200..=299)
    }
}

/// Every answer of a crowd, in the order of arrival.
#[derive(Clone, Debug, Default)]
pub struct Acknowledgements {
    crowd: u64,
    records: Vec<Record>,
    receipts: String,
}

#[derive(Clone, Copy, Debug)]
struct Record {
    number: Option<u64>,
    receipt_start: u64,
    person: u32,
    serial: u32,
    receipt_bytes: u16,
    status: u16,
    code: Code,
    act: Act,
}

/// Two answers that cannot both be true.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Contradiction {
    /// One request, two entries (I4).
    #[error("request {key} was answered with {first} and later with {second}")]
    Unequal {
        /// The request.
        key: RequestKey,
        /// What the first answer said.
        first: String,
        /// What a later one said.
        second: String,
    },
    /// One entry number, two requests (I7).
    #[error("number {number} was given to request {first} and to request {second}")]
    Shared {
        /// The number.
        number: u64,
        /// Who was told it first.
        first: RequestKey,
        /// Who was told it later.
        second: RequestKey,
    },
}

impl Acknowledgements {
    /// No answers yet, of the crowd with this seed.
    #[must_use]
    pub const fn new(crowd: u64) -> Self {
        Self { crowd, records: Vec::new(), receipts: String::new() }
    }

    /// How many answers there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The answers in the order of arrival.
    pub fn iter(&self) -> impl Iterator<Item = Acknowledgement<'_>> + Clone {
        self.records.iter().map(|record| self.view(record))
    }

    /// Every pair of answers that cannot both be true.
    #[must_use]
    pub fn contradictions(&self) -> Vec<Contradiction> {
        let mut found = Vec::new();
        let mut by_key: HashMap<RequestKey, Acknowledgement<'_>> = HashMap::new();
        let mut by_number: HashMap<u64, RequestKey> = HashMap::new();
        for told in self.iter().filter(Acknowledgement::is_accepted) {
            let first = *by_key.entry(told.key).or_insert(told);
            let same =
                (first.code, first.number, first.receipt) == (told.code, told.number, told.receipt);
            if !same {
                let (first, second) = (shown(&first), shown(&told));
                found.push(Contradiction::Unequal { key: told.key, first, second });
            }
            if let Some(number) = told.number {
                let first = *by_number.entry(number).or_insert(told.key);
                if first != told.key {
                    found.push(Contradiction::Shared { number, first, second: told.key });
                }
            }
        }
        found
    }

    pub(crate) fn add(&mut self, told: &Told<'_>) {
        let receipt = told.receipt.unwrap_or_default();
        // A receipt longer than 64 KiB is none of ours; the audit misses it and says so.
        let receipt_bytes = u16::try_from(receipt.len()).unwrap_or_default();
        let receipt_start = self.receipts.len() as u64;
        self.receipts.push_str(&receipt[..usize::from(receipt_bytes)]);
        self.records.push(Record {
            number: told.number,
            receipt_start,
            person: told.person,
            serial: told.serial,
            receipt_bytes,
            status: told.status,
            code: told.code,
            act: told.act,
        });
    }

    fn view(&self, record: &Record) -> Acknowledgement<'_> {
        let start = record.receipt_start as usize;
        let end = start + usize::from(record.receipt_bytes);
        Acknowledgement {
            key: RequestKey { crowd: self.crowd, person: record.person, serial: record.serial },
            act: record.act,
            status: record.status,
            code: record.code.as_str(),
            number: record.number,
            receipt: &self.receipts[start..end],
        }
    }
}

/// An answer about to be recorded.
pub(crate) struct Told<'a> {
    pub(crate) person: u32,
    pub(crate) serial: u32,
    pub(crate) act: Act,
    pub(crate) status: u16,
    pub(crate) code: Code,
    pub(crate) number: Option<u64>,
    pub(crate) receipt: Option<&'a str>,
}

fn shown(told: &Acknowledgement<'_>) -> String {
    let number = told.number.map_or_else(|| "no number".to_owned(), |number| number.to_string());
    format!("{} {} {}", told.code, number, told.receipt)
}

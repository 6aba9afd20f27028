//! A decoder of command records, written from "Commands" in `docs/format.md` alone.
//!
//! Owns: the bytes of every kind of record; `operator` reads the JSON of operators. Never: decides
//! anything; reads sealed fields.
//! Invariants: exactly what the format draws is accepted; a record's parts lie within it.
//! On failure: the first record that is none ends its frame; what follows it cannot be found.

mod operator;

use crate::journal::{array_at, u32_at};
use types::action::OperatorCommand;
use types::ids::{CampaignNo, DrawNo, EntryNo, OutletNo, PersonKey, PoolNo, RequestId};
use types::limits::{
    AWARDS_MAX, CHOICES_MAX, COMMAND_BYTES_MAX, DRAW_UNITS_MAX, SEALED_BYTES_MAX, UNIQUE_FIELDS_MAX,
};

const LENGTH_BYTES: usize = 4;
const KEY_BYTES: usize = 16;
const CHOICE_BYTES: usize = 4;
/// Of an entry's body, what comes before the choices.
const ENTER_BYTES: usize = 37;
const CANCEL_BYTES: usize = 6;
/// Of a redemption's body, what comes before the token's name.
const REDEEM_BYTES: usize = 24;
/// Of an entry in a draw, what comes before the body of an entry.
const DRAW_BYTES: usize = 2;
/// Of an award's body, what comes before the winners.
const AWARD_BYTES: usize = 8;
/// A winner: entry and pool.
const WINNER_BYTES: usize = 8;

/// A request to change the ledger, as it stands in the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command<'a> {
    /// A person wants a place, and units.
    Enter(Enter<'a>),
    /// A person gives an entry up.
    Cancel {
        /// Where.
        campaign: CampaignNo,
        /// Which.
        entry: EntryNo,
    },
    /// An outlet hands units out.
    Redeem {
        /// Where.
        campaign: CampaignNo,
        /// Whose.
        entry: EntryNo,
        /// The outlet that hands out.
        outlet: OutletNo,
        /// The outlet's name for this request.
        request: RequestId,
        /// The person at the counter, by the token's name.
        actor: &'a str,
    },
    /// Winners of a draw get what they won.
    Award(Award<'a>),
    /// An operator acts.
    Operator(Box<OperatorCommand>),
    /// Time passes.
    Tick,
}

/// A person wants a place, and units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Enter<'a> {
    /// Where.
    pub campaign: CampaignNo,
    /// The client's name for this request.
    pub request: RequestId,
    /// Tells a repeated request from another one under the same id.
    pub request_digest: [u8; 8],
    /// Of all identity fields.
    pub identity_digest: [u8; 8],
    /// Units wanted.
    pub units: u8,
    /// Whether any place will do, should it win none that it chose.
    pub any: bool,
    /// People who enter together; 1 to 8.
    pub people: u8,
    choices: &'a [u8],
    keys: &'a [u8],
    /// The identity fields, sealed.
    pub sealed: &'a [u8],
}

impl<'a> Enter<'a> {
    /// The pools, the most wanted first; 1 to 5.
    pub fn choices(&self) -> impl ExactSizeIterator<Item = PoolNo> + Clone + use<'a> {
        self.choices.chunks_exact(CHOICE_BYTES).map(|choice| PoolNo(u32_at(choice, 0)))
    }

    /// The person keys, one for each unique field, person after person; 1 to 4 of each.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = PersonKey> + Clone + use<'a> {
        self.keys.chunks_exact(KEY_BYTES).map(|key| PersonKey(array_at(key, 0)))
    }
}

/// Winners of a draw get what they won: a part of a result, or of alternates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Award<'a> {
    /// Where.
    pub campaign: CampaignNo,
    /// In which draw.
    pub draw: DrawNo,
    /// Winners of the draw that were awarded before.
    pub first: u32,
    winners: &'a [u8],
}

impl<'a> Award<'a> {
    /// Entry and pool of each winner, in their order; 1 to 8,192.
    pub fn winners(&self) -> impl ExactSizeIterator<Item = (EntryNo, PoolNo)> + Clone + use<'a> {
        self.winners
            .chunks_exact(WINNER_BYTES)
            .map(|winner| (EntryNo(u32_at(winner, 0)), PoolNo(u32_at(winner, 4))))
    }
}

/// Why bytes are no record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// The length it states is not that of its body, or a count in it is out of range.
    #[error("a record's length does not fit its body, or a count in it is out of range")]
    Length,
    /// No kind of record has this number.
    #[error("a record is of kind {0}, which there is not")]
    Kind(u8),
    /// An operator's record is not the JSON it must be.
    #[error("an operator's record cannot be read: {0}")]
    Json(String),
    /// A token's name is not UTF-8.
    #[error("a token's name is not UTF-8")]
    Text,
}

/// The records of a payload, each with its offset in it. Ends behind the first that is none.
#[derive(Clone, Debug)]
pub struct Records<'a> {
    payload: &'a [u8],
    offset: usize,
}

impl<'a> Records<'a> {
    /// All records of a frame's payload.
    #[must_use]
    pub const fn new(payload: &'a [u8]) -> Self {
        Self { payload, offset: 0 }
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = (u32, Result<Command<'a>, RecordError>);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = &self.payload[self.offset..];
        if rest.is_empty() {
            return None;
        }
        let offset = u32::try_from(self.offset).expect("a payload is at most 64 MiB");
        let command = next_record(rest).and_then(|record| {
            self.offset += LENGTH_BYTES + record.len();
            decode(record)
        });
        if command.is_err() {
            self.offset = self.payload.len();
        }
        Some((offset, command))
    }
}

/// Kind and body of the record that these bytes begin with.
fn next_record(rest: &[u8]) -> Result<&[u8], RecordError> {
    if rest.len() < LENGTH_BYTES {
        return Err(RecordError::Length);
    }
    let length = u32_at(rest, 0) as usize;
    let within = (1..=COMMAND_BYTES_MAX + 1).contains(&length);
    let record = rest.get(LENGTH_BYTES..LENGTH_BYTES + length).filter(|_| within);
    record.ok_or(RecordError::Length)
}

fn decode(record: &[u8]) -> Result<Command<'_>, RecordError> {
    let (kind, body) = record.split_first().ok_or(RecordError::Length)?;
    match kind {
        1 => enter(body, false, 1),
        2 if body.len() == CANCEL_BYTES => Ok(Command::Cancel {
            campaign: CampaignNo(u16_at(body, 0)),
            entry: EntryNo(u32_at(body, 2)),
        }),
        3 if REDEEM_BYTES <= body.len() => Ok(Command::Redeem {
            campaign: CampaignNo(u16_at(body, 0)),
            entry: EntryNo(u32_at(body, 2)),
            outlet: OutletNo(u16_at(body, 6)),
            request: RequestId(array_at(body, 8)),
            actor: std::str::from_utf8(&body[REDEEM_BYTES..]).map_err(|_| RecordError::Text)?,
        }),
        4 => enter_draw(body),
        5 => award(body),
        16 => operator::read(body)
            .map(|command| Command::Operator(Box::new(command)))
            .map_err(|error| RecordError::Json(error.to_string())),
        17 if body.is_empty() => Ok(Command::Tick),
        2 | 3 | 17 => Err(RecordError::Length),
        unknown => Err(RecordError::Kind(*unknown)),
    }
}

/// An entry of one person who takes no other place is drawn in one way only, which is the other.
fn enter_draw(body: &[u8]) -> Result<Command<'_>, RecordError> {
    let (any, people, rest) = match body {
        [any @ 0..=1, people @ 1..=DRAW_UNITS_MAX, ..] => (*any == 1, *people, &body[DRAW_BYTES..]),
        _ => return Err(RecordError::Length),
    };
    if any || 1 < people { enter(rest, any, people) } else { Err(RecordError::Length) }
}

fn award(body: &[u8]) -> Result<Command<'_>, RecordError> {
    let winners = body.get(AWARD_BYTES..).ok_or(RecordError::Length)?;
    let is_whole = winners.len().is_multiple_of(WINNER_BYTES)
        && (1..=AWARDS_MAX).contains(&(winners.len() / WINNER_BYTES));
    if !is_whole {
        return Err(RecordError::Length);
    }
    Ok(Command::Award(Award {
        campaign: CampaignNo(u16_at(body, 0)),
        draw: DrawNo(u16_at(body, 2)),
        first: u32_at(body, 4),
        winners,
    }))
}

fn enter(body: &[u8], any: bool, people: u8) -> Result<Command<'_>, RecordError> {
    if body.len() < ENTER_BYTES {
        return Err(RecordError::Length);
    }
    let (keys, choices) = (usize::from(body[0]), usize::from(body[1]));
    let keys_at = ENTER_BYTES + choices * CHOICE_BYTES;
    let sealed_at = keys_at + keys * KEY_BYTES;
    let people_len = usize::from(people);
    let within = keys.is_multiple_of(people_len)
        && (1..=UNIQUE_FIELDS_MAX).contains(&(keys / people_len))
        && (1..=CHOICES_MAX).contains(&choices)
        && (sealed_at..=sealed_at + SEALED_BYTES_MAX).contains(&body.len());
    if !within {
        return Err(RecordError::Length);
    }
    Ok(Command::Enter(Enter {
        units: body[2],
        any,
        people,
        campaign: CampaignNo(u16_at(body, 3)),
        request: RequestId(array_at(body, 5)),
        request_digest: array_at(body, 21),
        identity_digest: array_at(body, 29),
        choices: &body[ENTER_BYTES..keys_at],
        keys: &body[keys_at..sealed_at],
        sealed: &body[sealed_at..],
    }))
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(array_at(bytes, at))
}

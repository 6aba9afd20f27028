//! Commands and their bytes in a frame.
//!
//! Owns: the record format, drawn in `docs/format.md`: a frame's payload is records one after
//! another, each `length u32 | kind u8 | body`, little-endian, the length counting kind and body.
//! Never: decides anything. Decoding accepts exactly what encoding writes.

use crate::action::{OperatorCommand, is_origin};
use crate::ids::{CampaignNo, DrawNo, EntryNo, OutletNo, PersonKey, PoolNo, RequestId};
use crate::limits;
use crate::wire::Reader;

const KIND_ENTER: u8 = 1;
const KIND_CANCEL: u8 = 2;
const KIND_REDEEM: u8 = 3;
const KIND_APPLY: u8 = 4;
const KIND_AWARD: u8 = 5;
const KIND_OPERATOR: u8 = 16;
const KIND_TICK: u8 = 17;
const LENGTH_BYTES: usize = 4;
const KEY_BYTES: usize = 16;
/// A winner: entry and pool.
const AWARD_BYTES: usize = 8;
/// A record's kind, and the largest command.
const RECORD_BYTES_MAX: usize = 1 + limits::COMMAND_BYTES_MAX;

/// One request to change the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command<'a> {
    /// A person wants a place, and units.
    Enter(Enter<'a>),
    /// A person gives an entry up.
    Cancel(Cancel),
    /// An outlet hands units out.
    Redeem(Redeem<'a>),
    /// Winners of a draw get what they won.
    Award(Award<'a>),
    /// An operator acts.
    Operator(Box<OperatorCommand>),
    /// The clock passed a moment at which something becomes due.
    Tick,
}

/// A person wants a place, and units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Enter<'a> {
    /// Where.
    pub campaign: CampaignNo,
    /// The client's name for this request; the same id gets the same entry.
    pub request: RequestId,
    /// Digests of what the person stated and asked for.
    pub digests: EnterDigests,
    /// Units wanted, from the first choice that has them.
    pub units: u8,
    /// Whether any place will do, should the entry win none that it chose. Only in a draw.
    pub any: bool,
    /// People who enter together, 1 to `DRAW_UNITS_MAX`. More than one only in a draw.
    pub people: u8,
    /// Pools, most wanted first: little-endian u32 each.
    choices: &'a [u8],
    /// One key for each unique field, in the definition's order, person after person.
    keys: &'a [u8],
    /// All identity fields, sealed under the campaign's data key.
    pub sealed: &'a [u8],
}

/// What the ledger remembers of things it never sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnterDigests {
    /// Of the whole request: tells a repeated request from a reused id.
    pub request: [u8; 8],
    /// Of all identity fields: a look-up without receipt must know every one of them.
    pub identity: [u8; 8],
}

/// A person gives an entry up. That it is theirs was shown by its receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancel {
    /// Where.
    pub campaign: CampaignNo,
    /// Which.
    pub entry: EntryNo,
}

/// An outlet hands units out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redeem<'a> {
    /// Where.
    pub campaign: CampaignNo,
    /// Whose; the code said so.
    pub entry: EntryNo,
    /// The outlet that hands out.
    pub outlet: OutletNo,
    /// The outlet's name for this request; the same id gets the same answer.
    pub request: RequestId,
    /// The person at the counter, as the API token names them.
    pub actor: &'a str,
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
    /// Entry and pool of each, little-endian u32 both.
    rows: &'a [u8],
}

/// Why bytes are not a command.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// The record ends before its body does, or after, or holds more than a body may.
    #[error("a command's length does not fit its body, or a count in it is over its limit")]
    Length,
    /// Written by a newer release, or not a command.
    #[error("command kind {0} is unknown to this release")]
    Kind(u8),
    /// An operator's command is not the JSON this release knows.
    #[error("an operator command cannot be read: {0}")]
    Json(String),
}

impl<'a> Enter<'a> {
    /// The pools, most wanted first.
    pub fn choices(&self) -> impl ExactSizeIterator<Item = PoolNo> + 'a {
        self.choices
            .chunks_exact(4)
            .map(|chunk| PoolNo(u32::from_le_bytes(chunk.try_into().expect("chunks are 4 bytes"))))
    }

    /// The keys of each person, in the order of the definition's unique fields; the first person
    /// made the entry. Empty when they do not come out even.
    pub fn people_keys(&self) -> impl Iterator<Item = impl Iterator<Item = PersonKey> + 'a> + 'a {
        let each = self.keys.len() / usize::from(self.people).max(1);
        let keys = self.keys;
        keys.chunks_exact(each.max(1)).map(|one| {
            let (keys, _) = one.as_chunks::<KEY_BYTES>();
            keys.iter().map(|key| PersonKey(*key))
        })
    }

    /// All person keys, person after person.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = PersonKey> + 'a {
        self.keys
            .chunks_exact(KEY_BYTES)
            .map(|chunk| PersonKey(chunk.try_into().expect("chunks are 16 bytes")))
    }

    fn decode(reader: Reader<'a>) -> Option<Self> {
        Self::decode_for(reader, false, 1)
    }

    /// An entry in a draw says more: that any place will do, how many people there are.
    fn decode_apply(mut reader: Reader<'a>) -> Option<Self> {
        let any = match reader.u8()? {
            0 => false,
            1 => true,
            _ => return None,
        };
        let people = reader.u8()?;
        let says_more = any || people != 1;
        let within = (1..=limits::DRAW_UNITS_MAX).contains(&people);
        if says_more && within { Self::decode_for(reader, any, people) } else { None }
    }

    fn decode_for(mut reader: Reader<'a>, any: bool, people: u8) -> Option<Self> {
        let keys = usize::from(reader.u8()?);
        let choices = usize::from(reader.u8()?);
        let each = keys / usize::from(people);
        let within = (1..=limits::UNIQUE_FIELDS_MAX).contains(&each)
            && each * usize::from(people) == keys
            && (1..=limits::CHOICES_MAX).contains(&choices);
        if !within {
            return None;
        }
        let units = reader.u8()?;
        let campaign = CampaignNo(reader.u16()?);
        let request = RequestId(reader.array()?);
        let digests = EnterDigests { request: reader.array()?, identity: reader.array()? };
        let choices = reader.bytes(choices * 4)?;
        let keys = reader.bytes(keys * KEY_BYTES)?;
        let sealed = reader.rest();
        let parts = Self { campaign, request, digests, units, any, people, choices, keys, sealed };
        (sealed.len() <= limits::SEALED_BYTES_MAX).then_some(parts)
    }
}

/// The parts of an [`Enter`] before it is encoded.
#[derive(Clone, Copy, Debug)]
pub struct EnterParts<'a> {
    /// See [`Enter::campaign`].
    pub campaign: CampaignNo,
    /// See [`Enter::request`].
    pub request: RequestId,
    /// See [`Enter::digests`].
    pub digests: EnterDigests,
    /// See [`Enter::units`].
    pub units: u8,
    /// 1 to `CHOICES_MAX`.
    pub choices: &'a [PoolNo],
    /// 1 to `UNIQUE_FIELDS_MAX`.
    pub keys: &'a [PersonKey],
    /// Up to `SEALED_BYTES_MAX`.
    pub sealed: &'a [u8],
}

impl EnterParts<'_> {
    /// Appends the record to a frame's payload.
    ///
    /// # Panics
    /// When a part is over its limit; the edge has checked them all.
    pub fn encode(&self, payload: &mut Vec<u8>) {
        self.assert_limits(1);
        record(payload, KIND_ENTER, |body| self.put(body));
    }

    /// Appends the record of an entry in a draw.
    ///
    /// # Panics
    /// When a part is over its limit, or the keys do not come out even among the people.
    pub fn encode_apply(&self, any: bool, people: u8, payload: &mut Vec<u8>) {
        if !any && people == 1 {
            return self.encode(payload);
        }
        assert!((1..=limits::DRAW_UNITS_MAX).contains(&people), "1 to 8 people");
        self.assert_limits(usize::from(people));
        record(payload, KIND_APPLY, |body| {
            body.extend_from_slice(&[u8::from(any), people]);
            self.put(body);
        });
    }

    fn assert_limits(&self, people: usize) {
        let each = self.keys.len() / people;
        assert!(each * people == self.keys.len(), "as many keys of each person");
        assert!((1..=limits::CHOICES_MAX).contains(&self.choices.len()), "1 to 5 choices");
        assert!((1..=limits::UNIQUE_FIELDS_MAX).contains(&each), "1 to 4 keys of a person");
        assert!(self.sealed.len() <= limits::SEALED_BYTES_MAX, "sealed fields within the limit");
    }

    fn put(&self, body: &mut Vec<u8>) {
        body.push(self.keys.len() as u8);
        body.push(self.choices.len() as u8);
        body.push(self.units);
        body.extend_from_slice(&self.campaign.0.to_le_bytes());
        body.extend_from_slice(&self.request.0);
        body.extend_from_slice(&self.digests.request);
        body.extend_from_slice(&self.digests.identity);
        self.choices.iter().for_each(|pool| body.extend_from_slice(&pool.0.to_le_bytes()));
        self.keys.iter().for_each(|key| body.extend_from_slice(&key.0));
        body.extend_from_slice(self.sealed);
    }
}

impl<'a> Award<'a> {
    /// Entry and pool of each winner, in the order of the winners.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = (EntryNo, PoolNo)> + Clone + 'a {
        let (rows, _) = self.rows.as_chunks::<AWARD_BYTES>();
        rows.iter().map(|row| {
            let (numbers, _) = row.as_chunks::<4>();
            (EntryNo(u32::from_le_bytes(numbers[0])), PoolNo(u32::from_le_bytes(numbers[1])))
        })
    }

    fn decode(mut reader: Reader<'a>) -> Option<Self> {
        let campaign = CampaignNo(reader.u16()?);
        let draw = DrawNo(reader.u16()?);
        let first = reader.u32()?;
        let rows = reader.rest();
        let whole = rows.len().is_multiple_of(AWARD_BYTES);
        let within = (1..=limits::AWARDS_MAX).contains(&(rows.len() / AWARD_BYTES));
        (whole && within).then_some(Self { campaign, draw, first, rows })
    }
}

/// Appends a part of a draw's winners to a frame's payload.
///
/// # Panics
/// When there are none, or more than `AWARDS_MAX`.
pub fn encode_award(
    (campaign, draw): (CampaignNo, DrawNo),
    first: u32,
    rows: &[(EntryNo, PoolNo)],
    payload: &mut Vec<u8>,
) {
    assert!((1..=limits::AWARDS_MAX).contains(&rows.len()), "1 to 8,192 winners a part");
    record(payload, KIND_AWARD, |body| {
        body.extend_from_slice(&campaign.0.to_le_bytes());
        body.extend_from_slice(&draw.0.to_le_bytes());
        body.extend_from_slice(&first.to_le_bytes());
        for (entry, pool) in rows {
            body.extend_from_slice(&entry.0.to_le_bytes());
            body.extend_from_slice(&pool.0.to_le_bytes());
        }
    });
}

impl Cancel {
    /// Appends the record to a frame's payload.
    pub fn encode(&self, payload: &mut Vec<u8>) {
        record(payload, KIND_CANCEL, |body| {
            body.extend_from_slice(&self.campaign.0.to_le_bytes());
            body.extend_from_slice(&self.entry.0.to_le_bytes());
        });
    }

    fn decode(mut reader: Reader<'_>) -> Option<Self> {
        let campaign = CampaignNo(reader.u16()?);
        let entry = EntryNo(reader.u32()?);
        reader.rest().is_empty().then_some(Self { campaign, entry })
    }
}

impl<'a> Redeem<'a> {
    /// Appends the record to a frame's payload.
    pub fn encode(&self, payload: &mut Vec<u8>) {
        record(payload, KIND_REDEEM, |body| {
            body.extend_from_slice(&self.campaign.0.to_le_bytes());
            body.extend_from_slice(&self.entry.0.to_le_bytes());
            body.extend_from_slice(&self.outlet.0.to_le_bytes());
            body.extend_from_slice(&self.request.0);
            body.extend_from_slice(self.actor.as_bytes());
        });
    }

    fn decode(mut reader: Reader<'a>) -> Option<Self> {
        Some(Self {
            campaign: CampaignNo(reader.u16()?),
            entry: EntryNo(reader.u32()?),
            outlet: OutletNo(reader.u16()?),
            request: RequestId(reader.array()?),
            actor: std::str::from_utf8(reader.rest()).ok()?,
        })
    }
}

impl OperatorCommand {
    /// Appends the record to a frame's payload: kind, then JSON.
    ///
    /// # Errors
    /// [`CommandError::Length`] when the JSON is over `COMMAND_BYTES_MAX`.
    ///
    /// # Panics
    /// When it says a thing of from where that no reader would take.
    pub fn encode(&self, payload: &mut Vec<u8>) -> Result<(), CommandError> {
        let is_readable = self.from.as_deref().is_none_or(is_origin);
        assert!(is_readable, "whoever says from where says an address, or a few words");
        let json = serde_json::to_vec(self).expect("an operator command has only string keys");
        if limits::COMMAND_BYTES_MAX < json.len() {
            return Err(CommandError::Length);
        }
        record(payload, KIND_OPERATOR, |body| body.extend_from_slice(&json));
        Ok(())
    }
}

/// Appends a tick to a frame's payload.
pub fn encode_tick(payload: &mut Vec<u8>) {
    record(payload, KIND_TICK, |_| ());
}

impl<'a> Command<'a> {
    /// Reads one command from a record's kind and body.
    ///
    /// # Errors
    /// When the bytes are not what some release up to this one encodes.
    pub fn decode(record: &'a [u8]) -> Result<Self, CommandError> {
        if RECORD_BYTES_MAX < record.len() {
            return Err(CommandError::Length);
        }
        let mut reader = Reader::new(record);
        let kind = reader.u8().ok_or(CommandError::Length)?;
        match kind {
            KIND_ENTER => Enter::decode(reader).map(Self::Enter).ok_or(CommandError::Length),
            KIND_CANCEL => Cancel::decode(reader).map(Self::Cancel).ok_or(CommandError::Length),
            KIND_REDEEM => Redeem::decode(reader).map(Self::Redeem).ok_or(CommandError::Length),
            KIND_APPLY => Enter::decode_apply(reader).map(Self::Enter).ok_or(CommandError::Length),
            KIND_AWARD => Award::decode(reader).map(Self::Award).ok_or(CommandError::Length),
            KIND_OPERATOR => serde_json::from_slice(reader.rest())
                .map(|command| Self::Operator(Box::new(command)))
                .map_err(|error| CommandError::Json(error.to_string())),
            KIND_TICK if reader.rest().is_empty() => Ok(Self::Tick),
            KIND_TICK => Err(CommandError::Length),
            unknown => Err(CommandError::Kind(unknown)),
        }
    }
}

/// The records of a frame's payload, each with its offset.
#[derive(Clone, Copy)]
pub struct Records<'a> {
    payload: &'a [u8],
    offset: usize,
}

impl<'a> Records<'a> {
    /// All records of a payload.
    #[must_use]
    pub const fn new(payload: &'a [u8]) -> Self {
        Self { payload, offset: 0 }
    }
}

impl<'a> Iterator for Records<'a> {
    /// The record's offset in the payload, and its kind and body.
    type Item = Result<(u32, &'a [u8]), CommandError>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = &self.payload[self.offset..];
        if rest.is_empty() {
            return None;
        }
        let mut reader = Reader::new(rest);
        let record = reader.u32().and_then(|length| reader.bytes(length as usize));
        let offset = self.offset as u32;
        let Some(record) = record else {
            self.offset = self.payload.len();
            return Some(Err(CommandError::Length));
        };
        self.offset += LENGTH_BYTES + record.len();
        Some(Ok((offset, record)))
    }
}

fn record(payload: &mut Vec<u8>, kind: u8, body: impl FnOnce(&mut Vec<u8>)) {
    let start = payload.len();
    payload.extend_from_slice(&[0; LENGTH_BYTES]);
    payload.push(kind);
    body(payload);
    let length = payload.len() - start - LENGTH_BYTES;
    assert!(length <= RECORD_BYTES_MAX, "a command is within its limit");
    payload[start..start + LENGTH_BYTES].copy_from_slice(&(length as u32).to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::Action;

    #[test]
    fn what_is_encoded_is_decoded() {
        let mut payload = Vec::new();
        let parts = EnterParts {
            campaign: CampaignNo(7),
            request: RequestId([3; 16]),
            digests: EnterDigests { request: [1; 8], identity: [2; 8] },
            units: 5,
            choices: &[PoolNo(9), PoolNo(1)],
            keys: &[PersonKey([4; 16]), PersonKey([5; 16])],
            sealed: b"sealed",
        };
        parts.encode(&mut payload);
        Cancel { campaign: CampaignNo(1), entry: EntryNo(2) }.encode(&mut payload);
        let redeem = Redeem {
            campaign: CampaignNo(1),
            entry: EntryNo(2),
            outlet: OutletNo(3),
            request: RequestId([6; 16]),
            actor: "counter 3",
        };
        redeem.encode(&mut payload);
        let operator = OperatorCommand {
            actor: "duty officer".into(),
            from: Some("203.0.113.7".into()),
            reason: "planned".into(),
            action: Action::Open { campaign: CampaignNo(1) },
        };
        operator.encode(&mut payload).unwrap();
        encode_tick(&mut payload);

        let records: Vec<_> = Records::new(&payload).collect::<Result<_, _>>().unwrap();
        let offsets: Vec<_> = records.iter().map(|(offset, _)| *offset as usize).collect();
        let ends = records.iter().map(|(offset, record)| *offset as usize + 4 + record.len());
        assert_eq!(
            [0].into_iter().chain(ends).collect::<Vec<_>>(),
            [&offsets[..], &[payload.len()]].concat()
        );
        let commands: Vec<_> =
            records.iter().map(|(_, record)| Command::decode(record).unwrap()).collect();
        let Command::Enter(enter) = &commands[0] else { panic!("an entry comes first") };
        assert_eq!(enter.choices().collect::<Vec<_>>(), parts.choices);
        assert_eq!(enter.keys().collect::<Vec<_>>(), parts.keys);
        assert_eq!((enter.units, enter.sealed), (5, &b"sealed"[..]));
        let (request, digests) = (parts.request, parts.digests);
        assert_eq!(
            (enter.campaign, enter.request, enter.digests),
            (parts.campaign, request, digests)
        );
        let cancel = Cancel { campaign: CampaignNo(1), entry: EntryNo(2) };
        assert_eq!(commands[1], Command::Cancel(cancel));
        assert_eq!(commands[2], Command::Redeem(redeem));
        assert_eq!(commands[3], Command::Operator(Box::new(operator)));
        assert_eq!(commands[4], Command::Tick);
    }

    #[test]
    fn what_enters_a_draw_and_who_wins_is_decoded() {
        let keys: Vec<_> = (0..4).map(|byte| PersonKey([byte; 16])).collect();
        let parts = EnterParts {
            campaign: CampaignNo(7),
            request: RequestId([3; 16]),
            digests: EnterDigests { request: [1; 8], identity: [2; 8] },
            units: 2,
            choices: &[PoolNo(9)],
            keys: &keys,
            sealed: b"sealed",
        };
        let mut payload = Vec::new();
        parts.encode_apply(true, 2, &mut payload);
        let rows: Vec<_> = (0..3).map(|no| (EntryNo(no), PoolNo(no + 7))).collect();
        encode_award((CampaignNo(7), DrawNo(2)), 5, &rows, &mut payload);
        let records: Vec<_> = Records::new(&payload).map(|record| record.unwrap().1).collect();
        let Ok(Command::Enter(enter)) = Command::decode(records[0]) else { panic!("an entry") };
        assert_eq!((enter.any, enter.people, enter.units), (true, 2, 2));
        let people: Vec<Vec<_>> = enter.people_keys().map(Iterator::collect).collect();
        assert_eq!(people, [&keys[..2], &keys[2..]]);
        let Ok(Command::Award(award)) = Command::decode(records[1]) else { panic!("an award") };
        assert_eq!((award.campaign, award.draw, award.first), (CampaignNo(7), DrawNo(2), 5));
        assert_eq!(award.rows().collect::<Vec<_>>(), rows);

        // What says no more than an entry elsewhere is one, and nothing else is read as one.
        let (mut one, mut other) = (Vec::new(), Vec::new());
        parts.encode_apply(false, 1, &mut one);
        parts.encode(&mut other);
        assert_eq!(one, other);
        let mut wrong = records[0].to_vec();
        for (any, people) in [(0, 1), (2, 2), (1, 0), (1, 3), (1, 9)] {
            wrong[1..3].copy_from_slice(&[any, people]);
            assert_eq!(Command::decode(&wrong), Err(CommandError::Length), "{any} {people}");
        }
        let cut = &records[1][..records[1].len() - 1];
        assert_eq!(Command::decode(cut), Err(CommandError::Length));
        assert_eq!(Command::decode(&records[1][..9]), Err(CommandError::Length), "no winner");
    }

    #[test]
    fn counts_that_are_never_written_are_not_read() {
        let record = |keys: u8, choices: u8, sealed: usize| {
            let mut record = vec![KIND_ENTER, keys, choices, 1];
            let body = 34 + usize::from(keys) * KEY_BYTES + usize::from(choices) * 4 + sealed;
            record.resize(record.len() + body, 0);
            record
        };
        let (keys, choices) = (limits::UNIQUE_FIELDS_MAX as u8, limits::CHOICES_MAX as u8);
        assert!(Command::decode(&record(keys, choices, limits::SEALED_BYTES_MAX)).is_ok());
        let over = [
            (0, 1, 0),
            (1, 0, 0),
            (keys + 1, 1, 0),
            (1, choices + 1, 0),
            (1, 1, limits::SEALED_BYTES_MAX + 1),
        ];
        for (keys, choices, sealed) in over {
            let record = record(keys, choices, sealed);
            assert_eq!(Command::decode(&record), Err(CommandError::Length), "{keys} {choices}");
        }
    }

    #[test]
    fn records_are_whole_and_within_their_limit() {
        assert_eq!(Command::decode(&[]), Err(CommandError::Length));
        assert_eq!(Command::decode(&[KIND_TICK]), Ok(Command::Tick));
        assert_eq!(Command::decode(&[KIND_TICK, 0]), Err(CommandError::Length));
        assert_eq!(Command::decode(&[99]), Err(CommandError::Kind(99)));
        let mut payload = Vec::new();
        Cancel { campaign: CampaignNo(1), entry: EntryNo(2) }.encode(&mut payload);
        let cancel = &payload[LENGTH_BYTES..];
        assert!(Command::decode(cancel).is_ok());
        assert_eq!(Command::decode(&[cancel, &[0]].concat()), Err(CommandError::Length));
        // The largest is not JSON, which only its reader can tell; one byte more is told before.
        let mut largest = vec![b' '; RECORD_BYTES_MAX];
        largest[0] = KIND_OPERATOR;
        assert!(matches!(Command::decode(&largest), Err(CommandError::Json(_))));
        largest.push(b' ');
        assert_eq!(Command::decode(&largest), Err(CommandError::Length));
        // What is not whole ends the records.
        let mut records = Records::new(&payload[..payload.len() - 1]);
        assert_eq!(records.next(), Some(Err(CommandError::Length)));
        assert_eq!(records.next(), None);
    }

    #[test]
    fn an_operators_command_is_at_most_as_long_as_it_may_be() {
        let command = |bytes: usize| {
            let action = Action::Open { campaign: CampaignNo(1) };
            let (actor, reason) = (String::new(), String::new());
            let command = OperatorCommand { actor, from: None, reason, action };
            let least = serde_json::to_vec(&command).unwrap().len();
            OperatorCommand { reason: "r".repeat(bytes - least), ..command }
        };
        let mut payload = Vec::new();
        let over = command(limits::COMMAND_BYTES_MAX + 1).encode(&mut payload);
        assert_eq!((over, payload.len()), (Err(CommandError::Length), 0));
        command(limits::COMMAND_BYTES_MAX).encode(&mut payload).unwrap();
        assert_eq!(payload.len(), LENGTH_BYTES + RECORD_BYTES_MAX);
    }

    #[test]
    fn no_cut_or_flipped_record_panics() {
        let mut payload = Vec::new();
        Cancel { campaign: CampaignNo(1), entry: EntryNo(2) }.encode(&mut payload);
        for length in 0..payload.len() {
            for record in Records::new(&payload[..length]).flatten() {
                assert!(Command::decode(record.1).is_err());
            }
        }
        for bit in 0..payload.len() * 8 {
            let mut flipped = payload.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            for record in Records::new(&flipped).flatten() {
                let _ = Command::decode(record.1);
            }
        }
    }
}

//! Records as `docs/format.md` draws them, and campaigns to enter.

use audit::record::Records;
use audit::{Books, Claim, Command, Finding, Hash, Place};
use serde_json::{Value, json};
use types::ids::{FrameNo, Millis};

/// 2020-02-01T00:00:00Z, a Saturday.
pub(crate) const START: u64 = 1_580_515_200_000;
pub(crate) const DAY: u64 = 86_400_000;

fn record(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = body.len() as u32 + 1;
    [&length.to_le_bytes()[..], &[kind], body].concat()
}

pub(crate) struct Enter {
    pub(crate) campaign: u16,
    pub(crate) request: u8,
    pub(crate) digest: u8,
    pub(crate) units: u8,
    pub(crate) choices: Vec<u32>,
    pub(crate) keys: Vec<u8>,
}

impl Enter {
    pub(crate) fn record(&self) -> Vec<u8> {
        record(1, &self.body())
    }

    /// The record of an entry of so many people, who take any place or not.
    pub(crate) fn drawn(&self, any: bool, people: u8) -> Vec<u8> {
        if any || people != 1 {
            record(4, &[&[u8::from(any), people][..], &self.body()].concat())
        } else {
            self.record()
        }
    }

    fn body(&self) -> Vec<u8> {
        let mut body = vec![self.keys.len() as u8, self.choices.len() as u8, self.units];
        body.extend_from_slice(&self.campaign.to_le_bytes());
        body.extend_from_slice(&[self.request; 16]);
        body.extend_from_slice(&[self.digest; 8]);
        body.extend_from_slice(&[9; 8]);
        self.choices.iter().for_each(|pool| body.extend_from_slice(&pool.to_le_bytes()));
        self.keys.iter().for_each(|key| body.extend_from_slice(&[*key; 16]));
        body.extend_from_slice(b"sealed");
        body
    }
}

/// The person `person` asks for 2 units of pool 0, or else of pool 1.
pub(crate) fn enter(campaign: u16, request: u8, person: u8) -> Enter {
    let (choices, keys) = (vec![0, 1], vec![person, 100 + person]);
    Enter { campaign, request, digest: 1, units: 2, choices, keys }
}

pub(crate) fn cancel(campaign: u16, entry: u32) -> Vec<u8> {
    record(2, &[&campaign.to_le_bytes()[..], &entry.to_le_bytes()].concat())
}

pub(crate) fn redeem(campaign: u16, entry: u32, outlet: u16, request: u8) -> Vec<u8> {
    let numbers = [&campaign.to_le_bytes()[..], &entry.to_le_bytes(), &outlet.to_le_bytes()];
    record(3, &[&numbers.concat()[..], &[request; 16], b"counter"].concat())
}

/// Entry and pool of each winner.
pub(crate) fn award(campaign: u16, draw: u16, first: u32, winners: &[(u32, u32)]) -> Vec<u8> {
    let mut body = [campaign.to_le_bytes(), draw.to_le_bytes()].concat();
    body.extend_from_slice(&first.to_le_bytes());
    for (entry, pool) in winners {
        body.extend_from_slice(&entry.to_le_bytes());
        body.extend_from_slice(&pool.to_le_bytes());
    }
    record(5, &body)
}

pub(crate) fn operator(action: &Value) -> Vec<u8> {
    let command = json!({ "actor": "duty officer", "reason": "test", "action": action });
    record(16, command.to_string().as_bytes())
}

pub(crate) fn tick() -> Vec<u8> {
    record(17, &[])
}

pub(crate) fn load(code: &str, publish: Value, series: Value) -> Vec<u8> {
    operator(&json!({ "do": "load", "definition": definition(code, publish, series) }))
}

/// Two outlets with one pool each: 5 units, and 2. Two unique fields.
pub(crate) fn definition(code: &str, publish: Value, series: Value) -> Value {
    let text = json!({ "en": "text" });
    let outlet = |code: &str| {
        json!({ "code": code, "name": text, "district": text, "address": text,
            "position": null })
    };
    let kind = json!({ "type": "resident-id" });
    let field = |code: &str| json!({ "code": code, "kind": kind, "label": text, "unique": true });
    let stock =
        |outlet: u16, units: u32| json!({ "outlet": outlet, "item": 0, "slot": 0, "units": units });
    json!({
        "code": code,
        "series": series,
        "calendar": { "zone": "Asia/Shanghai", "offsets": [{ "from": 0, "seconds": 28_800 }] },
        "languages": ["en"],
        "texts": { "title": text, "summary": text, "pickup": text, "notice": text },
        "items": [{ "code": "mask", "name": text }],
        "outlets": [outlet("east"), outlet("west")],
        "slots": [{ "code": "day", "name": text, "from": START, "until": START + 100 * DAY }],
        "stock": [stock(0, 5), stock(1, 2)],
        "register": { "windows": [], "fields": [field("id_number"), field("passport")],
            "cap": null, "units_min": 1, "units_max": 5, "choices_max": 3,
            "reenter_after_cancel": true, "allow_list": false },
        "allocate": { "by": "first-come" },
        "publish": publish,
        "fulfil": { "by": "pickup", "whole_day": true },
        "pacing": { "release_percent": 100, "retry_seconds": 3, "poll_seconds": 5,
            "jitter_seconds": 0, "admit_per_second": null },
    })
}

/// A command, when it comes, in milliseconds after the start.
pub(crate) type Line = (u64, Vec<u8>);

/// The books after a history, and what each command came to; `claims` says what is claimed of it.
pub(crate) fn kept(
    lines: &[Line],
    mut claims: impl FnMut(usize) -> Option<Claim>,
) -> (Books, Vec<Claim>) {
    let mut books = Books::new();
    let mut own = Vec::new();
    for (no, (after, payload)) in lines.iter().enumerate() {
        let place = Place { frame: FrameNo(no as u64 + 1), at: Millis(START + after), offset: 0 };
        let (_, command) = Records::new(payload).next().unwrap();
        let command: Command<'_> = command.unwrap();
        own.push(books.take(place, &command, claims(no).as_ref()));
    }
    books.close();
    (books, own)
}

pub(crate) fn shown(finding: &Finding) -> String {
    format!("{} in frame {}: {}", finding.kind.word(), finding.place.frame, finding.text)
}

/// A journal's writer, from the drawing of its bytes alone.
pub(crate) struct Writer {
    pub(crate) id: [u8; 16],
    pub(crate) next: u64,
    pub(crate) previous: Hash,
}

/// Fields of a frame that a test may want wrong.
pub(crate) struct Told {
    pub(crate) at: u64,
    pub(crate) commands: u32,
    pub(crate) durable_through: u64,
}

impl Writer {
    pub(crate) fn new() -> Self {
        let id = [5; 16];
        Self { id, next: 1, previous: Hash::of(&[b"tidegate journal genesis", &id]) }
    }

    /// A segment that begins here, with room for so many bytes.
    pub(crate) fn segment(&self, bytes: usize) -> (String, Vec<u8>) {
        let mut segment = vec![0; bytes];
        segment[..8].copy_from_slice(b"TGsegmnt");
        segment[8..12].copy_from_slice(&1_u32.to_le_bytes());
        segment[12..16].copy_from_slice(&4_096_u32.to_le_bytes());
        segment[16..32].copy_from_slice(&self.id);
        segment[32..40].copy_from_slice(&self.next.to_le_bytes());
        segment[40..48].copy_from_slice(&(bytes as u64).to_le_bytes());
        segment[48..80].copy_from_slice(&self.previous.0);
        let check = Hash::of(&[&segment[..96]]);
        segment[96..128].copy_from_slice(&check.0);
        (format!("{:020}.seg", self.next), segment)
    }

    /// The next frame, at the offset at which it will lie.
    pub(crate) fn frame(&mut self, offset: usize, payload: &[u8]) -> Vec<u8> {
        let told = Told { at: START + self.next, commands: 1, durable_through: self.next - 1 };
        self.frame_told(offset, payload, &told)
    }

    pub(crate) fn frame_told(&mut self, offset: usize, payload: &[u8], told: &Told) -> Vec<u8> {
        let mut frame = Vec::new();
        frame.extend_from_slice(b"TGfr\x01\x00\x58\x00");
        frame.extend_from_slice(&(payload.len() as u32).to_le_bytes());
        frame.extend_from_slice(&told.commands.to_le_bytes());
        for word in [self.next, told.at, told.durable_through] {
            frame.extend_from_slice(&word.to_le_bytes());
        }
        frame.extend_from_slice(&self.previous.0);
        frame.resize(88, 0);
        frame.extend_from_slice(payload);
        frame.resize(frame.len().next_multiple_of(8), 0);
        let hash = Hash::of(&[&frame[..72], &frame[88..]]);
        frame.extend_from_slice(&hash.0);
        frame.extend_from_slice(b"TGfr.end");
        let first = offset.next_multiple_of(512) - offset;
        let sectors = frame.get(first..).unwrap_or_default().chunks_exact(512);
        let zeros = sectors.filter(|sector| sector.iter().all(|byte| *byte == 0)).count();
        frame[72..76].copy_from_slice(&(zeros as u32).to_le_bytes());
        let check = Hash::of(&[&frame[..80]]);
        frame[80..88].copy_from_slice(&check.0[..8]);
        (self.next, self.previous) = (self.next + 1, hash);
        frame
    }

    /// Puts the next frame into a segment at an offset, and tells where it ends.
    pub(crate) fn put(&mut self, segment: &mut [u8], offset: usize, payload: &[u8]) -> usize {
        let frame = self.frame(offset, payload);
        segment[offset..offset + frame.len()].copy_from_slice(&frame);
        offset + frame.len()
    }
}

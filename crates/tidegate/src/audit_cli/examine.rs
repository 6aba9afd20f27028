//! The audit itself: reader, ledger and books side by side over the same frames.
//!
//! Owns: three threads that hand frames on, each of which checks what the one before it did not
//! make; and the comparison of the ledger with the books at the end. Never: writes.
//! Invariants: the claims are the ledger's, the books never see it; whatever differs is found.
//! On failure: an unreadable file ends the audit; an unreadable command is found, and ends it
//! there, since nobody knows the state behind it.

use crate::exit::Coded;
use anyhow::Result;
use audit::journal::{Damage, EndMark, ReadError, Source};
use audit::snapshot::Header;
use audit::{Books, Claim, End, Ending, Hash, Reader};
use ledger::{Changes, Ledger};
use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use types::limits::AUDIT_FINDINGS_MAX;
use types::{EntryNo, FrameNo, Millis, Outcome};

/// Frames handed on together: about so many bytes of payload.
const BLOCK_BYTES: usize = 1 << 20;
const BLOCKS_AHEAD: usize = 4;
/// The kind of finding that the journal itself is damaged.
const DAMAGE: &str = "damage";
/// The kind of finding that a snapshot is.
pub(super) const SNAPSHOT: &str = "snapshot";
/// Pools and entries that differ between books and ledger: so many a campaign are listed.
const DIFFERENCES_LISTED_MAX: usize = 10;

/// A frame at which somebody else says what the state is, and the journal.
#[derive(Clone, Debug)]
pub(crate) struct Station {
    /// Who says it: `the snapshot of frame 7`.
    who: String,
    frame: FrameNo,
    ledger_hash: Option<u64>,
    /// The frame's hash, which covers everything that was recorded up to it.
    chain: Option<Hash>,
    /// Time of the frame, and the journal, when these are said, too.
    of_frame: Option<(Millis, [u8; 16])>,
    is_node: bool,
}

impl Station {
    pub(super) fn snapshot(header: &Header) -> Self {
        Self {
            who: format!("the snapshot of frame {}", header.frame),
            frame: header.frame,
            ledger_hash: Some(header.ledger_hash),
            chain: Some(header.frame_hash),
            of_frame: Some((header.at, header.journal)),
            is_node: false,
        }
    }

    /// An earlier audit, of which the line was kept.
    pub(super) fn kept(frame: FrameNo, chain: Hash) -> Self {
        let (who, of_frame) = (format!("the chain that was kept of frame {frame}"), None);
        Self { who, frame, ledger_hash: None, chain: Some(chain), of_frame, is_node: false }
    }

    /// A node that runs, or ran a moment ago.
    pub(crate) fn node(frame: FrameNo, ledger_hash: u64, chain: Option<Hash>) -> Self {
        let (who, ledger_hash) = ("the running node".to_owned(), Some(ledger_hash));
        Self { who, frame, ledger_hash, chain, of_frame: None, is_node: true }
    }
}

/// Somebody who says the same of a frame, or who could not be compared.
#[derive(Clone, Debug)]
pub(crate) struct Compared {
    pub(crate) who: String,
    pub(crate) frame: FrameNo,
    /// A node, not a file.
    pub(crate) is_node: bool,
}

impl From<&Station> for Compared {
    fn from(station: &Station) -> Self {
        let Station { who, frame, is_node, .. } = station;
        Self { who: who.clone(), frame: *frame, is_node: *is_node }
    }
}

/// Something that must never be.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// Of which kind, as a stable word.
    pub(crate) kind: &'static str,
    /// Where: a frame, and a record's offset in its payload where one is concerned.
    pub(crate) place: Option<(FrameNo, Option<u32>)>,
    /// What, as a sentence without its full stop.
    pub(crate) text: String,
}

impl Found {
    pub(super) const fn new(kind: &'static str, text: String) -> Self {
        Self { kind, place: None, text }
    }

    const fn at(kind: &'static str, frame: FrameNo, text: String) -> Self {
        Self { kind, place: Some((frame, None)), text }
    }

    /// Damage first, since all else may follow from it; then by place, since the past decides
    /// what comes after; then what is of no frame.
    fn order(&self) -> (u8, Option<(FrameNo, Option<u32>)>) {
        let rank = match (self.kind, self.place) {
            (DAMAGE, _) => 0,
            (_, Some(_)) => 1,
            (_, None) => 2,
        };
        (rank, self.place)
    }
}

/// What an audit came to.
pub(crate) struct Examined {
    pub(crate) books: Books,
    pub(crate) journal: [u8; 16],
    /// Where the journal ends, and how; none when the audit ended before.
    pub(crate) end: Option<End>,
    /// Times of the first and the last frame.
    pub(crate) span: Option<(Millis, Millis)>,
    /// Of the last frame.
    pub(crate) frame_hash: Option<Hash>,
    /// Of the state behind it.
    pub(crate) ledger_hash: u64,
    /// Who else says the same.
    pub(crate) agreed: Vec<Compared>,
    /// Who else says something of frames that the audit did not come to.
    pub(crate) not_compared: Vec<Compared>,
    /// The first frame that was not audited, though there may be more: the journal is damaged
    /// there, or the frame before it cannot be read.
    pub(crate) stopped: Option<FrameNo>,
    /// A running node was asked.
    pub(crate) has_asked_node: bool,
    /// Whatever was found beside the books' own findings.
    pub(crate) found: Vec<Found>,
}

impl Examined {
    /// Everything that was found, what matters most first.
    pub(crate) fn all_found(&self) -> Vec<Found> {
        let of_books = self.books.findings().iter().map(|finding| Found {
            kind: finding.kind.word(),
            place: Some((finding.place.frame, Some(finding.place.offset))),
            text: finding.text.clone(),
        });
        let mut all: Vec<_> = self.found.iter().cloned().chain(of_books).collect();
        all.sort_by_key(Found::order);
        all
    }

    /// The stable code of what is wrong with the journal's bytes.
    pub(crate) fn damage(&self) -> Option<&'static str> {
        match &self.end.as_ref()?.ending {
            Ending::Damaged(Damage::NoSegment(_)) => Some("journal-incomplete"),
            Ending::Damaged(Damage::Newer(_)) => Some("data-newer"),
            Ending::Damaged(_) => Some("journal-damaged"),
            Ending::Clean | Ending::Torn { .. } => None,
        }
    }

    /// Whether a node was asked, and could not be compared.
    pub(crate) fn lacks_node(&self) -> bool {
        self.has_asked_node && !self.agreed.iter().any(|agreed| agreed.is_node)
    }

    /// Whether nothing was found, and everything was compared that was asked for.
    pub(crate) fn is_clean(&self) -> bool {
        self.found_len() == 0 && !self.lacks_node()
    }

    /// How much was found, listed or not.
    pub(crate) fn found_len(&self) -> u64 {
        self.found.len() as u64 + self.books.findings_len()
    }
}

/// How far an audit is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Progress {
    pub(crate) segments: u64,
    pub(crate) segments_begun: u64,
    pub(crate) frames: u64,
    pub(crate) commands: u64,
}

/// A frame without its payload.
struct Meta {
    no: FrameNo,
    at: Millis,
    commands: u32,
    hash: Hash,
    bytes: usize,
}

/// Frames whose payloads lie one after another.
#[derive(Default)]
struct Block {
    frames: Vec<Meta>,
    payloads: Vec<u8>,
    segments_begun: u64,
    /// What the ledger said, one after another; the number of each frame's.
    claims: Vec<Claim>,
    claims_of: Vec<usize>,
}

/// What the reading thread came to.
struct Read {
    end: Option<End>,
    found: Vec<Found>,
}

/// What the applying thread came to.
struct Applied {
    ledger: Ledger,
    first: Option<Millis>,
    last: Option<(Millis, Hash)>,
    agreed: Vec<Compared>,
    found: Vec<Found>,
    /// Whom the journal did not come to.
    beyond: Vec<Compared>,
    /// A frame cannot be read: nobody knows the state behind it.
    is_stopped: bool,
}

/// Audits a journal.
///
/// # Errors
/// When it cannot be read, or the ledger fails an assert of its own.
pub(crate) fn examine(
    source: &(dyn Source + Sync),
    journal: [u8; 16],
    stations: &[Station],
    mut progress: impl FnMut(&Progress),
) -> Result<Examined> {
    // For the bar alone; the reader looks for itself.
    let names = source.names().unwrap_or_default();
    let segments = names.iter().filter(|name| name.ends_with(".seg")).count() as u64;
    let (to_ledger, read_blocks) = sync_channel(BLOCKS_AHEAD);
    let (to_books, blocks) = sync_channel(BLOCKS_AHEAD);
    let mut books = Books::new();
    let (read, applied) = std::thread::scope(|scope| {
        let reading = scope.spawn(move || read(source, journal, &to_ledger));
        let applying =
            scope.spawn(move || Applying::new(journal, stations).run(&read_blocks, &to_books));
        for block in blocks {
            take(&mut books, &block);
            let (frames, commands) = books.taken();
            let segments_begun = block.segments_begun;
            let segments = segments.max(segments_begun);
            progress(&Progress { segments, segments_begun, frames, commands });
        }
        (reading.join(), applying.join())
    });
    let Ok(applied) = applied else {
        let what = "the ledger stopped at an assert of its own while it applied the journal; the \
                    message above names it. Keep the folder as it is, and report it";
        return Err(Coded::error("engine-assert", &what));
    };
    let read = read.expect("the reader does not panic").map_err(|error| {
        let what = format!("{error}. Nothing was changed");
        let code = match error.error.kind() {
            io::ErrorKind::PermissionDenied => "access-denied",
            _ => "journal-io",
        };
        Coded::caused(code, what, error)
    })?;
    books.close();
    let Applied { ledger, first, last, agreed, found, beyond, is_stopped } = applied;
    let damage = read.end.as_ref().and_then(ending);
    let stopped = (is_stopped || damage.is_some()).then(|| books.last().0.next());
    let mut found = [read.found, found].concat();
    found.extend(damage);
    // Where the audit stopped, nothing is known of what is beyond.
    let (not_compared, lost) = if stopped.is_some() { (beyond, vec![]) } else { (vec![], beyond) };
    found.extend(lost.iter().map(|Compared { who, frame, .. }| {
        let text = format!("{who} is at frame {frame}, and the journal ends before that frame");
        Found::new("state", text)
    }));
    found.extend(differences(&books, &ledger));
    Ok(Examined {
        books,
        journal,
        end: read.end,
        span: first.zip(last.map(|(at, _)| at)),
        frame_hash: last.map(|(_, hash)| hash),
        ledger_hash: ledger.hash().0,
        agreed,
        not_compared,
        stopped,
        has_asked_node: false,
        found,
    })
}

/// Reads to the end, or until nobody takes the frames any more.
fn read(
    source: &(dyn Source + Sync),
    journal: [u8; 16],
    blocks: &SyncSender<Block>,
) -> Result<Read, ReadError> {
    let mut reader = Reader::new(source, Some(journal));
    let (mut found, mut segment, mut segments_begun) = (Vec::new(), String::new(), 0);
    loop {
        let mut block = Block::default();
        while block.payloads.len() < BLOCK_BYTES && block.frames.len() < BLOCK_BYTES / 64 {
            let Some(frame) = reader.next_frame()? else { break };
            if segment != frame.segment {
                frame.segment.clone_into(&mut segment);
                segments_begun += 1;
            }
            if frame.end_mark == EndMark::Changed && found.len() < AUDIT_FINDINGS_MAX {
                let text = format!(
                    "the end mark of the frame at byte {} of {segment} has changed; no content is \
                     concerned, but files do not change by themselves",
                    frame.offset
                );
                found.push(Found::at("end-mark", frame.no, text));
            }
            let bytes = frame.payload.len();
            let (no, at, commands, hash) = (frame.no, frame.at, frame.commands, frame.hash);
            block.frames.push(Meta { no, at, commands, hash, bytes });
            block.payloads.extend_from_slice(frame.payload);
        }
        block.segments_begun = segments_begun;
        if !block.frames.is_empty() {
            if blocks.send(block).is_ok() {
                continue;
            }
            // The ledger could not go on, and has said why.
            return Ok(Read { end: None, found });
        }
        return Ok(Read { end: reader.end().cloned(), found });
    }
}

/// Makes the claims: what the ledger says to the same commands.
struct Applying<'s> {
    journal: [u8; 16],
    stations: Vec<&'s Station>,
    applied: Applied,
    outcomes: Vec<Outcome>,
}

impl<'s> Applying<'s> {
    fn new(journal: [u8; 16], stations: &'s [Station]) -> Self {
        let (first, last) = (None, None);
        let (agreed, found, beyond) = (Vec::new(), Vec::new(), Vec::new());
        let ledger = Ledger::new();
        let applied = Applied { ledger, first, last, agreed, found, beyond, is_stopped: false };
        Self { journal, stations: stations.iter().collect(), applied, outcomes: Vec::new() }
    }

    fn run(mut self, blocks: &Receiver<Block>, to_books: &SyncSender<Block>) -> Applied {
        let mut changes = Changes::default();
        self.pass(FrameNo(0), None);
        for mut block in blocks {
            let is_whole = self.apply(&mut block);
            // Nobody publishes a view; the notes are dropped, so that they do not pile up.
            self.applied.ledger.take_changes(&mut changes);
            if to_books.send(block).is_err() || !is_whole {
                break;
            }
        }
        self.applied.beyond = self.stations.into_iter().map(Compared::from).collect();
        self.applied
    }

    /// Applies the frames of a block; false when one of them is unreadable.
    fn apply(&mut self, block: &mut Block) -> bool {
        let mut rest = block.payloads.as_slice();
        for (nth, meta) in block.frames.iter().enumerate() {
            let (payload, behind) = rest.split_at(meta.bytes);
            rest = behind;
            self.outcomes.clear();
            let ledger = &mut self.applied.ledger;
            let applied = ledger.apply_frame(meta.no, meta.at, payload, &mut self.outcomes);
            block.claims.extend(self.outcomes.iter().map(Claim::from));
            block.claims_of.push(self.outcomes.len());
            self.applied.first.get_or_insert(meta.at);
            self.applied.last = Some((meta.at, meta.hash));
            if let Err(error) = applied {
                let text = format!("the ledger cannot go on behind frame {}: {error}", meta.no);
                self.applied.found.push(Found::at("unreadable", meta.no, text));
                self.applied.is_stopped = true;
                block.frames.truncate(nth + 1);
                return false;
            }
            self.pass(meta.no, Some((meta.at, meta.hash)));
        }
        true
    }

    /// Compares with whoever says what the state is behind a frame; before the first there is no
    /// frame, only a state.
    fn pass(&mut self, no: FrameNo, frame: Option<(Millis, Hash)>) {
        if !self.stations.iter().any(|station| station.frame == no) {
            return;
        }
        let hash = self.applied.ledger.hash();
        let of = frame.map(|(at, _)| (at, self.journal));
        for station in self.stations.extract_if(.., |station| station.frame == no) {
            let Station { who, frame: no, ledger_hash, chain, of_frame, .. } = station;
            let mut texts = Vec::new();
            if let Some(theirs) = ledger_hash.filter(|theirs| *theirs != hash.0) {
                let text = format!(
                    "at frame {no} the state is {hash} by the journal, and {theirs:016x} by \
                     {who}: the past was changed, or decided otherwise"
                );
                texts.push(("state", text));
            }
            match (chain, frame) {
                (Some(theirs), Some((_, ours))) if *theirs != ours => {
                    let text = format!(
                        "frame {no} has the hash {ours} by the journal, and {theirs} by {who}: \
                         bytes of the past were changed, or this is another journal"
                    );
                    texts.push(("chain", text));
                }
                _ if of_frame.is_some() && *of_frame != of => {
                    texts.push((
                        "chain",
                        format!("{who} names another journal or time of frame {no}"),
                    ));
                }
                _ => {}
            }
            if texts.is_empty() {
                self.applied.agreed.push(Compared::from(station));
            }
            let found = texts.into_iter().map(|(kind, text)| Found::at(kind, *no, text));
            self.applied.found.extend(found);
        }
    }
}

/// Hands a block's frames to the books, with what the ledger said.
fn take(books: &mut Books, block: &Block) {
    let mut rest = block.payloads.as_slice();
    let mut claims = block.claims.iter().cloned();
    assert!(block.frames.len() == block.claims_of.len(), "the ledger had every frame");
    for (meta, count) in block.frames.iter().zip(&block.claims_of) {
        let (payload, behind) = rest.split_at(meta.bytes);
        rest = behind;
        let of_frame = claims.by_ref().take(*count);
        books.take_claimed_frame((meta.no, meta.at), meta.commands, payload, of_frame);
    }
    assert!(claims.next().is_none(), "every outcome is of a frame");
}

fn ending(end: &End) -> Option<Found> {
    let Ending::Damaged(damage) = &end.ending else { return None };
    let End { segment, offset, frame, .. } = end;
    let place = format!("{segment} is damaged at byte {offset}, frame {frame}: {damage}");
    let text = match damage {
        Damage::NoSegment(_) => format!(
            "{damage}, which is needed: put {segment} back, or name the folder to which segments \
             were archived (--archive)"
        ),
        Damage::Stray(_) => format!("{segment} does not belong here: {damage}. Move it away"),
        Damage::Newer(_) => format!("{place}. Use the release that wrote it"),
        _ => place,
    };
    let text = format!("{text}. What lies behind it was not audited");
    Some(Found::at(DAMAGE, *frame, text))
}

/// Where ledger and books disagree at the end.
fn differences(books: &Books, ledger: &Ledger) -> Vec<Found> {
    let (ours, theirs) = (books.campaigns(), ledger.campaigns());
    let mut told = Vec::new();
    if ours.len() != theirs.len() {
        told.push(format!("the books have {} campaigns, the ledger {}", ours.len(), theirs.len()));
    }
    for (own, campaign) in ours.iter().zip(theirs) {
        let code = &own.definition().code;
        if own.definition() != &**campaign.definition() {
            told.push(format!("{code}: the ledger has another definition"));
        }
        let counts = [
            ("pools", own.pools().len(), campaign.pools().len()),
            ("entries", own.entries_len() as usize, campaign.entries_len() as usize),
            ("draws", own.draws().len(), campaign.draws().len()),
        ];
        for (what, own, other) in counts.into_iter().filter(|(_, own, other)| own != other) {
            told.push(format!("{code}: {own} {what} by the books, {other} by the ledger"));
        }
        let pools = own.pools().iter().zip(campaign.pools()).enumerate();
        list(code, pools.filter_map(|(no, pools)| pool_differs(no, pools)), &mut told);
        let draws = own.draws().iter().zip(campaign.draws());
        list(code, draws.filter_map(draw_differs), &mut told);
        let entries = (0..own.entries_len()).map(EntryNo);
        list(code, entries.filter_map(|no| entry_differs(own, ledger, no)), &mut told);
    }
    told.into_iter().map(|text| Found::new("ledger", text)).collect()
}

/// The first of a campaign's differences, and how many more there are.
fn list(code: &str, mut differences: impl Iterator<Item = String>, told: &mut Vec<String>) {
    let first = differences.by_ref().take(DIFFERENCES_LISTED_MAX);
    told.extend(first.map(|difference| format!("{code}: {difference}")));
    let more = differences.count();
    if 0 < more {
        told.push(format!("{code}: and {more} more of this kind"));
    }
}

fn pool_differs(no: usize, (own, other): (&audit::books::Pool, &ledger::Pool)) -> Option<String> {
    let ledger::Pool { place, issued, withdrawn, withdrawn_early, booked, redeemed } = *other;
    let units = audit::books::Units { issued, withdrawn, withdrawn_early, booked, redeemed };
    let is_same = own.units == units
        && (own.outlet, own.item, own.slot) == (place.outlet, place.item, place.slot);
    (!is_same).then(|| format!("pool {no} is {own:?} by the books, {other:?} by the ledger"))
}

fn draw_differs((own, other): (&audit::books::Draw, &ledger::Draw)) -> Option<String> {
    let ledger::Draw { frame, at, slot, unserved, entries, winners, awarded, .. } = *other;
    let is_same = (own.frame, own.at, own.slot, own.unserved) == (frame, at, slot, unserved)
        && (own.entries, own.winners, own.awarded) == (entries, winners, awarded)
        && (own.stage.word(), own.was_published) == (other.stage.word(), other.was_published)
        && own.events == other.events;
    (!is_same).then(|| format!("draw {} is {own:?} by the books, {other:?} by the ledger", own.no))
}

fn entry_differs(own: &audit::books::Campaign, ledger: &Ledger, no: EntryNo) -> Option<String> {
    let (ours, theirs) = (own.entry(no)?, ledger.entry(own.no(), no)?);
    let decision = match theirs.decision {
        ledger::Decision::Booked => audit::books::Decision::Booked,
        ledger::Decision::SoldOut => audit::books::Decision::SoldOut,
        ledger::Decision::CoolingDown => audit::books::Decision::CoolingDown,
        ledger::Decision::Waiting => audit::books::Decision::Waiting,
    };
    let fate = match theirs.fate {
        ledger::Fate::Live => audit::books::Fate::Live,
        ledger::Fate::Cancelled { at } => audit::books::Fate::Cancelled { at },
        ledger::Fate::Redeemed { at } => audit::books::Fate::Redeemed { at },
    };
    let same = (ours.at, ours.decision, ours.fate, ours.pool, ours.units)
        == (theirs.at, decision, fate, theirs.pool, theirs.units);
    if !same {
        return Some(format!("entry {no} is {ours:?} by the books, {theirs:?} by the ledger"));
    }
    let campaign = ledger.campaign(own.no())?;
    let of_draws = [
        ("draws lost", ours.losses, campaign.losses_of(no)),
        ("on the list", u8::from(ours.listed), u8::from(campaign.is_listed(no))),
        ("won and not published", u8::from(ours.hidden), u8::from(campaign.is_hidden(no))),
    ];
    let (what, ours, theirs) = of_draws.into_iter().find(|(_, ours, theirs)| ours != theirs)?;
    Some(format!("entry {no}, {what}: {ours} by the books, {theirs} by the ledger"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::command::EnterParts;
    use types::{
        Action, CampaignNo, Definition, EnterDigests, OperatorCommand, PersonKey, PoolNo, RequestId,
    };

    fn definition(title: &str) -> Box<Definition> {
        let text = include_str!("../../../../examples/api/campaign.toml");
        let files = [("c.toml".to_owned(), text.as_bytes().into())];
        let files = campaign::Uploaded(files.into_iter().collect());
        let mut definition = campaign::read_from(&files, "c.toml", Millis(0)).unwrap().definition;
        definition.texts.title.values_mut().for_each(|text| title.clone_into(text));
        Box::new(definition)
    }

    fn operator(action: Action) -> Vec<u8> {
        let (actor, reason) = ("duty officer".to_owned(), "test".to_owned());
        let mut record = Vec::new();
        OperatorCommand { actor, from: None, reason, action }.encode(&mut record).unwrap();
        record
    }

    fn enter(pool: u32) -> Vec<u8> {
        let mut record = Vec::new();
        let digests = EnterDigests { request: [1; 8], identity: [1; 8] };
        let keys = &[PersonKey([1; 16]), PersonKey([2; 16])];
        let (campaign, request, units) = (CampaignNo(0), RequestId([1; 16]), 1);
        let (choices, sealed) = (&[PoolNo(pool)], &b"sealed"[..]);
        EnterParts { campaign, request, digests, units, choices, keys, sealed }.encode(&mut record);
        record
    }

    fn load(title: &str) -> Vec<u8> {
        operator(Action::Load { definition: definition(title) })
    }

    /// Where a ledger of one history differs from the books of another.
    fn differ(ledgers: &[Vec<u8>], own: &[Vec<u8>]) -> String {
        let (mut ledger, mut books) = (Ledger::new(), Books::new());
        for (frames, of_ledger) in [(ledgers, true), (own, false)] {
            for (no, payload) in frames.iter().enumerate() {
                let (no, at) = (FrameNo(no as u64 + 1), Millis(1_900_000_000_000));
                if of_ledger {
                    ledger.apply_frame(no, at, payload, &mut Vec::new()).unwrap();
                } else {
                    books.take_frame((no, at), 1, payload, |_, _| None);
                }
            }
        }
        let found = differences(&books, &ledger);
        assert!(found.iter().all(|found| found.kind == "ledger"));
        found.into_iter().map(|found| found.text).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_ledger_that_came_to_something_else_differs() {
        let open = || operator(Action::Open { campaign: CampaignNo(0) });
        let one = vec![load("a"), open(), enter(0)];
        assert_eq!(differ(&one, &one), "");
        assert!(differ(&one, &[]).contains("the books have 0 campaigns, the ledger 1"));
        let told = differ(&one, &one[..2]);
        assert!(told.contains("0 entries by the books, 1 by the ledger"), "{told}");
        assert!(told.contains("pool 0 is Pool {"), "{told}");
        let told = differ(&one, &[load("a"), open(), enter(1)]);
        assert!(told.contains("pool 1 is ") && told.contains("entry 0 is "), "{told}");
        let told = differ(&one, &[load("b"), open(), enter(0)]);
        assert!(told.contains("the ledger has another definition"), "{told}");
    }
}

//! The rules alone: frames applied in one thread, without a journal or a network.

use crate::session::Session;
use crate::table::count;
use anyhow::{Context, Result, bail};
use ledger::Ledger;
use std::path::Path;
use std::time::{Duration, Instant};
use types::command::{EnterDigests, EnterParts};
use types::definition::{Allocate, DrawTerms, Publish};
use types::ids::{CampaignNo, FrameNo, Millis, PersonKey, PoolNo, RequestId};
use types::{Action, Definition, OperatorCommand, Outcome};

/// Commands in one frame: what gathers while a sync takes a few milliseconds.
const FRAME_COMMANDS: u64 = 1_024;
/// Frames that are encoded before they are applied, so that only applying is timed.
const FRAMES_AHEAD: u64 = 64;
/// Bytes of an entry's sealed fields: a name, an identity number, a phone, and the seal.
const SEALED_BYTES: usize = 120;
/// A moment in a window that is always open.
const AT: Millis = Millis(1_900_000_000_000);

/// Measures the rate at several sizes, and the memory of an entry.
///
/// # Errors
/// When the campaign file cannot be read or a command is refused.
pub fn run(session: &mut Session) -> Result<()> {
    let definition = definition()?;
    let sizes: &[u64] =
        if session.quick { &[20_000, 100_000] } else { &[100_000, 10_000_000, 50_000_000] };
    let mut bench = LedgerBench::new(definition)?;
    let mut rates = Vec::new();
    for size in sizes {
        let measured = (size / 10).clamp(10_000, 1_000_000);
        bench.grow_to(size - measured)?;
        let time = bench.grow_to(*size)?;
        let rate = bench.last_applied as f64 / time.as_secs_f64();
        let what = format!("commands a second with {size} people in it:");
        session.figure("ledger", what, rate, "commands/s");
        let bytes = bench.bytes_per_entry()?;
        session.figure("ledger", format!("with {size} people:"), bytes, "bytes an entry");
        rates.push((*size, rate, bytes));
    }
    close_list(session)?;
    if session.quick {
        return Ok(());
    }
    for (size, rate, bytes) in &rates {
        if *size == 10_000_000 {
            let wanted = "ledger ≥ 3,000,000 commands/s with 10 million people";
            session.target(wanted, format!("{} a second", count(*rate)), 3e6 <= *rate);
            let found = format!("{bytes:.0} bytes");
            session.target("ledger ≤ 120 bytes an entry", found, *bytes <= 120.0);
        }
    }
    let [(_, small, _), .., (_, large, _)] = rates.as_slice() else {
        bail!("two sizes are measured, at least");
    };
    let ratio = large / small;
    let wanted = "ledger at 50 million entries ≥ 0.8 × the rate at 100,000";
    session.target(wanted, format!("{ratio:.2} ×"), 0.8 <= ratio);
    Ok(())
}

/// Measures how long the ledger's thread is taken up by the list of a draw: nobody else is answered
/// meanwhile.
fn close_list(session: &mut Session) -> Result<()> {
    let mut definition = definition()?;
    let (stand_days, accept_any) = (None, false);
    let terms = DrawTerms { stand_days, tickets_max: 1, accept_any, group_max: 1 };
    definition.allocate = Allocate::Draw(terms);
    definition.publish = Publish::ByHand { expected: None };
    let entries = if session.quick { 20_000 } else { 14_000_000 };
    let campaign = CampaignNo(0);
    let mut bench = LedgerBench::new(definition)?;
    bench.grow_to(entries)?;
    bench.operate(Action::Close { campaign })?;
    let from = Instant::now();
    bench.operate(Action::CloseDraw { campaign, slot: None, unserved: false })?;
    let took = from.elapsed().as_secs_f64();
    let what = format!("closing the list of a draw with {} entries:", count(entries as f64));
    session.figure("ledger", what, took, "s");
    Ok(())
}

fn definition() -> Result<Definition> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("campaigns/measured.toml");
    match campaign::read(&file, AT) {
        Ok(loaded) => Ok(loaded.definition),
        Err(problems) => bail!("the campaign is not valid: {}", campaign::render(&problems)),
    }
}

/// A ledger that grows by entries of ever new people.
struct LedgerBench {
    ledger: Ledger,
    frame: u64,
    people: u64,
    payloads: Vec<Vec<u8>>,
    outcomes: Vec<Outcome>,
    /// Commands applied by the last growth.
    last_applied: u64,
}

impl LedgerBench {
    fn new(definition: Definition) -> Result<Self> {
        let mut bench = Self {
            ledger: Ledger::new(),
            frame: 0,
            people: 0,
            payloads: (0..FRAMES_AHEAD).map(|_| Vec::new()).collect(),
            outcomes: Vec::new(),
            last_applied: 0,
        };
        bench.operate(Action::Load { definition: Box::new(definition) })?;
        bench.operate(Action::Open { campaign: CampaignNo(0) })?;
        Ok(bench)
    }

    fn operate(&mut self, action: Action) -> Result<()> {
        let (actor, reason) = ("bench".to_owned(), "measuring".to_owned());
        let mut payload = Vec::new();
        OperatorCommand { actor, from: None, reason, action }.encode(&mut payload)?;
        self.frame += 1;
        self.outcomes.clear();
        self.ledger.apply_frame(FrameNo(self.frame), AT, &payload, &mut self.outcomes)?;
        match self.outcomes.first() {
            Some(Outcome::Loaded { .. } | Outcome::Done { .. } | Outcome::Listed { .. }) => Ok(()),
            other => bail!("an operator's command had the outcome {other:?}"),
        }
    }

    /// Applies entries until there are at least `people`; the time that applying took.
    fn grow_to(&mut self, people: u64) -> Result<Duration> {
        let mut time = Duration::ZERO;
        self.last_applied = 0;
        while self.people < people {
            let frames = (people - self.people).div_ceil(FRAME_COMMANDS).min(FRAMES_AHEAD);
            for payload in &mut self.payloads[..frames as usize] {
                payload.clear();
                for number in self.people..self.people + FRAME_COMMANDS {
                    encode(number, payload);
                }
                self.people += FRAME_COMMANDS;
            }
            let from = Instant::now();
            for payload in &self.payloads[..frames as usize] {
                self.frame += 1;
                self.outcomes.clear();
                self.ledger.apply_frame(FrameNo(self.frame), AT, payload, &mut self.outcomes)?;
            }
            time += from.elapsed();
            self.last_applied += frames * FRAME_COMMANDS;
            let is_taken = |outcome: &Outcome| {
                matches!(outcome, Outcome::Booked { .. } | Outcome::Registered { .. })
            };
            if !self.outcomes.iter().all(is_taken) {
                bail!("not every entry was taken");
            }
        }
        Ok(time)
    }

    fn bytes_per_entry(&self) -> Result<f64> {
        let campaign = self.ledger.campaign(CampaignNo(0)).context("the campaign is loaded")?;
        Ok(campaign.entries_heap_bytes() as f64 / self.people as f64)
    }
}

/// A new person's entry: keys as scattered as a keyed hash makes them.
fn encode(number: u64, payload: &mut Vec<u8>) {
    let scattered = |salt: u64| {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&crowd::mix(salt, number).to_le_bytes());
        bytes[8..].copy_from_slice(&crowd::mix(salt + 1, number).to_le_bytes());
        bytes
    };
    let digest = crowd::mix(7, number).to_le_bytes();
    EnterParts {
        campaign: CampaignNo(0),
        request: RequestId(scattered(1)),
        digests: EnterDigests { request: digest, identity: digest },
        units: 1,
        choices: &[PoolNo(0)],
        keys: &[PersonKey(scattered(3)), PersonKey(scattered(5))],
        sealed: &[0x5A; SEALED_BYTES],
    }
    .encode(payload);
}

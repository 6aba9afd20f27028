//! The audit at the end of a demo: what people were told, against what the journal says.
//!
//! Owns: a replay of the whole journal into a fresh ledger, sums of its own over the entries, and
//! the comparison with the crowd's record of every acknowledgement. Never: asks the live ledger
//! anything but its hash.

use anyhow::{Context as _, Result};
use crowd::{Acknowledgements, Act, CrowdReport};
use ledger::{Campaign, Decision, EntryView, Fate, Ledger, LedgerHash};
use node::Node;
use std::collections::HashMap;
use types::command::{Command, Records};
use types::{CampaignNo, EntryNo, FrameNo, Outcome, RequestId};

/// At most so many of one kind of problem are listed.
const SHOWN_MAX: usize = 10;

/// What the audit found.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// What was counted.
    pub(crate) lines: Vec<String>,
    /// What must never be.
    pub(crate) problems: Vec<String>,
}

/// The journal, replayed.
struct Replayed {
    ledger: Ledger,
    /// Which entry each accepted request made.
    entries: HashMap<(CampaignNo, RequestId), EntryNo>,
}

/// Audits a node that has nothing left to do.
pub(crate) fn run(node: &Node, told: &[(String, CrowdReport)]) -> Result<Findings> {
    let live = node.read(|ledger| (ledger.frame(), ledger.hash()))?.wait()?;
    let replayed = replay(node, live.0)?;
    let mut findings = Findings::default();
    check_hash(&replayed.ledger, live, &mut findings);
    for campaign in replayed.ledger.campaigns() {
        check_campaign(&replayed.ledger, campaign, &mut findings);
    }
    for (code, report) in told {
        check_told(&replayed, code, &report.acknowledgements, &mut findings);
    }
    Ok(findings)
}

fn replay(node: &Node, through: FrameNo) -> Result<Replayed> {
    let reader = node.journal_reader();
    let mut frames = reader.read_from(FrameNo(1))?;
    let mut replayed = Replayed { ledger: Ledger::new(), entries: HashMap::new() };
    let (mut outcomes, mut changes) = (Vec::new(), ledger::Changes::default());
    while let Some(frame) = frames.next_frame()? {
        if through < frame.no {
            break;
        }
        outcomes.clear();
        replayed
            .ledger
            .apply_frame(frame.no, frame.at, frame.payload, &mut outcomes)
            .with_context(|| format!("frame {} cannot be read", frame.no))?;
        replayed.ledger.take_changes(&mut changes);
        for (record, outcome) in Records::new(frame.payload).zip(&outcomes) {
            let Command::Enter(enter) = Command::decode(record?.1)? else { continue };
            if let Outcome::Booked { entry, .. } | Outcome::Registered { entry } = outcome {
                replayed.entries.entry((enter.campaign, enter.request)).or_insert(*entry);
            }
        }
    }
    Ok(replayed)
}

fn check_hash(ledger: &Ledger, live: (FrameNo, LedgerHash), findings: &mut Findings) {
    let (frame, hash) = live;
    if ledger.hash() == hash {
        findings.lines.push(format!("state {hash} at frame {frame}: replayed = live"));
    } else {
        let replayed = ledger.hash();
        findings.problems.push(format!("the state is {hash} live and {replayed} replayed"));
    }
}

/// Adds up entries one by one and compares with the pools' counters.
fn check_campaign(ledger: &Ledger, campaign: &Campaign, findings: &mut Findings) {
    let code = &campaign.definition().code;
    let mut booked = vec![0; campaign.pools().len()];
    let mut cancelled = 0;
    for no in 0..campaign.entries_len() {
        let entry = ledger.entry(campaign.no(), EntryNo(no)).expect("entries have no gaps");
        let EntryView { decision, fate, pool, units, .. } = entry;
        if let Fate::Cancelled { .. } = fate {
            cancelled += 1;
        } else if let (Decision::Booked, Some(pool)) = (decision, pool) {
            booked[pool.index()] += u64::from(units);
        }
    }
    let mut sums = (0, 0, 0, 0);
    for (pool, booked) in campaign.pools().iter().zip(booked) {
        let place = pool.place;
        if pool.booked != booked || pool.issued < booked + pool.withdrawn {
            findings.problems.push(format!(
                "{code}: the pool at outlet {} of item {} in slot {} issued {}, and its entries \
                 hold {booked}",
                place.outlet, place.item, place.slot, pool.issued
            ));
        }
        let free = pool.issued - pool.withdrawn - booked;
        sums = (sums.0 + pool.issued, sums.1 + free, sums.2 + booked, sums.3 + pool.withdrawn);
    }
    findings.lines.push(format!(
        "{code}: {} entries, {cancelled} cancelled; units issued {} = free {} + booked {} + \
         withdrawn {}",
        campaign.entries_len(),
        sums.0,
        sums.1,
        sums.2,
        sums.3
    ));
}

/// Every acknowledgement must be in the journal as it was given.
fn check_told(replayed: &Replayed, code: &str, told: &Acknowledgements, findings: &mut Findings) {
    let Some(campaign) = replayed.ledger.campaign_by_code(code) else {
        findings.problems.push(format!("the journal knows no campaign {code}"));
        return;
    };
    let mut problems: Vec<String> = told.contradictions().iter().map(ToString::to_string).collect();
    let mut accepted = 0;
    let mut cancelled = 0;
    for answer in told.iter() {
        let text = answer.key.to_string();
        let request = identity::request_id(&text).expect("hexadecimal digits are a request id");
        let entry = replayed.entries.get(&(campaign.no(), request));
        let number = entry.map(|entry| u64::from(entry.0) + 1);
        match answer.act {
            Act::Enter if answer.is_accepted() => {
                accepted += 1;
                if answer.number != number || number.is_none() {
                    problems.push(format!(
                        "{code}: request {text} was told number {:?}, the journal says {number:?}",
                        answer.number
                    ));
                }
            }
            Act::Cancel if answer.code == "cancelled" => {
                cancelled += 1;
                let fate = entry
                    .and_then(|entry| replayed.ledger.entry(campaign.no(), *entry))
                    .map(|entry| entry.fate);
                if !matches!(fate, Some(Fate::Cancelled { .. })) {
                    problems.push(format!("{code}: request {text} was told cancelled, and is not"));
                }
            }
            Act::Enter | Act::Cancel => {}
        }
    }
    findings.lines.push(format!(
        "{code}: {} answers, {accepted} of them acknowledged entries and {cancelled} \
         cancellations: all in the journal as told",
        told.len()
    ));
    if !problems.is_empty() {
        findings.lines.pop();
        let more = problems.len().saturating_sub(SHOWN_MAX);
        findings.problems.extend(problems.into_iter().take(SHOWN_MAX));
        if 0 < more {
            findings.problems.push(format!("{code}: and {more} more of this kind"));
        }
    }
}

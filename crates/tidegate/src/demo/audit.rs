//! The audit at the end of a demo: what people were told, against what the journal says.
//!
//! Owns: a replay of the whole journal into a fresh ledger, sums of its own over the entries, and
//! the comparison with the crowd's record of every acknowledgement. Never: asks the live ledger
//! anything but its hash.

use super::picture::thousands;
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

/// The state of a node that serves: what a replay must come to, at the same frame.
pub(crate) fn live(node: &Node) -> Result<(FrameNo, LedgerHash)> {
    Ok(node.read(|ledger| (ledger.frame(), ledger.hash()))?.wait()?)
}

/// Audits the whole journal of a node that has ended, which was in the state `live` before.
pub(crate) fn run(
    node: &Node,
    live: (FrameNo, LedgerHash),
    told: &[(String, CrowdReport)],
) -> Result<Findings> {
    let mut findings = Findings::default();
    let replayed = replay(node, live, &mut findings)?;
    for campaign in replayed.ledger.campaigns() {
        check_campaign(&replayed.ledger, campaign, &mut findings);
        let code = &campaign.definition().code;
        for (_, report) in told.iter().filter(|(told, _)| told == code) {
            check_told(&replayed, campaign, &report.acknowledgements, &mut findings);
        }
    }
    for (code, _) in told {
        if replayed.ledger.campaign_by_code(code).is_none() {
            findings.problems.push(format!("the journal knows no campaign {code}"));
        }
    }
    Ok(findings)
}

fn replay(node: &Node, live: (FrameNo, LedgerHash), findings: &mut Findings) -> Result<Replayed> {
    let reader = node.journal_reader();
    let mut frames = reader.read_from(FrameNo(1))?;
    let mut replayed = Replayed { ledger: Ledger::new(), entries: HashMap::new() };
    let (mut outcomes, mut changes) = (Vec::new(), ledger::Changes::default());
    check_hash(&replayed.ledger, live, findings);
    while let Some(frame) = frames.next_frame()? {
        outcomes.clear();
        replayed
            .ledger
            .apply_frame(frame.no, frame.at, frame.payload, &mut outcomes)
            .with_context(|| format!("frame {} cannot be read", frame.no))?;
        replayed.ledger.take_changes(&mut changes);
        check_hash(&replayed.ledger, live, findings);
        for (record, outcome) in Records::new(frame.payload).zip(&outcomes) {
            let Command::Enter(enter) = Command::decode(record?.1)? else { continue };
            if let Outcome::Booked { entry, .. } | Outcome::Registered { entry } = outcome {
                replayed.entries.entry((enter.campaign, enter.request)).or_insert(*entry);
            }
        }
    }
    let (through, last) = (live.0, replayed.ledger.frame());
    if last < through {
        findings.problems.push(format!("the journal ends at frame {last}, the node at {through}"));
    }
    Ok(replayed)
}

/// Compares the states when the replay is where the node was; no other frame says anything.
fn check_hash(ledger: &Ledger, live: (FrameNo, LedgerHash), findings: &mut Findings) {
    let ((frame, live), replayed) = (live, ledger.hash());
    if ledger.frame() != frame {
        return;
    }
    if replayed == live {
        let frame = thousands(frame.0);
        findings.lines.push(format!("state    {live} at frame {frame}, live and replayed"));
    } else {
        let what = format!("at frame {frame} the state is {live} live and {replayed} replayed");
        findings.problems.push(what);
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
    let mut sums = [0; 4];
    for (pool, booked) in campaign.pools().iter().zip(booked) {
        let place = pool.place;
        if pool.booked != booked || pool.issued < booked + pool.withdrawn {
            findings.problems.push(format!(
                "{code}: the pool at outlet {} of item {} in slot {} issued {}, and its entries \
                 hold {booked}",
                place.outlet, place.item, place.slot, pool.issued
            ));
        }
        // What is oversold is told above; here it only must not stop the telling.
        let free = pool.issued.saturating_sub(pool.withdrawn).saturating_sub(booked);
        let parts = [pool.issued, free, booked, pool.withdrawn];
        sums.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part);
    }
    let [issued, free, booked, withdrawn] = sums.map(thousands);
    findings.lines.push(code.clone());
    findings.lines.push(format!(
        "  entries  {}, {} of them cancelled",
        thousands(u64::from(campaign.entries_len())),
        thousands(cancelled)
    ));
    findings.lines.push(format!(
        "  units    {issued} issued = {free} free + {booked} booked + {withdrawn} withdrawn"
    ));
}

/// Every acknowledgement must be in the journal as it was given.
fn check_told(
    replayed: &Replayed,
    campaign: &Campaign,
    told: &Acknowledgements,
    findings: &mut Findings,
) {
    let code = &campaign.definition().code;
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
    if problems.is_empty() {
        let [answers, accepted, cancelled] =
            [told.len() as u64, accepted, cancelled].map(thousands);
        findings.lines.push(format!(
            "  answers  {answers}: {accepted} accepted, {cancelled} cancelled; all in the journal"
        ));
    } else {
        let more = problems.len().saturating_sub(SHOWN_MAX);
        findings.problems.extend(problems.into_iter().take(SHOWN_MAX));
        if 0 < more {
            findings.problems.push(format!("{code}: and {more} more of this kind"));
        }
    }
}

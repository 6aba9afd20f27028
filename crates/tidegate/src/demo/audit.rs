//! The audit at the end of a demo: what people were told, against what the journal says.
//!
//! Owns: the comparison of the books with the crowd's record of every acknowledgement. Never: asks
//! the live ledger anything but its hash; keeps books of its own, since `tidegate audit` has some.

use super::picture::thousands;
use crate::audit_cli::{self, Examined, Station};
use ::audit::books::{Campaign, Fate};
use anyhow::Result;
use crowd::{Acknowledgements, Act, CrowdReport};
use ledger::LedgerHash;
use node::Node;
use std::collections::HashSet;
use std::path::Path;
use types::FrameNo;

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

/// The state of a node that serves: what a replay must come to, at the same frame.
pub(crate) fn live(node: &Node) -> Result<(FrameNo, LedgerHash)> {
    Ok(node.read(|ledger| (ledger.frame(), ledger.hash()))?.wait()?)
}

/// Audits the data folder of a node that has ended, which was in the state `live` before.
pub(crate) fn run(
    data: &Path,
    live: (FrameNo, LedgerHash),
    told: &[(String, CrowdReport)],
) -> Result<Findings> {
    let (frame, state) = live;
    let node = vec![Station::node(frame, state.0, None)];
    let examined = audit_cli::reconcile(data, None, node, |_| ())?;
    let mut findings = found(&examined);
    if examined.agreed.iter().any(|agreed| agreed.frame == frame) {
        let frame = thousands(frame.0);
        findings.lines.push(format!("state    {state} at frame {frame}, live and replayed"));
    }
    for campaign in examined.books.campaigns() {
        let code = &campaign.definition().code;
        let counts = campaign.counts();
        let [entries, cancelled] = [counts.entries, counts.cancelled].map(thousands);
        findings.lines.push(code.clone());
        findings.lines.push(format!("  entries  {entries}, {cancelled} of them cancelled"));
        findings.lines.push(format!("  units    {}", audit_cli::balance(campaign.units())));
        for (_, report) in told.iter().filter(|(told, _)| told == code) {
            check_told(campaign, &report.acknowledgements, &mut findings);
        }
    }
    for (code, _) in told {
        if examined.books.campaign_by_code(code).is_none() {
            findings.problems.push(format!("the journal knows no campaign {code}"));
        }
    }
    Ok(findings)
}

/// What is wrong with the journal by itself.
fn found(examined: &Examined) -> Findings {
    let all = examined.found_len();
    let mut problems: Vec<_> =
        examined.all_found().into_iter().take(SHOWN_MAX).map(|found| found.text).collect();
    let more = all - problems.len() as u64;
    if 0 < more {
        problems.push(format!("and {} more that `tidegate audit` lists", thousands(more)));
    }
    Findings { lines: Vec::new(), problems }
}

/// Every acknowledgement must be in the journal as it was given.
fn check_told(campaign: &Campaign, told: &Acknowledgements, findings: &mut Findings) {
    let code = &campaign.definition().code;
    let mut problems: Vec<String> = told.contradictions().iter().map(ToString::to_string).collect();
    let mut accepted = 0_u64;
    let mut cancelled = 0;
    // Without those that say once more what a request was told before.
    let mut entries = HashSet::new();
    for answer in told.iter() {
        let text = answer.key.to_string();
        let request = identity::request_id(&text).expect("hexadecimal digits are a request id");
        let entry = campaign.entry_of_request(request);
        let number = entry.map(|entry| u64::from(entry.0) + 1);
        match answer.act {
            Act::Enter if answer.is_accepted() => {
                accepted += 1;
                entries.insert(answer.key);
                if answer.number != number || number.is_none() {
                    problems.push(format!(
                        "{code}: request {text} was told number {:?}, the journal says {number:?}",
                        answer.number
                    ));
                }
            }
            Act::Cancel if answer.code == "cancelled" => {
                cancelled += 1;
                let fate = entry.and_then(|entry| campaign.entry(entry)).map(|entry| entry.fate);
                if !matches!(fate, Some(Fate::Cancelled { .. })) {
                    problems.push(format!("{code}: request {text} was told cancelled, and is not"));
                }
            }
            Act::Enter | Act::Cancel => {}
        }
    }
    if problems.is_empty() {
        findings.lines.extend(answers(told.len() as u64, accepted, entries.len(), cancelled));
    } else {
        let more = problems.len().saturating_sub(SHOWN_MAX);
        findings.problems.extend(problems.into_iter().take(SHOWN_MAX));
        if 0 < more {
            findings.problems.push(format!("{code}: and {more} more of this kind"));
        }
    }
}

/// What people were told, so that it adds up to the entries of the journal.
fn answers(all: u64, accepted: u64, requests: usize, cancelled: u64) -> Vec<String> {
    let repeated = accepted - requests as u64;
    let [all, accepted, cancelled] = [all, accepted, cancelled].map(thousands);
    let mut lines = vec![format!(
        "  answers  {all}: {accepted} accepted, {cancelled} cancelled; all in the journal"
    )];
    if 0 < repeated {
        let [requests, repeated] = [requests as u64, repeated].map(thousands);
        lines.push(format!(
            "           {requests} different requests; {repeated} answers repeat an earlier one"
        ));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeats_are_told_apart_from_entries() {
        let lines = answers(414_501, 363_193, 311_885, 7);
        let expected = [
            "  answers  414,501: 363,193 accepted, 7 cancelled; all in the journal",
            "           311,885 different requests; 51,308 answers repeat an earlier one",
        ];
        assert_eq!(lines, expected);
        assert_eq!(answers(9, 3, 3, 0).len(), 1, "nobody asked twice");
    }
}

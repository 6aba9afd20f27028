//! Histories of the generator that the ledger and the model are held against each other with: the
//! books come to the same.

use crate::equivalence::are_alike;
use crate::support::shown;
use audit::{Books, Claim, Finding, Kind};
use ledger::Ledger;
use model::generate::{Generator, Step};

const SEEDS: u64 = 40;
const STEPS: usize = 500;

fn check(seed: u64) -> (usize, usize) {
    let (mut ledger, mut books) = (Ledger::new(), Books::new());
    let steps: Vec<Step> = Generator::new(seed).take(STEPS).collect();
    for frame in steps.chunk_by(|one, next| one.frame == next.frame) {
        let payload: Vec<u8> = frame.iter().flat_map(|step| step.record.clone()).collect();
        let (no, at, mut outcomes) = (frame[0].frame, frame[0].at, Vec::new());
        ledger.apply_frame(no, at, &payload, &mut outcomes).unwrap();
        let count = u32::try_from(frame.len()).unwrap();
        books.take_claimed_frame((no, at), count, &payload, outcomes.iter().map(Claim::from));
    }
    books.close();
    // Exports that nobody made: the ledger does not look at them.
    let is_wrong = |finding: &&Finding| finding.kind != Kind::Export;
    let found: Vec<_> = books.findings().iter().filter(is_wrong).map(shown).collect();
    assert!(found.is_empty(), "seed {seed}: {}", found.join("\n"));
    are_alike(&books, &ledger, seed);
    let draws = books.campaigns().iter().flat_map(|campaign| campaign.draws());
    let awarded = draws.clone().map(|draw| draw.awarded as usize).sum();
    (draws.count(), awarded)
}

#[test]
fn books_and_ledger_agree_on_what_is_generated() {
    let sums = (0..SEEDS).map(check).fold((0, 0), |sum, of| (sum.0 + of.0, sum.1 + of.1));
    assert!(20 < sums.0 && 20 < sums.1, "{} draws, {} awards", sums.0, sums.1);
}

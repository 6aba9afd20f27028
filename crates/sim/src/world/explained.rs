//! Which ends and refusals of a node its disk explains.
//!
//! Owns: what each kind of error needs to have happened. Never: looks at a node.
//! Invariants: calls that were short, interrupted or slow explain nothing, and lack of room ends
//! no node, but for a frame of which a part was written before.

use journal::{AppendError, JournalError};
use node::NodeError;
use simdisk::{Counts, FAULTS};

/// Whether a running node may end so: its log is poisoned, and since it started a call failed for
/// another reason than lack of room; or amid this turn there was none for the rest of a write that
/// had been cut short.
pub(super) fn is_end_explained(
    error: &NodeError,
    at_start: &Counts,
    before_turn: &Counts,
    now: &Counts,
) -> bool {
    let is_poisoned = matches!(error, NodeError::Append(AppendError::Poisoned { .. }));
    let amid_a_write = before_turn.full < now.full && short(before_turn) < short(now);
    is_poisoned && (harm(at_start) < harm(now) || amid_a_write)
}

/// Whether a start may be refused so: what it says of the disk happened since it began. Damage, or
/// frames that are missing, no disk explains that was never changed in silence.
pub(super) const fn is_refusal_explained(error: &NodeError, before: &Counts, now: &Counts) -> bool {
    use JournalError as Journal;
    match error {
        NodeError::Journal(Journal::Full { .. } | Journal::NoRoomToBegin { .. }) => {
            before.errors < now.errors
        }
        NodeError::Journal(Journal::Io { .. } | Journal::ReadOnly { .. } | Journal::Append(_))
        | NodeError::Append(_) => harm(before) < harm(now),
        _ => false,
    }
}

/// Calls that failed so that the disk may hold something else than was asked for.
const fn harm(counts: &Counts) -> u64 {
    counts.errors - counts.full
}

fn short(counts: &Counts) -> u64 {
    let short = FAULTS.iter().position(|name| *name == "short").expect("it is a kind of fault");
    counts.faults[short]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    const SOUND: Counts = Counts { changes: 9, errors: 3, full: 1, faults: [1; FAULTS.len()] };

    fn more(errors: u64, full: u64, shorts: u64) -> Counts {
        let mut counts = SOUND;
        counts.changes += 9;
        counts.errors += errors;
        counts.full += full;
        counts.faults[3] += shorts;
        counts
    }

    fn poisoned() -> NodeError {
        NodeError::Append(AppendError::Poisoned { reason: "a sync failed".into() })
    }

    #[test]
    fn a_node_may_end_by_an_error_since_it_started() {
        let is_explained =
            |error: &NodeError, before, now| is_end_explained(error, &SOUND, &before, &now);
        assert!(is_explained(&poisoned(), SOUND, more(1, 0, 0)));
        assert!(is_explained(&poisoned(), more(1, 0, 0), more(1, 0, 0)), "it met it later");
        assert!(!is_explained(&poisoned(), SOUND, more(0, 0, 5)), "a short call");
        assert!(!is_explained(&poisoned(), SOUND, more(2, 2, 0)), "lack of room");
        assert!(is_explained(&poisoned(), SOUND, more(1, 1, 1)), "amid a frame");
        assert!(!is_explained(&poisoned(), more(1, 1, 0), more(1, 1, 1)), "not in this turn");
        let full = AppendError::Full { file: "a segment".into(), reason: "no room".into() };
        assert!(!is_explained(&full.into(), SOUND, more(2, 1, 1)), "it goes on by itself");
        assert!(!is_explained(&NodeError::Panicked, SOUND, more(1, 0, 0)));
    }

    #[test]
    fn a_start_may_be_refused_by_what_it_tells_of() {
        let is_explained = |error: JournalError, now| {
            is_refusal_explained(&NodeError::Journal(error), &SOUND, &now)
        };
        let source = || io::Error::other("bad disk");
        let failed = || JournalError::Io { action: "read", file: "LOCK".into(), source: source() };
        let full = || JournalError::Full { file: "LOCK".into(), source: source() };
        assert!(is_explained(failed(), more(1, 0, 0)));
        assert!(!is_explained(failed(), more(1, 1, 0)), "there was only no room");
        assert!(!is_explained(failed(), SOUND));
        assert!(is_explained(full(), more(1, 1, 0)));
        assert!(!is_explained(full(), SOUND));
        let lost = JournalError::Incomplete { frame: types::FrameNo(7) };
        assert!(!is_explained(lost, more(1, 0, 0)), "no error makes damage");
        assert!(is_refusal_explained(&poisoned(), &SOUND, &more(1, 0, 0)));
    }
}

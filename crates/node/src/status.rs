//! What the sequencer shares with everybody else: view, state, metrics.

use crate::metrics::Metrics;
use crate::view::View;
use arc_swap::ArcSwap;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering::Relaxed};

/// What a node is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Reads its journal; takes nothing yet.
    Replaying,
    /// Takes requests.
    Ready,
    /// The disk is full; takes look-ups only, until there is room.
    Full,
    /// Answers what it accepted, and ends.
    Draining,
    /// Has failed and is ending.
    Failed,
}

const STATES: [State; 5] =
    [State::Replaying, State::Ready, State::Full, State::Draining, State::Failed];

/// Shared by the sequencer, which writes, and all handles, which read.
#[derive(Debug)]
pub(crate) struct Shared {
    state: AtomicU8,
    pub(crate) view: ArcSwap<View>,
    pub(crate) metrics: Metrics,
    /// The last frame applied.
    pub(crate) frame: AtomicU64,
    /// The time of the journal's last frame, in milliseconds since 1970.
    pub(crate) time: AtomicU64,
    /// The last frame there was when the node started; what replay works towards.
    pub(crate) replay_until: AtomicU64,
    /// Whether a snapshot is asked for that is not made yet.
    pub(crate) snapshot_due: AtomicBool,
}

impl Shared {
    pub(crate) fn new(replay_until: u64) -> Self {
        Self {
            state: AtomicU8::new(0),
            view: ArcSwap::default(),
            metrics: Metrics::default(),
            frame: AtomicU64::new(0),
            time: AtomicU64::new(0),
            replay_until: AtomicU64::new(replay_until),
            snapshot_due: AtomicBool::new(false),
        }
    }

    pub(crate) fn state(&self) -> State {
        STATES[usize::from(self.state.load(Relaxed))]
    }

    /// Moves on; a node that drains or has failed does not become ready again.
    pub(crate) fn set_state(&self, state: State) {
        let code = STATES.iter().position(|known| *known == state).expect("all are listed");
        let moves_on = |now: u8| {
            let ending = matches!(STATES[usize::from(now)], State::Draining | State::Failed);
            (!ending || state == State::Failed).then_some(code as u8)
        };
        // An update that does not move on leaves the state as it is.
        let _unchanged = self.state.fetch_update(Relaxed, Relaxed, moves_on);
    }

    pub(crate) fn enter_full(&self) {
        if self.state() == State::Ready {
            tracing::error!(code = "journal-full", "the disk is full; requests are turned away");
            self.set_state(State::Full);
        }
    }

    pub(crate) fn leave_full(&self) {
        if self.state() == State::Full {
            tracing::info!("the disk has room again; requests are taken");
            self.set_state(State::Ready);
        }
    }
}

/// A node's condition at a moment.
#[derive(Clone, Debug)]
pub struct NodeStatus {
    /// What it is doing.
    pub state: State,
    /// The last frame applied.
    pub frame: u64,
    /// The last frame there was when the node started.
    pub replay_until: u64,
    /// Requests that wait for the sequencer.
    pub queue: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_fills_up_only_while_it_is_ready_and_never_comes_back_from_its_end() {
        let shared = Shared::new(7);
        assert_eq!(shared.state(), State::Replaying);
        shared.enter_full();
        assert_eq!(shared.state(), State::Replaying, "it takes nothing yet");
        shared.set_state(State::Ready);
        shared.leave_full();
        assert_eq!(shared.state(), State::Ready);
        shared.enter_full();
        assert_eq!(shared.state(), State::Full);
        shared.leave_full();
        assert_eq!(shared.state(), State::Ready);
        for ending in [State::Draining, State::Failed] {
            shared.set_state(ending);
            shared.enter_full();
            shared.leave_full();
            for state in [State::Ready, State::Full, State::Draining] {
                shared.set_state(state);
            }
            assert_eq!(shared.state(), ending);
        }
    }
}

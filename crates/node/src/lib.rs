//! One running node: it orders, makes durable, applies, answers, and makes snapshots.
//!
//! Owns: the thread of the ledger, the queue into it, the published view, the snapshots. Never:
//! HTTP, JSON from outside, personal data in clear.
//! Invariants: one thread changes the ledger; no answer before durability; everything has a limit.
//! On failure: `Ended` says how the node ended; the binary turns that into an exit code.

mod clock;
mod error;
mod handle;
pub mod metrics;
mod pending;
mod queue;
mod replay;
mod sequencer;
mod snapshots;
mod start;
mod status;
mod stepped;
mod view;

pub use clock::{Clock, SystemClock};
pub use error::{NodeError, Unavailable};
pub use handle::Node;
pub use metrics::Metrics;
pub use pending::{Pending, Replies};
pub use replay::{Replayed, replay};
pub use start::{Config, Opened, Running, open};
pub use status::{NodeStatus, State};
pub use stepped::{SequencerSteps, SnapshotSteps, Stepped};
pub use view::{CampaignView, View};

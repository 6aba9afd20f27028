//! What every route shares: the node, the keys, the tokens, a clock.
//!
//! Owns: nothing that changes, apart from the cache of prepared campaigns. Never: global.

use crate::campaigns::{Campaigns, Prepared};
use crate::operator::tokens::TokenStore;
use identity::{Codes, Keyring, Receipts};
use node::Node;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use types::{CampaignNo, Millis};

/// What every route shares; cheap to clone.
pub type ServerState = Arc<Shared>;

/// See [`ServerState`].
pub struct Shared {
    /// Where commands and questions go.
    pub node: Node,
    /// Keys of campaigns, receipts and pickup codes.
    pub keyring: Arc<Keyring>,
    /// Who may do what.
    pub tokens: Arc<TokenStore>,
    /// The time now. The gate answers by it; the ledger has its own.
    pub clock: fn() -> Millis,
    /// For a request's body to arrive.
    pub body_time: Duration,
    /// Campaigns as the routes need them, prepared once for each version.
    pub(crate) campaigns: Campaigns,
    pub(crate) codes: Codes,
    pub(crate) receipts: Receipts,
}

impl Shared {
    /// The shared state of a process.
    #[must_use]
    pub fn new(
        node: Node,
        keyring: Arc<Keyring>,
        tokens: Arc<TokenStore>,
        body_time: Duration,
    ) -> ServerState {
        Self::with_clock(node, keyring, tokens, body_time, now)
    }

    /// The same with a clock of one's own.
    #[must_use]
    pub fn with_clock(
        node: Node,
        keyring: Arc<Keyring>,
        tokens: Arc<TokenStore>,
        body_time: Duration,
        clock: fn() -> Millis,
    ) -> ServerState {
        let codes = Codes::new(&keyring.code_key());
        let receipts = Receipts::new(&keyring.receipt_key());
        let campaigns = Campaigns::default();
        Arc::new(Self { node, keyring, tokens, clock, body_time, campaigns, codes, receipts })
    }

    /// A campaign by code, prepared.
    pub(crate) fn campaign(&self, code: &str) -> Option<Arc<Prepared>> {
        self.campaigns.by_code(&self.node, &self.keyring, code)
    }

    /// A campaign by number, prepared.
    pub(crate) fn campaign_by_no(&self, no: CampaignNo) -> Option<Arc<Prepared>> {
        self.campaigns.by_no(&self.node, &self.keyring, no)
    }

    /// Whether the node still reads its journal.
    pub(crate) fn is_starting(&self) -> bool {
        self.node.status().state == node::State::Replaying
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Millis {
        (self.clock)()
    }
}

/// The system's time; a clock before 1970 counts as 1970, and the node refuses to start by it.
fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

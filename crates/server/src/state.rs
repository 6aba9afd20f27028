//! What every route shares: the node, the keys, the tokens.
//!
//! Owns: nothing that changes, apart from the cache of prepared campaigns. Never: global.

use crate::campaigns::{Campaigns, Prepared};
use crate::draws::DRAWS_FOLDER;
use crate::operator::tokens::TokenStore;
use identity::{Codes, Keyring, Receipts};
use node::{CampaignView, Node};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use types::{CampaignNo, Millis, limits};

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
    /// For a request's body to arrive.
    pub body_time: Duration,
    /// Where the folders of draws lie.
    pub(crate) draws: PathBuf,
    /// Permission to read an entry and sign a receipt of it.
    pub(crate) receipts_at_work: Arc<Semaphore>,
    /// Campaigns as the routes need them, prepared once for each version.
    pub(crate) campaigns: Campaigns,
    pub(crate) codes: Codes,
    pub(crate) receipts: Receipts,
}

impl Shared {
    /// The shared state of a process, over the data folder `data`.
    #[must_use]
    pub fn new(
        node: Node,
        keyring: Arc<Keyring>,
        tokens: Arc<TokenStore>,
        body_time: Duration,
        data: &Path,
    ) -> ServerState {
        let languages = crate::texts::all().len();
        assert!(languages > 0, "a wrong file of texts ends the start, not somebody's request");
        let codes = Codes::new(&keyring.code_key());
        let receipts = Receipts::new(&keyring.receipt_key());
        let campaigns = Campaigns::default();
        let draws = data.join(DRAWS_FOLDER);
        let receipts_at_work = Arc::new(Semaphore::new(limits::DRAW_RECEIPTS_AT_ONCE));
        Arc::new(Self {
            node,
            keyring,
            tokens,
            body_time,
            draws,
            receipts_at_work,
            campaigns,
            codes,
            receipts,
        })
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

    /// Whether a campaign that would be open takes no entries until another one of its series is
    /// published.
    pub(crate) fn waits(&self, campaign: &CampaignView, at: Millis) -> bool {
        let is_open = campaign.phase(at).refusal().is_none();
        is_open && self.node.view().waits_for(&campaign.definition, at).is_some()
    }

    /// The time now, by which gate, status and pages answer: the node's.
    pub(crate) fn now(&self) -> Millis {
        self.node.now()
    }
}

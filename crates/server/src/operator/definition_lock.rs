//! The lock of whatever goes by a campaign's definition.
//!
//! Owns: that a definition stays the same from the look at it until what was made of it is in the
//! journal. A definition gives outlets, items, slots, pools and fields their numbers, and says
//! which keys a person has; while a campaign has no entries, another one may be loaded in its
//! place. So loading (which makes keys before it is journaled), shredding (which destroys keys
//! after), lists, stock, withdrawals and lapses by place each hold it; and publications, which must
//! not come between a lapse and the look that went before it. Never: held while a body arrives,
//! nor by anything the public asks for; the ledger asks no lock.
//! Invariants: the campaign is looked up after the lock was taken.
//!
//! One for all campaigns: operators do these things a few times a day, each takes a file's
//! reading and a frame or a few, and a load also concerns a code that has no campaign yet, and the
//! keys that a whole series shares.

use tokio::sync::{Mutex, MutexGuard};

/// Held by one operator's action at a time.
#[derive(Default)]
pub(super) struct DefinitionLock(Mutex<()>);

/// Until this is dropped, no definition changes but by its holder.
pub(super) struct DefinitionsHeld<'a> {
    _held: MutexGuard<'a, ()>,
}

impl DefinitionLock {
    /// Waits for its turn; first come, first served.
    pub(super) async fn hold(&self) -> DefinitionsHeld<'_> {
        DefinitionsHeld { _held: self.0.lock().await }
    }
}

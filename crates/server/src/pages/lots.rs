//! What the draws of a campaign mean for the page of an entry.
//!
//! Owns: whether the end of an entry may have been a lapse, and the way to its receipt of a draw.
//! Never: depends on who won: it goes by the draws that everybody sees.

use crate::api::seen::Seen;
use crate::texts::Texts;
use ledger::Draw;
use node::CampaignView;
use types::Definition;
use types::ids::Millis;

/// Whether a campaign draws again and again.
pub(super) fn go_on(definition: &Definition) -> bool {
    definition.draw().is_some_and(|terms| terms.stand_days.is_some())
}

/// Whether an entry that ended then may have won something that was not collected in time. Before
/// winners were told, nobody but its owner ended it.
pub(super) fn may_have_lapsed(draws: &[Draw], ended: Millis) -> bool {
    draws.iter().any(|draw| draw.was_published && draw.at <= ended)
}

/// What leads to the notes that a draw gives whoever has entered, if there can be one.
pub(super) fn link(view: &CampaignView, seen: &Seen, t: &'static Texts) -> Option<&'static str> {
    view.definition.draw()?;
    let is_sealed = view.draws().iter().any(Draw::is_sealed);
    let waits = seen.may_be_drawn();
    let words = if is_sealed { &t.draw_receipt.link } else { &t.draw_receipt.promise_link };
    (is_sealed || waits).then_some(&**words)
}

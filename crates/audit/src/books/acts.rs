//! Operators' actions in words.
//!
//! Owns: what an action is about, and how a finding names it. Never: judges it.

use super::draw::event_word;
use types::action::{Action, DrawEvent};
use types::ids::CampaignNo;

/// The campaign that an action is about; none yet for a load.
pub(super) const fn about(action: &Action) -> Option<CampaignNo> {
    match action {
        Action::Load { .. } => None,
        Action::Stock { campaign, .. }
        | Action::Cap { campaign, .. }
        | Action::Withdraw { campaign, .. }
        | Action::List { campaign, .. }
        | Action::Export { campaign, .. }
        | Action::CloseDraw { campaign, .. }
        | Action::DrawEvent { campaign, .. }
        | Action::Alternates { campaign, .. }
        | Action::Lapse { campaign, .. }
        | Action::TakeOver { campaign }
        | Action::Open { campaign }
        | Action::Pause { campaign }
        | Action::Resume { campaign }
        | Action::Close { campaign }
        | Action::Publish { campaign }
        | Action::Shred { campaign } => Some(*campaign),
    }
}

/// An action's word, as operators spell it.
const fn word(action: &Action) -> &'static str {
    match action {
        Action::Load { .. } => "load",
        Action::Stock { .. } => "stock",
        Action::Open { .. } => "open",
        Action::Pause { .. } => "pause",
        Action::Resume { .. } => "resume",
        Action::Close { .. } => "close",
        Action::Publish { .. } => "publish",
        Action::Cap { .. } => "cap",
        Action::Withdraw { .. } => "withdraw",
        Action::List { .. } => "list",
        Action::Export { .. } => "export",
        Action::Shred { .. } => "shred",
        Action::CloseDraw { .. } => "close-draw",
        Action::DrawEvent { .. } => "draw-event",
        Action::Alternates { .. } => "alternates",
        Action::Lapse { .. } => "lapse",
        Action::TakeOver { .. } => "take-over",
    }
}

/// An action as a finding names it: its word, and of a draw which step of which.
pub(super) fn shown(action: &Action) -> String {
    let word = word(action);
    match action {
        Action::CloseDraw { slot, unserved, .. } => {
            let of = slot.map(|slot| format!(" for slot {slot}")).unwrap_or_default();
            let among = if *unserved { " among the unserved" } else { "" };
            format!("`{word}`{of}{among}")
        }
        Action::DrawEvent { draw, event, .. } => {
            let counted = match event {
                DrawEvent::Seal { entries: 1 } => " of 1 entry".to_owned(),
                DrawEvent::Seal { entries } => format!(" of {entries} entries"),
                DrawEvent::Result { winners: 1 } | DrawEvent::Alternates { winners: 1 } => {
                    " with 1 winner".to_owned()
                }
                DrawEvent::Result { winners } | DrawEvent::Alternates { winners } => {
                    format!(" with {winners} winners")
                }
                DrawEvent::Opening | DrawEvent::Seed | DrawEvent::Void => String::new(),
            };
            format!("`{word}` {}{counted} of draw {draw}", event_word(*event))
        }
        Action::Alternates { draw, begin, .. } => {
            let what = if *begin { "begun" } else { "called off" };
            format!("`{word}` {what} of draw {draw}")
        }
        _ => format!("`{word}`"),
    }
}

//! The way from a registration to the draw among those who registered, where that is another
//! campaign.
//!
//! Owns: in which campaign lots are drawn, and the links to what was taken over into it. Never:
//! looks for an entry; the look-up brings those.

use super::Page;
use super::view::local;
use crate::api::seen::{Seen, drawn_elsewhere};
use crate::campaigns::Prepared;
use crate::language::Language;
use crate::state::Shared;
use crate::texts::Texts;
use ledger::PublicEntry;
use node::CampaignView;
use std::sync::Arc;
use types::ids::{CampaignNo, EntryNo};

/// A link to an entry elsewhere.
pub(super) struct Link {
    pub(super) words: String,
    pub(super) href: String,
}

/// Links to the entries that were made of one.
pub(super) fn links(page: &Page, state: &Shared, seen: &Seen) -> Vec<Link> {
    let view = state.node.view();
    let link = |(into, entry): &(CampaignNo, EntryNo)| Link {
        words: page.t.entry.onward.link.with(title(&view.campaigns[into.index()], page.language)),
        href: format!("/e/{}{}", state.receipts.encode(*into, *entry), page.query),
    };
    seen.taken_over.iter().map(link).collect()
}

/// What is said of where those links lead.
pub(super) fn there(seen: &Seen, t: &'static Texts) -> &'static str {
    match seen.entry {
        PublicEntry::Cancelled { .. } => &t.entry.onward.given_up,
        _ => &t.entry.onward.there,
    }
}

/// The campaign in which lots are drawn among those who wait in this one, if they are not here.
pub(super) fn drawn_in(
    state: &Shared,
    campaign: &Prepared,
    entry: &PublicEntry,
) -> Option<Arc<Prepared>> {
    let waits = matches!(entry, PublicEntry::Registered { .. });
    let into = waits.then(|| drawn_elsewhere(state, &campaign.view)).flatten()?;
    state.campaign_by_no(into.no)
}

/// The title of the campaign whose people alone a campaign takes.
pub(super) fn registered_in(state: &Shared, campaign: &Prepared, language: Language) -> String {
    let view = state.node.view();
    let first = campaign.view.definition.registered_in().and_then(|code| view.by_code(code));
    title(first.expect("a campaign that is named was loaded before, and stays"), language)
        .to_owned()
}

/// Where people registered whose entries were taken over into this campaign, in words.
pub(super) fn came_from(page: &Page, state: &Shared, campaign: &Prepared) -> Option<String> {
    let view = state.node.view();
    campaign.view.definition.draw()?;
    let first = view.by_code(campaign.view.definition.registered_in()?)?;
    Some(page.t.entry.onward.came_from.with(title(first, page.language)))
}

/// A campaign's title.
pub(super) fn title(view: &CampaignView, language: Language) -> &str {
    local(&view.definition, &view.definition.texts.title, language)
}

//! Warnings about a campaign beside others of its series and beside what a node holds already.
//!
//! Owns: when two campaigns of a held-back series stand in each other's way. Never: refuses
//! anything; an operator may mean it so.

use crate::problem::{Code, Place, Problem};
use crate::words::listed;
use types::definition::{Publish, Window};
use types::{Definition, Millis};

/// Another campaign that may be of the same series.
#[derive(Clone, Copy, Debug)]
pub struct Other<'a> {
    /// The campaign.
    pub definition: &'a Definition,
    /// A moment at which it is known to have entries and not to be published, whatever its file
    /// says.
    pub holds_at: Option<Millis>,
}

/// A warning when a campaign and others of its series with a cool-down would refuse entries
/// because of one another: `series-unpublished` in `docs/rules.md`. Others of the same code are
/// the campaign itself.
#[must_use]
pub fn series_overlap<'a>(
    definition: &Definition,
    file: &str,
    others: impl IntoIterator<Item = Other<'a>>,
) -> Option<Problem> {
    let series = definition.series.as_ref().filter(|series| 0 < series.cool_down_days)?;
    let of_series = |other: &Other<'_>| {
        let code = other.definition.series.as_ref().map(|series| &series.code);
        code == Some(&series.code) && other.definition.code != definition.code
    };
    let this = Other { definition, holds_at: None };
    let in_the_way = |other: &Other<'_>| refuses(&this, other) || refuses(other, &this);
    let others = others.into_iter().filter(of_series).filter(in_the_way);
    let codes: Vec<&str> = others.map(|other| other.definition.code.as_str()).collect();
    if codes.is_empty() {
        return None;
    }
    let message = format!(
        "\"{}\" is open while results of the series \"{}\" are held back by {}, or the other way \
         round",
        definition.code,
        series.code,
        listed(codes.into_iter())
    );
    let advice = "while one of them has entries and is not published, the others take none \
                  (series-unpublished): let each publish before the next one opens";
    Some(Problem::warning(Code::SeriesOverlaps, Place::file(file), message).advice(advice))
}

/// A warning that people on the campaign's allow list are not asked for: its file does not say
/// `allow_list = true`.
#[must_use]
pub fn allow_list_unread(file: &str, people: usize) -> Problem {
    let message = format!(
        "the campaign's allow list has {people} people, but the file does not say \"allow_list = \
         true\": anybody may enter"
    );
    Problem::warning(Code::AllowListUnread, Place::file(file), message)
        .advice("add allow_list = true to [register] if only people on the list may enter")
}

/// A warning that the campaign asks for its allow list, on which nobody is.
#[must_use]
pub fn allow_list_empty(file: &str) -> Problem {
    let message = "the campaign's allow list is empty: everybody is refused (not-eligible)";
    Problem::warning(Code::AllowListEmpty, Place::file(file), message)
        .advice("put people on it with `tidegate campaign allow` before the campaign opens")
}

/// Whether a campaign that holds its results back has windows while another one does.
fn refuses(one: &Other<'_>, holder: &Other<'_>) -> bool {
    let Some(held) = held_back(holder).filter(|_| one.definition.is_held_back()) else {
        return false;
    };
    let windows = &one.definition.register.windows;
    // Without a window it may be opened at any time: at once, when the other holds by now.
    (windows.is_empty() && holder.holds_at.is_some())
        || windows.iter().any(|window| window.from < held.until && held.from < window.until)
}

/// From its first window, when it may get its first entry, until its results are published, as
/// far as that is known.
fn held_back(campaign: &Other<'_>) -> Option<Window> {
    let Other { definition, holds_at } = campaign;
    // What a draw has not published, nothing depends on yet.
    if definition.draw().is_some() {
        return None;
    }
    let windows = &definition.register.windows;
    let ends = windows.last().map(|window| window.until);
    let published = match definition.publish {
        Publish::AtOnce => return None,
        Publish::At { at } => Some(at),
        Publish::ByHand { expected } => expected.max(ends),
    };
    let known = holds_at.map(|at| Window { from: at, until: Millis(at.0 + 1) });
    let planned = windows.first().zip(published);
    let planned = planned.map(|(first, until)| Window { from: first.from, until });
    match (planned, known) {
        (Some(planned), Some(known)) => Some(Window {
            from: planned.from.min(known.from),
            until: planned.until.max(known.until),
        }),
        (planned, known) => planned.or(known),
    }
}

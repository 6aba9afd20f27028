//! The texts of the pages, a section for each.
//!
//! Owns: which texts there are. Never: a sentence.

use super::text::{Text, patterns, sections};

sections! {
    /// What stands on every page.
    Base {
        skip: Text,
        all_campaigns: Text,
        /// What the list of languages is.
        languages: Text,
    }

    /// `/`
    Home {
        title: Text,
        nothing: Text,
    }

    /// Whether a campaign takes entries.
    Phases {
        shredded: Phrase,
        waiting: Phrase,
        sold_out: Phrase,
        open: Open,
        not_open_yet: NotOpenYet,
        paused: Phrase,
        full: Phrase,
        ended: Ended,
    }

    /// A word on a mark, and a sentence beside it.
    Phrase {
        word: Text,
        detail: Text,
    }

    Open {
        word: Text,
        until: When,
    }

    NotOpenYet {
        word: Text,
        opens: When,
        /// Nobody has said when.
        unknown: Text,
    }

    Ended {
        word: Text,
        results: Text,
    }

    /// The last step before sending.
    Check {
        heading: Text,
        next: Text,
        change: Text,
        /// Beside a box, where a script can keep it.
        remember: Text,
        /// Above the form before the opening.
        ahead: Text,
    }

    /// What a person wants to know before filling in a form.
    Facts {
        registration: Text,
        results: Text,
        pickup: Text,
        units: Text,
        slot: NameAndTime,
        published: Text,
        at_once: Text,
        expected: When,
        by_hand: Text,
    }
}

patterns! {
    /// With a moment.
    When(when);
    /// With a slot's name and its time.
    NameAndTime(name, time);
}

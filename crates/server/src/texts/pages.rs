//! The texts of the pages, a section for each.
//!
//! Owns: which texts there are. Never: a sentence.

use super::text::{Text, patterns, sections};

sections! {
    /// What stands on every page.
    Base {
        skip: Text,
        /// A page's title where something on it is wrong.
        with_error: Titled,
        all_campaigns: Text,
        /// What the list of languages is.
        languages: Text,
        /// Between parts of a line.
        comma: Text,
        see_all_campaigns: Text,
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
        detail: Text,
        results: Text,
    }

    /// The last step before sending.
    Check {
        title: Text,
        /// Where two steps came before.
        third_step: Text,
        next: Text,
        change: Text,
        /// Beside a box, where a script can keep it.
        remember: Fields,
        /// On a button beside it.
        forget: Text,
        /// Above the form before the opening.
        ahead: Text,
        /// Instead of the form, where no script runs: when it will be there.
        reload_at: When,
        /// And where nobody knows when.
        reload: Text,
    }

    /// What a person wants to know before filling in a form.
    Facts {
        /// Whose people alone may enter, where that is another campaign.
        who: Text,
        registered_in: Titled,
        registration: Text,
        results: Text,
        pickup: Text,
        units: Text,
        /// The same where several people may enter as one.
        units_of_group: Text,
        slot: NameAndTime,
        published: Text,
        at_once: Text,
        expected: When,
        by_hand: Text,
        /// How units are given out, where lots decide.
        how: Text,
        by_lot: Text,
        stands: Counted,
        tickets: Counted,
    }

    /// `/c/{campaign}`, whatever the step.
    Campaign {
        shredded: Text,
        shredded_question: Text,
        notice: Text,
        districts: Text,
        not_possible: Text,
        find: Text,
    }

    /// The first step of entering.
    Outlets {
        /// Where a script can ask the phone.
        nearest: Text,
        title: Text,
        other_district: Text,
        /// A district in few words.
        district_has: Counted,
        district_sold_out: Text,
        /// Outlets of which nobody said where they are.
        elsewhere: Text,
        search: Text,
        search_submit: Text,
        search_vain: Text,
        more: Counted,
        outlet: Text,
        please_choose: Text,
        none: Text,
        sold_out: OfOutlet,
        next: Text,
        missing: Text,
    }

    /// The second step of entering.
    Form {
        second_step: Text,
        wrong: Text,
        wrong_line: LabelAndMessage,
        /// What the choices are called, the most wanted first.
        choices: [Text; types::limits::CHOICES_MAX],
        optional: OfChoice,
        what_and_when: Text,
        what: Text,
        days: Counted,
        nothing_left: Text,
        none: Text,
        sold_out: Text,
        other_outlets: Text,
        units: Text,
        units_range: Range,
        about_you: Text,
        /// On a box, in a draw.
        any: Text,
        /// Above the boxes of further people.
        together: Text,
        all_or_none: Text,
        person: Counted,
        /// An item that is kept for people on a list.
        reserved: OfItem,
        drawing: Sending,
        registering: Sending,
        booking: Sending,
    }

    /// A form's heading, what sending it means, and its button.
    Sending {
        title: Text,
        truth: Text,
        submit: Text,
    }

    /// How a kind of identity field is filled in.
    Hints {
        resident_id: Text,
        home_return_permit: Text,
    }

    /// `/e/{receipt}`
    Entry {
        number: Text,
        next: Text,
        keep: Text,
        receipt: Text,
        keep_and_cancel: Text,
        keep_to_see: Text,
        save_picture: Text,
        print: Text,
        /// A link for the next person on the same phone, …
        another: Text,
        /// … and for one whose entry is cancelled.
        once_more: Text,
        registered: Registered,
        onward: Onward,
        booked: Booked,
        collected: Collected,
        place: Place,
        nothing: Nothing,
        cancelled: Cancelled,
    }

    Registered {
        headline: Text,
        lead: Text,
        at: Text,
        look_again: Text,
        stay: Text,
        /// The same in a draw.
        drawing: Drawing,
    }

    /// An entry that waits for a draw.
    Drawing {
        headline: Text,
        lead: Text,
        stands: Text,
        stands_through: When,
        losses: Text,
        lost: Counted,
        next: Text,
        /// Lots were drawn, and are drawn again among those who have nothing.
        once_more_headline: Text,
        once_more: Text,
    }

    /// Where people register in one campaign, and lots are drawn among them in another.
    Onward {
        drawn_in: Titled,
        /// It is not there yet.
        later: Text,
        link: Titled,
        /// What there is.
        there: Text,
        /// The same where the entry here is cancelled.
        given_up: Text,
        /// Of an entry there whose registration here is no more.
        ended_headline: Text,
        ended: Titled,
        /// Where an entry may have come from whose receipt is lost.
        came_from: Titled,
    }

    /// The one section that may promise.
    Booked {
        headline: Text,
        lead: Text,
        pickup_code: Text,
        /// What the picture of the code is.
        qr: Text,
    }

    Collected {
        headline: Text,
        lead: When,
    }

    /// The facts of a booking.
    Place {
        item: Text,
        units: Text,
        outlet: Text,
        address: Text,
        slot: Text,
    }

    Nothing {
        headline: Text,
        ran_out: Text,
        cooling_down: Text,
        not_drawn: Text,
        /// It was on no list, for reasons that the page does not know.
        not_in_draw: Text,
        /// The days of an entry are over, and there was no draw that counts in them.
        no_draw: Text,
        next: Text,
        /// The same where draws go on.
        again: Text,
    }

    Cancelled {
        headline: Text,
        lead: Text,
        at: Text,
        again: Text,
        /// Where it may have been given up, or have lapsed.
        ended_headline: Text,
        ended: Text,
        ended_at: Text,
    }

    /// Giving an entry up.
    Cancel {
        title: Text,
        /// What becomes of the entry: of one that holds units or may, …
        holding: Text,
        /// … and of one that waits for a draw.
        drawing: Text,
        /// What becomes of the person: where there is a line, …
        at_the_end: Text,
        /// … where there is none, …
        may_enter_again: Text,
        /// … where registration is not open and may be again, …
        closed: Text,
        /// … and where it never is for them.
        for_good: Text,
        sure: Text,
        submit: Text,
        unsure_title: Text,
        unsure: Text,
        needs_receipt: Text,
    }

    /// `/c/{campaign}/find`
    Find {
        short_title: Text,
        title: Text,
        with_receipt: Text,
        receipt_hint: Text,
        open: Text,
        without_receipt: Text,
        fields_hint: Text,
        look_up: Text,
        receipt_missing: Text,
        receipt_unknown: Text,
        receipt_not_whole: Lengths,
        not_found: Text,
    }

    /// `/e/{receipt}/draw`
    DrawReceipt {
        /// On the entry's page, to this one: once a list is sealed, and before.
        link: Text,
        promise_link: Text,
        title: Text,
        promise_title: Text,
        what: Text,
        /// The same of a draw that does not count.
        void: Text,
        /// Beside it, where somebody could know the numbers before.
        rehearsal: Text,
        text: Text,
        how: Kinds,
        /// What the page that checks calls what people entered with …
        kind: EnteredWith,
        /// … and how it is typed there.
        typed: EnteredWith,
        check: Text,
        save: Text,
        promise_what: Text,
        promise_text: Text,
        promise_save: Text,
        picture: Text,
        picture_how: Text,
        keep: Text,
        none: Text,
        /// The same of an entry that waits for no draw any more.
        none_over: Text,
    }

    /// By the kind of a campaign's first unique field.
    EnteredWith {
        resident_id: Text,
        phone: Text,
        passport: Text,
        home_return_permit: Text,
        text: Text,
    }

    /// `/errors`, and every page that tells of a problem.
    Errors {
        title: Text,
        all: Text,
        of_people: Text,
        of_operators: Text,
        in_english: Text,
        in_short: Text,
        for_programs: Text,
        to_start: Text,
        name_code: Text,
    }
}

patterns! {
    /// With a moment.
    When(when);
    Fields(fields);
    /// With a slot's name and its time.
    NameAndTime(name, time);
    /// With the name of a kind of field, what a campaign calls its own, and how it is typed.
    Kinds(kind, field, form);
    /// With a title.
    Titled(title);
    /// With an outlet's name.
    OfOutlet(outlet);
    /// With a number of outlets.
    Counted(count);
    /// With what a choice is called.
    OfChoice(choice);
    /// With an item's name.
    OfItem(item);
    /// With an input's label and what is wrong with it.
    LabelAndMessage(label, message);
    /// With the least and the most.
    Range(min, max);
    /// With the characters that there should be, and those that there are.
    Lengths(whole, typed);
}

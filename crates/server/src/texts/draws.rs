//! The texts of draws: their pages on the console, the view for the hall, the script to print.
//!
//! Owns: which texts there are. What only winners have stands apart, in sections that are called
//! `booked`: words that promise are nowhere else. Never: a sentence.

use super::text::{Text, patterns, sections};

sections! {
    /// Draws, on the console and in the hall.
    DrawTexts {
        list: DrawListTexts,
        stage: DrawStageTexts,
        page: DrawPageTexts,
        work: DrawWorkTexts,
        seal: CheckedTexts,
        open: CheckedTexts,
        seed: SeedTexts,
        run: PressTexts,
        publish: PressTexts,
        alternates: PressTexts,
        void: PressTexts,
        form: DrawFormTexts,
        wrong: DrawWrongTexts,
        verdict: DrawVerdictTexts,
        hall: HallTexts,
        sheet: SheetTexts,
    }

    /// The draws of a campaign.
    DrawListTexts {
        link: Text,
        title: Text,
        lead: Text,
        none: Text,
        draw: Text,
        stage: Text,
        entries: Text,
        rehearsal: Text,
        closed_at: Text,
        slot: Text,
        all_slots: Text,
        close: Text,
        close_what: Text,
        slot_choice: Text,
        unserved: Text,
        submit: Text,
        under_way: Text,
    }

    /// How far a draw is, in a word.
    DrawStageTexts {
        closed: Text,
        sealed: Text,
        opened: Text,
        seeded: Text,
        drawn: Text,
        published: Text,
        resumed: Text,
        void: Text,
    }

    /// One draw.
    DrawPageTexts {
        hall: Text,
        sheet: Text,
        steps: Text,
        list: Text,
        seal: Text,
        opening: Text,
        seed: Text,
        result: Text,
        alternates: Text,
        publication: Text,
        void: Text,
        entries: WithEntries,
        by: WithName,
        still: Text,
        now: Text,
        awarding: Text,
        next: Text,
        also: Text,
        nothing: Text,
        another: Text,
        wait: Text,
        overdue: Text,
        private: Text,
        rehearsal: Text,
        unread: Text,
        void_cut_off: Text,
        earlier: Text,
        folder: WithFolder,
        public: WithAddress,
        pending: Text,
        look_again: Text,
    }

    /// How far a step is.
    DrawWorkTexts {
        title: Text,
        listing: Text,
        reading: Text,
        sorting: Text,
        checking: Text,
        comparing: Text,
        drawing: Text,
        awarding: Text,
        other: Text,
        percent: WithPercent,
    }

    /// What is asked for in the forms of a draw.
    DrawFormTexts {
        operator_commitment: Text,
        notary_commitment: Text,
        commitment_hint: WithDraw,
        tag_key: Text,
        tag_key_hint: Text,
        balls_kind: Text,
        balls_kind_hint: Text,
        beacon_at: WithZone,
        beacon_at_hint: Text,
        rehearsal: Text,
        deadline: WithZone,
        deadline_hint: Text,
        rules: Text,
        rules_hint: Text,
        operator_secret: Text,
        notary_secret: Text,
        secret_hint: Text,
        balls: Text,
        balls_hint: WithWords,
        no_balls: Text,
        beacon: WithRound,
        beacon_hint: WithWhen,
        void_reason: Text,
        check_again: Text,
    }

    /// What is wrong with a field.
    DrawWrongTexts {
        digits: Text,
        signature: Text,
        balls_kind: Text,
        balls: Text,
        no_balls: Text,
        time: Text,
        late: Text,
        past: Text,
        over: Text,
        rules: Text,
        reason: Text,
        check: Text,
    }

    /// What a check found, before anything is done.
    DrawVerdictTexts {
        opens: Text,
        opens_not: Text,
        fingerprint: Text,
        round: WithRoundWhen,
        in_seal: WithText,
        balls_kept: WithText,
        true_round: WithRound,
        false_round: WithRound,
        private: Text,
    }

    /// The view for the hall.
    HallTexts {
        title: Text,
        time: Text,
        zone: WithZone,
        still_time: Text,
        now: Text,
        closed: Text,
        sealed: Text,
        sealed_plain: Text,
        opened: Text,
        opened_plain: Text,
        seeded: Text,
        drawn: Text,
        published: Text,
        resumed: Text,
        void: Text,
        alternates: Text,
        entries: Text,
        seal: Text,
        file: Text,
        root: Text,
        operator: Text,
        notary: Text,
        commitment: Text,
        closed_envelope: Text,
        opens: Text,
        balls: Text,
        no_balls: Text,
        balls_wait: Text,
        beacon: Text,
        no_beacon: Text,
        round: WithChainRound,
        other_chain: Text,
        due: Text,
        left: Text,
        passed: Text,
        days: WithDays,
        said: Text,
        seed: Text,
        seed_wait: Text,
        reason: Text,
        all_time: WithDayTime,
        back: Text,
        booked: HallBookedTexts,
    }

    /// The script to print.
    SheetTexts {
        title: Text,
        lead: Text,
        print: Text,
        back: Text,
        campaign: Text,
        draw: Text,
        place: Text,
        fact: Text,
        time: Text,
        seen: Text,
        list: Text,
        list_fact: WithEntries,
        seal: Text,
        file: Text,
        root: Text,
        recorded: WithWhen,
        secrets: Text,
        secrets_fact: Text,
        operator: Text,
        notary: Text,
        opens: Text,
        balls: Text,
        balls_fact: WithWords,
        no_balls: Text,
        beacon: Text,
        beacon_fact: WithChainRoundWhen,
        no_beacon: Text,
        seed: Text,
        seed_fact: Text,
        result: Text,
        result_fact: Text,
        void: WithReason,
        private: Text,
        check: Text,
        check_files: WithAddress,
        check_key: Text,
        remarks: Text,
        signed_notary: Text,
        signed_operator: Text,
        signed_witness: Text,
        name: Text,
    }

    /// What the hall is told of winners, once it is published.
    HallBookedTexts {
        result: Text,
        winners: Text,
        by_outlet: Text,
        of_units: WithUnitsWinners,
        cutoffs: Text,
        cutoffs_hint: Text,
        second: Text,
        never: Text,
        before: Text,
        needs: WithUnits,
        more: WithCount,
        not_kept: Text,
    }

    /// A step that is looked at before it is done.
    CheckedTexts {
        title: Text,
        what: Text,
        check: Text,
        held: Text,
        submit: Text,
    }

    /// The seed: looked at before it is made, where there is a beacon.
    SeedTexts {
        title: Text,
        what: Text,
        what_plain: Text,
        check: Text,
        held: Text,
        submit: Text,
    }

    /// A step that is done at once.
    PressTexts {
        title: Text,
        what: Text,
        submit: Text,
    }
}

patterns! {
    /// With address.
    WithAddress(address);
    /// With chain, round.
    WithChainRound(chain, round);
    /// With chain, round, when.
    WithChainRoundWhen(chain, round, when);
    /// With count.
    WithCount(count);
    /// With day, time.
    WithDayTime(day, time);
    /// With days.
    WithDays(days);
    /// With draw.
    WithDraw(draw);
    /// With entries.
    WithEntries(entries);
    /// With folder.
    WithFolder(folder);
    /// With name.
    WithName(name);
    /// With percent.
    WithPercent(percent);
    /// With reason.
    WithReason(reason);
    /// With round.
    WithRound(round);
    /// With round, when.
    WithRoundWhen(round, when);
    /// With text.
    WithText(text);
    /// With units.
    WithUnits(units);
    /// With units, winners.
    WithUnitsWinners(units, winners);
    /// With when.
    WithWhen(when);
    /// With words.
    WithWords(words);
    /// With zone.
    WithZone(zone);
}

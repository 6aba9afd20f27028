//! The texts of the operator console, a section for each page.
//!
//! Owns: which texts there are. Never: a sentence.

use super::Phrase;
use super::draws::DrawTexts;
use super::text::{Text, patterns, sections};
use std::collections::BTreeMap;

sections! {
    /// The console of operators.
    ConsoleTexts {
        shell: ShellTexts,
        role: RoleTexts,
        log_in: LogInTexts,
        account: AccountTexts,
        counters: CountersTexts,
        list: ListTexts,
        phase: PhaseTexts,
        next: NextTexts,
        picture: PictureTexts,
        machine: MachineTexts,
        switch: SwitchTexts,
        open: OpenTexts,
        reopen: OpenTexts,
        pause: PauseTexts,
        resume: ResumeTexts,
        close: CloseTexts,
        publish: PublishTexts,
        cap: CapTexts,
        withdraw: WithdrawTexts,
        lapse: LapseTexts,
        stock: StockTexts,
        /// Mistakes in a table, by their codes.
        fault: BTreeMap<String, Text>,
        fault_place: FaultPlaceTexts,
        draw: DrawTexts,
        export: ExportTexts,
        actions: ActionsTexts,
        change: ChangeTexts,
        word: WordTexts,
        /// What refusals say, by their codes.
        refusal: BTreeMap<String, Phrase>,
    }

    /// What stands on every page of the console.
    ShellTexts {
        skip: Text,
        name: Text,
        campaigns: Text,
        actions: Text,
        account: Text,
        counters: Text,
        log_out: Text,
        languages: Text,
        live: Text,
        stale: Text,
        ends_soon: Text,
        ends_shift: Text,
        stay: Text,
        over: Text,
        lost: Text,
        again: Text,
        undone: Text,
        before: Text,
        open_again: Text,
        without_script: Text,
        reload: Text,
        back: Text,
        code: Text,
        error_page: Text,
    }

    /// What an account may do, in a word.
    RoleTexts {
        owner: Text,
        auditor: Text,
        outlet: Text,
    }

    /// The log-in page.
    LogInTexts {
        title: Text,
        name: Text,
        password: Text,
        submit: Text,
        refused: Text,
        wait: WithSeconds,
        busy: Text,
        unread: Text,
        clear_text: Text,
        first: WithCommand,
        ended: Text,
        undone: Text,
    }

    /// The page of one's own account.
    AccountTexts {
        title: Text,
        role: Text,
        sessions: Text,
        sessions_told: WithCount,
        everywhere: Text,
        password: Text,
        old: Text,
        new: Text,
        new_hint: Text,
        again: Text,
        submit: Text,
        changed: Text,
        wrong: Text,
        differ: Text,
        too_short: Text,
        too_long: Text,
        guessable: Text,
        counter: Text,
        to_counter: Text,
    }

    /// The page of phones at counters.
    CountersTexts {
        title: Text,
        lead: Text,
        make: Text,
        name: Text,
        name_hint: Text,
        outlets: Text,
        outlets_hint: Text,
        hours: Text,
        submit: Text,
        code_for: WithName,
        code_until: WithWhen,
        qr: Text,
        how: WithAddress,
        running: Text,
        none: Text,
        began: Text,
        ends: Text,
        by: Text,
        end: Text,
        end_which: WithName,
        wrong_name: WithMost,
        no_outlet: WithMost,
        unknown_outlet: WithCode,
        wrong_hours: WithMost,
        unread: Text,
    }

    /// The list of campaigns.
    ListTexts {
        title: Text,
        nothing: WithCommand,
        campaign: Text,
        phase: Text,
        entries: Text,
        next: Text,
        more: WithCount,
    }

    /// The state of a campaign, in a word.
    PhaseTexts {
        open: Text,
        not_open_yet: Text,
        paused: Text,
        full: Text,
        ended: Text,
        waiting: WithOther,
        published: Text,
        held_back: Text,
        shredded: Text,
    }

    /// The next thing that happens by itself.
    NextTexts {
        opens: Text,
        closes: Text,
        publishes: Text,
        nothing: Text,
        at: WithWhen,
    }

    /// What a campaign looks like now.
    PictureTexts {
        entries: Text,
        a_second: Text,
        booked: Text,
        held: Text,
        sold_out: Text,
        waiting: Text,
        cooling_down: Text,
        counting: WithCountedEntries,
        free: Text,
        of_units: WithUnits,
        of_cap: WithCap,
        redeemed: Text,
        minutes: Text,
        whole: Text,
        chart_text: WithEntriesFromMostSpanUntil,
        no_entries: Text,
        seconds: WithCount,
        minutes_span: WithCount,
        heat: Text,
        heat_hint: Text,
        district: Text,
        outlet: Text,
        all: Text,
        all_districts: Text,
        more: WithCount,
        none_offered: Text,
    }

    /// How the machine is doing.
    MachineTexts {
        title: Text,
        answer: Text,
        sync: Text,
        p50: Text,
        p99: Text,
        queue: Text,
        requests: Text,
        turned_away: Text,
        quiet: Text,
        rate_text: WithMost,
    }

    /// The switches of a campaign.
    SwitchTexts {
        title: Text,
        reason: Text,
        type_code: WithCode,
        wrong_code: Text,
        entries_now: WithEntries,
        who: WithName,
        done: WithWhat,
        pressed: WithWhen,
        refused: Text,
        unknown: Text,
        lost: Text,
        read_only: Text,
    }

    /// Open.
    OpenTexts {
        title: Text,
        what: Text,
        submit: Text,
    }

    /// Pause.
    PauseTexts {
        title: Text,
        what: Text,
        reason: Text,
        submit: Text,
    }

    /// Resume.
    ResumeTexts {
        title: Text,
        what: Text,
        submit: Text,
    }

    /// Close.
    CloseTexts {
        title: Text,
        what: Text,
        submit: Text,
    }

    /// Publish.
    PublishTexts {
        title: Text,
        what: WithEntries,
        submit: Text,
    }

    /// Cap.
    CapTexts {
        title: Text,
        what: Text,
        now: WithCap,
        none: Text,
        entries: Text,
        wrong: Text,
        beyond: WithMost,
        submit: Text,
    }

    /// Withdraw.
    WithdrawTexts {
        title: Text,
        what: Text,
        place: Text,
        any: Text,
        outlet: Text,
        item: Text,
        slot: Text,
        units: Text,
        preview: Text,
        would: WithPoolsUnits,
        unknown_outlet: WithCode,
        wrong: Text,
        submit: Text,
    }

    /// Taking back what winners have not collected.
    LapseTexts {
        title: Text,
        what: Text,
        would: WithPoolsUnits,
        early: WithCount,
        submit: Text,
    }

    /// Stock.
    StockTexts {
        title: Text,
        what: Text,
        file: Text,
        sheet: Text,
        mode: Text,
        replace: Text,
        add: Text,
        preview: Text,
        difference: Text,
        sum: WithAfterBeforeChanged,
        nothing: Text,
        below: WithCount,
        before: Text,
        after: Text,
        held: Text,
        warnings: Text,
        file_missing: Text,
        file_empty: Text,
        gone: Text,
        submit: Text,
        files_wrong: Text,
        others_wrong: Text,
    }

    /// Where a mistake in a table is.
    FaultPlaceTexts {
        file: WithFile,
        line: WithFileLine,
        column: WithColumnFileLine,
        sheet: WithFileSheet,
        cell: WithCellFileSheet,
    }

    /// Export.
    ExportTexts {
        title: Text,
        what: Text,
        format: Text,
        archive: Text,
        one: Text,
        unpublished: Text,
        submit: Text,
    }

    /// The journal of what operators did.
    ActionsTexts {
        title: Text,
        search: Text,
        text: Text,
        actor: Text,
        campaign: Text,
        kind: Text,
        any: Text,
        when: Text,
        reason: Text,
        nothing: Text,
        found: WithFromUntil,
        newer: Text,
        older: Text,
        address: Text,
        from: WithAddress,
        command_line: Text,
        colon: Text,
    }

    /// What an action changed, and the words of it that stand in no other place.
    ChangeTexts {
        phase: Text,
        results: Text,
        cap: Text,
        units: Text,
        booked: Text,
        people: Text,
        personal_data: Text,
        none: Text,
        kept: Text,
        lifted: Text,
        to: WithAfterBeforeWhat,
        same: WithBeforeWhat,
    }

    /// What was done, in a word.
    WordTexts {
        open: Text,
        pause: Text,
        resume: Text,
        close: Text,
        publish: Text,
        cap: Text,
        withdraw: Text,
        stock: Text,
        load: Text,
        list: Text,
        export: Text,
        shred: Text,
        close_draw: Text,
        draw_event: Text,
        lapse: Text,
        alternates: Text,
        take_over: Text,
    }
}

patterns! {
    /// With address.
    WithAddress(address);
    /// With after, before, changed.
    WithAfterBeforeChanged(after, before, changed);
    /// With after, before, what.
    WithAfterBeforeWhat(after, before, what);
    /// With before, what.
    WithBeforeWhat(before, what);
    /// With cap.
    WithCap(cap);
    /// With cell, file, sheet.
    WithCellFileSheet(cell, file, sheet);
    /// With code.
    WithCode(code);
    /// With column, file, line.
    WithColumnFileLine(column, file, line);
    /// With command.
    WithCommand(command);
    /// With count.
    WithCount(count);
    /// With counted, entries.
    WithCountedEntries(counted, entries);
    /// With entries.
    WithEntries(entries);
    /// With entries, from, most, span, until.
    WithEntriesFromMostSpanUntil(entries, from, most, span, until);
    /// With file.
    WithFile(file);
    /// With file, line.
    WithFileLine(file, line);
    /// With file, sheet.
    WithFileSheet(file, sheet);
    /// With from, until.
    WithFromUntil(from, until);
    /// With most.
    WithMost(most);
    /// With name.
    WithName(name);
    /// With other.
    WithOther(other);
    /// With pools, units.
    WithPoolsUnits(pools, units);
    /// With seconds.
    WithSeconds(seconds);
    /// With units.
    WithUnits(units);
    /// With what.
    WithWhat(what);
    /// With when.
    WithWhen(when);
}

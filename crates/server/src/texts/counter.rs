//! The texts of the counter, a section for each page and each answer.
//!
//! Owns: which texts there are. Never: a sentence.

use super::Phrase;
use super::text::{Text, patterns, sections};
use std::collections::BTreeMap;

sections! {
    /// Where units are handed out.
    CounterTexts {
        name: Text,
        skip: Text,
        languages: Text,
        menu: Text,
        until: Until,
        other_outlet: Text,
        log_out: Text,
        back: Text,
        log_in: CounterLogInTexts,
        outlets: TitleTexts,
        counts: CountsTexts,
        next: NextCodeTexts,
        look: LookTexts,
        done: DoneTexts,
        held: HeldTexts,
        mistyped: MistypedTexts,
        code: CounterCodeTexts,
        unknown: AdviceTexts,
        before: BeforeTexts,
        elsewhere: ElsewhereTexts,
        not_here: OfCampaignTexts,
        early: OfSlotTexts,
        late: OfSlotTexts,
        cancelled: CancelledTexts,
        unpublished: OfCampaignTexts,
        nothing: OfCampaignTexts,
        shredded: OfCampaignTexts,
        unavailable: UnavailableTexts,
        unread: Phrase,
        /// What the pages refuse, by code.
        problem: BTreeMap<String, Phrase>,
        /// What the script says.
        script: BTreeMap<String, Text>,
    }

    /// The log-in page.
    CounterLogInTexts {
        title: Text,
        code: Text,
        hint: Text,
        submit: Text,
        refused: Text,
        wait: WaitSeconds,
        ended: Text,
        ended_press: Text,
        clear_text: Text,
        account: Text,
    }

    /// A page that says one thing.
    TitleTexts {
        title: Text,
    }

    /// Today's counts.
    CountsTexts {
        title: Text,
        by_item: Text,
        item: Text,
        done: Text,
        to_do: Text,
        nothing: Text,
        unknown: Text,
    }

    /// The form for the next code.
    NextCodeTexts {
        code: Text,
        submit: Text,
    }

    /// What is to be handed over.
    LookTexts {
        title: Text,
        slot: Text,
        /// Before how many entered together.
        people: Text,
        number: Text,
        campaign: Text,
        other: Text,
        submit: Text,
    }

    /// It was handed over.
    DoneTexts {
        headline: Text,
        what: UnitsOf,
        next: Text,
        recorded: RecordedAt,
        repeated: Text,
    }

    /// It was pressed, and nobody knows yet what became of it.
    HeldTexts {
        headline: Text,
        advice: Text,
        paper: Text,
    }

    /// It is no code.
    MistypedTexts {
        headline: Text,
        advice: Text,
    }

    /// What can be wrong with a code.
    CounterCodeTexts {
        length: FoundSymbols,
        look_alike: OneCharacter,
        not_a_symbol: Text,
        check_symbol: Text,
        never_given: Text,
        phone: Text,
        receipt: Text,
    }

    /// Nothing more is known.
    AdviceTexts {
        headline: Text,
        advice: Text,
    }

    /// It was handed over before.
    BeforeTexts {
        headline: Text,
        detail: WhenAndWhere,
        advice: Text,
        own: Text,
    }

    /// It is at another outlet.
    ElsewhereTexts {
        headline: Text,
        detail: OutletAndAddress,
        advice: Text,
    }

    /// Something about a campaign.
    OfCampaignTexts {
        headline: Text,
        detail: OfCampaign,
        advice: Text,
    }

    /// Something about a slot.
    OfSlotTexts {
        headline: Text,
        detail: OfSlot,
        advice: Text,
    }

    /// It was given up.
    CancelledTexts {
        headline: Text,
        detail: CancelledAt,
        advice: Text,
    }

    /// The node takes nothing now.
    UnavailableTexts {
        headline: Text,
        advice: Text,
        again: Text,
    }
}

patterns! {
    /// Until when a shift lasts.
    Until(when);
    /// How long somebody must wait.
    WaitSeconds(seconds);
    /// How many of what.
    UnitsOf(units, item);
    /// When a press was recorded.
    RecordedAt(when);
    /// How many symbols there are.
    FoundSymbols(found);
    /// Which character.
    OneCharacter(character);
    /// When and by which outlet.
    WhenAndWhere(when, outlet);
    /// Which outlet.
    OutletAndAddress(outlet, address);
    /// Of which campaign.
    OfCampaign(campaign);
    /// When a slot is.
    OfSlot(span);
    /// When it was given up.
    CancelledAt(when);
}

#[cfg(test)]
mod tests {
    use crate::language::Language;
    use std::collections::BTreeSet;

    const SCRIPTS: [&str; 2] =
        [include_str!("../../assets/camera.js"), include_str!("../../assets/counter.js")];
    /// How sending goes on, whose texts the script finds by these words.
    const STATES: [&str; 3] = ["unknown", "offline", "busy"];

    #[test]
    fn scripts_say_what_there_is_and_all_of_it() {
        let quoted = |script: &'static str| script.split('"').skip(1).step_by(2);
        let said: BTreeSet<&str> = SCRIPTS.into_iter().flat_map(quoted).chain(STATES).collect();
        let called: usize = SCRIPTS.map(|script| script.matches("text(").count()).iter().sum();
        assert!(STATES.len() < called, "the scripts say something");
        for language in Language::all() {
            let texts = &language.texts().counter.script;
            for key in texts.keys() {
                assert!(said.contains(key.as_str()), "no script says {key}");
            }
            for script in SCRIPTS {
                // `getContext("2d")` is no text.
                for call in script.replace("Context(", "").split("text(\"").skip(1) {
                    let key = call.split('"').next().unwrap();
                    assert!(texts.contains_key(key), "no text {key}");
                }
            }
        }
    }
}

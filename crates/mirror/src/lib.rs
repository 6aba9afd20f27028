//! The ledger's state in the model's words: what both hold is compared as one plain value.
//!
//! Owns: the translation, piece by piece. Never: decides which of the two is right.
//! On failure: panics; a state that has no translation is one that cannot be.

use ledger::{Decision, EntryView, Fate, Ledger, PublicEntry};
use model::{CampaignState, Deed, Draw, Entry, Export, Marks, Phase, Place, Pool, Stage, Standing};
use model::{State, Success, SuccessKey, View};
use std::collections::{BTreeMap, BTreeSet};
use types::{Action, CampaignNo, DrawEvent, DrawNo, EntryNo, ItemNo, ListKind, PersonKey, Sha256};

/// The whole state.
///
/// # Panics
/// When a part of the ledger contradicts another.
#[must_use]
pub fn state(ledger: &Ledger) -> State {
    State {
        at: ledger.time(),
        campaigns: ledger
            .campaigns()
            .iter()
            .map(|campaign| campaign_state(ledger, campaign))
            .collect(),
        successes: successes(ledger),
        deeds: ledger.actions().map(deed).collect(),
    }
}

fn campaign_state(ledger: &Ledger, campaign: &ledger::Campaign) -> CampaignState {
    let fields = campaign.definition().unique_fields().count();
    let list =
        |kind| -> Vec<_> { (0..fields as u8).map(|field| list(campaign, kind, field)).collect() };
    let items = campaign.definition().items.iter().enumerate();
    let reserved = items.filter(|(_, item)| item.reserved.is_some());
    let reserved = reserved.map(|(index, _)| ItemNo::from_index(index));
    assert_drawing(campaign);
    CampaignState {
        definition: campaign.definition().as_ref().clone(),
        pools: campaign.pools().iter().map(pool).collect(),
        entries: (0..campaign.entries_len())
            .map(|no| entry(ledger, campaign, EntryNo(no)))
            .collect(),
        blocked: list(ListKind::Block),
        allowed: list(ListKind::Allow),
        reserved: reserved.map(|item| (item, list(ListKind::Reserved(item)))).collect(),
        draws: campaign.draws().iter().map(draw).collect(),
        marks: marks(campaign.marks()),
    }
}

fn list(campaign: &ledger::Campaign, kind: ListKind, field: u8) -> BTreeSet<PersonKey> {
    let keys: BTreeSet<_> = campaign.list_keys(kind, field).collect();
    assert_eq!(keys.len(), campaign.list_len(kind, field), "nobody is on a list twice");
    keys
}

/// The mark that one draw for all has begun says what the draws say.
fn assert_drawing(campaign: &ledger::Campaign) {
    let once = campaign.definition().draw().is_some_and(|terms| terms.stand_days.is_none());
    let last = campaign.draws().last();
    let drawing = once && last.is_some_and(|draw| draw.stage != ledger::Stage::Void);
    assert_eq!(campaign.marks().drawing, drawing, "the mark and the draws");
    let number = campaign.latest_draw().map(|(number, _)| number);
    assert_eq!(number, last.map(|_| DrawNo::from_index(campaign.draws().len())));
}

/// A draw.
#[must_use]
pub fn draw(draw: &ledger::Draw) -> Draw {
    Draw {
        frame: draw.frame,
        at: draw.at,
        slot: draw.slot,
        unserved: draw.unserved,
        entries: draw.entries,
        events: draw.events.clone(),
        announced: draw.winners,
        awarded: draw.awarded,
        was_published: draw.was_published,
        stage: match draw.stage {
            ledger::Stage::Closed => Stage::Closed,
            ledger::Stage::Sealed => Stage::Sealed,
            ledger::Stage::Opened => Stage::Opened,
            ledger::Stage::Seeded => Stage::Seeded,
            ledger::Stage::Drawn => Stage::Drawn,
            ledger::Stage::Published => Stage::Published,
            ledger::Stage::Resumed => Stage::Resumed,
            ledger::Stage::Void => Stage::Void,
        },
    }
}

/// What operators did to a campaign.
#[must_use]
pub fn marks(marks: &ledger::Marks) -> Marks {
    let exports = marks.exports.iter().map(|export| Export {
        frame: export.frame,
        at: export.at,
        bookings: export.bookings,
        checksum: export.checksum.clone(),
    });
    Marks {
        opened: marks.opened,
        closed: marks.closed,
        paused: marks.paused,
        published: marks.published,
        shredded: marks.shredded,
        cap: marks.cap,
        exports: exports.collect(),
    }
}

fn pool(pool: &ledger::Pool) -> Pool {
    let ledger::PoolPlace { outlet, item, slot } = pool.place;
    let ledger::Pool { issued, withdrawn, withdrawn_early, booked, redeemed, .. } = *pool;
    Pool { outlet, item, slot, issued, withdrawn, withdrawn_early, booked, redeemed }
}

fn entry(ledger: &Ledger, campaign: &ledger::Campaign, number: EntryNo) -> Entry {
    let view: EntryView = ledger.entry(campaign.no(), number).expect("it is below the count");
    assert_eq!(view.entry, number);
    let redemption = campaign.redemption(number);
    assert_eq!(redemption.is_some(), matches!(view.fate, Fate::Redeemed { .. }));
    let digests = campaign.digests_of(number);
    assert_eq!(digests.identity, view.identity, "of one row");
    Entry {
        request: campaign.request_of(number),
        digests,
        people: people(campaign, number),
        units: view.units,
        at: view.at,
        place: Place { frame: view.place.frame, offset: view.place.offset },
        decision: match (view.decision, view.pool) {
            (Decision::Booked, Some(pool)) => model::Decision::Booked { pool },
            (Decision::SoldOut, None) => model::Decision::SoldOut,
            (Decision::CoolingDown, None) => model::Decision::CoolingDown,
            (Decision::Waiting, None) => model::Decision::Waiting,
            odd => panic!("decision and pool do not fit: {odd:?}"),
        },
        fate: match view.fate {
            Fate::Live => model::Fate::Live,
            Fate::Cancelled { at } => model::Fate::Cancelled { at },
            Fate::Redeemed { at } => {
                let redemption = redemption.expect("asserted above");
                let (request, actor) = (redemption.request, redemption.actor.clone());
                model::Fate::Redeemed { at, request, actor }
            }
        },
        losses: campaign.losses_of(number),
        listed: campaign.is_listed(number),
        hidden: campaign.is_hidden(number),
    }
}

/// The keys of each of an entry's people.
fn people(campaign: &ledger::Campaign, number: EntryNo) -> Vec<Vec<PersonKey>> {
    let first: Vec<PersonKey> = campaign.keys_of(number).collect();
    let further = campaign.further_keys_of(number);
    assert!(further.len().is_multiple_of(first.len()), "whole people");
    let further: Vec<_> = further.chunks(first.len()).map(<[PersonKey]>::to_vec).collect();
    std::iter::once(first).chain(further).collect()
}

fn successes(ledger: &Ledger) -> BTreeMap<SuccessKey, BTreeSet<Success>> {
    let mut successes: BTreeMap<SuccessKey, BTreeSet<Success>> = BTreeMap::new();
    for (series, field, ledger::Success { key, day, campaign, entry }) in ledger.successes() {
        let of_key = successes.entry((series.to_owned(), field, key)).or_default();
        assert!(of_key.insert(Success { day, campaign, entry }), "each success once");
        if let Some(definition) = ledger.campaign(campaign).map(ledger::Campaign::definition) {
            assert_eq!(definition.series.as_ref().map(|series| &*series.code), Some(series));
        }
    }
    for ((_, field, key), of_key) in &successes {
        let last = of_key.last().copied().expect("each has one");
        let latest = ledger.latest_success(last.campaign, *field, *key).expect("it was listed");
        let ledger::Success { day, campaign, entry, .. } = latest;
        assert_eq!(Success { day, campaign, entry }, last, "the latest is the last of all");
    }
    successes
}

fn deed(record: &ledger::ActionRecord) -> Deed {
    Deed {
        actor: record.actor.clone(),
        from: record.from.clone(),
        reason: record.reason.clone(),
        word: word(&record.word),
        campaign: record.campaign,
        frame: record.frame,
        at: record.at,
        outcome: code(&record.outcome),
        change: [record.before.clone(), record.after.clone()],
    }
}

/// The action's word as the types spell it.
fn word(word: &str) -> &'static str {
    let campaign = CampaignNo(0);
    let actions = [
        Action::Stock { campaign, mode: types::StockMode::Add, rows: Vec::new() },
        Action::Open { campaign },
        Action::Pause { campaign },
        Action::Resume { campaign },
        Action::Close { campaign },
        Action::Publish { campaign },
        Action::Cap { campaign, entries: None },
        Action::Withdraw { campaign, outlet: None, item: None, slot: None, units: None },
        Action::List { campaign, list: ListKind::Block, field: 0, keys: Vec::new() },
        Action::Export { campaign, bookings: 0, checksum: String::new(), seen: None },
        Action::Shred { campaign },
        Action::CloseDraw { campaign, slot: None, unserved: false },
        Action::DrawEvent {
            campaign,
            draw: DrawNo(1),
            event: DrawEvent::Opening,
            digest: Sha256([0; 32]),
        },
        Action::Alternates { campaign, draw: DrawNo(1), begin: true },
        Action::Lapse { campaign, outlet: None, item: None, slot: None },
        Action::TakeOver { campaign },
    ];
    let known = actions.iter().map(Action::word).find(|known| *known == word);
    known.unwrap_or_else(|| {
        assert_eq!(word, "load");
        "load"
    })
}

fn code(code: &str) -> &'static str {
    let known = types::outcome::CODES.iter().find(|known| **known == code);
    known.unwrap_or_else(|| panic!("{code} is no outcome's code"))
}

/// A phase.
#[must_use]
pub fn phase(phase: ledger::Phase) -> Phase {
    match phase {
        ledger::Phase::Open { .. } => Phase::Open,
        ledger::Phase::NotOpenYet { opens } => Phase::NotOpenYet { opens },
        ledger::Phase::Paused => Phase::Paused,
        ledger::Phase::CapReached => Phase::CapReached,
        ledger::Phase::Closed => Phase::Closed,
    }
}

/// What the owner may know, with the draws lost so far; of a cancelled entry the ledger does not
/// say when it came.
#[must_use]
pub fn known(entry: PublicEntry) -> (EntryNo, Standing, u8) {
    match entry {
        PublicEntry::Registered { entry, losses, .. } => (entry, Standing::Registered, losses),
        PublicEntry::Booked { entry, pool, units, redeemed: None, .. } => {
            (entry, Standing::Booked { pool, units }, 0)
        }
        PublicEntry::Booked { entry, pool, units, redeemed: Some(at), .. } => {
            (entry, Standing::Redeemed { pool, units, at }, 0)
        }
        PublicEntry::NotAllocated { entry, cooling_down: true, .. } => {
            (entry, Standing::CoolingDown, 0)
        }
        PublicEntry::NotAllocated { entry, cooling_down: false, .. } => {
            (entry, Standing::SoldOut, 0)
        }
        PublicEntry::Cancelled { entry, at } => (entry, Standing::Cancelled { at }, 0),
    }
}

/// What the model's owner may know, without what the ledger does not say.
#[must_use]
pub const fn viewed(view: View) -> (EntryNo, Standing, u8) {
    (view.entry, view.standing, view.losses)
}

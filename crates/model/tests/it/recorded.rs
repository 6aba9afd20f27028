//! The ledger's hash, recorded: the same commands give the same hash in every release, and
//! whatever decides anything is part of it.

use crate::desk::{MASKS, february, in_series, row, with_second_outlet};
use expect_test::expect;
use ledger::{Changes, Ledger, Place};
use types::command::{EnterParts, Records};
use types::{
    Action, Cancel, Command, Definition, EnterDigests, EntryNo, ItemNo, ListKind, Millis,
    OperatorCommand, Outcome, OutletNo, PersonKey, PoolNo, Publish, Redeem, RequestId, StockMode,
};

/// A ledger with a pencil: after every command its hash.
struct Book {
    ledger: Ledger,
    at: Millis,
    lines: Vec<String>,
}

impl Book {
    fn new(definition: Definition) -> Self {
        let (ledger, at) = (Ledger::new(), february(1, 0, 0));
        let mut book = Self { ledger, at, lines: Vec::new() };
        book.act(Action::Load { definition: Box::new(definition) });
        book
    }

    fn apply(&mut self, command: &Command<'_>) -> Outcome {
        let place = Place { frame: self.ledger.frame().next(), offset: 24 };
        let outcome = self.ledger.apply(place, self.at, command);
        self.lines.push(format!("{} {}", self.ledger.hash(), outcome.code()));
        outcome
    }

    fn act(&mut self, action: Action) -> Outcome {
        let (actor, reason) = ("officer".into(), "planned".into());
        self.apply(&Command::Operator(Box::new(OperatorCommand {
            actor,
            from: None,
            reason,
            action,
        })))
    }

    fn enter(&mut self, person: u8, units: u8) -> Outcome {
        let payload = Self::payload(person, units);
        let (_, record) = Records::new(&payload).next().unwrap().unwrap();
        self.apply(&Command::decode(record).unwrap())
    }

    fn payload(person: u8, units: u8) -> Vec<u8> {
        let parts = EnterParts {
            campaign: MASKS,
            request: RequestId([person; 16]),
            digests: EnterDigests { request: [person; 8], identity: [person; 8] },
            units,
            choices: &[PoolNo(0)],
            keys: &[PersonKey([person; 16])],
            sealed: b"",
        };
        let mut payload = Vec::new();
        parts.encode(&mut payload);
        payload
    }

    fn cancel(&mut self, entry: u32) -> Outcome {
        self.apply(&Command::Cancel(Cancel { campaign: MASKS, entry: EntryNo(entry) }))
    }

    fn redeem(&mut self, entry: u32) -> Outcome {
        let (entry, outlet, request) = (EntryNo(entry), OutletNo(0), RequestId([99; 16]));
        self.apply(&Command::Redeem(Redeem {
            campaign: MASKS,
            entry,
            outlet,
            request,
            actor: "counter",
        }))
    }
}

/// Everything that is state, once.
#[test]
fn the_same_commands_give_the_same_hash_in_every_release() {
    let mut masks = with_second_outlet(in_series("masks", 9), 5);
    masks.register.units_max = 3;
    let mut book = Book::new(masks);
    book.act(Action::Open { campaign: MASKS });
    book.enter(1, 2);
    book.enter(2, 3);
    book.cancel(0);
    book.at = february(3, 10, 0);
    book.redeem(1);
    book.act(Action::Stock { campaign: MASKS, mode: StockMode::Add, rows: vec![row(1, 4)] });
    let (outlet, item, slot) = (Some(OutletNo(1)), Some(ItemNo(0)), None);
    book.act(Action::Withdraw { campaign: MASKS, outlet, item, slot, units: Some(2) });
    for (list, key) in [(ListKind::Block, 7), (ListKind::Allow, 8)] {
        let keys = vec![PersonKey([key; 16])];
        book.act(Action::List { campaign: MASKS, list, field: 0, keys });
    }
    book.act(Action::Cap { campaign: MASKS, entries: Some(40) });
    let (bookings, checksum) = (1, "c0ffee".into());
    book.act(Action::Export { campaign: MASKS, bookings, checksum, seen: None });
    book.apply(&Command::Tick);
    expect![[r#"
        2cec66d6776ce56c loaded
        4fc8f97c7bedbc5f done
        15adb20b59bc252a booked
        625ae20e6eed3b83 booked
        e3d0cc9e7a3e46ea cancelled
        5e51bd69d71b148b redeemed
        dcb8565a712b714a done
        e2254becea84d1ec done
        48d3d7e762e81592 done
        671b5143131647d1 done
        5d514d00c4c574f4 done
        90b82afbeaed47fa done
        cc9bbdc4dc949319 ticked"#]]
    .assert_eq(&book.lines.join("\n"));
}

/// What a publisher of views must look at again, and when the next tick is due.
#[test]
fn what_changed_and_what_is_due_is_told_once() {
    let mut masks = with_second_outlet(in_series("masks", 9), 5);
    masks.publish = Publish::At { at: february(2, 20, 0) };
    let mut book = Book::new(masks);
    let mut changes = Changes::default();
    let mut changed = |book: &mut Book| {
        book.ledger.take_changes(&mut changes);
        let pools: Vec<u32> = changes.pools.iter().map(|(_, pool)| pool.0).collect();
        let campaigns: Vec<u16> = changes.campaigns.iter().map(|campaign| campaign.0).collect();
        (campaigns, pools)
    };
    assert_eq!(changed(&mut book), (vec![0], vec![]));
    assert_eq!(changed(&mut book), (vec![], vec![]), "it was told");
    book.act(Action::Open { campaign: MASKS });
    book.enter(1, 1);
    assert_eq!(changed(&mut book), (vec![0], vec![0]));
    book.cancel(0);
    assert_eq!(changed(&mut book), (vec![], vec![0]));
    assert_eq!(book.ledger.next_due(), Some(february(2, 20, 0)));
    book.at = february(2, 20, 0);
    book.apply(&Command::Tick);
    assert_eq!(book.ledger.next_due(), None, "it is published");
    let by_hand = Publish::ByHand { expected: Some(february(3, 20, 0)) };
    let second = Definition { publish: by_hand, ..in_series("second", 1) };
    let third = Definition { publish: Publish::At { at: february(5, 1, 0) }, ..second.clone() };
    for (code, definition) in [("second", second), ("third", third)] {
        let definition = Definition { code: code.into(), series: None, ..definition };
        book.act(Action::Load { definition: Box::new(definition) });
    }
    assert_eq!(book.ledger.next_due(), Some(february(5, 1, 0)), "by hand is never due by itself");
}

#[test]
#[should_panic(expected = "entries come in the order of the journal")]
fn two_entries_at_one_place_are_not_taken() {
    let mut book = Book::new(in_series("masks", 9));
    book.act(Action::Open { campaign: MASKS });
    let place = Place { frame: book.ledger.frame().next(), offset: 24 };
    for person in [1, 2] {
        let payload = Book::payload(person, 1);
        let (_, record) = Records::new(&payload).next().unwrap().unwrap();
        book.ledger.apply(place, book.at, &Command::decode(record).unwrap());
    }
}

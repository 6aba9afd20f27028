//! The files of a draw, which anybody may hand to whoever checks one.
//!
//! Invariants: what is read is written again to the byte; a line that is read can be looked up in
//! any stock; a proof is checked without end for no length of its path.

use crate::bites::Bites;
use draw::event::Event;
use draw::note::{Checkpoint, Note};
use draw::proof::Proof;
use draw::receipt::Receipt;
use draw::seal::Seal;
use draw::seed::SeedText;
use draw::table::{Cutoffs, read_winners, write_winners};
use draw::tile::{Tile, read_entries, write_entry};
use draw::{Line, Stock};

const STOCK: &[u8] = b"A,2\nB#65,1\nB,9\n";

pub(crate) fn feed(bytes: &[u8]) {
    let mut bites = Bites(bytes);
    let (reader, bytes) = (bites.byte(), bites.0);
    let text = str::from_utf8(bytes);
    match (reader % 5, text) {
        (0, Ok(text)) => notes(text),
        (1, Ok(text)) => documents(text),
        (2, Ok(text)) => {
            if let Ok(proof) = Proof::read(text) {
                assert_eq!(Proof::read(&proof.write()).as_ref(), Ok(&proof));
                let _ = proof.check(b"a line");
            }
        }
        (3, _) => tables(bytes),
        (4, _) => lines(bytes),
        _ => {}
    }
}

fn notes(text: &str) {
    let Ok(note) = Note::read(text) else { return };
    assert_eq!(note.to_string(), text);
    if let Ok(head) = Checkpoint::read(&note) {
        assert_eq!(head.text(), note.text());
    }
    documents(note.text());
}

fn documents(text: &str) {
    if let Ok(seal) = Seal::read(text) {
        assert_eq!(seal.text(), text);
    }
    if let Ok(event) = Event::read(text) {
        assert_eq!(event.text(), text);
    }
    if let Ok(receipt) = Receipt::read(text) {
        assert_eq!(*receipt.text(), text);
        assert!(receipt.is_promise() || receipt.is_of(&receipt.line()));
    }
    if let Ok(seed) = SeedText::read(text) {
        assert_eq!(*seed.text(), *text);
    }
}

fn tables(bytes: &[u8]) {
    if let Ok(stock) = Stock::read(bytes) {
        assert_eq!(stock.text().as_bytes(), bytes);
    }
    let stock = Stock::read(STOCK).expect("it is one");
    if let Ok(winners) = read_winners(bytes, &stock) {
        assert_eq!(write_winners(&winners, &stock).as_bytes(), bytes);
    }
    if let Ok(cutoffs) = Cutoffs::read(bytes, &stock) {
        assert_eq!(cutoffs.write(&stock).as_bytes(), bytes);
    }
}

fn lines(bytes: &[u8]) {
    if let Ok(line) = Line::read(bytes) {
        let stock = Stock::read(STOCK).expect("it is one");
        let _ = line.wish(&stock);
        assert_eq!(line.commits().count(), line.tags().count());
        assert!(bytes.starts_with(line.beginning()));
    }
    for width in 1..=4 {
        let Some(lines) = read_entries(Tile::partial(0, 0, width), bytes) else { continue };
        let mut written = Vec::new();
        lines.iter().for_each(|line| write_entry(&mut written, line));
        assert_eq!((lines.len(), &*written), (width, bytes));
    }
}

//! The worked draw in `tests/vector/`, reproduced to the byte.

use draw::allocate::{Drawn, Ranking, replay};
use draw::note::{Checkpoint, Note, SigningKey};
use draw::number::Numbers;
use draw::outcome::outcome;
use draw::proof::Proof;
use draw::table::{Cutoffs, read_winners, write_winners};
use draw::tree::{TreeBuilder, leaf};
use draw::{Digest, Line, Stock, proof};
use zeroize::Zeroizing;

const ENTRIES: &str = include_str!("../vector/entries.txt");
const STOCK: &str = include_str!("../vector/stock.txt");
const SEED: &str = include_str!("../vector/seed.txt");
const WINNERS: &str = include_str!("../vector/winners.txt");
const CUTOFFS: &str = include_str!("../vector/cutoffs.txt");
const CHECKPOINT: &str = include_str!("../vector/checkpoint");
const PROOF: &str = include_str!("../vector/entry4.tlog-proof");

fn stock() -> Stock {
    Stock::read(STOCK.as_bytes()).unwrap()
}

fn drawn() -> Vec<Drawn> {
    let (stock, numbers) = (stock(), Numbers::new(Digest::of(SEED.as_bytes())));
    let drawn = |(index, line): (u32, &str)| {
        let line = Line::read(line.as_bytes()).unwrap();
        let number = numbers.of(leaf(line.bytes()), line.tickets());
        Drawn { number, index, wish: line.wish(&stock).unwrap() }
    };
    (0..).zip(ENTRIES.lines()).map(drawn).collect()
}

#[test]
fn winners_and_cutoffs_come_out_to_the_byte() {
    let mut ranking = Ranking::with_capacity(11);
    drawn().into_iter().rev().for_each(|drawn| ranking.add(drawn));
    let allocation = ranking.allocate(&stock());
    assert_eq!(write_winners(&allocation.winners, &stock()), WINNERS);
    assert_eq!(allocation.cutoffs.write(&stock()), CUTOFFS);
}

#[test]
fn the_table_decides_everyones_result_and_is_earned_by_the_winners() {
    let (stock, drawn) = (stock(), drawn());
    let cutoffs = Cutoffs::read(CUTOFFS.as_bytes(), &stock).unwrap();
    let winners = read_winners(WINNERS.as_bytes(), &stock).unwrap();
    for entry in &drawn {
        let won = winners.iter().find(|winner| winner.index == entry.index);
        let won = won.map(|winner| (winner.pass, winner.bucket));
        assert_eq!(outcome(&cutoffs, &stock, entry.number, &entry.wish), won);
    }
    let wishes = winners.iter().map(|winner| (*winner, drawn[winner.index as usize].wish));
    assert_eq!(replay(&stock, wishes).unwrap().cutoffs, cutoffs);
}

#[test]
fn the_tree_is_signed_by_the_key_of_the_rfc() {
    let mut tree = TreeBuilder::default();
    let mut tiles = Vec::new();
    let mut emit = |tile, hashes: &[Digest]| tiles.push((tile, hashes.to_vec()));
    ENTRIES.lines().for_each(|line| tree.push(leaf(line.as_bytes()), &mut emit));
    let size = tree.size();
    let root = tree.finish(&mut emit);
    let origin = "lot.example/2026-02-18";
    let checkpoint = Checkpoint { origin: origin.to_owned(), size, root };
    // RFC 8032, section 7.1, test 1.
    let secret = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    let Digest(secret) = secret.parse().unwrap();
    let key = SigningKey::new(origin, &Zeroizing::new(secret)).unwrap();
    let note = Note::sign(checkpoint.text(), &[&key]);
    assert_eq!(note.to_string(), CHECKPOINT);
    assert_eq!(note.verify(&key.verifying()), Ok(()));

    let path = proof::path(4, size, |wanted| {
        Ok::<_, ()>(tiles.iter().find(|(tile, _)| *tile == wanted).unwrap().1.clone())
    });
    let made = Proof { index: 4, path: path.unwrap(), checkpoint: note.to_string() };
    assert_eq!(made.write(), PROOF);
    let read = Proof::read(PROOF).unwrap();
    assert_eq!(read, made);
    let lines: Vec<_> = ENTRIES.lines().collect();
    assert_eq!(read.check(lines[4].as_bytes()), Ok(checkpoint));
    assert!(read.check(lines[5].as_bytes()).is_err());
}

//! Random draws, held against the specification told once more (`simple.rs`).

use crate::simple::{draw, stock_file};
use draw::allocate::{Allocation, Drawn, Ranking, replay};
use draw::number::Numbers;
use draw::outcome::outcome;
use draw::table::{Cutoffs, Pass, Winner, read_winners, write_winners};
use draw::tree::leaf;
use draw::{Digest, Line, Stock};
use proptest::prelude::*;

/// Lines, stock, and a seed.
fn draws() -> impl Strategy<Value = (Vec<String>, Vec<(String, u32)>, [u8; 32])> {
    let stock = prop::collection::vec((0..4_u32, 0..12_u32), 1..12);
    (stock, 0..60_usize, any::<[u8; 32]>()).prop_flat_map(|(stock, entries, seed)| {
        let stock: Vec<_> = (0..)
            .zip(stock)
            .map(|(number, (tranche, units))| match tranche {
                0 => (format!("P{number}#65"), units),
                _ => (format!("P{number}"), units),
            })
            .collect();
        let choice = prop::collection::vec(0..stock.len(), 1..=5);
        let entry = (choice, 1..=32_u8, 1..=8_u8, any::<bool>(), any::<[u8; 16]>());
        let names: Vec<_> = stock.iter().map(|(name, _)| name.clone()).collect();
        let line = entry.prop_map(move |(choices, tickets, units, any, tag)| {
            let tag: String = tag.iter().map(|byte| format!("{byte:02x}")).collect();
            let choices: Vec<_> = choices.iter().map(|choice| names[*choice].as_str()).collect();
            let star = if any { ">*" } else { "" };
            format!("{tag}{tag},{tag},{tickets},{units},{}{star}", choices.join(">"))
        });
        let lines = prop::collection::vec(line, entries).prop_map(|mut lines| {
            lines.sort();
            lines.dedup();
            lines
        });
        (lines, Just(stock), Just(seed))
    })
}

fn drawn(lines: &[String], stock: &Stock, seed: Digest) -> Vec<Drawn> {
    let numbers = Numbers::new(seed);
    let drawn = |(index, line): (u32, &String)| {
        let line = Line::read(line.as_bytes()).unwrap();
        let number = numbers.of(leaf(line.bytes()), line.tickets());
        Drawn { number, index, wish: line.wish(stock).unwrap() }
    };
    (0..).zip(lines).map(drawn).collect()
}

fn allocate(drawn: &[Drawn], stock: &Stock) -> Allocation {
    // As two threads read a list: the places of the second piece are counted from its first.
    let (mut one, mut two) = (Ranking::with_capacity(drawn.len()), Ranking::with_capacity(0));
    let first = drawn.len() as u32 / 3;
    for entry in drawn {
        match entry.index.checked_sub(first) {
            None => one.add(*entry),
            Some(index) => two.add(Drawn { index, ..*entry }),
        }
    }
    one.join(two, first);
    assert_eq!(one.len(), drawn.len());
    one.allocate(stock)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn both_passes_and_the_table_are_as_the_specification_tells_them(
        (lines, named, seed) in draws()
    ) {
        let (stock, seed) = (stock_file(&named), Digest(seed));
        let drawn = drawn(&lines, &stock, seed);
        let allocation = allocate(&drawn, &stock);
        let (winners, cutoffs) = draw(&lines, &named, &seed.to_string());
        let found: Vec<_> = allocation.winners.iter().map(|Winner { number, index, bucket, pass }| {
            (number.to_string(), *index as usize, stock.name(*bucket).to_owned(), pass.number())
        }).collect();
        prop_assert_eq!(&found, &winners);
        let rows: Vec<_> = allocation.cutoffs.rows().map(|(pass, bucket, units, number)| {
            ((pass.number(), usize::from(bucket.0), units), number.to_string())
        }).collect();
        prop_assert_eq!(rows, cutoffs.into_iter().collect::<Vec<_>>());
    }

    #[test]
    fn the_table_alone_decides_and_the_winners_alone_earn_it((lines, named, seed) in draws()) {
        let (stock, seed) = (stock_file(&named), Digest(seed));
        let drawn = drawn(&lines, &stock, seed);
        let allocation = allocate(&drawn, &stock);
        for entry in &drawn {
            let won = allocation.winners.iter().find(|winner| winner.index == entry.index);
            let won = won.map(|winner| (winner.pass, winner.bucket));
            prop_assert_eq!(outcome(&allocation.cutoffs, &stock, entry.number, &entry.wish), won);
        }
        let again = allocation.winners.iter().map(|won| (*won, drawn[won.index as usize].wish));
        prop_assert_eq!(replay(&stock, again).unwrap(), allocation);
    }

    #[test]
    fn tables_are_read_as_they_are_written((lines, named, seed) in draws()) {
        let stock = stock_file(&named);
        let allocation = allocate(&drawn(&lines, &stock, Digest(seed)), &stock);
        let winners = write_winners(&allocation.winners, &stock);
        prop_assert_eq!(read_winners(winners.as_bytes(), &stock).unwrap(), allocation.winners);
        let cutoffs = allocation.cutoffs.write(&stock);
        prop_assert_eq!(Cutoffs::read(cutoffs.as_bytes(), &stock).unwrap(), allocation.cutoffs);
    }
}

#[test]
fn of_equal_numbers_the_smaller_index_comes_first() {
    let stock = Stock::read(b"A,1\n").unwrap();
    let line = format!("{},{},1,1,A", "a".repeat(64), "b".repeat(32));
    let wish = Line::read(line.as_bytes()).unwrap().wish(&stock).unwrap();
    let entry = |index| Drawn { number: Digest([7; 32]), index, wish };
    let allocation = allocate(&[entry(2), entry(1)], &stock);
    assert_eq!(allocation.winners.iter().map(|won| won.index).collect::<Vec<_>>(), [1]);
}

#[test]
fn winners_who_took_more_than_there_is_earn_no_table() {
    let stock = Stock::read(b"A,2\nB#T,1\n").unwrap();
    let line = format!("{},{},1,2,A>B#T", "a".repeat(64), "b".repeat(32));
    let wish = Line::read(line.as_bytes()).unwrap().wish(&stock).unwrap();
    let won = |number, index| {
        let (bucket, pass) = (stock.find(b"A").unwrap(), Pass::Choices);
        (Winner { number: Digest([number; 32]), index, bucket, pass }, wish)
    };
    assert!(replay(&stock, [won(1, 5)]).is_ok());
    assert_eq!(replay(&stock, [won(1, 5), won(2, 6)]), Err(1));
    assert_eq!(replay(&stock, [won(2, 5), won(1, 6)]), Err(1));
}

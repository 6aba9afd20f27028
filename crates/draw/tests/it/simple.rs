//! The draw once more, as the specification tells it and with no thought of speed.

use draw::{Digest, Line, Stock, tree::leaf};
use std::collections::BTreeMap;

/// A winner: number, index, bucket and pass.
pub(crate) type Won = (String, usize, String, u8);

/// The cut-offs by pass, bucket and units.
pub(crate) type Closed = BTreeMap<(u8, usize, u8), String>;

/// The winners in their order, and the cut-offs by pass, bucket and units.
pub(crate) fn draw(lines: &[String], stock: &[(String, u32)], seed: &str) -> (Vec<Won>, Closed) {
    let number = |line: &str| {
        let read = Line::read(line.as_bytes()).unwrap();
        let leaf = leaf(line.as_bytes());
        let of_ticket = |t: u8| Digest::of(format!("{seed}:{leaf}:{t}").as_bytes()).to_string();
        (1..=read.tickets()).map(of_ticket).min().unwrap()
    };
    let mut ranked: Vec<_> =
        lines.iter().enumerate().map(|(index, line)| (number(line), index)).collect();
    ranked.sort();
    let mut left: Vec<u32> = stock.iter().map(|(_, units)| *units).collect();
    let (mut winners, mut cutoffs) = (Vec::<Won>::new(), Closed::new());
    for pass in [1, 2] {
        let in_pass = |bucket: &usize| pass == 1 || !stock[*bucket].0.contains('#');
        let close = |left: &[u32], cutoffs: &mut Closed, number: &str| {
            for (bucket, left) in left.iter().enumerate() {
                for n in (1..=8_u8).filter(|n| *left < u32::from(*n)) {
                    cutoffs.entry((pass, bucket, n)).or_insert_with(|| number.to_owned());
                }
            }
        };
        close(&left, &mut cutoffs, &"0".repeat(64));
        for (number, index) in &ranked {
            let line = Line::read(lines[*index].as_bytes()).unwrap();
            let has_won = winners.iter().any(|(_, won, ..)| won == index);
            if has_won || (pass == 2 && !line.accepts_any()) {
                continue;
            }
            let wanted: Vec<usize> = match pass {
                1 => {
                    let place =
                        |name: &&[u8]| stock.iter().position(|(n, _)| n.as_bytes() == *name);
                    line.choices().iter().map(|name| place(name).unwrap()).collect()
                }
                _ => (0..stock.len()).filter(in_pass).collect(),
            };
            let units = u32::from(line.units());
            if let Some(bucket) = wanted.into_iter().find(|bucket| units <= left[*bucket]) {
                left[bucket] -= units;
                winners.push((number.clone(), *index, stock[bucket].0.clone(), pass));
                close(&left, &mut cutoffs, number);
            }
        }
    }
    (winners, cutoffs)
}

/// `stock.txt` of these buckets.
pub(crate) fn stock_file(stock: &[(String, u32)]) -> Stock {
    let text: String = stock.iter().map(|(name, units)| format!("{name},{units}\n")).collect();
    Stock::read(text.as_bytes()).unwrap()
}

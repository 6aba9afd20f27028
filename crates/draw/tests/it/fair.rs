//! Whether the draw is fair, by its outcomes.
//!
//! The seeds are fixed, so a test that passes passes always. Each holds a sum against what chance
//! would make of it: at five standard deviations, or at a χ² beyond which chance comes once in a
//! million, a fair draw fails for about one choice of seeds in a million. Of 16,000 winners, 1,600
//! a tenth of the list, a tenth that got the part f more, at the cost of the others, has a χ² of
//! about 1,600 · f² · 10/9 beside what chance adds. At f = 1/6 that alone passes the threshold;
//! half of it would not be seen; the last test shows a fifth that is.

use draw::allocate::{Allocation, Drawn, Ranking};
use draw::line::Wish;
use draw::number::Numbers;
use draw::tree::leaf;
use draw::{Digest, Line, Stock};

const ENTRIES: u32 = 4_000;
const DRAWS: u32 = 40;
/// χ² with nine degrees of freedom is beyond this once in a million.
const CHI_SQUARE_9_MAX: f64 = 44.9;
/// Standard deviations that chance passes twice in three and a half million.
const DEVIATIONS_MAX: f64 = 5.0;

/// A line of one person, who is number `person` of those who came, in the order of their coming.
fn line(person: u32, tail: &str) -> String {
    let commit = Digest::of(format!("somebody made up {person}").as_bytes());
    let tag = &Digest::of(format!("tag {person}").as_bytes()).to_string()[..32];
    format!("{commit},{tag},{tail}")
}

fn seed(draw: u32) -> Digest {
    Digest::of(format!("a seed of the statistical tests {draw}").as_bytes())
}

/// What the draws of one list have in common.
fn entrants(lines: &[String], stock: &Stock) -> Vec<(Digest, u8, Wish)> {
    let entrant = |line: &String| {
        let line = Line::read(line.as_bytes()).unwrap();
        (leaf(line.bytes()), line.tickets(), line.wish(stock).unwrap())
    };
    lines.iter().map(entrant).collect()
}

fn draw(entrants: &[(Digest, u8, Wish)], stock: &Stock, seed: Digest) -> Allocation {
    let numbers = Numbers::new(seed);
    let mut ranking = Ranking::with_capacity(entrants.len());
    for (index, (leaf, tickets, wish)) in (0..).zip(entrants) {
        ranking.add(Drawn { number: numbers.of(*leaf, *tickets), index, wish: *wish });
    }
    ranking.allocate(stock)
}

/// How far `found` of `tries` lies from a chance of `chance` each, in standard deviations.
fn deviations(found: f64, tries: f64, chance: f64) -> f64 {
    (found - tries * chance) / (tries * chance * (1.0 - chance)).sqrt()
}

/// How unevenly winners lie over ten parts of the list.
fn chi_square(by_tenth: [f64; 10]) -> f64 {
    let mean = by_tenth.iter().sum::<f64>() / 10.0;
    by_tenth.iter().map(|count| (count - mean).powi(2) / mean).sum()
}

/// What there is for those who are counted by tenths.
fn one_bucket() -> Stock {
    Stock::read(b"A,400\n").unwrap()
}

/// Winners of all draws, counted by a tenth that `tenth` tells of each index.
fn winners_by_tenth(entrants: &[(Digest, u8, Wish)], tenth: impl Fn(u32) -> usize) -> [f64; 10] {
    let mut counts = [0.0; 10];
    for number in 0..DRAWS {
        for winner in draw(entrants, &one_bucket(), seed(number)).winners {
            counts[tenth(winner.index)] += 1.0;
        }
    }
    assert_eq!(counts.iter().sum::<f64>(), f64::from(DRAWS * 400), "all units are given");
    counts
}

fn tenth_of_list(index: u32) -> usize {
    (index / (ENTRIES / 10)) as usize
}

#[test]
fn no_place_in_the_list_is_favoured() {
    let mut lines: Vec<_> = (0..ENTRIES).map(|person| line(person, "1,1,A")).collect();
    lines.sort();
    let counts = winners_by_tenth(&entrants(&lines, &one_bucket()), tenth_of_list);
    let found = chi_square(counts);
    assert!(found < CHI_SQUARE_9_MAX, "{found}: {counts:?}");
}

#[test]
fn no_time_of_arrival_is_favoured() {
    let mut lines: Vec<_> = (0..ENTRIES).map(|person| (line(person, "1,1,A"), person)).collect();
    lines.sort();
    let (lines, persons): (Vec<_>, Vec<_>) = lines.into_iter().unzip();
    let tenth = |index: u32| (persons[index as usize] / (ENTRIES / 10)) as usize;
    let counts = winners_by_tenth(&entrants(&lines, &one_bucket()), tenth);
    let found = chi_square(counts);
    assert!(found < CHI_SQUARE_9_MAX, "{found}: {counts:?}");
}

/// A line at the cut-off τ wins with the chance 1 − (1 − τ)^w.
#[test]
fn tickets_weigh_as_the_formula_says() {
    let weights = [1, 2, 5, 10, 32];
    let mut lines: Vec<_> = (0..ENTRIES)
        .map(|person| line(person, &format!("{},1,A", weights[person as usize % 5])))
        .collect();
    lines.sort();
    let stock = Stock::read(b"A,400\n").unwrap();
    let (mut won, mut expected, mut variance) = ([0.0; 5], [0.0; 5], [0.0; 5]);
    let entrants = entrants(&lines, &stock);
    for number in 0..DRAWS {
        let winners = draw(&entrants, &stock, seed(number)).winners;
        let cutoff = winners.last().unwrap().number;
        let (first, _) = cutoff.0.split_first_chunk().unwrap();
        let tau = u64::from_be_bytes(*first) as f64 / 2_f64.powi(64);
        for winner in &winners {
            let (_, tickets, _) = entrants[winner.index as usize];
            let group = weights.iter().position(|weight| *weight == tickets).unwrap();
            won[group] += 1.0;
        }
        for (group, weight) in weights.iter().enumerate() {
            let chance = 1.0 - (1.0 - tau).powi(i32::from(*weight));
            expected[group] += chance * f64::from(ENTRIES / 5);
            variance[group] += chance * (1.0 - chance) * f64::from(ENTRIES / 5);
        }
    }
    for group in 0..weights.len() {
        let off = (won[group] - expected[group]) / variance[group].sqrt();
        assert!(off.abs() < DEVIATIONS_MAX, "weight {}: {off}", weights[group]);
    }
    assert!(20.0 * won[0] < won[4], "32 tickets win far more often: {won:?}");
}

/// Whoever names more places after a first one loses nothing there, and gains nothing.
#[test]
fn further_choices_change_no_chance_at_the_first() {
    let choices = ["A", "A>B", "A>C>B", "A>B>C>*", "B>A", "C>A>B"];
    let mut lines: Vec<_> = (0..ENTRIES)
        .map(|person| line(person, &format!("1,1,{}", choices[person as usize % 6])))
        .collect();
    lines.sort();
    let stock = Stock::read(b"A,300\nB,150\nC,100\n").unwrap();
    let of: Vec<_> = lines.iter().map(|line| line.rsplit(',').next().unwrap()).collect();
    let (mut tries, mut won) = ([0.0; 4], [0.0; 4]);
    let entrants = entrants(&lines, &stock);
    for number in 0..DRAWS {
        let winners = draw(&entrants, &stock, seed(number)).winners;
        for group in 0..4 {
            tries[group] += of.iter().filter(|own| **own == choices[group]).count() as f64;
            won[group] += winners
                .iter()
                .filter(|winner| of[winner.index as usize] == choices[group])
                .filter(|winner| stock.name(winner.bucket) == "A")
                .count() as f64;
        }
    }
    let chance = won.iter().sum::<f64>() / tries.iter().sum::<f64>();
    for group in 0..4 {
        let off = deviations(won[group], tries[group], chance);
        assert!(off.abs() < DEVIATIONS_MAX, "{}: {off}", choices[group]);
    }
}

/// The thresholds are not so wide that nothing could pass them. A program that draws a second
/// number for every fourth entry of the first tenth of the list gives that tenth a fifth more, 48
/// of 400 units in place of 40: with 352 for the 3,600 others the cut-off τ is 352 / 3,600, and of
/// the 400 favoured 300 τ + 100 (1 − (1 − τ)²) win.
#[test]
fn a_favour_of_a_fifth_for_a_tenth_is_found() {
    let mut lines: Vec<_> = (0..ENTRIES).map(|person| line(person, "1,1,A")).collect();
    lines.sort();
    let mut entrants = entrants(&lines, &one_bucket());
    for (_, tickets, _) in entrants[..ENTRIES as usize / 10].iter_mut().step_by(4) {
        *tickets = 2;
    }
    let counts = winners_by_tenth(&entrants, tenth_of_list);
    let fair = f64::from(DRAWS * 400) / 10.0;
    let favour = counts[0] / fair - 1.0;
    assert!((0.15..0.25).contains(&favour), "{favour}");
    let found = chi_square(counts);
    assert!(CHI_SQUARE_9_MAX < found, "{found}: {counts:?}");
}

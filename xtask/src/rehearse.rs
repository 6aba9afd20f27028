//! The `rehearse` chore: a whole draw of made-up people, and everybody who checks one.
//!
//! Owns: in which order who looks, and the folder `target/rehearsal`. Never: looks itself; calls
//! a rehearsal right at which somebody could not look.

use crate::test::machine;
use crate::test::step::{self, Ending};
use anyhow::{Context as _, Result};
use std::fs;
use std::path::Path;
use std::process::Command;

/// To build as released, and to rehearse with millions.
const REHEARSAL_MINUTES_MAX: u64 = 60;
/// The second program takes two minutes for 14 million entries.
const SECOND_MINUTES_MAX: u64 = 20;
/// The page takes a minute for a thousand receipts.
const PAGE_MINUTES_MAX: u64 = 20;

/// What is rehearsed.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// How many made-up people enter
    #[arg(long, default_value_t = 2_000_000)]
    people: u32,
    /// The number that everything made up follows from; another one each time if none is given
    #[arg(long, value_name = "NUMBER")]
    random_seed: Option<u64>,
}

/// Rehearses; true when everybody looked and found it right.
///
/// # Errors
/// When a program cannot be started, or the folder of the last rehearsal not be taken away.
pub fn run(options: &Options) -> Result<bool> {
    let home = crate::target().join("rehearsal");
    if home.exists() {
        fs::remove_dir_all(&home).with_context(|| format!("{} not removed", home.display()))?;
    }
    let mut rehearse = crate::cargo();
    let run = ["run", "--release", "--quiet", "--package", "tidegate", "--", "draw", "rehearse"];
    rehearse.args(run).arg("--folder").arg(&home);
    rehearse.args(["--people", &options.people.to_string()]);
    if let Some(seed) = options.random_seed {
        rehearse.args(["--random-seed", &seed.to_string()]);
    }
    if !is_right("rehearsal", step::show(rehearse, REHEARSAL_MINUTES_MAX, |_| ())?) {
        return Ok(false);
    }
    let mut are_right = true;
    let others = [
        ("the second program", second_program(&home)?, SECOND_MINUTES_MAX),
        ("the person's page", page(&home), PAGE_MINUTES_MAX),
    ];
    for (who, looks, minutes) in others {
        match looks {
            Ok(command) => are_right &= is_right(who, step::show(command, minutes, |_| ())?),
            Err(missing) => {
                println!("{who}: {missing}; install it and rehearse again");
                are_right = false;
            }
        }
    }
    Ok(are_right)
}

fn is_right(who: &str, ending: Ending) -> bool {
    println!("{who}: {ending}");
    ending == Ending::Success
}

/// `tools/verify_draw.py` over the rehearsal in `home`, or what it lacks.
fn second_program(home: &Path) -> Result<Result<Command, &'static str>> {
    if machine::find("python3").is_none() {
        return Ok(Err("python3 is not here"));
    }
    let key = |name: &str| -> Result<String> {
        let file = home.join(name);
        let text = fs::read_to_string(&file).with_context(|| format!("{}", file.display()))?;
        Ok(text.trim_end().to_owned())
    };
    let mut second = Command::new("python3");
    second.current_dir(crate::root()).arg("tools/verify_draw.py").arg(home.join("public"));
    second.args(["--tiles", "--operator-key", &key("operator-key.txt")?]);
    second.args(["--notary-key", &key("notary-key.txt")?]);
    Ok(Ok(second))
}

/// The code of the person's page over the receipts of the rehearsal in `home`, or what it lacks.
fn page(home: &Path) -> Result<Command, &'static str> {
    if !machine::has_node() {
        return Err("node 18 or newer is not here");
    }
    let mut node = Command::new("node");
    node.current_dir(crate::root()).arg("xtask/src/rehearse/receipts.mjs");
    node.arg("crates/drawpage/page").arg(home);
    Ok(node)
}

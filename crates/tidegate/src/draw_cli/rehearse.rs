//! A whole draw rehearsed: made-up people, the real steps, the real files.
//!
//! Owns: the order of a rehearsal, its folder, and what stands in for the hall: balls, secrets and
//! a recorded round of the beacon. Never: does a step of a draw itself; makes anything that could
//! serve in a real one: every key and secret of a rehearsal follows from a number that it prints.
//! Invariants: the same number, people and program give the same files.
//! On failure: what was made so far is left for a look, and the folder is not taken again.

mod chance;
mod people;
mod receipts;

use super::show;
use crate::draw_cli::files::{refused, wrong};
use crate::draw_cli::secrets;
use crate::exit::Coded;
use crate::output::{Output, plural};
use anyhow::{Context as _, Result};
use ceremony::{Against, Folder, Progress, Sealing};
use chance::Chance;
use draw::beacon::{BeaconSignature, QUICKNET};
use draw::note::SigningKey;
use draw::seal::{Holder, Round, Secret, Words};
use draw::seed::{Balls, Opened};
use draw::{DrawName, Stock};
use people::People;
use receipts::{Counter, Public, RECEIPTS};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::Instant;

const NAME: &str = "rehearsal.example/2023-09-15";
const NOTARY: &str = "notary.example";
/// A recorded round of drand's quicknet, with what it said.
const ROUND: u64 = 657_413;
const SIGNATURE: &str = "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be\
                         41076862b98fad56e91a6b85b89cd97b";
/// An hour after the round.
const DEADLINE: &str = "2023-09-15T12:00:00Z";
const BALLS: &str = "6 of 01-49, in the order drawn";
/// 300 entries that are opened find 1 % of false ones with 95 % probability.
const SAMPLE: usize = 300;
/// Of so many that won from a bucket, one gives back a unit.
const WINNERS_PER_RETURN: u32 = 20;
/// People of one rehearsal at most: as many as a large country draws for at once.
const PEOPLE_MAX: i64 = 50_000_000;
/// People between two looks at how far it is.
const PEOPLE_PER_LOOK: u32 = 1 << 12;

const RULES: &str = "这是一次演练：名单中没有真人，结果不作数。
THIS IS A REHEARSAL. Nobody in its list is real, and its result does not count.

Everybody may enter, once, alone or as a household that is served together or not at all.
Buckets that end in #65 are kept for people of 65 years and more.
What comes back goes on down the ranking, by the same numbers.
300 entries are opened before the notary.
";

/// What is rehearsed.
#[derive(Debug, clap::Args)]
pub(super) struct Rehearse {
    /// How many made-up people enter
    #[arg(long, default_value_t = 2_000_000,
          value_parser = clap::value_parser!(u32).range(1..=PEOPLE_MAX))]
    people: u32,
    /// The folder to make for all of it
    #[arg(long, value_name = "DIR", default_value = "rehearsal")]
    folder: PathBuf,
    /// The number that everything made up follows from; another one each time if none is given
    #[arg(long, value_name = "NUMBER")]
    random_seed: Option<u64>,
}

/// A rehearsal that has begun.
struct Stage {
    home: PathBuf,
    chance: Chance,
    people: u32,
    draw: DrawName,
    operator: SigningKey,
    notary: SigningKey,
    /// What would be served.
    public: Folder,
}

/// Rehearses.
pub(super) fn run(options: &Rehearse, out: &mut Output) -> Result<()> {
    let number = match options.random_seed {
        Some(number) => number,
        None => getrandom::u64().map_err(|error| secrets::no_chance(&error))?,
    };
    let stage = Stage::set(options, Chance(number))?;
    writeln!(out, "A REHEARSAL. Nobody in it is real, and its result does not count.")?;
    writeln!(out, "random seed {number}: --random-seed {number} makes all of it again")?;
    let began = Instant::now();
    let mut took = Vec::new();
    let mut act = |name: &'static str, act: &mut dyn FnMut() -> Result<()>| -> Result<()> {
        let began = Instant::now();
        act()?;
        took.push(format!("{name} {:.1}", began.elapsed().as_secs_f64()));
        Ok(())
    };
    act("people", &mut || stage.gather(out))?;
    act("seal", &mut || stage.seal(out))?;
    act("seed", &mut || stage.seed(out))?;
    act("run", &mut || stage.run(out))?;
    act("verify", &mut || stage.verify(out, false))?;
    act("sample", &mut || stage.sample(out))?;
    act("alternates", &mut || stage.alternates(out))?;
    act("verify again", &mut || stage.verify(out, true))?;
    act("receipts", &mut || stage.check_receipts(out))?;
    stage.end(out)?;
    let whole = began.elapsed().as_secs_f64();
    writeln!(out, "in seconds: {}; {whole:.1} in all", took.join(", "))?;
    Ok(())
}

impl Stage {
    /// Makes the folders, the keys and the secrets.
    fn set(options: &Rehearse, chance: Chance) -> Result<Self> {
        let home = options.folder.clone();
        if fs::read_dir(&home).is_ok_and(|mut files| files.next().is_some()) {
            let what = format!(
                "{} is there and not empty: a rehearsal wants a folder of its own (--folder)",
                home.display()
            );
            return Err(Coded::error("draw-differs", &what));
        }
        let private = Folder::create(&home.join("private"))?;
        let public = Folder::create(&home.join("public"))?;
        let key = |name, number| SigningKey::new(name, &chance.bytes("key", number));
        let (operator, notary) = (key(NAME, 0)?, key(NOTARY, 1)?);
        for (name, key) in [("operator", &operator), ("notary", &notary)] {
            secrets::write(&private.path(&format!("{name}-key")), &key.write())?;
            let published = format!("{}\n", key.verifying());
            put(&home.join(format!("{name}-key.txt")), &published)?;
        }
        let people = options.people;
        let draw = NAME.parse()?;
        Ok(Self { home, chance, people, draw, operator, notary, public })
    }

    fn private(&self, name: &str) -> PathBuf {
        self.home.join("private").join(name)
    }

    fn receipts(&self) -> PathBuf {
        self.home.join("receipts")
    }

    fn secret(&self, holder: Holder) -> Secret {
        Secret(self.chance.bytes("secret", holder as u64))
    }

    /// Everybody enters, and some receipts are handed out.
    fn gather(&self, out: &mut Output) -> Result<()> {
        let stock = people::stock(self.chance, self.people);
        put(&self.private("stock.txt"), &stock)?;
        put(&self.private("rules.txt"), RULES)?;
        let entries = show::progress(|progress| self.write_entries(progress))?;
        let units: u64 = Stock::read(stock.as_bytes())?.units().into_iter().map(u64::from).sum();
        heading(out, "people")?;
        let outlets = people::DISTRICTS * people::DISTRICT_OUTLETS;
        writeln!(
            out,
            "{} in {}; {} in {} buckets of {outlets} outlets in {} districts",
            plural(self.people, "person", "people"),
            plural(entries, "entry", "entries"),
            plural(units, "unit", "units"),
            2 * outlets,
            people::DISTRICTS
        )?;
        let receipts = plural(RECEIPTS.min(self.people), "receipt", "receipts");
        Ok(writeln!(out, "{receipts} in {}", self.receipts().display())?)
    }

    /// Writes the list as it came in; how many entries it has.
    fn write_entries(&self, progress: Progress<'_>) -> Result<u64> {
        let path = self.private("entries.txt");
        let file = File::create_new(&path).map_err(refused("made", &path))?;
        let mut list = BufWriter::with_capacity(1 << 20, file);
        let people = People::new(self.chance, &self.draw);
        let mut chosen = self.chosen().into_iter().peekable();
        let mut counter = Counter::open(&self.receipts(), &self.operator)?;
        let (mut first, mut count, mut looked) = (0, 0, 0);
        while first < self.people {
            let entry = people.entry(first, self.people - first)?;
            let end = first + entry.people();
            let written = list.write_all(&entry.line).and_then(|()| list.write_all(b"\n"));
            written.map_err(refused("written", &path))?;
            let mut places = Vec::new();
            while let Some(person) = chosen.next_if(|person| *person < end) {
                places.push((person - first) as usize);
            }
            if !places.is_empty() {
                counter.hand_out(&people, entry, &places)?;
            }
            (first, count) = (end, count + 1);
            if looked + PEOPLE_PER_LOOK <= first {
                looked = first;
                progress("entering", u64::from(first), u64::from(self.people));
            }
        }
        list.flush().map_err(refused("written", &path))?;
        counter.close()?;
        Ok(count)
    }

    /// Whose receipts are written.
    fn chosen(&self) -> BTreeSet<u32> {
        let mut numbers = self.chance.numbers("chosen", 0);
        let mut chosen = BTreeSet::new();
        while chosen.len() < RECEIPTS.min(self.people) as usize {
            chosen.insert(numbers.below(self.people));
        }
        chosen
    }

    fn seal(&self, out: &mut Output) -> Result<()> {
        let [entries, stock, rules] =
            ["entries.txt", "stock.txt", "rules.txt"].map(|name| self.private(name));
        for (holder, name) in [(Holder::Operator, "operator"), (Holder::Notary, "notary")] {
            let digits = self.secret(holder).digits();
            secrets::write(&self.private(&format!("{name}-secret")), &format!("{}\n", *digits))?;
        }
        let sealing = Sealing {
            draw: self.draw.clone(),
            entries: &entries,
            stock: &stock,
            rules: &rules,
            program: super::own_program()?,
            operator: self.secret(Holder::Operator).commitment(&self.draw, Holder::Operator),
            notary: self.secret(Holder::Notary).commitment(&self.draw, Holder::Notary),
            balls: Words::read(BALLS),
            drand: Some(Round { chain: QUICKNET.hash(), round: ROUND }),
            deadline: DEADLINE.parse()?,
            after: &[],
            // It takes a recorded round.
            may_sign: &|| Ok(()),
        };
        let seal = show::progress(|progress| {
            ceremony::seal(&self.public, &sealing, &self.operator, progress)
        })?;
        heading(out, "seal, the day before")?;
        show::sealed(out, &seal)?;
        writeln!(
            out,
            "round {ROUND} lies in the past: a real draw names one that is still to come"
        )?;
        for name in ["checkpoint", "seal.txt"] {
            self.cosign(name)?;
            writeln!(out, "{name}: signed by {NOTARY}, too")?;
        }
        let key = self.operator.verifying();
        ceremony::page(&self.public, &key, &drawpage::files(&key))?;
        Ok(writeln!(out, "check/: the page on which people check their receipts")?)
    }

    fn cosign(&self, name: &str) -> Result<()> {
        let operator = self.operator.verifying();
        ceremony::cosign(&self.public.path(name), &operator, &self.notary)?;
        Ok(())
    }

    fn seed(&self, out: &mut Output) -> Result<()> {
        heading(out, "open and seed, in the hall")?;
        let balls = self.balls();
        let opened = Opened {
            operator: self.secret(Holder::Operator),
            notary: self.secret(Holder::Notary),
            balls: Balls::read(&balls),
        };
        ceremony::open(&self.public, &opened, &self.operator)?;
        writeln!(out, "opened: both secrets fit their commitments")?;
        writeln!(
            out,
            "balls {balls}: drawn by this program, here and now, for the rehearsal only"
        )?;
        let signature = BeaconSignature::read(SIGNATURE).context("a recorded signature")?;
        let seed = ceremony::seed(&self.public, Some(signature), &self.operator)?;
        show::fingerprint(out, "seed", seed)
    }

    /// Six balls of 49, as a machine in a hall would throw them out.
    fn balls(&self) -> String {
        let mut numbers = self.chance.numbers("balls", 0);
        let mut left: Vec<u8> = (1..=49).collect();
        let mut ball = || {
            let count = u32::try_from(left.len()).expect("49 fit");
            format!("{:02}", left.remove(numbers.below(count) as usize))
        };
        (0..6).map(|_| ball()).collect::<Vec<_>>().join(" ")
    }

    fn run(&self, out: &mut Output) -> Result<()> {
        let drawn =
            show::progress(|progress| ceremony::run(&self.public, &self.operator, progress))?;
        heading(out, "run")?;
        show::drawn(out, &drawn)?;
        self.cosign("result.txt")?;
        Ok(writeln!(out, "result.txt: signed by {NOTARY}, too")?)
    }

    fn verify(&self, out: &mut Output, is_again: bool) -> Result<()> {
        let (operator, notary) = (self.operator.verifying(), self.notary.verifying());
        let cosigners = std::slice::from_ref(&notary);
        let against = Against { operator: Some(&operator), cosigners, ..Against::default() };
        let verified =
            show::progress(|progress| ceremony::verify(&self.public, &against, progress))?;
        heading(out, if is_again { "verify, again" } else { "verify" })?;
        if is_again {
            return show::agrees(out, &verified);
        }
        show::verified(out, &verified, super::own_program()?.digest)
    }

    fn sample(&self, out: &mut Output) -> Result<()> {
        let sample = show::progress(|progress| ceremony::sample(&self.public, SAMPLE, progress))?;
        heading(out, "sample")?;
        let first: Vec<_> =
            sample.iter().take(3).map(|(_, index)| (index + 1).to_string()).collect();
        let count = plural(sample.len(), "entry is", "entries are");
        Ok(writeln!(out, "{count} to be opened: lines {}, …", first.join(", "))?)
    }

    /// Some give back what they got, and it goes on down the ranking.
    fn alternates(&self, out: &mut Output) -> Result<()> {
        let [stock, winners] = ["stock.txt", "winners.txt"].map(|name| self.public.path(name));
        let stock = Stock::read(&self.public.read("stock.txt")?).map_err(wrong(&stock))?;
        let rows = self.public.read("winners.txt")?;
        let winners = draw::table::read_winners(&rows, &stock).map_err(wrong(&winners))?;
        let mut won = vec![0; stock.len()];
        for winner in winners {
            won[usize::from(winner.bucket.0)] += 1;
        }
        let back: Vec<u32> =
            won.into_iter().map(|won: u32| won.div_ceil(WINNERS_PER_RETURN)).collect();
        let units: u32 = back.iter().sum();
        let returned = self.private("returned-1.txt");
        put(&returned, &stock.with_units(back).text())?;
        let alternates = show::progress(|progress| {
            ceremony::alternates(&self.public, 1, &returned, &self.operator, progress)
        })?;
        heading(out, "alternates, by order")?;
        writeln!(out, "{} back", plural(units, "unit came", "units came"))?;
        show::drawn(out, &alternates.drawn)
    }

    fn check_receipts(&self, out: &mut Output) -> Result<()> {
        let keys = [&self.operator, &self.notary].map(SigningKey::verifying);
        let public = Public::read(&self.public, keys.each_ref())?;
        let found = show::progress(|progress| public.check_all(&self.receipts(), progress))?;
        heading(out, "receipts")?;
        let count =
            plural(RECEIPTS.min(self.people), "receipt opens and is", "receipts open and are");
        writeln!(out, "{count} proved; by their numbers and the cut-offs:")?;
        let receipts::Outcomes { drawn, alternates, nothing } = found;
        writeln!(out, "{drawn} get something, {alternates} as alternates, {nothing} nothing;")?;
        Ok(writeln!(out, "the tables of winners say the same of each")?)
    }

    fn end(&self, out: &mut Output) -> Result<()> {
        heading(out, "what there is now")?;
        let line =
            |out: &mut Output, path: &Path, what: &str| writeln!(out, "{}: {what}", path.display());
        line(
            out,
            &self.public.path(""),
            "the folder as it would be served, with tile/ and check/",
        )?;
        line(out, &self.receipts(), "some people's receipts, and who they are")?;
        line(out, &self.home.join("private"), "what nobody may see before a real draw")?;
        for name in ["operator-key.txt", "notary-key.txt"] {
            line(out, &self.home.join(name), "a key as it is published")?;
        }
        Ok(())
    }
}

fn heading(out: &mut Output, what: &str) -> Result<()> {
    Ok(writeln!(out, "\n== {what}")?)
}

fn put(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).map_err(refused("written", path))
}

//! `tidegate draw …`: a draw that anybody can check, on bare files, without a server.
//!
//! Owns: the subcommands, keys and secrets on disk, and what is printed to be read aloud. Never:
//! a rule of the draw; asks a network.

pub(crate) mod due;
mod files;
mod prove;
mod rehearse;
pub(crate) mod secrets;
pub(crate) mod show;

use crate::output::{Output, plural};
use anyhow::{Context as _, Result};
use ceremony::{Against, CeremonyError, Folder, Sealing};
use clap::Subcommand;
use draw::beacon::{BeaconSignature, QUICKNET};
use draw::note::{SigningKey, VerifyingKey, is_key_name};
use draw::seal::{Deadline, Program, Round, Words};
use draw::seed::{Balls, Opened};
use draw::{Digest, DrawName};
use due::Due;
pub(crate) use files::refused;
use secrets::Party;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

const ENDINGS: &str = "A draw is one folder of files. The steps, in their order: key and secret \
(once), seal, open, seed, run; then prove, verify, sample and alternates; cosign at any time. A \
step may be given again: it writes the same files, or changes nothing and says what differs. What \
each file says stands in docs/draw-format.md; tools/verify_draw.py checks a folder without this \
program; page writes the one on which people check their receipts; rehearse shows all of it on \
made-up people. A campaign that collects its entries itself is drawn by `tidegate campaign draw`, \
and its files lie in draws/CAMPAIGN/NUMBER of the node's data folder: prove, page, verify, cosign \
and sample read them there.

Exit status: 0 done, or all true; 1 refused (`draw-differs`, `draw-out-of-order`, \
`draw-seed-refused`, `draw-key-wrong`, `draw-line-missing`, `draw-busy`); 65 when a file is wrong \
(`draw-file-wrong`); 74 when the disk failed (`draw-disk`); 2 when the command was mistyped.";

/// Make a draw that anybody can check
#[derive(Debug, clap::Args)]
#[command(after_help = ENDINGS)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a key to sign a draw's events with
    Key {
        /// The file to make; only its owner may read it
        file: PathBuf,
        /// Whose it is; of the operator, the draw's name
        #[arg(long, value_parser = key_name)]
        name: String,
    },
    /// Make a secret, whose commitment is sealed and which is opened on the day
    Secret {
        /// The file to make; only its owner may read it
        file: PathBuf,
        /// The draw's name
        #[arg(long)]
        draw: DrawName,
        /// Who keeps it
        #[arg(long, value_enum)]
        party: Party,
    },
    /// Make a notary's key for tags, by which everybody sees that nobody is in a list twice
    TagKey {
        /// The file to make; only its owner may read it
        file: PathBuf,
    },
    /// Lock the list and every parameter
    Seal(Box<Seal>),
    /// Open both secrets, and note the balls
    Open {
        /// The draw's folder
        folder: PathBuf,
        /// The file of the operator's secret
        #[arg(long, value_name = "FILE")]
        operator_secret: PathBuf,
        /// The file of the notary's secret
        #[arg(long, value_name = "FILE")]
        notary_secret: PathBuf,
        /// The balls as drawn, in the order that the seal says, with spaces: "08 41 17"
        #[arg(long, value_parser = balls)]
        balls: Option<Balls>,
        #[command(flatten)]
        due: Due,
        #[command(flatten)]
        key: Key,
    },
    /// Make the seed, the beacon last
    Seed {
        /// The draw's folder
        folder: PathBuf,
        /// The signature of the sealed round, 96 hex digits
        #[arg(long, value_name = "HEX", value_parser = signature)]
        beacon: Option<BeaconSignature>,
        #[command(flatten)]
        due: Due,
        #[command(flatten)]
        key: Key,
    },
    /// Draw
    Run {
        /// The draw's folder
        folder: PathBuf,
        #[command(flatten)]
        key: Key,
    },
    /// Prove that a line stands in the sealed list
    Prove {
        /// The draw's folder
        folder: PathBuf,
        /// The file of a receipt, of a promise, or of one line of the list
        #[arg(long, value_name = "FILE")]
        of: PathBuf,
        /// The operator's key, as it was published: receipt and list must be signed with it
        #[arg(long, value_name = "KEY")]
        operator_key: Option<VerifyingKey>,
    },
    /// Write the page on which a person checks a receipt, into `check` in the draw's folder
    Page {
        /// The draw's folder
        folder: PathBuf,
        /// The operator's key, as it was published; the page trusts no other
        #[arg(long, value_name = "KEY")]
        operator_key: VerifyingKey,
    },
    /// Do everything again and compare, as far as the draw has come
    Verify(Verify),
    /// Add a notary's or witness's signature to a note that the operator has signed
    Cosign {
        /// The note: checkpoint, seal.txt, result.txt, …
        note: PathBuf,
        /// The operator's key, as it was published
        #[arg(long, value_name = "KEY")]
        operator_key: VerifyingKey,
        /// The file of the key to sign with
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
    },
    /// Rehearse a whole draw with made-up people
    Rehearse(rehearse::Rehearse),
    /// Draw what came back among those who have nothing yet, by the same numbers
    Alternates {
        /// The draw's folder
        folder: PathBuf,
        /// The how manieth time something came back, from 1
        #[arg(long, value_name = "K", value_parser = clap::value_parser!(u32).range(1..))]
        event: u32,
        /// What came back, a line `bucket,units` each
        #[arg(long, value_name = "FILE")]
        returned: PathBuf,
        #[command(flatten)]
        key: Key,
    },
    /// Write list and stock for a next seal: those who have nothing yet, and what there is now
    Remaining {
        /// The draw's folder
        folder: PathBuf,
        /// What came back, a line `bucket,units` each
        #[arg(long, value_name = "FILE")]
        returned: PathBuf,
        /// The file of entries to make
        #[arg(long, value_name = "FILE")]
        entries: PathBuf,
        /// The file of the stock to make
        #[arg(long, value_name = "FILE")]
        stock: PathBuf,
    },
    /// Choose the entries that are opened before the notary
    Sample {
        /// The draw's folder
        folder: PathBuf,
        /// How many, as the rules fix it
        #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
        size: u32,
    },
    /// Declare the draw void
    Void {
        /// The draw's folder
        folder: PathBuf,
        /// Why, in printable ASCII: everybody will read it
        #[arg(long, value_parser = words)]
        reason: Words,
        #[command(flatten)]
        key: Key,
    },
}

#[derive(Debug, clap::Args)]
struct Seal {
    /// The draw's folder, which is made if it is not there
    folder: PathBuf,
    /// The draw's name, such as masks.example/2026-02-18
    #[arg(long)]
    draw: DrawName,
    /// The entries, a line each, in any order
    #[arg(long, value_name = "FILE")]
    entries: PathBuf,
    /// The stock, a line `bucket,units` each, in the order to be published
    #[arg(long, value_name = "FILE")]
    stock: PathBuf,
    /// The rules for people to read
    #[arg(long, value_name = "FILE")]
    rules: PathBuf,
    /// The commitment to the operator's secret
    #[arg(long, value_name = "HEX", value_parser = digest)]
    operator_commitment: Digest,
    /// The commitment to the notary's secret
    #[arg(long, value_name = "HEX", value_parser = digest)]
    notary_commitment: Digest,
    /// Which balls are drawn, in words: "6 of 01-49, in the order drawn"
    #[arg(long, value_parser = words)]
    balls: Option<Words>,
    /// The round of drand's quicknet that ends the seed
    #[arg(long, value_name = "ROUND", value_parser = clap::value_parser!(u64).range(1..))]
    drand_round: Option<u64>,
    /// When the draw is void if its seed has not come, in UTC: 2026-02-18T12:00:00Z
    #[arg(long)]
    deadline: Deadline,
    /// The folder of the seal before this one, of the same draw; again for the one before that,
    /// back to the last that was drawn and stands
    #[arg(long, value_name = "FOLDER")]
    after: Vec<PathBuf>,
    #[command(flatten)]
    due: Due,
    #[command(flatten)]
    key: Key,
}

#[derive(Debug, clap::Args)]
struct Verify {
    /// The draw's folder
    folder: PathBuf,
    /// The operator's key, as it was published
    #[arg(long, value_name = "KEY")]
    operator_key: Option<VerifyingKey>,
    /// The key of a notary or witness who has signed, too, as it was published; again for each
    #[arg(long, value_name = "KEY")]
    cosigner: Vec<VerifyingKey>,
    /// The folder of the seal before this one, to be verified, too; again for the one before that
    #[arg(long, value_name = "FOLDER")]
    after: Vec<PathBuf>,
    /// Leave tile/ alone, where only the rest was copied
    #[arg(long)]
    without_tiles: bool,
}

#[derive(Debug, clap::Args)]
struct Key {
    /// The file of the operator's key
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
}

/// Does a step of a draw.
pub(crate) fn run(args: Args) -> Result<()> {
    let mut out = Output::open();
    act(args.command, &mut out)?;
    Ok(out.flush()?)
}

fn act(command: Command, out: &mut Output) -> Result<()> {
    match command {
        Command::Key { file, name } => make_key(&file, &name, out),
        Command::Secret { file, draw, party } => make_secret(&file, &draw, party, out),
        Command::TagKey { file } => {
            secrets::make_tag_key(&file)?;
            let what = "which goes to whoever makes the list, with the seal, and to nobody else";
            Ok(writeln!(out, "made {}, {what}", file.display())?)
        }
        Command::Seal(seal) => run_seal(&seal, out),
        Command::Open { folder, operator_secret, notary_secret, balls, due, key } => {
            let folder = Folder::open(&folder)?;
            due.for_open(&folder)?;
            let operator = secrets::read_secret(&operator_secret)?;
            let notary = secrets::read_secret(&notary_secret)?;
            let key = secrets::read_key(&key.key)?;
            let opened = Opened { operator, notary, balls };
            ceremony::open(&folder, &opened, &key)
                .with_context(|| secrets::not_opened_with(&operator_secret, &notary_secret))?;
            writeln!(out, "opened: both secrets fit their commitments")?;
            show::balls(out, &folder, &opened)
        }
        Command::Seed { folder, beacon, due, key } => {
            seed(&Folder::open(&folder)?, beacon, due, &secrets::read_key(&key.key)?, out)
        }
        Command::Run { folder, key } => {
            let (folder, key) = (Folder::open(&folder)?, secrets::read_key(&key.key)?);
            let drawn = show::progress(|progress| ceremony::run(&folder, &key, progress))?;
            show::drawn(out, &drawn)
        }
        Command::Prove { folder, of, operator_key } => {
            prove::run(&Folder::open(&folder)?, &of, operator_key.as_ref(), out)
        }
        Command::Page { folder, operator_key } => page(&folder, &operator_key, out),
        Command::Verify(verify) => run_verify(&verify, out),
        Command::Cosign { note, operator_key, key } => cosign(&note, &operator_key, &key, out),
        Command::Rehearse(options) => rehearse::run(&options, out),
        Command::Alternates { folder, event, returned, key } => {
            let (folder, key) = (Folder::open(&folder)?, secrets::read_key(&key.key)?);
            let alternates = show::progress(|progress| {
                ceremony::alternates(&folder, event, &returned, &key, progress)
            })?;
            writeln!(out, "alternates number {}", alternates.number)?;
            show::drawn(out, &alternates.drawn)
        }
        Command::Remaining { folder, returned, entries, stock } => {
            let folder = Folder::open(&folder)?;
            let count = show::progress(|progress| {
                ceremony::remaining(&folder, &returned, &entries, &stock, progress)
            })?;
            let count = plural(count, "entry", "entries");
            Ok(writeln!(out, "{count} in {}", entries.display())?)
        }
        Command::Sample { folder, size } => {
            let folder = Folder::open(&folder)?;
            let sample =
                show::progress(|progress| ceremony::sample(&folder, size as usize, progress))?;
            for (_, index) in sample {
                writeln!(out, "line {}", index + 1)?;
            }
            Ok(())
        }
        Command::Void { folder, reason, key } => {
            let (folder, key) = (Folder::open(&folder)?, secrets::read_key(&key.key)?);
            ceremony::void(&folder, &reason, &key)?;
            Ok(writeln!(out, "void: {}", reason.as_str())?)
        }
    }
}

fn make_key(file: &Path, name: &str, out: &mut Output) -> Result<()> {
    let key = secrets::make_key(file, name)?;
    let file = file.display();
    Ok(writeln!(out, "made {file}, which only you may read; publish this:\n{key}")?)
}

fn make_secret(file: &Path, draw: &DrawName, party: Party, out: &mut Output) -> Result<()> {
    let commitment = secrets::make_secret(file, draw, party)?;
    writeln!(out, "made {}, which nobody else may see before the day", file.display())?;
    writeln!(out, "its commitment, to be sealed:\n{commitment}")?;
    show::fingerprint(out, "read aloud", commitment)
}

fn page(folder: &Path, key: &VerifyingKey, out: &mut Output) -> Result<()> {
    let page = ceremony::page(&Folder::open(folder)?, key, &drawpage::files(key))?;
    Ok(writeln!(out, "{} is there; it trusts this key:\n{key}", page.display())?)
}

fn run_verify(verify: &Verify, out: &mut Output) -> Result<()> {
    let (folder, after) = (Folder::open(&verify.folder)?, open_all(&verify.after)?);
    let against = Against {
        operator: verify.operator_key.as_ref(),
        cosigners: &verify.cosigner,
        after: &after,
        without_tiles: verify.without_tiles,
    };
    let verified = show::progress(|progress| ceremony::verify(&folder, &against, progress))?;
    show::verified(out, &verified, own_program()?.digest)
}

fn cosign(note: &Path, operator: &VerifyingKey, key: &Path, out: &mut Output) -> Result<()> {
    let key = secrets::read_key(key)?;
    let cosigned = ceremony::cosign(note, operator, &key)?;
    let (note, name) = (note.display(), key.verifying().name().to_owned());
    let told = if cosigned.is_new { "signed by" } else { "was signed before by" };
    writeln!(out, "{note}: {told} {name}")?;
    show::fingerprint(out, "text", cosigned.text)
}

fn run_seal(seal: &Seal, out: &mut Output) -> Result<()> {
    let (program, after) = (own_program()?, open_all(&seal.after)?);
    let drand = seal.drand_round.map(|round| Round { chain: QUICKNET.hash(), round });
    let in_time = || seal.due.for_seal(drand, seal.deadline);
    in_time()?;
    let sealing = Sealing {
        draw: seal.draw.clone(),
        entries: &seal.entries,
        stock: &seal.stock,
        rules: &seal.rules,
        program,
        operator: seal.operator_commitment,
        notary: seal.notary_commitment,
        balls: seal.balls.clone(),
        drand,
        deadline: seal.deadline,
        after: &after,
        may_sign: &|| in_time().map_err(|late| CeremonyError::TooLate(late.to_string())),
    };
    let key = secrets::read_key(&seal.key.key)?;
    let folder = Folder::create(&seal.folder)?;
    let sealed = show::progress(|progress| ceremony::seal(&folder, &sealing, &key, progress))?;
    show::sealed(out, &sealed)
}

/// This program, by the bytes that run: its file may have been replaced since it was started.
fn own_program() -> Result<Program> {
    let own = own_file(Path::new("/proc/self/exe"), std::env::current_exe)?;
    let version = env!("CARGO_PKG_VERSION").to_owned();
    Ok(Program { version, digest: ceremony::digest(&own)? })
}

/// The file of this program: the one that runs, where the system shows it, else the one that was
/// started.
fn own_file(running: &Path, started: impl FnOnce() -> io::Result<PathBuf>) -> Result<PathBuf> {
    if running.exists() {
        return Ok(running.to_owned());
    }
    started().map_err(refused("found", Path::new("the file of this program")))
}

fn open_all(folders: &[PathBuf]) -> Result<Vec<Folder>> {
    Ok(folders.iter().map(|folder| Folder::open(folder)).collect::<Result<_, _>>()?)
}

fn seed(
    folder: &Folder,
    beacon: Option<BeaconSignature>,
    due: Due,
    key: &SigningKey,
    out: &mut Output,
) -> Result<()> {
    due.for_seed(folder)?;
    show::fingerprint(out, "seed", ceremony::seed(folder, beacon, key)?)
}

fn key_name(text: &str) -> Result<String, &'static str> {
    let what = "1 to 100 visible ASCII characters, none of them a plus";
    if is_key_name(text) { Ok(text.to_owned()) } else { Err(what) }
}

pub(crate) fn digest(text: &str) -> Result<Digest, &'static str> {
    text.parse().map_err(|()| "64 hex digits in lower case")
}

pub(crate) fn signature(text: &str) -> Result<BeaconSignature, &'static str> {
    let form = "a signature of the chain quicknet has 96 hex digits in lower case; 192 are one of \
                another chain";
    BeaconSignature::read(text).ok_or(form)
}

pub(crate) fn words(text: &str) -> Result<Words, &'static str> {
    let form =
        "1 to 200 printable ASCII characters, no space before or behind, and not the word none";
    Words::read(text).ok_or(form)
}

pub(crate) fn balls(text: &str) -> Result<Balls, &'static str> {
    Balls::read(text).ok_or("1 to 64 balls of A-Z and 0-9, with one space between them")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_not_found_is_called_so() {
        let nowhere = || Err(io::ErrorKind::NotFound.into());
        let refused = own_file(Path::new("/nowhere/exe"), nowhere).unwrap_err();
        assert_eq!(refused.to_string(), "the file of this program cannot be found");
        let found = own_file(Path::new("/nowhere/exe"), || Ok(PathBuf::from("tidegate"))).unwrap();
        assert_eq!(found, Path::new("tidegate"));
    }
}

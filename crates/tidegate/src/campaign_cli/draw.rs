//! `tidegate campaign draw …`: a campaign's draw, step by step.
//!
//! Owns: the subcommands, and which files their secrets come from. Never: a secret on the command
//! line; a step's files, which the node makes; an order of steps, which the node holds.

mod sample;
mod show;
mod step;

use super::{Why, act, answer};
use crate::client::{Connection, campaign_code, unreadable};
use crate::draw_cli::due::Due;
use crate::draw_cli::secrets::{not_opened_with, read_secret};
use crate::draw_cli::{balls, digest, signature, words};
use crate::exit::{Coded, code_of};
use anyhow::Result;
use clap::Subcommand;
use draw::beacon::{BeaconSignature, QUICKNET};
use draw::seal::{Deadline, Holder, Round, Words};
use draw::seed::Balls;
use draw::{Digest, DrawName};
use serde_json::{Value, json};
use std::io;
use std::path::{Path, PathBuf};
use step::Drawing;

const SAMPLE_MAX: i64 = types::limits::DRAW_SAMPLE_MAX as i64;
const ENDINGS: &str =
    "The steps, in their order: close, seal, open, seed, run, publish; then lapse \
and alternates, as often as something comes back, each with a publish behind it. sample opens \
entries for the audit once the seed is there. void ends a draw that was not published. A step that comes too early is refused and changes nothing. One that was \
cut off, or whose connection was lost, goes on at the node: give it again.

The two secrets of the seed and the notary's key for tags come from files that `tidegate draw \
secret` and `tidegate draw tag-key` make. The draw's own files lie in draws/CAMPAIGN/NUMBER of the \
node's data folder, or of any copy: `tidegate draw verify`, `cosign`, `prove`, `sample` and `page` \
read them there.";

/// A campaign's draw.
#[derive(Debug, clap::Args)]
#[command(after_help = ENDINGS)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Close the list of the next draw: who is on it takes part
    Close(Close),
    /// Show a draw: how far it is, what comes next, and every fingerprint
    Show(Show),
    /// Lock the list, the stock and every parameter; from then on everybody can read the list
    Seal(Box<Seal>),
    /// Open both secrets, and note the balls
    Open(Open),
    /// Make the seed, the beacon last
    Seed(Seed),
    /// Draw
    Run(Plain),
    /// Let everybody know who has won, for good
    Publish(Publish),
    /// Take units back from winners who have not collected them
    Lapse(Lapse),
    /// Draw what came back, by the same numbers, among those who have nothing
    Alternates(Plain),
    /// Open the entries that the seed chose for the audit: whose they are, people in clear
    Sample(Sample),
    /// Declare the draw void; the next one goes on from it under the same name
    Void(Void),
}

/// One draw of a campaign.
#[derive(Debug, clap::Args)]
struct Which {
    /// The campaign's code
    #[arg(value_parser = campaign_code)]
    campaign: String,
    /// The draw's number; the latest one unless given
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..))]
    draw: Option<u16>,
}

#[derive(Debug, clap::Args)]
struct Show {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Debug, clap::Args)]
struct Plain {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    why: Why,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Debug, clap::Args)]
struct Close {
    /// The campaign's code
    #[arg(value_parser = campaign_code)]
    campaign: String,
    /// The slot whose units are drawn, where the campaign draws again and again
    #[arg(long, value_name = "CODE")]
    slot: Option<String>,
    /// Among those only who were in the draw before and have nothing: fresh numbers for what is
    /// there now
    #[arg(long)]
    unserved: bool,
    #[command(flatten)]
    why: Why,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Debug, clap::Args)]
struct Seal {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    operator: OperatorSide,
    #[command(flatten)]
    notary: NotarySide,
    /// The file of the notary's key for tags
    #[arg(long, value_name = "FILE")]
    notary_tag_key: PathBuf,
    /// Which balls are drawn, in words: "6 of 01-49, in the order drawn"
    #[arg(long, value_name = "TEXT", value_parser = words)]
    balls: Option<Words>,
    /// The round of drand's quicknet that ends the seed
    #[arg(long, value_name = "ROUND", value_parser = clap::value_parser!(u64).range(1..))]
    drand_round: Option<u64>,
    /// When the draw is void if its seed has not come, in UTC: 2026-02-18T12:00:00Z
    #[arg(long, value_name = "TIME")]
    deadline: Deadline,
    /// The rules for people to read
    #[arg(long, value_name = "FILE")]
    rules: PathBuf,
    #[command(flatten)]
    due: Due,
    #[command(flatten)]
    why: Why,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Debug, clap::Args)]
#[group(id = "operator_side", required = true, multiple = false)]
struct OperatorSide {
    /// The file of the operator's secret, of which only the commitment is sent
    #[arg(long, value_name = "FILE")]
    operator_secret: Option<PathBuf>,
    /// The commitment to the operator's secret, where the secret is kept elsewhere
    #[arg(long, value_name = "HEX", value_parser = digest)]
    operator_commitment: Option<Digest>,
}

#[derive(Debug, clap::Args)]
#[group(id = "notary_side", required = true, multiple = false)]
struct NotarySide {
    /// The file of the notary's secret, of which only the commitment is sent
    #[arg(long, value_name = "FILE")]
    notary_secret: Option<PathBuf>,
    /// The commitment to the notary's secret, where the secret is kept elsewhere
    #[arg(long, value_name = "HEX", value_parser = digest)]
    notary_commitment: Option<Digest>,
}

#[derive(Debug, clap::Args)]
struct Open {
    #[command(flatten)]
    which: Which,
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
    why: Why,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Debug, clap::Args)]
struct Seed {
    #[command(flatten)]
    which: Which,
    /// The signature of the sealed round, 96 hex digits
    #[arg(long, value_name = "HEX", value_parser = signature)]
    beacon: Option<BeaconSignature>,
    #[command(flatten)]
    why: Why,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Debug, clap::Args)]
struct Publish {
    /// The campaign's code
    #[arg(value_parser = campaign_code)]
    campaign: String,
    #[command(flatten)]
    why: Why,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Debug, clap::Args)]
#[group(id = "whence", required = true, multiple = true, args = ["outlet", "item", "slot", "all"])]
struct Lapse {
    /// The campaign's code
    #[arg(value_parser = campaign_code)]
    campaign: String,
    /// Only at this outlet
    #[arg(long, value_name = "CODE")]
    outlet: Option<String>,
    /// Only of this item
    #[arg(long, value_name = "CODE")]
    item: Option<String>,
    /// Only in this slot
    #[arg(long, value_name = "CODE")]
    slot: Option<String>,
    /// Everywhere
    #[arg(long, conflicts_with_all = ["outlet", "item", "slot"])]
    all: bool,
    /// Only say how many units would be taken back from how many pools
    #[arg(long)]
    dry_run: bool,
    /// Take back also what can still be collected: units of slots that have not ended
    #[arg(long)]
    early: bool,
    /// Why; kept with the action and the token's name
    #[arg(long, value_name = "TEXT", required_unless_present = "dry_run")]
    reason: Option<String>,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Debug, clap::Args)]
struct Sample {
    #[command(flatten)]
    which: Which,
    /// How many, as the rules fix it: 1 to 10000
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=SAMPLE_MAX))]
    size: u32,
    /// Put the receipts into this new folder, a file a line; only you may read them
    #[arg(long, value_name = "FOLDER")]
    receipts: Option<PathBuf>,
    #[command(flatten)]
    why: Why,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Debug, clap::Args)]
struct Void {
    #[command(flatten)]
    which: Which,
    /// Why, in printable ASCII: it stands in the note that everybody reads
    #[arg(long, value_name = "TEXT", value_parser = words)]
    reason: Words,
    #[command(flatten)]
    connection: Connection,
}

impl Args {
    pub(super) fn run(self) -> Result<()> {
        match self.command {
            Command::Close(close) => close.run(),
            Command::Show(show) => show.run(),
            Command::Seal(seal) => seal.run(),
            Command::Open(open) => open.run(),
            Command::Seed(seed) => seed.run(),
            Command::Run(plain) => plain.run("run"),
            Command::Publish(publish) => publish.run(),
            Command::Lapse(lapse) => lapse.run(),
            Command::Alternates(plain) => plain.run("alternates"),
            Command::Sample(sample) => sample.run(),
            Command::Void(void) => void.run(),
        }
    }
}

impl Which {
    fn find(&self, connection: &Connection) -> Result<Drawing> {
        Drawing::find(connection.client()?, &self.campaign, self.draw)
    }
}

impl Show {
    fn run(&self) -> Result<()> {
        let of = self.which.find(&self.connection)?;
        answer(&self.connection, &of.whole()?, |told| show::draw(told, of.all()))
    }
}

impl Plain {
    fn run(&self, word: &str) -> Result<()> {
        let Self { which, why, connection } = self;
        let body = json!({ "reason": why.reason });
        take(&which.find(connection)?, connection, word, &body)
    }
}

impl Close {
    fn run(&self) -> Result<()> {
        let Self { campaign, slot, unserved, why, connection } = self;
        let body = json!({ "slot": slot, "unserved": unserved, "reason": why.reason });
        let told = step::close(&connection.client()?, campaign, &body)?;
        answer(connection, &told, |told| show::step(told, "close"))
    }
}

impl Seal {
    fn run(&self) -> Result<()> {
        let drand = self.drand_round.map(|round| Round { chain: QUICKNET.hash(), round });
        self.due.for_seal(drand, self.deadline)?;
        let of = self.which.find(&self.connection)?;
        let name = of.name()?;
        let operator = commitment(
            &self.operator.operator_secret,
            self.operator.operator_commitment,
            (&name, Holder::Operator),
        )?;
        let notary = commitment(
            &self.notary.notary_secret,
            self.notary.notary_commitment,
            (&name, Holder::Notary),
        )?;
        let tag_key = read_secret(&self.notary_tag_key)?;
        let body = json!({
            "operator_commitment": operator.to_string(),
            "notary_commitment": notary.to_string(),
            "notary_tag_key": tag_key.digits().as_str(),
            "balls": self.balls.as_ref().map(Words::as_str),
            "drand_round": self.drand_round,
            "deadline": self.deadline.to_string(),
            "rules": text_of(&self.rules)?,
            "rehearsal": self.due.is_rehearsal(),
            "reason": self.why.reason,
        });
        take(&of, &self.connection, "seal", &body)
    }
}

impl Open {
    fn run(&self) -> Result<()> {
        let operator = read_secret(&self.operator_secret)?;
        let notary = read_secret(&self.notary_secret)?;
        let body = json!({
            "operator_secret": operator.digits().as_str(),
            "notary_secret": notary.digits().as_str(),
            "balls": self.balls.as_ref().map(ToString::to_string),
            "reason": self.why.reason,
        });
        let taken = take(&self.which.find(&self.connection)?, &self.connection, "open", &body);
        // Whatever else went wrong, it may be opened.
        taken.map_err(|error| match code_of(&error).as_deref() {
            Some("draw-seed-refused") => {
                error.context(not_opened_with(&self.operator_secret, &self.notary_secret))
            }
            _ => error,
        })
    }
}

impl Seed {
    fn run(&self) -> Result<()> {
        let Self { which, beacon, why, connection } = self;
        let beacon = beacon.as_ref().map(ToString::to_string);
        let body = json!({ "beacon": beacon, "reason": why.reason });
        take(&which.find(connection)?, connection, "seed", &body)
    }
}

impl Void {
    fn run(&self) -> Result<()> {
        let body = json!({ "reason": self.reason.as_str() });
        take(&self.which.find(&self.connection)?, &self.connection, "void", &body)
    }
}

impl Sample {
    fn run(&self) -> Result<()> {
        let Self { which, size, receipts, why, connection } = self;
        let body = json!({ "size": size, "reason": why.reason });
        // The folder first: a sample that was opened and cannot be kept is opened for nothing.
        let folder = receipts.as_deref().map(sample::folder).transpose()?;
        let told = which.find(connection)?.take("sample", &body)?;
        folder.map_or(Ok(()), |folder| sample::keep(folder, &told))?;
        answer(connection, &told, sample::shown)
    }
}

impl Publish {
    fn run(&self) -> Result<()> {
        let Self { campaign, why, connection } = self;
        let client = connection.client()?;
        let body = json!({ "do": "publish", "reason": why.reason });
        client.post(&format!("campaigns/{campaign}/actions"), &[], &body)?;
        let told = Drawing::find(client, campaign, None)?.whole()?;
        answer(connection, &told, |told| show::step(told, "publish"))
    }
}

impl Lapse {
    fn run(&self) -> Result<()> {
        let Self { campaign, outlet, item, slot, all, dry_run, early, reason, connection } = self;
        let body = json!({ "do": "lapse", "outlet": outlet, "item": item, "slot": slot, "all": all,
            "dry_run": dry_run, "early": early, "reason": reason });
        act(connection, campaign, &body)
    }
}

/// Does a step, and says what came of it.
fn take(of: &Drawing, connection: &Connection, word: &str, body: &Value) -> Result<()> {
    let told = of.take(word, body)?;
    answer(connection, &told, |told| show::step(told, word))
}

/// What is sealed of a secret: computed from its file, or as it was handed over.
fn commitment(
    file: &Option<PathBuf>,
    given: Option<Digest>,
    (name, holder): (&DrawName, Holder),
) -> Result<Digest> {
    match (file, given) {
        (Some(file), _) => Ok(read_secret(file)?.commitment(name, holder)),
        (None, given) => Ok(given.expect("one of the two is given")),
    }
}

fn text_of(file: &Path) -> Result<String> {
    std::fs::read_to_string(file).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData => {
            let what = format!("{} is no text in UTF-8: save it as UTF-8", file.display());
            Coded::error("file-unreadable", &what)
        }
        _ => unreadable(file, error),
    })
}

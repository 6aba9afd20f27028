//! `tidegate audit`: a reconciliation of a whole journal that an accountant would accept.
//!
//! Owns: what is compared with what: the books with a ledger that replays the same frames, that
//! ledger with every snapshot, and with the running node. Never: writes, or takes a lock; it runs
//! beside a node.
//! On failure: what cannot be read is an error with its own code; what is wrong is listed, all of
//! it, and ends with `audit-failed`, or where bytes are damaged with a code of that; a node that
//! could not be compared, with `audit-incomplete`.

mod examine;
mod files;
mod live;
mod report;

pub(crate) use examine::{Examined, Station};
pub(crate) use report::balance;

use crate::exit::{Coded, code_of};
use crate::output::Output;
use anyhow::{Context as _, Result};
use examine::Progress;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Steps of the bar: a redraw costs more than a block.
const REDRAW: Duration = Duration::from_millis(100);

const ENDINGS: &str =
    "The journal is read from its first frame by a reader of its own; every pool, \
person, limit and request is recomputed by books of their own, and compared with what the engine \
makes of the same frames. Reader and books use none of the engine's code: only its names and \
numbers (ids, fields, outcomes, limits), so a limit that is wrong itself is not noticed here. It \
only reads, and takes no lock: run it beside a node, or on a copy. It needs about 250 bytes of \
memory an entry.

Keep the line `chain` of each audit where the folder is not: it is a SHA-256 of all \
that was recorded up to its frame, and a later audit compares it (--kept). The line `state` is a checksum of the ledger, and no proof of anything against people.

Exit status: 0 when the audit is clean; 1 when it found what must never be (`audit-failed`); 65 when \
the journal or a snapshot is damaged, incomplete or not ours; 69 when the node that --server names \
could not be compared (`audit-incomplete`, `node-unreachable`, `answer-unreadable`); 73 when the \
report could not be written (`output-refused`), 74 when the disk failed, 77 when this account may \
not read the folder (`access-denied`); 66 and 78 when an option names what cannot be used; 2 when \
the command was mistyped.";

/// Recompute every pool, person and limit from the journal, and compare
#[derive(Debug, clap::Args)]
#[command(after_help = ENDINGS)]
pub(crate) struct Args {
    /// The data folder
    #[arg(long, value_name = "FOLDER")]
    data: PathBuf,
    /// Where closed segments were archived
    #[arg(long, value_name = "FOLDER")]
    archive: Option<PathBuf>,
    /// A file with lines `chain` of earlier audits, or their whole output, to compare as well
    #[arg(long, value_name = "FILE")]
    kept: Option<PathBuf>,
    /// A running node's operator address, to compare its state as well
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// A file that holds an API token; a node asks for none here, a proxy before it may
    #[arg(long, value_name = "FILE", requires = "server")]
    token_file: Option<PathBuf>,
    /// Certificates to trust, PEM; the system's unless given
    #[arg(long, value_name = "FILE", requires = "server")]
    ca: Option<PathBuf>,
    /// Print everything as JSON
    #[arg(long)]
    json: bool,
}

/// Audits a data folder.
pub(crate) fn run(args: Args) -> Result<()> {
    // Before the journal is read: what a node is at now, the journal holds by then.
    let node = match &args.server {
        Some(server) => live::station(server, args.token_file.as_deref(), args.ca.as_deref())?,
        None => None,
    };
    let kept = args.kept.as_deref().map(files::kept_chains).transpose()?.unwrap_or_default();
    let stations: Vec<_> = node.into_iter().chain(kept).collect();
    let bar = Bar::new()?;
    let begun = Instant::now();
    let archive = args.archive.as_deref();
    let mut examined = reconcile(&args.data, archive, stations, |progress| bar.show(progress))?;
    bar.clear();
    examined.has_asked_node = args.server.is_some();
    print(&examined, args.json, begun.elapsed()).map_err(|error| {
        // Whoever has read enough is told nothing.
        if code_of(&error).is_none() {
            return error;
        }
        let verdict = report::verdict(&examined);
        error.context(format!("the audit ended with `{verdict}`, and its report is lost"))
    })?;
    judge(&examined)
}

fn print(examined: &Examined, as_json: bool, took: Duration) -> Result<()> {
    let mut out = Output::open();
    if as_json {
        writeln!(out, "{}", report::json(examined))?;
    } else {
        let rows_max = if io::stdout().is_terminal() { report::ROWS_SHOWN_MAX } else { usize::MAX };
        write!(out, "{}", report::text(examined, rows_max, took))?;
    }
    Ok(out.flush()?)
}

/// The error that an audit ends with, unless it is clean.
fn judge(examined: &Examined) -> Result<()> {
    let found = examined.all_found();
    if let Some(code) = examined.damage() {
        let (first, more) = (&found[0], examined.found_len() - 1);
        let others = match more {
            0 => String::new(),
            more => format!(", and {more} more was found in what was audited"),
        };
        let what = format!("{}{others}. Nothing was changed", first.text);
        return Err(Coded::error(code, &what));
    }
    if !found.is_empty() && found.iter().all(|found| found.kind == examine::SNAPSHOT) {
        let what = "the journal is sound and balances, but a snapshot is not what was written; \
                    see the list above. Nothing was changed";
        return Err(Coded::error("snapshot-damaged", &what));
    }
    if 0 < examined.found_len() {
        let what = "the audit found what must never be; see the list above. Nothing was changed";
        return Err(Coded::error("audit-failed", &what));
    }
    if examined.lacks_node() {
        let what = "nothing was found, but the node that --server names was not compared: it has \
                    named no state of a frame yet, as a new one does half a minute after its \
                    first. Audit again then";
        return Err(Coded::error("audit-incomplete", &what));
    }
    Ok(())
}

/// Audits a data folder, and compares with its snapshots and with whoever was asked before.
pub(crate) fn reconcile(
    data: &Path,
    archive: Option<&Path>,
    mut stations: Vec<Station>,
    progress: impl FnMut(&Progress),
) -> Result<Examined> {
    let journal = files::journal_id(data)?;
    let (snapshots, found) = files::snapshots(data)?;
    stations.extend(snapshots);
    let folders = files::folders(data, archive, journal)?;
    let mut examined = examine::examine(&folders, journal, &stations, progress)?;
    examined.found.splice(0..0, found);
    Ok(examined)
}

/// How far the audit is, on a terminal.
struct Bar {
    bar: ProgressBar,
    begun: Instant,
    shown: std::cell::Cell<Option<Instant>>,
}

impl Bar {
    fn new() -> Result<Self> {
        let template = "{bar:36} {pos}/{len} segments, {msg}";
        let style = ProgressStyle::with_template(template)
            .context("the progress bar has a wrong template")?;
        let bar = ProgressBar::no_length().with_style(style);
        Ok(Self { bar, begun: Instant::now(), shown: None.into() })
    }

    fn show(&self, progress: &Progress) {
        if self.shown.get().is_some_and(|shown| shown.elapsed() < REDRAW) {
            return;
        }
        self.shown.set(Some(Instant::now()));
        let seconds = self.begun.elapsed().as_secs_f64().max(1e-9);
        let rate = (progress.commands as f64 / seconds) as u64;
        self.bar.set_length(progress.segments);
        self.bar.set_position(progress.segments_begun);
        self.bar.set_message(format!(
            "{} frames, {} commands, {}/s",
            report::thousands(progress.frames),
            report::thousands(progress.commands),
            report::thousands(rate)
        ));
    }

    fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

//! `tidegate audit`: a reconciliation of a whole journal that an accountant would accept.
//!
//! Owns: what is compared with what: the books with a ledger that replays the same frames, that
//! ledger with every snapshot, and with the running node. Never: writes, or takes a lock; it runs
//! beside a node.
//! On failure: what cannot be read is an error with its own code; what is wrong is listed, all of
//! it, and ends with `audit-failed`; a node that could not be compared, with `audit-incomplete`.

mod examine;
mod live;
mod report;

pub(crate) use examine::{Examined, Station};
pub(crate) use report::balance;

use crate::client::unreadable;
use crate::exit::Coded;
use crate::opening;
use crate::output::Output;
use anyhow::{Context as _, Result};
use audit::journal::{Folders, FormatError, read_format};
use audit::snapshot::{self, Header};
use examine::{Found, Progress};
use indicatif::{ProgressBar, ProgressStyle};
use std::fs::{self, File};
use std::io::{self, IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Steps of the bar: a redraw costs more than a block.
const REDRAW: Duration = Duration::from_millis(100);
/// A snapshot that is removed while we look is replaced by a newer one.
const SNAPSHOT_LOOKS: usize = 3;

const ENDINGS: &str =
    "The journal is read from its first frame by a reader of its own; every pool, \
person, limit and request is recomputed by books of their own, and compared with what the engine \
makes of the same frames. Reader and books use none of the engine's code: only its names and \
numbers (ids, fields, outcomes, limits), so a limit that is wrong itself is not noticed here. It \
only reads, and takes no lock: run it beside a node, or on a copy. It needs about 250 bytes of \
memory an entry.

Exit status: 0 when the audit is clean; 1 when something was found (`audit-failed`), or when the \
node that --server names could not be compared (`audit-incomplete`); otherwise as any command.";

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
    let bar = Bar::new()?;
    let begun = Instant::now();
    let archive = args.archive.as_deref();
    let mut examined = reconcile(&args.data, archive, node, |progress| bar.show(progress))?;
    bar.clear();
    examined.has_asked_node = args.server.is_some();
    let mut out = Output::open();
    if args.json {
        writeln!(out, "{}", report::json(&examined))?;
    } else {
        let rows_max = if io::stdout().is_terminal() { report::ROWS_SHOWN_MAX } else { usize::MAX };
        write!(out, "{}", report::text(&examined, rows_max, begun.elapsed()))?;
    }
    out.flush()?;
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

/// Audits a data folder, and compares with its snapshots and with a node that was asked before.
pub(crate) fn reconcile(
    data: &Path,
    archive: Option<&Path>,
    node: Option<Station>,
    progress: impl FnMut(&Progress),
) -> Result<Examined> {
    let journal = journal_id(data)?;
    let (mut stations, mut found) = (Vec::from_iter(node), Vec::new());
    snapshots(data, &mut stations, &mut found)?;
    let folders = folders(data, archive)?;
    let mut examined = examine::examine(&folders, journal, &stations, progress)?;
    examined.found.splice(0..0, found);
    Ok(examined)
}

/// The folders that hold segments.
fn folders(data: &Path, archive: Option<&Path>) -> Result<Folders> {
    let journal = data.join("journal");
    let folders: Vec<_> =
        [Some(journal), archive.map(Path::to_owned)].into_iter().flatten().collect();
    for folder in &folders {
        fs::read_dir(folder).map_err(|error| opening::refused(folder, error))?;
    }
    Ok(Folders(folders))
}

/// The journal that the folder is of.
fn journal_id(data: &Path) -> Result<[u8; 16]> {
    opening::existing(data)?;
    let path = data.join("FORMAT");
    let text = match fs::read(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let what = format!(
                "{} is not a data folder: it holds no file FORMAT. Give the folder that \
                 `tidegate serve --data` uses, or a copy of it",
                data.display()
            );
            return Err(Coded::error("data-not-tidegate", &what));
        }
        other => other.map_err(|error| unreadable(&path, error))?,
    };
    read_format(&text).map_err(|error| {
        let (code, advice) = match &error {
            FormatError::Foreign(_) => ("data-not-tidegate", "give a folder that is one"),
            FormatError::Version(_) => ("data-newer", "use the release that wrote it"),
        };
        let what = format!("{}: {error}. Nothing was audited; {advice}", path.display());
        Coded::error(code, &what)
    })
}

/// What the snapshots say of the state at their frames.
fn snapshots(data: &Path, stations: &mut Vec<Station>, found: &mut Vec<Found>) -> Result<()> {
    let folder = data.join("snapshots");
    let mut heads = Vec::new();
    for look in 1..=SNAPSHOT_LOOKS {
        heads.clear();
        let mut is_whole = true;
        for name in names(&folder)? {
            let Some(frame) = snapshot::parse_name(&name) else { continue };
            match head(&folder.join(&name)) {
                Ok(bytes) => heads.push((name, frame, bytes)),
                // The node has made a newer one meanwhile, and removed this one.
                Err(error) if error.kind() == io::ErrorKind::NotFound => is_whole = false,
                Err(error) => return Err(unreadable(&folder.join(&name), error)),
            }
        }
        if is_whole || look == SNAPSHOT_LOOKS {
            break;
        }
    }
    for (name, frame, bytes) in heads {
        let text = match Header::decode(&bytes) {
            Ok(header) if header.frame == frame => {
                stations.push(Station::snapshot(&header));
                continue;
            }
            Ok(header) => format!("the snapshot {name} says that it is of frame {}", header.frame),
            Err(why) => format!("the snapshot {name} is damaged: {why}"),
        };
        found.push(Found::new("snapshot", text));
    }
    Ok(())
}

fn names(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(names),
        other => other.map_err(|error| opening::refused(folder, error))?,
    };
    for entry in entries {
        let name = entry.map_err(|error| opening::refused(folder, error))?.file_name();
        names.extend(name.into_string());
    }
    names.sort_unstable();
    Ok(names)
}

fn head(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(snapshot::HEADER_BYTES as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
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

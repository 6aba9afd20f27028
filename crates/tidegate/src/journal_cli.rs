//! `tidegate journal`: what a journal holds, and whether it is sound.
//!
//! Owns: the subcommands, which read and never write; they run beside a node, or without one.

use crate::exit::Coded;
use crate::opening;
use crate::output::{Output, plural};
use anyhow::{Context as _, Result};
use clap::Subcommand;
use indicatif::{ProgressBar, ProgressStyle};
use journal::{Archive, Disk, FrameStream as _};
use ledger::Ledger;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;
use types::FrameNo;
use types::command::{Command, Records};

/// Verify, inspect or replay a journal.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Check every byte, and list everything that is damaged
    Verify(Place),
    /// Print frames: number, time, commands, hash
    Inspect {
        #[command(flatten)]
        place: Place,
        /// The first frame to print
        #[arg(long, default_value_t = 1, value_name = "FRAME")]
        from: u64,
        /// How many
        #[arg(long, default_value_t = 20, value_name = "COUNT")]
        count: usize,
        /// Print their commands, too; personal fields are sealed and stay so
        #[arg(long)]
        commands: bool,
    },
    /// Replay everything and print the hash of the state
    Replay(Place),
}

/// Where the journal is.
#[derive(Debug, clap::Args)]
struct Place {
    /// The data folder
    #[arg(long, value_name = "FOLDER")]
    data: PathBuf,
    /// Where closed segments were archived
    #[arg(long, value_name = "FOLDER")]
    archive: Option<PathBuf>,
}

pub(crate) fn run(args: Args) -> Result<()> {
    match args.what {
        What::Verify(place) => verify(&place),
        What::Inspect { place, from, count, commands } => inspect(&place, from, count, commands),
        What::Replay(place) => replay(&place),
    }
}

impl Place {
    fn disk(&self) -> Result<Arc<dyn Disk>> {
        Ok(Arc::new(opening::existing(&self.data)?))
    }

    fn archive(&self) -> Result<Option<Archive>> {
        let Some(path) = &self.archive else { return Ok(None) };
        Ok(Some(Archive { disk: Arc::new(opening::existing(path)?), folder: String::new() }))
    }
}

fn verify(place: &Place) -> Result<()> {
    let bar = ProgressBar::no_length().with_style(
        ProgressStyle::with_template("{bar:36} {pos}/{len} segments, {msg} frames")
            .context("the progress bar has a wrong template")?,
    );
    let report = journal::verify(place.disk()?, place.archive()?, &mut |progress| {
        bar.set_length(progress.segments);
        bar.set_position(progress.segments_done);
        bar.set_message(progress.frames.to_string());
    })?;
    bar.finish_and_clear();
    let mut out = Output::open();
    writeln!(out, "journal {}", report.journal)?;
    writeln!(
        out,
        "{}, {}, {}, {}",
        plural(report.segments, "segment", "segments"),
        plural(report.frames, "frame", "frames"),
        plural(report.commands, "command", "commands"),
        plural(report.payload_bytes, "byte", "bytes")
    )?;
    if let Some(tail) = &report.tail {
        writeln!(out, "last frame {} with hash {}", tail.frame, tail.hash)?;
    }
    if let Some(torn) = &report.torn {
        writeln!(
            out,
            "torn end in {} at byte {}: {} of a frame that was never acknowledged; the next start \
             cuts it",
            torn.file,
            torn.offset,
            plural(torn.bytes, "byte", "bytes")
        )?;
    }
    if report.is_sound() {
        writeln!(out, "sound")?;
        return Ok(());
    }
    for damage in &report.damages {
        writeln!(out, "DAMAGED: {}", damage.finding())?;
    }
    if 0 < report.damages_unlisted {
        writeln!(out, "and {} more", report.damages_unlisted)?;
    }
    out.flush()?;
    if report.damages.iter().all(|damage| damage.code() == "journal-incomplete") {
        let what = match place.archive {
            None => {
                "frames that are needed lie in no segment, as listed above. Segments that were \
                 archived are looked for only where --archive says; put back what is missing \
                 otherwise"
            }
            Some(_) => {
                "frames that are needed lie in no segment of the folder or of the archive, as \
                 listed above. Put back what is missing"
            }
        };
        return Err(Coded::error("journal-incomplete", &what));
    }
    let what = "the journal is damaged as listed above. Nothing was changed; restore the damaged \
                files from a copy or the archive";
    Err(Coded::error("journal-damaged", &what))
}

fn inspect(place: &Place, from: u64, count: usize, commands: bool) -> Result<()> {
    let first = FrameNo(from.max(1));
    let mut out = Output::open();
    let mut frames = journal::inspect(place.disk()?, place.archive()?, first)?;
    for _ in 0..count {
        let Some(frame) = frames.next_frame()? else { break };
        writeln!(
            out,
            "frame {} at {} ms, {}, {}, durable through {}, hash {}",
            frame.no,
            frame.at.0,
            plural(frame.command_count, "command", "commands"),
            plural(frame.payload.len(), "byte", "bytes"),
            frame.durable_through,
            frame.hash
        )?;
        for record in Records::new(frame.payload).filter(|_| commands) {
            let (offset, record) = record?;
            writeln!(out, "  {offset:>8} {}", shown(&Command::decode(record)?))?;
        }
    }
    Ok(())
}

fn shown(command: &Command<'_>) -> String {
    match command {
        Command::Enter(enter) => {
            let choices: Vec<_> = enter.choices().map(|pool| pool.to_string()).collect();
            format!(
                "enter campaign {} {:?} units {} pools {} sealed bytes {}",
                enter.campaign,
                enter.request,
                enter.units,
                choices.join(">"),
                enter.sealed.len()
            )
        }
        Command::Cancel(cancel) => {
            format!("cancel campaign {} entry {}", cancel.campaign, cancel.entry)
        }
        Command::Redeem(redeem) => format!(
            "redeem campaign {} entry {} outlet {} by {}",
            redeem.campaign, redeem.entry, redeem.outlet, redeem.actor
        ),
        Command::Award(award) => format!(
            "award campaign {} draw {} first {} winners {}",
            award.campaign,
            award.draw,
            award.first,
            award.rows().len()
        ),
        Command::Operator(command) => {
            format!("{} by {}: {}", command.action.word(), command.actor, command.reason)
        }
        Command::Tick => "tick".to_owned(),
    }
}

fn replay(place: &Place) -> Result<()> {
    let frames = journal::inspect(place.disk()?, place.archive()?, FrameNo(1))?;
    let bar = ProgressBar::new_spinner().with_message("replaying");
    let begun = Instant::now();
    let mut ledger = Ledger::new();
    let done = node::replay(Box::new(frames), &mut ledger, None, |frame| {
        bar.set_message(format!("frame {frame}"));
        bar.tick();
    })?;
    bar.finish_and_clear();
    let seconds = begun.elapsed().as_secs_f64();
    let mut out = Output::open();
    writeln!(out, "frame {}, state {}", ledger.frame(), ledger.hash())?;
    writeln!(
        out,
        "{} in {}, {seconds:.2} s, {:.0} commands/s",
        plural(done.commands, "command", "commands"),
        plural(done.frames, "frame", "frames"),
        done.commands as f64 / seconds.max(1e-9)
    )?;
    Ok(())
}

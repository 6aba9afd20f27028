//! What the demo shows: a live picture on a terminal, plain lines elsewhere.
//!
//! Owns: what is drawn over and what stays. Never: a number of its own; all come from the node's
//! and the crowd's counters.

use super::audit::Findings;
use super::picture::{self, Moment, Room, Stock, duration};
use crate::output::Output;
use anyhow::Result;
use crossterm::cursor::MoveToPreviousLine;
use crossterm::style::Stylize as _;
use crossterm::terminal::{self, Clear, ClearType};
use crossterm::{queue, tty::IsTty as _};
use crowd::Snapshot;
use node::metrics::HistogramSnapshot;
use node::{Clock as _, Node};
use std::io::Write as _;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

/// Away from a terminal, one line a second is enough.
const LINE_EVERY: Duration = Duration::from_secs(1);

pub(crate) struct Screen {
    out: Output,
    live: bool,
    /// Lines of the picture on the screen, to be drawn over.
    drawn: u16,
}

/// One opening, as it is shown.
pub(crate) struct Opening<'a> {
    node: &'a Node,
    code: String,
    people: u32,
    first: Counters,
    last: Counters,
    last_line: Instant,
}

/// Counters at one moment, for rates since then.
#[derive(Clone)]
struct Counters {
    at: Instant,
    answered: u64,
    frames: u64,
    sync: HistogramSnapshot,
    commands: HistogramSnapshot,
}

impl Counters {
    fn of(node: &Node, answered: u64) -> Self {
        let metrics = node.metrics();
        Self {
            at: Instant::now(),
            answered,
            frames: metrics.frames.load(Relaxed),
            sync: metrics.sync_us.snapshot(),
            commands: metrics.frame_commands.snapshot(),
        }
    }
}

impl<'a> Opening<'a> {
    pub(crate) fn begin(node: &'a Node, code: &str, people: u32) -> Self {
        let first = Counters::of(node, 0);
        let (last, last_line) = (first.clone(), first.at);
        Self { node, code: code.to_owned(), people, first, last, last_line }
    }

    fn picture(&mut self, crowd: &Snapshot, span: Span, room: Room) -> Vec<String> {
        let now = Counters::of(self.node, crowd.answered);
        let metrics = self.node.metrics();
        let (since, span) = match span {
            Span::SinceLast => (&self.last, "now"),
            Span::Whole => (&self.first, "on average"),
        };
        let seconds = now.at.duration_since(since.at).as_secs_f64().max(0.001);
        let rate = |count: u64| (count as f64 / seconds) as u64;
        let (sync, commands) = (now.sync.since(&since.sync), now.commands.since(&since.commands));
        let moment = Moment {
            code: &self.code,
            people: u64::from(self.people),
            seconds: now.at.duration_since(self.first.at).as_secs_f64(),
            span,
            crowd,
            stock: &stock(self.node),
            answers_per_second: rate(now.answered - since.answered),
            sync_us_p50: sync.quantile(500),
            sync_us_p99: sync.quantile(990),
            frames: now.frames - self.first.frames,
            frames_per_second: rate(now.frames - since.frames),
            commands_p50: commands.quantile(500),
            commands_p99: commands.quantile(990),
            journal_bytes: metrics.journal_bytes.load(Relaxed),
            queue: self.node.status().queue as u64,
        };
        let lines = picture::lines(&moment, room);
        self.last = now;
        lines
    }

    fn line(&self, crowd: &Snapshot) -> String {
        let outcomes: Vec<_> =
            crowd.outcomes.iter().map(|(code, count)| format!("{code} {count}")).collect();
        format!(
            "{:>6.1} s  {} sent, {} people done, p99 {}, {} frames: {}",
            self.first.at.elapsed().as_secs_f64(),
            crowd.sent,
            crowd.people,
            duration(crowd.latency.p99_nanos / 1_000),
            self.node.metrics().frames.load(Relaxed),
            outcomes.join(", "),
        )
    }
}

/// What the rates of a picture are of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Span {
    SinceLast,
    Whole,
}

impl Screen {
    pub(crate) fn new() -> Self {
        Self { out: Output::open(), live: std::io::stdout().is_tty(), drawn: 0 }
    }

    /// Says something below all that was shown.
    pub(crate) fn say(&mut self, text: &str) -> Result<()> {
        self.wipe()?;
        writeln!(self.out, "{text}")?;
        Ok(())
    }

    pub(crate) fn count_down(&mut self, code: &str, left_millis: u64) -> Result<()> {
        if !self.live {
            return Ok(());
        }
        let tenths = left_millis / 100;
        self.picture(&[format!("{code} opens in {}.{} s", tenths / 10, tenths % 10)])
    }

    pub(crate) fn draw(&mut self, opening: &mut Opening<'_>, crowd: &Snapshot) -> Result<()> {
        if self.live {
            let lines = opening.picture(crowd, Span::SinceLast, room());
            return self.picture(&lines);
        }
        if LINE_EVERY <= opening.last_line.elapsed() {
            opening.last_line = Instant::now();
            writeln!(self.out, "{}", opening.line(crowd))?;
        }
        Ok(())
    }

    /// Shows the last state, and leaves it where it is.
    pub(crate) fn end(&mut self, opening: &mut Opening<'_>, crowd: &Snapshot) -> Result<()> {
        if !self.live {
            writeln!(self.out, "{}", opening.line(crowd))?;
            return Ok(());
        }
        // It is not drawn over any more, and may be higher than the terminal.
        let room = Room { rows: usize::MAX, ..room() };
        let lines = opening.picture(crowd, Span::Whole, room);
        self.picture(&lines)?;
        self.drawn = 0;
        Ok(())
    }

    /// The result of the audit.
    pub(crate) fn audit(&mut self, findings: &Findings) -> Result<()> {
        self.wipe()?;
        writeln!(self.out, "\nAudit, recomputed from the journal:")?;
        for line in &findings.lines {
            writeln!(self.out, "  {line}")?;
        }
        for problem in &findings.problems {
            writeln!(self.out, "  WRONG: {problem}")?;
        }
        if findings.problems.is_empty() {
            writeln!(self.out, "  nothing oversold, nothing acknowledged lost")?;
        }
        Ok(())
    }

    fn picture(&mut self, lines: &[String]) -> Result<()> {
        self.wipe()?;
        for (place, line) in lines.iter().enumerate() {
            // The first line is empty, and the title comes after it.
            match place {
                1 => writeln!(self.out, "{}", line.as_str().bold())?,
                _ => writeln!(self.out, "{line}")?,
            }
        }
        self.out.flush()?;
        self.drawn = u16::try_from(lines.len()).unwrap_or(u16::MAX);
        Ok(())
    }

    fn wipe(&mut self) -> Result<()> {
        if 0 < self.drawn {
            // To the first column, too: a terminal echoes ^C where the cursor stands.
            queue!(self.out, MoveToPreviousLine(self.drawn), Clear(ClearType::FromCursorDown))?;
            self.drawn = 0;
        }
        Ok(())
    }
}

/// The terminal's cells, less one each way: the cursor stands below, and a full line may wrap.
fn room() -> Room {
    let (columns, rows) = match terminal::size() {
        Ok((columns, rows)) if 0 < columns && 0 < rows => (columns, rows),
        _ => (80, 24),
    };
    Room { columns: usize::from(columns) - 1, rows: usize::from(rows) - 1 }
}

/// On this machine, whoever runs the demo is the operator.
fn stock(node: &Node) -> Vec<Stock> {
    let look = node.read(|ledger| {
        let now = node::SystemClock.now();
        let campaigns = ledger.campaigns().iter();
        let sums = campaigns.map(|campaign| {
            let pools = campaign.pools().iter();
            let (units_free, units_issued) =
                pools.fold((0, 0), |sum, pool| (sum.0 + pool.free(), sum.1 + pool.issued));
            Stock {
                code: campaign.definition().code.clone(),
                units_free,
                units_issued,
                is_operators: campaign.definition().is_held_back() && !campaign.is_published(now),
            }
        });
        sums.collect()
    });
    // A node that sheds just now shows no stock this time.
    look.map(node::Pending::wait).ok().and_then(Result::ok).unwrap_or_default()
}

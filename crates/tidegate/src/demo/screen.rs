//! What the demo shows: a live picture on a terminal, plain lines elsewhere.
//!
//! Owns: the layout. Never: a number of its own; all come from the node's and the crowd's counters.

use super::audit::Findings;
use crate::output::Output;
use anyhow::Result;
use crossterm::cursor::MoveUp;
use crossterm::style::Stylize as _;
use crossterm::terminal::{Clear, ClearType};
use crossterm::{queue, tty::IsTty as _};
use crowd::Snapshot;
use node::Node;
use node::metrics::HistogramSnapshot;
use std::io::Write as _;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

const BAR_CELLS: u64 = 36;
/// Away from a terminal, one line a second is enough.
const LINE_EVERY: Duration = Duration::from_secs(1);

pub(crate) struct Screen {
    out: Output,
    live: bool,
    /// Lines of the picture on the screen, to be drawn over.
    drawn: u16,
    title: String,
    people: u32,
    begun: Instant,
    last_line: Option<Instant>,
    before: Before,
}

/// Counters at the last picture, for rates.
struct Before {
    at: Instant,
    answered: u64,
    frames: u64,
    sync: HistogramSnapshot,
    commands: HistogramSnapshot,
}

impl Before {
    fn new() -> Self {
        Self {
            at: Instant::now(),
            answered: 0,
            frames: 0,
            sync: HistogramSnapshot::default(),
            commands: HistogramSnapshot::default(),
        }
    }
}

impl Screen {
    pub(crate) fn new() -> Self {
        let (out, live) = (Output::open(), std::io::stdout().is_tty());
        Self {
            out,
            live,
            drawn: 0,
            title: String::new(),
            people: 0,
            begun: Instant::now(),
            last_line: None,
            before: Before::new(),
        }
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

    pub(crate) fn begin(&mut self, title: &str, people: u32) {
        title.clone_into(&mut self.title);
        self.people = people;
        self.begun = Instant::now();
        self.last_line = Some(self.begun);
        self.before.at = self.begun;
        self.before.answered = 0;
    }

    /// Shows the last state, and leaves it where it is.
    pub(crate) fn end(&mut self, node: &Node, crowd: &Snapshot) -> Result<()> {
        self.last_line = None;
        self.draw(node, crowd)?;
        self.drawn = 0;
        self.out.flush()?;
        Ok(())
    }

    pub(crate) fn draw(&mut self, node: &Node, crowd: &Snapshot) -> Result<()> {
        if !self.live {
            return self.line(node, crowd);
        }
        let metrics = node.metrics();
        let seconds = self.before.at.elapsed().as_secs_f64().max(0.001);
        let per_second = (crowd.answered - self.before.answered) as f64 / seconds;
        let frames = metrics.frames.load(Relaxed);
        let frames_per_second = (frames - self.before.frames) as f64 / seconds;
        let (sync, commands) = (metrics.sync_us.snapshot(), metrics.frame_commands.snapshot());
        let sync_now = sync.since(&self.before.sync);
        let commands_now = commands.since(&self.before.commands);
        let latency = &crowd.latency;
        let mut lines = vec![
            String::new(),
            format!(
                "  {}  {:.1} s   {} of {} people have done what they came for",
                self.title.as_str().bold(),
                self.begun.elapsed().as_secs_f64(),
                thousands(crowd.people),
                thousands(u64::from(self.people)),
            ),
            format!("  {}", bar(crowd.people, u64::from(self.people))),
            format!(
                "  arrivals   {:>10}   {:>9}/s now",
                thousands(crowd.sent),
                thousands(per_second as u64)
            ),
        ];
        lines.extend(outcomes(crowd));
        lines.extend(units_left(node));
        lines.push(format!(
            "  latency    p50 {}   p99 {}   p99.9 {}   max {}",
            duration(latency.p50_nanos / 1_000),
            duration(latency.p99_nanos / 1_000),
            duration(latency.p999_nanos / 1_000),
            duration(latency.max_nanos / 1_000),
        ));
        lines.push(format!(
            "  fsync      p50 {}   p99 {}   {:>6}/s",
            duration(sync_now.quantile(500)),
            duration(sync_now.quantile(990)),
            thousands(frames_per_second as u64),
        ));
        lines.push(format!(
            "  frames     {:>10}   p50 {} commands   p99 {} commands",
            thousands(frames),
            commands_now.quantile(500),
            commands_now.quantile(990),
        ));
        lines.push(format!(
            "  journal    {:>10} MB   queue {}",
            metrics.journal_bytes.load(Relaxed) >> 20,
            node.status().queue
        ));
        self.before =
            Before { at: Instant::now(), answered: crowd.answered, frames, sync, commands };
        self.picture(&lines)
    }

    fn line(&mut self, node: &Node, crowd: &Snapshot) -> Result<()> {
        if self.last_line.is_some_and(|last| last.elapsed() < LINE_EVERY) {
            return Ok(());
        }
        self.last_line = Some(Instant::now());
        let outcomes: Vec<_> =
            crowd.outcomes.iter().map(|(code, count)| format!("{code} {count}")).collect();
        writeln!(
            self.out,
            "{:>6.1} s  {} sent, {} people done, p99 {}, {} frames: {}",
            self.begun.elapsed().as_secs_f64(),
            crowd.sent,
            crowd.people,
            duration(crowd.latency.p99_nanos / 1_000),
            node.metrics().frames.load(Relaxed),
            outcomes.join(", "),
        )?;
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
        for line in lines {
            writeln!(self.out, "{line}")?;
        }
        self.out.flush()?;
        self.drawn = u16::try_from(lines.len()).unwrap_or(u16::MAX);
        Ok(())
    }

    fn wipe(&mut self) -> Result<()> {
        if 0 < self.drawn {
            queue!(self.out, MoveUp(self.drawn), Clear(ClearType::FromCursorDown))?;
            self.drawn = 0;
        }
        Ok(())
    }
}

fn outcomes(crowd: &Snapshot) -> Vec<String> {
    let most = crowd.outcomes.iter().map(|(_, count)| *count).max().unwrap_or(0);
    let line = |(code, count): &(&str, u64)| {
        format!("    {code:<22} {:>10}  {}", thousands(*count), bar(*count, most))
    };
    crowd.outcomes.iter().map(line).collect()
}

/// The operator's view of the stock: on this machine, whoever runs the demo is the operator.
fn units_left(node: &Node) -> Vec<String> {
    let look = node.read(|ledger| {
        let campaigns = ledger.campaigns().iter();
        let sums = campaigns.map(|campaign| {
            let pools = campaign.pools().iter();
            let (free, issued) =
                pools.fold((0, 0), |sum, pool| (sum.0 + pool.free(), sum.1 + pool.issued));
            (campaign.definition().code.clone(), free, issued)
        });
        sums.collect::<Vec<_>>()
    });
    // A node that sheds just now shows no stock this time.
    let Ok(Ok(sums)) = look.map(node::Pending::wait) else { return Vec::new() };
    let line = |(code, free, issued): (String, u64, u64)| {
        let left = format!("{} of {}", thousands(free), thousands(issued));
        format!("  units left {left:>22}  {}  {code}", bar(free, issued))
    };
    sums.into_iter().map(line).collect()
}

fn bar(part: u64, whole: u64) -> String {
    let full = (part * BAR_CELLS).checked_div(whole).unwrap_or(0).min(BAR_CELLS);
    let empty = BAR_CELLS - full;
    format!("{}{}", "█".repeat(full as usize), "░".repeat(empty as usize))
}

fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if 0 < place && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn duration(micros: u64) -> String {
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..1_000_000 => format!("{}.{} ms", micros / 1_000, micros % 1_000 / 100),
        _ => format!("{}.{} s", micros / 1_000_000, micros % 1_000_000 / 100_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(thousands(999), "999");
        assert_eq!(duration(999), "999 µs");
        assert_eq!(duration(1_500), "1.5 ms");
        assert_eq!(duration(2_340_000), "2.3 s");
        assert_eq!(bar(1, 2).chars().filter(|cell| *cell == '█').count(), 18);
    }
}

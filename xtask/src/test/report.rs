//! What came of each step, and the summary that a person and a build machine read.
//!
//! Owns: the verdicts, what each adds to the closing line, and how that line reads. Never: runs
//! anything. Invariants: what was left out counts as skipped, never as passed; a test run without
//! a single test is a failure.

use std::fmt;
use std::time::Duration;

/// Tests counted from a test runner's own summary lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Tests that passed.
    pub passed: usize,
    /// Tests that failed.
    pub failed: usize,
    /// Tests that were not run.
    pub skipped: usize,
}

impl Counts {
    /// Adds what a line says if it is one of cargo's `test result:` lines.
    pub fn add_line(&mut self, line: &str) {
        let Some((_, result)) = line.split_once("test result: ") else { return };
        for part in result.split([';', '.']) {
            let mut words = part.split_whitespace();
            let (Some(count), Some(kind)) = (words.next(), words.next()) else { continue };
            let Ok(count) = count.parse::<usize>() else { continue };
            match kind {
                "passed" => self.passed += count,
                "failed" => self.failed += count,
                "ignored" => self.skipped += count,
                _ => {}
            }
        }
    }
}

/// What came of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It passed; the note says what is worth knowing.
    Passed(String),
    /// It failed; the reason.
    Failed(String),
    /// It was not run; the reason, and what to do about it.
    LeftOut(String),
    /// It ran tests, counted one by one; whether it passed, and the reason when it did not.
    Tests(Counts, Option<String>),
}

impl Verdict {
    /// Passed, and nothing more to say.
    #[must_use]
    pub const fn passed() -> Self {
        Self::Passed(String::new())
    }

    /// Failed because of `reason`.
    #[must_use]
    pub fn failed(reason: impl Into<String>) -> Self {
        Self::Failed(reason.into())
    }

    /// The verdict of a step that ran tests: its command's, with the tests counted.
    #[must_use]
    pub fn of_tests(command: Self, counts: Counts) -> Self {
        match command {
            Self::Failed(reason) => Self::Tests(counts, Some(reason)),
            _ if counts.passed == 0 => Self::failed("the command ended well but ran no test"),
            _ => Self::Tests(counts, None),
        }
    }

    /// How much the step adds to the closing line. A test run that failed without a failed
    /// test (it did not compile, or was ended) counts as one failure more.
    #[must_use]
    pub fn counts(&self) -> Counts {
        match self {
            Self::Passed(_) => Counts { passed: 1, ..Counts::default() },
            Self::Failed(_) => Counts { failed: 1, ..Counts::default() },
            Self::LeftOut(_) => Counts { skipped: 1, ..Counts::default() },
            Self::Tests(counts, Some(_)) => Counts { failed: counts.failed.max(1), ..*counts },
            Self::Tests(counts, None) => *counts,
        }
    }

    /// In a word.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Passed(_) | Self::Tests(_, None) => "passed",
            Self::Failed(_) | Self::Tests(_, Some(_)) => "FAILED",
            Self::LeftOut(_) => "left out",
        }
    }

    /// What there is to say beyond the word.
    #[must_use]
    pub fn note(&self) -> String {
        match self {
            Self::Passed(note) | Self::Failed(note) | Self::LeftOut(note) => note.clone(),
            Self::Tests(counts, reason) => {
                let tests = format!("{} tests passed, {} failed", counts.passed, counts.failed);
                reason.as_ref().map_or(tests.clone(), |reason| format!("{tests}; {reason}"))
            }
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let note = self.note();
        let between = if note.is_empty() { "" } else { ": " };
        write!(f, "{}{between}{note}", self.word())
    }
}

/// All steps, in order.
#[derive(Debug, Default)]
pub struct Report {
    steps: Vec<(&'static str, Verdict, Duration)>,
}

impl Report {
    /// Adds a step that took `took`.
    pub fn add(&mut self, name: &'static str, verdict: Verdict, took: Duration) {
        self.steps.push((name, verdict, took));
    }

    /// How many steps and tests failed.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.steps.iter().map(|(_, verdict, _)| verdict.counts().failed).sum()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n==== summary ====")?;
        let mut total = Counts::default();
        let mut seconds = 0.0;
        for (name, verdict, took) in &self.steps {
            let (word, note) = (verdict.word(), verdict.note());
            let row = format!("{name:<18} {word:<9} {:>7.1} s  {note}", took.as_secs_f64());
            writeln!(f, "{}", row.trim_end())?;
            let counts = verdict.counts();
            total.passed += counts.passed;
            total.failed += counts.failed;
            total.skipped += counts.skipped;
            seconds += took.as_secs_f64();
        }
        writeln!(f, "{:<28} {seconds:>7.1} s\n", "in all")?;
        write!(f, "{} passed, {} failed", total.passed, total.failed)?;
        if total.skipped > 0 {
            write!(f, ", {} skipped", total.skipped)?;
        }
        writeln!(f)
    }
}

//! How far a long chore has come: a bar on a terminal, elsewhere a line now and then.
//!
//! Owns: standard error. Never: standard output, which holds what was found.

use indicatif::{ProgressBar, ProgressStyle};
use std::time::{Duration, Instant};

/// Between two lines where there is no terminal: soon enough to know that it lives, and few enough
/// for the log of a long run.
const LINE_EVERY: Duration = Duration::from_secs(15);

/// Something that is done so many times.
pub(crate) struct Progress {
    bar: ProgressBar,
    what: &'static str,
    begun: Instant,
    told: Instant,
}

impl Progress {
    pub(crate) fn new(count: u64, what: &'static str) -> Self {
        let bar = ProgressBar::new(count);
        let style = format!("{{wide_bar}} {{pos}}/{{len}} {what} {{per_sec}} {{msg}}");
        bar.set_style(ProgressStyle::with_template(&style).expect("the template is sound"));
        let begun = Instant::now();
        Self { bar, what, begun, told: begun }
    }

    /// One more is done; `message` says what came of all.
    pub(crate) fn step(&mut self, message: impl FnOnce() -> String) {
        self.bar.inc(1);
        if !self.bar.is_hidden() {
            self.bar.set_message(message());
        } else if LINE_EVERY <= self.told.elapsed() {
            self.told = Instant::now();
            let (done, count) = (self.bar.position(), self.bar.length().unwrap_or_default());
            let (what, seconds) = (self.what, self.begun.elapsed().as_secs());
            let message = message();
            let comma = if message.is_empty() { "" } else { ", " };
            eprintln!("{done} of {count} {what} after {seconds} s{comma}{message}");
        }
    }

    pub(crate) fn finish(self) {
        self.bar.finish_and_clear();
    }
}

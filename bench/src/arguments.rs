//! What one can ask the bench program for.

use clap::Parser;
use std::path::PathBuf;
use std::time::Duration;

/// Measure Tidegate beside a server that does nothing, and beside its peers.
#[derive(Clone, Debug, Parser)]
#[command(name = "cargo xtask bench", bin_name = "cargo xtask bench")]
pub struct Arguments {
    /// Run everything very briefly: shows that it works, and measures nothing.
    #[arg(long)]
    pub quick: bool,
    /// Run only these scenarios. See --list.
    #[arg(value_name = "NAME")]
    pub named: Vec<String>,
    /// Run only this scenario; may be given several times, as `--only NAME` or by its name alone.
    #[arg(long, value_name = "NAME")]
    pub only: Vec<String>,
    /// Seconds of each measurement, after a warm-up of a fifth of it [default: 5, quick: 0.3].
    #[arg(long, value_name = "S", value_parser = seconds)]
    pub seconds: Option<Duration>,
    /// Pairs of measurements of each row [default: 3, quick: 1].
    #[arg(long, value_name = "R", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub repeats: Option<u32>,
    /// Keep the servers' data in this folder while they run [default: target/bench].
    #[arg(long, value_name = "DIR")]
    pub folder: Option<PathBuf>,
    /// Measure this tidegate instead of building one.
    #[arg(long, value_name = "PROGRAM")]
    pub tidegate: Option<PathBuf>,
    /// Measure as on a processor without instructions for SHA-256; for the scenario `draw`.
    #[arg(long, conflicts_with = "tidegate")]
    pub without_sha: bool,
    /// Install Redis and PostgreSQL first, with apt-get.
    #[arg(long)]
    pub install_peers: bool,
    /// Write the results into bench/results even when --quick.
    #[arg(long)]
    pub write: bool,
    /// List the scenarios, and stop.
    #[arg(long)]
    pub list: bool,
}

impl Arguments {
    /// How long each measurement takes, without its warm-up.
    #[must_use]
    pub fn duration(&self) -> Duration {
        let default = if self.quick { Duration::from_millis(300) } else { Duration::from_secs(5) };
        self.seconds.unwrap_or(default)
    }

    /// Pairs of each row.
    #[must_use]
    pub fn pairs(&self) -> u32 {
        self.repeats.unwrap_or(if self.quick { 1 } else { 3 })
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds".to_owned())?;
    if (0.05..=600.0).contains(&seconds) {
        Ok(Duration::from_secs_f64(seconds))
    } else {
        Err("must be 0.05 to 600 seconds".to_owned())
    }
}

//! `tidegate health`: one question to a running node, for containers and scripts.

use crate::exit::Coded;
use anyhow::Result;
use std::path::PathBuf;
use std::time::Duration;

/// Ask a running node whether it is ready.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What to ask
    #[arg(long, default_value = "http://127.0.0.1:8080/readyz")]
    url: String,
    /// Certificates to trust, PEM; the system's unless given
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
}

const PATIENCE: Duration = Duration::from_secs(5);

/// Succeeds when the node says that it is ready.
pub(crate) fn run(args: Args) -> Result<()> {
    let mut config = ureq::Agent::config_builder().timeout_global(Some(PATIENCE));
    if args.url.starts_with("https://") {
        config = config.tls_config(crate::client::trusting(args.ca.as_deref())?);
    }
    let agent = config.build().new_agent();
    match agent.get(&args.url).call() {
        Ok(_) => Ok(()),
        Err(error) => {
            let what = format!("{} does not say that it is ready: {error}", args.url);
            Err(Coded::error("not-ready", &what))
        }
    }
}

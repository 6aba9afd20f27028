//! The configuration file of a node: `tidegate.toml`.
//!
//! Owns: its keys and defaults. Command line options win over it. Never: anything about a
//! campaign; those have files of their own.

use crate::exit::Coded;
use anyhow::Result;
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use types::limits;

/// A node's configuration. Every key has a default.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// Where the public API and the pages are served.
    pub(crate) listen: SocketAddr,
    /// Where the operator API and `/metrics` are served.
    pub(crate) operator_listen: SocketAddr,
    /// Certificate and key of both listeners; none means clear text, for use behind a proxy.
    pub(crate) tls: Option<Tls>,
    /// Proxies whose word about the client's address is believed: addresses or ranges.
    pub(crate) trusted_proxies: Vec<String>,
    /// Connections open at the same time.
    pub(crate) connections_max: usize,
    /// Megabytes (2^20) of a new journal segment.
    pub(crate) segment_megabytes: u64,
    /// Megabytes (2^20) of journal after which a snapshot is made.
    pub(crate) snapshot_every_megabytes: u64,
    /// Where closed segments move once two snapshots have them behind.
    pub(crate) archive: Option<PathBuf>,
}

/// A certificate chain and its key, both PEM.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tls {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            operator_listen: SocketAddr::from(([127, 0, 0, 1], 8081)),
            tls: None,
            trusted_proxies: Vec::new(),
            connections_max: limits::CONNECTIONS_MAX,
            segment_megabytes: limits::SEGMENT_BYTES >> 20,
            snapshot_every_megabytes: limits::SNAPSHOT_EVERY_BYTES >> 20,
            archive: None,
        }
    }
}

impl Config {
    /// Reads a file; without one, the defaults.
    pub(crate) fn read(path: Option<&Path>) -> Result<Self> {
        let Some(path) = path else { return Ok(Self::default()) };
        let wrong = |why: String| {
            let what = format!("{} cannot be used as configuration: {why}", path.display());
            Coded::error("configuration", &what)
        };
        let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        let config: Self = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        if config.segment_megabytes == 0 || config.snapshot_every_megabytes == 0 {
            return Err(wrong("sizes are at least 1 megabyte".to_owned()));
        }
        if limits::SEGMENT_BYTES_MAX >> 20 < config.segment_megabytes {
            let most = limits::SEGMENT_BYTES_MAX >> 20;
            return Err(wrong(format!("segment_megabytes is at most {most}")));
        }
        if u64::MAX >> 20 < config.snapshot_every_megabytes {
            return Err(wrong(format!("snapshot_every_megabytes is at most {}", u64::MAX >> 20)));
        }
        if config.connections_max == 0 {
            return Err(wrong("connections_max is at least 1".to_owned()));
        }
        Ok(config)
    }
}

//! The machine a run is made on, as far as it explains the figures.
//!
//! Owns: processor, kernel, file system, and the latency of a sync in the very folder the servers
//! write to. Never: names the host or a path. On failure: what cannot be read is "unknown".

use crate::results::SyncLatency;
use anyhow::{Context, Result};
use crowd::load::Latency;
use serde::Serialize;
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, Instant};

/// What the figures depend on.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    /// The processor's name.
    pub cpu: String,
    /// Processors this process may use.
    pub cores: usize,
    /// Memory in MiB.
    pub memory_mib: u64,
    /// The kernel's release.
    pub kernel: String,
    /// The file system's type.
    pub filesystem: String,
}

impl Machine {
    /// Reads what the system says about itself; `folder` is where the servers write.
    #[must_use]
    pub fn read(folder: &Path) -> Self {
        let cpu = field(&read("/proc/cpuinfo"), "model name");
        let memory = field(&read("/proc/meminfo"), "MemTotal");
        let memory_kib: u64 = memory.trim_end_matches(" kB").parse().unwrap_or(0);
        let kernel = read("/proc/sys/kernel/osrelease").trim().to_owned();
        Self {
            cpu,
            cores: std::thread::available_parallelism().map_or(1, Into::into),
            memory_mib: memory_kib / 1_024,
            kernel: if kernel.is_empty() { "unknown".to_owned() } else { kernel },
            filesystem: filesystem(&read("/proc/self/mounts"), folder),
        }
    }

    /// The processor's name as a part of a file name.
    #[must_use]
    pub fn slug(&self) -> String {
        let lower = self.cpu.to_lowercase();
        let words = lower.split(|c: char| !c.is_ascii_alphanumeric());
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).take(6).collect();
        format!("{}-{}-cores", words.join("-"), self.cores)
    }
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

fn field(text: &str, name: &str) -> String {
    let mut lines = text.lines().filter_map(|line| line.split_once(':'));
    let found = lines.find(|(key, _)| key.trim() == name);
    found.map_or_else(|| "unknown".to_owned(), |(_, value)| value.trim().to_owned())
}

/// The type of the file system with the longest mount point above `folder`.
#[must_use]
pub fn filesystem(mounts: &str, folder: &Path) -> String {
    let mounted = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(1);
        Some((words.next()?, words.next()?))
    });
    let above = mounted.filter(|(point, _)| folder.starts_with(point));
    let nearest = above.max_by_key(|(point, _)| point.len());
    nearest.map_or_else(|| "unknown".to_owned(), |(_, kind)| kind.to_owned())
}

/// Measures a 4 KiB write and `fdatasync` into a preallocated file in `folder`, for `time`.
///
/// # Errors
/// When the folder cannot be written to.
pub fn sync_latency(folder: &Path, time: Duration) -> Result<SyncLatency> {
    const BLOCK_BYTES: u64 = 4_096;
    const BLOCKS: u64 = 4_096;
    let path = folder.join("sync-latency");
    let file = preallocated(&path, BLOCK_BYTES * BLOCKS)
        .with_context(|| format!("{} cannot be written", path.display()))?;
    let block = vec![0xA5; BLOCK_BYTES as usize];
    let mut latency = Latency::default();
    let began = Instant::now();
    let mut number = 0;
    while began.elapsed() < time {
        let from = Instant::now();
        file.write_all_at(&block, number % BLOCKS * BLOCK_BYTES)?;
        file.sync_data()?;
        latency.record(from.elapsed().as_nanos() as u64);
        number += 1;
    }
    drop(file);
    fs::remove_file(&path)?;
    let summary = latency.summary();
    Ok(SyncLatency {
        count: summary.count,
        p50_micros: summary.p50_nanos as f64 / 1e3,
        p99_micros: summary.p99_nanos as f64 / 1e3,
    })
}

fn preallocated(path: &Path, bytes: u64) -> std::io::Result<File> {
    let file = OpenOptions::new().create(true).truncate(true).write(true).open(path)?;
    file.write_all_at(&vec![0; bytes as usize], 0)?;
    file.sync_all()?;
    Ok(file)
}

//! A small disk of one's own: a tmpfs in a mount namespace that nobody else sees.
//!
//! Owns: the process that holds the namespace, and the mounts in it. Never: mounts anything that
//! outlives it; needs no root where the system gives unprivileged namespaces.
//! On failure: a machine without private mounts says so, as [`TrialError::NoEnclosure`].

use crate::error::TrialError;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A namespace with a small disk. Dropping it ends the namespace and frees the disk.
#[derive(Debug)]
pub struct Enclosure {
    /// Waits at its standard input, and ends when this process does, however that ends.
    holder: Child,
    disk: PathBuf,
}

impl Enclosure {
    /// A disk of so many megabytes (2^20) at `folder`, which exists.
    ///
    /// # Errors
    /// [`TrialError::NoEnclosure`] when the machine does not allow it.
    pub fn new(folder: &Path, megabytes: u64) -> Result<Self, TrialError> {
        let disk = folder.canonicalize().map_err(TrialError::system("the folder of a disk"))?;
        let script = r#"mount -t tmpfs -o "size=$1m" tmpfs "$0" && echo mounted && exec cat"#;
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c", script]);
        command.arg(&disk).arg(megabytes.to_string());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let none = |why: String| TrialError::NoEnclosure(why);
        let mut holder = command.spawn().map_err(|error| none(format!("unshare: {error}")))?;
        let mut said = String::new();
        let stdout = holder.stdout.take().expect("it was asked for");
        let read = BufReader::new(stdout).read_line(&mut said);
        if read.is_ok() && said == "mounted\n" {
            return Ok(Self { holder, disk });
        }
        let output = holder.wait_with_output().map_err(TrialError::system("unshare"))?;
        Err(none(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
    }

    /// The disk's path, within the namespace.
    #[must_use]
    pub fn disk(&self) -> &Path {
        &self.disk
    }

    /// A path within the namespace, as this process sees it.
    #[must_use]
    pub fn seen(&self, inside: &Path) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", self.holder.id()));
        root.join(inside.strip_prefix("/").unwrap_or(inside))
    }

    /// A command in the namespace. It is the program itself, not a parent of it.
    #[must_use]
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new("nsenter");
        let target = self.holder.id().to_string();
        command.args(["--target", &target, "--user", "--mount", "--preserve-credentials"]);
        command.arg(program);
        command
    }

    /// Puts a read-only view of a folder over it: what is open stays open, and nothing can be
    /// made, opened for writing, renamed or removed there any more.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn make_read_only(&self, inside: &Path) -> Result<(), TrialError> {
        let script = r#"mount --bind "$0" "$0" && mount -o remount,bind,ro "$0""#;
        self.sh(script, inside)
    }

    /// Takes the read-only view away again.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn make_writable(&self, inside: &Path) -> Result<(), TrialError> {
        self.sh(r#"umount "$0""#, inside)
    }

    fn sh(&self, script: &str, path: &Path) -> Result<(), TrialError> {
        let mut command = self.command(Path::new("sh"));
        let output = command.args(["-c", script]).arg(path).output();
        let output = output.map_err(TrialError::system("nsenter"))?;
        if output.status.success() {
            return Ok(());
        }
        Err(TrialError::NoEnclosure(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
    }
}

impl Drop for Enclosure {
    fn drop(&mut self) {
        // It is our own child, and only holds the namespace.
        drop(self.holder.kill());
        drop(self.holder.wait());
    }
}

//! One command of a step: run, shown line by line as it prints, ended when it takes too long.
//!
//! Owns: the child process and its output. Never: buffers more than a line, but for the answer of a
//! command that is only asked something.
//! Invariants: standard output and error share one pipe, so their order is kept; a command
//! under a limit has a process group of its own and is ended with all its children.

use anyhow::{Context, Result};
use std::fmt;
use std::io::{BufRead, BufReader, IsTerminal, Write, pipe, stdin, stdout};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// How long a command may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// As long as it likes; it stays in our process group, so that Ctrl-C reaches it.
    None,
    /// At most this long.
    Within(Duration),
}

impl Limit {
    /// `time` where nobody watches, as on a build machine, so that nothing may hang there; none
    /// for a person, who has Ctrl-C.
    #[must_use]
    pub fn unless_watched(time: Duration) -> Self {
        if stdin().is_terminal() { Self::None } else { Self::Within(time) }
    }
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With exit code 0.
    Success,
    /// With another exit code, or by a signal.
    Failure(ExitStatus),
    /// By us, at the limit, which was this long.
    OutOfTime(Duration),
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Success => write!(f, "ended well"),
            Self::Failure(status) => write!(f, "{status}"),
            Self::OutOfTime(limit) => write!(f, "ended by us after {} s", limit.as_secs()),
        }
    }
}

/// Runs `command` as a part of a step: named first, in colour where the terminal has colours, for
/// at most `minutes` where nobody watches, with `on_line` shown every line.
///
/// # Errors
/// As [`run`].
pub fn show(mut command: Command, minutes: u64, on_line: impl FnMut(&str)) -> Result<Ending> {
    colour(&mut command);
    println!("{}", shown(&command));
    run(command, Limit::unless_watched(Duration::from_secs(minutes * 60)), on_line)
}

/// Runs `command`, copies what it prints to standard output, and shows `on_line` every line.
///
/// # Errors
/// When the command cannot be started, or our standard output cannot be written to.
pub fn run(command: Command, limit: Limit, mut on_line: impl FnMut(&str)) -> Result<Ending> {
    listen(command, limit, |line| {
        let mut out = stdout().lock();
        out.write_all(line)?;
        out.write_all(b"\n")?;
        out.flush()?;
        on_line(&String::from_utf8_lossy(line));
        Ok(())
    })
}

/// Runs `command` for what it answers, which is shown to nobody: how it ended, and all it said.
///
/// # Errors
/// When the command cannot be started.
pub fn ask(command: Command, limit: Limit) -> Result<(Ending, String)> {
    let mut said = Vec::new();
    let ending = listen(command, limit, |line| {
        said.extend_from_slice(line);
        said.push(b'\n');
        Ok(())
    })?;
    Ok((ending, String::from_utf8_lossy(&said).into_owned()))
}

/// Runs `command` and shows `on_line` the bytes of every line, without its end.
///
/// # Errors
/// When the command cannot be started, or `on_line` fails.
pub fn listen(
    mut command: Command,
    limit: Limit,
    mut on_line: impl FnMut(&[u8]) -> Result<()>,
) -> Result<Ending> {
    let shown = shown(&command);
    let (reader, writer) = pipe().context("no pipe for a command's output")?;
    let errors = writer.try_clone().context("no pipe for a command's errors")?;
    command.stdin(Stdio::null()).stdout(writer).stderr(errors);
    if limit != Limit::None {
        command.process_group(0);
    }
    let mut child = command.spawn().with_context(|| format!("`{shown}` could not be started"))?;
    // The command holds the pipe's writing ends, and the output ends only when all are closed.
    drop(command);

    let group = child.id();
    let (over, is_over) = channel::<()>();
    let watch = thread::spawn(move || match limit {
        Limit::None => Ok(None),
        Limit::Within(time) => match is_over.recv_timeout(time) {
            Err(RecvTimeoutError::Timeout) => end_group(group).map(|()| Some(time)),
            Ok(()) | Err(RecvTimeoutError::Disconnected) => Ok(None),
        },
    });
    for line in BufReader::new(reader).split(b'\n') {
        let line = line.with_context(|| format!("the output of `{shown}` broke off"))?;
        on_line(&line)?;
    }
    let status = child.wait().with_context(|| format!("no exit code of `{shown}`"))?;
    drop(over);
    let ended_after = watch.join().expect("the watch does not panic")?;
    Ok(match (ended_after, status.success()) {
        (Some(limit), _) => Ending::OutOfTime(limit),
        (None, true) => Ending::Success,
        (None, false) => Ending::Failure(status),
    })
}

/// The command as one would type it.
#[must_use]
pub fn shown(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    let words = std::iter::once(name).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

fn colour(command: &mut Command) {
    command.env("CARGO_TERM_PROGRESS_WHEN", "never");
    if stdout().is_terminal() {
        command.env("CARGO_TERM_COLOR", "always");
    } else {
        command.env("CARGO_TERM_COLOR", "never").env("NO_COLOR", "1");
    }
}

/// Ends a process group through the shell, whose `kill` is always there.
fn end_group(group: u32) -> Result<()> {
    let status = Command::new("sh")
        .arg("-c")
        .arg(format!("kill -KILL -{group}"))
        .status()
        .context("a command ran too long, and `sh` could not be started to end it")?;
    anyhow::ensure!(status.success(), "a command ran too long and could not be ended: {status}");
    Ok(())
}

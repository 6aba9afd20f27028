//! A whole draw on bare files: seal, run, and the check by the second program.

use crate::session::Session;
use crate::table::count;
use anyhow::{Context, Result, bail};
use draw::Digest;
use draw::identity::Tag;
use draw::line::Parts;
use rustix::fs::{Advice, fadvise};
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const BUCKETS: u64 = 600;
/// Units for each million of entries: 400,000 for 14 million.
const UNITS_PER_MILLION: u64 = 400_000 / 14;
/// Between two looks at a step's memory.
const LOOK_EVERY: Duration = Duration::from_millis(2);
const NAME: &str = "bench.example/draw";
const SECONDS_MAX: u64 = 600;

/// Tells the second program's library that the processor has no instructions for SHA-256: bit 29
/// of what `cpuid` says about its extensions.
const WITHOUT_SHA: (&str, &str) = ("OPENSSL_ia32cap", ":~0x20000000");

/// What a step took.
struct Took {
    seconds: f64,
    /// Of all cores together.
    processor_seconds: f64,
    /// The most memory it held, in bytes.
    peak: f64,
}

/// Measures each step at one to fourteen million entries: time and memory must grow as the list.
///
/// # Errors
/// When a step is refused.
pub fn run(session: &mut Session) -> Result<()> {
    let sizes: &[u64] =
        if session.quick { &[20_000] } else { &[1_000_000, 2_000_000, 5_000_000, 14_000_000] };
    // Whoever else uses the machine takes from what is measured here.
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    if let Some(load) = load.split(' ').next().and_then(|load| load.parse().ok()) {
        session.figure("draw", "load of the machine before".to_owned(), load, "tasks");
    }
    for entries in sizes {
        let home = session.subfolder(&format!("draw-{entries}"))?;
        let [seal, run, check] = measure(session, &home, *entries)?;
        let how = if session.without_sha { ", without SHA instructions" } else { "" };
        let what = |step: &str| format!("{step} of {} entries{how}", count(*entries as f64));
        let millions = *entries as f64 / 1e6;
        for (step, took) in [("seal", &seal), ("run, cold", &run), ("second program", &check)] {
            session.figure("draw", what(step), took.seconds, "s");
            session.figure("draw", what(step), took.seconds / millions, "s per million");
            session.figure("draw", what(step), took.processor_seconds, "s of all cores");
            session.figure("draw", what(step), took.peak / 1e9, "GB at most");
        }
        if *entries == 14_000_000 {
            for (wanted, took, seconds, peak) in [
                ("seal of 14 million entries ≤ 15 s and ≤ 1.5 GB", &seal, 15.0, 1.5e9),
                ("draw of 14 million from cold files ≤ 6 s and ≤ 1.5 GB", &run, 6.0, 1.5e9),
                ("second program, 14 million entries ≤ 100 s", &check, 100.0, f64::INFINITY),
            ] {
                let found = format!("{:.1} s, {:.2} GB", took.seconds, took.peak / 1e9);
                session.target(wanted, found, took.seconds <= seconds && took.peak <= peak);
            }
        }
    }
    // All of it lies there to the end of the session: where thousands of files were removed within
    // minutes, ext4 looks at each of them for every new one, and the next size would pay for it.
    Ok(())
}

fn measure(session: &Session, home: &Path, entries: u64) -> Result<[Took; 3]> {
    make_inputs(home, entries)?;
    let program = session.program.canonicalize().context("where tidegate is")?;
    let tidegate = |words: &str| {
        let mut command = Command::new(&program);
        command.current_dir(home).arg("draw").args(words.split(' '));
        command
    };
    let key = said(tidegate(&format!("key key --name {NAME}")))?;
    let key = key.lines().nth(1).context("no key was told")?.to_owned();
    let secret = |file: &str| {
        let told = said(tidegate(&format!("secret {file} --draw {NAME} --party {file}")))?;
        told.lines().nth(2).map(str::to_owned).context("no commitment was told")
    };
    let (operator, notary) = (secret("operator")?, secret("notary")?);
    let seal = took(tidegate(&format!(
        "seal draw --draw {NAME} --entries entries --stock stock --rules rules --key key \
         --operator-commitment {operator} --notary-commitment {notary} --balls balls \
         --deadline 2099-01-01T00:00:00Z"
    )))?;
    said(tidegate(
        "open draw --operator-secret operator --notary-secret notary --balls 1 --key key",
    ))?;
    said(tidegate("seed draw --key key"))?;
    forget_pages(&home.join("draw/entries.txt"))?;
    let run = took(tidegate("run draw --key key"))?;
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tools/verify_draw.py");
    let mut check = Command::new("python3");
    check.arg(program).arg(home.join("draw")).args(["--operator-key", &key]);
    if session.without_sha {
        check.env(WITHOUT_SHA.0, WITHOUT_SHA.1);
    }
    Ok([seal, run, took(check)?])
}

/// Entries of made-up people, who choose among all buckets, in the order of their coming.
fn make_inputs(home: &Path, entries: u64) -> Result<()> {
    let name: Vec<String> = (0..BUCKETS).map(|bucket| format!("P{bucket:03}-N95")).collect();
    let units = (entries * UNITS_PER_MILLION / 1_000_000 / BUCKETS).max(1);
    let stock: String = name.iter().map(|name| format!("{name},{units}\n")).collect();
    fs::write(home.join("stock"), stock)?;
    fs::write(home.join("rules"), "Made up, to be measured.\n")?;
    let mut file = BufWriter::with_capacity(1 << 20, File::create(home.join("entries"))?);
    for person in 0..entries {
        let Digest(commit) = Digest::of(&person.to_le_bytes());
        let Digest(tag) = Digest::of(&commit);
        let (&tag, rest) = tag.split_first_chunk().context("a digest holds a tag")?;
        let choice = |at: usize| {
            let number = u64::from(rest[2 * at]) << 8 | u64::from(rest[2 * at + 1]);
            name[(number % BUCKETS) as usize].as_str()
        };
        let choices: Vec<_> = (0..1 + usize::from(rest[10] % 3)).map(choice).collect();
        let line = Parts {
            people: &[(Digest(commit), Tag(tag))],
            // Four of ten have a second one: 1.4 tickets an entry, 20 million of 14 million.
            tickets: [1, 1, 1, 1, 1, 1, 2, 2, 2, 2][usize::from(rest[11] % 10)],
            units: 1,
            choices: &choices,
            accepts_any: rest[12].is_multiple_of(4),
        };
        file.write_all(&line.write()?)?;
        file.write_all(b"\n")?;
    }
    Ok(file.into_inner()?.sync_all()?)
}

/// Lets the system forget what it has read of a file.
fn forget_pages(path: &Path) -> Result<()> {
    let file = File::open(path).with_context(|| format!("{} not read", path.display()))?;
    file.sync_all()?;
    Ok(fadvise(&file, 0, None, Advice::DontNeed)?)
}

fn said(mut command: Command) -> Result<String> {
    let output = command.output().context("a step could not be started")?;
    if !output.status.success() {
        bail!("{command:?}: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Runs a step to its end, looking at its memory meanwhile: what it holds itself, and not what the
/// system keeps of files that it has read or written.
fn took(mut command: Command) -> Result<Took> {
    let (begun, before) = (Instant::now(), children_seconds());
    let mut child = command.stdout(Stdio::null()).spawn().context("a step could not be started")?;
    let status = PathBuf::from(format!("/proc/{}/status", child.id()));
    let mut peak = 0.0_f64;
    loop {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let kibibytes = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kibibytes = kibibytes.and_then(|text| text.split_whitespace().next()?.parse().ok());
        peak = peak.max(kibibytes.unwrap_or(0.0) * 1024.0);
        if let Some(status) = child.try_wait()? {
            if !status.success() {
                bail!("{command:?} ended with {status}");
            }
            let processor_seconds = children_seconds() - before;
            return Ok(Took { seconds: begun.elapsed().as_secs_f64(), processor_seconds, peak });
        }
        if SECONDS_MAX < begun.elapsed().as_secs() {
            child.kill()?;
            bail!("{command:?} had not ended after {SECONDS_MAX} s");
        }
        thread::sleep(LOOK_EVERY);
    }
}

/// Processor time of all steps that have ended: fields 16 and 17 of what the system says of this
/// program, in hundredths of a second; 0 where it says nothing.
fn children_seconds() -> f64 {
    let text = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name before the last bracket may hold spaces.
    let fields = text.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(13).take(2).filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / 100.0
}

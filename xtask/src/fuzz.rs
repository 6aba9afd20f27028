//! The `fuzz` chore: bytes that are made up, led by what they reach, into every reader of bytes.
//!
//! Owns: how the targets are built with the engine and the marks it is led by, on the same
//! toolchain as everything else; what is kept between runs. Never: knows what a target does.
//! Invariants: what the engine finds lies in `fuzz/corpus/TARGET` when it ends, where the tests
//! feed it again from then on.
//! On failure: the end of what the engine said is shown, and the rest is kept beside.

use crate::test::machine;
use crate::test::report::Verdict;
use crate::test::step::{self, Ending, Limit};
use anyhow::{Context, Result, bail, ensure};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, OnceLock};
use std::thread;
use std::time::Duration;

/// Set where this program stands in for the compiler: to what the marks are for.
const STANDS_IN: &str = "TIDEGATE_FUZZ_COMPILER";
/// What the fuzzing program takes its target from.
const TARGET: &str = "TIDEGATE_FUZZ_TARGET";
/// Marks for the engine at every edge and comparison, and the checks of a debug build.
const FLAGS: [&str; 7] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Cdebug-assertions=on",
    "-Coverflow-checks=on",
];
/// For what is built beside the release build: half the time to build, three quarters the speed.
const LIGHT: &str = "-Copt-level=1";
/// Seconds for each target where only what is easily found is looked for.
const SMOKE_SECONDS: u64 = 8;
/// Seconds within which a target must be done with any bytes.
const PATIENCE_SECONDS: u64 = 20;
/// Minutes for the build of the engine and the targets, with the libraries if need be.
const BUILD_MINUTES_MAX: u64 = 20;
/// Seconds beyond its own time after which an engine that does not end is ended: it reads what was
/// kept before without looking at its clock.
const GRACE_SECONDS: u64 = 120;
/// Lines of what panicked that are shown.
const LINES_SHOWN: usize = 6;

/// What is to be fuzzed, and for how long.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// The target: the name of a folder of `fuzz/corpus`.
    #[arg(required_unless_present = "all")]
    target: Option<String>,
    /// All targets, as many at a time as there are processors.
    #[arg(long, conflicts_with = "target")]
    all: bool,
    /// How long to look, in seconds for each target.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Lead the engine through the libraries too, all of it fully optimised; building that takes
    /// minutes.
    #[arg(long)]
    libraries: bool,
}

/// What became of one target.
#[derive(Debug)]
struct Run {
    target: String,
    ending: Ending,
    said: String,
}

/// Fuzzes as the options say; true when nothing was found.
///
/// # Errors
/// When there is no such target, or no program can be built of it.
pub fn run(options: &Options) -> Result<bool> {
    let mut targets = targets()?;
    if let Some(target) = &options.target {
        ensure!(targets.contains(target), "no target `{target}`: they are {}", targets.join(", "));
        targets = vec![target.clone()];
    }
    let program = build(options.libraries)?;
    let runs = side_by_side(targets, |target| feed(&program, target, options.seconds))?;
    println!(
        "{:<12} {:>11} {:>8} {:>8} {:>7}",
        "target", "executions", "a second", "edges", "kept"
    );
    runs.iter().for_each(Run::tell);
    Ok(runs.iter().all(|run| run.ending == Ending::Success))
}

/// A short run of every target, on machines that can build the engine.
///
/// # Errors
/// As [`run`].
pub fn smoke() -> Result<Verdict> {
    if let Some(missing) = missing() {
        return Ok(Verdict::LeftOut(missing));
    }
    let options = Options { target: None, all: true, seconds: SMOKE_SECONDS, libraries: false };
    Ok(match run(&options)? {
        true => Verdict::passed(),
        false => Verdict::failed("something was found; it lies in fuzz/corpus now"),
    })
}

/// What the machine lacks, and what to do about it.
fn missing() -> Option<String> {
    let compiler = std::env::var("CXX").unwrap_or_else(|_| "c++".to_owned());
    let is_here = machine::find(&compiler).is_some();
    let what = format!(
        "the fuzzing engine is C++, and no compiler `{compiler}` is here; install one (Debian: \
         `apt-get install g++`) or name it in CXX"
    );
    (!is_here).then_some(what)
}

/// The targets: each has its corpus.
fn targets() -> Result<Vec<String>> {
    let corpus = crate::root().join("fuzz/corpus");
    let entries = fs::read_dir(&corpus).context("fuzz/corpus cannot be read")?;
    let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    let mut names = names.collect::<Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}

/// Builds the targets with the engine and its marks, and tells where the program is.
///
/// The marks go into our own crates only, so that everything else is the release build's; or,
/// with `libraries`, into all that is linked, in a folder of its own.
fn build(libraries: bool) -> Result<PathBuf> {
    if let Some(missing) = missing() {
        bail!("{missing}");
    }
    let ourselves = ourselves()?;
    let mut command = crate::cargo();
    command.args(["build", "--release", "--package", "fuzz", "--bin", "fuzz"]);
    command.args(["--features", "engine"]);
    let triple = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let folder = if libraries {
        command.args(["--target", &triple, "--target-dir"]).arg(crate::target().join("fuzz"));
        command.env("RUSTC_WRAPPER", ourselves).env(STANDS_IN, "libraries");
        crate::target().join("fuzz").join(triple).join("release")
    } else {
        command.env("RUSTC_WORKSPACE_WRAPPER", ourselves).env(STANDS_IN, "ours");
        crate::target().join("release")
    };
    let ending = step::show(command, BUILD_MINUTES_MAX, |_| ())?;
    ensure!(ending == Ending::Success, "the targets could not be built: {ending}; see above");
    Ok(folder.join("fuzz"))
}

/// This program's own file, by the name it had at the start: a build may have put a newer one there
/// since, and the system then calls ours deleted.
fn ourselves() -> Result<&'static PathBuf> {
    static OURSELVES: OnceLock<PathBuf> = OnceLock::new();
    if let Some(known) = OURSELVES.get() {
        return Ok(known);
    }
    let found = std::env::current_exe().context("this program's own file is not known")?;
    Ok(OURSELVES.get_or_init(|| found))
}

/// Where this program was started as the compiler, is the compiler, and does not come back. To be
/// called before anything else.
///
/// # Errors
/// When the compiler cannot be started.
pub fn stand_in() -> Result<()> {
    ourselves()?;
    let Some(marks) = std::env::var_os(STANDS_IN) else { return Ok(()) };
    let mut arguments = std::env::args_os().skip(1);
    let compiler = arguments.next().context("cargo names the compiler")?;
    let arguments: Vec<OsString> = arguments.collect();
    let mut command = Command::new(compiler);
    command.args(&arguments);
    let libraries = marks == "libraries";
    if takes_marks(&arguments, libraries) {
        command.args(FLAGS).args((!libraries).then_some(LIGHT));
    }
    Err(command.exec()).context("the compiler could not be started")
}

/// Whether what is compiled is linked into the targets. What runs while building must not have
/// marks, which only the engine can link; where libraries have them, the triple tells the two
/// apart.
fn takes_marks(arguments: &[OsString], libraries: bool) -> bool {
    let value = |name: &str| {
        let place = arguments.iter().position(|argument| argument == name)?;
        arguments.get(place + 1).map(|value| value.to_string_lossy())
    };
    let Some(name) = value("--crate-name") else { return false };
    let builds = name.starts_with("build_script_")
        || value("--crate-type").is_some_and(|kind| kind == "proc-macro");
    !builds && (!libraries || value("--target").is_some())
}

/// Runs every target, as many at a time as there are processors, in their order.
fn side_by_side(
    targets: Vec<String>,
    run: impl Fn(String) -> Result<Run> + Sync,
) -> Result<Vec<Run>> {
    let workers = thread::available_parallelism().map_or(1, usize::from).min(targets.len());
    let waiting = Mutex::new(targets.into_iter());
    let next = || waiting.lock().expect("nothing panics with it").next();
    let work = || std::iter::from_fn(next).map(&run).collect::<Result<Vec<_>>>();
    let done = thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        let join = |worker: thread::ScopedJoinHandle<'_, _>| worker.join();
        workers.into_iter().map(join).collect::<Result<Vec<_>, _>>()
    });
    let done = done.expect("nothing panics beside").into_iter().collect::<Result<Vec<_>>>()?;
    let mut runs: Vec<Run> = done.into_iter().flatten().collect();
    runs.sort_by(|one, other| one.target.cmp(&other.target));
    Ok(runs)
}

/// Lets the engine feed one target. What it keeps lies in `target/fuzz/kept`.
fn feed(program: &PathBuf, target: String, seconds: u64) -> Result<Run> {
    let folder = |kind: &str| crate::target().join("fuzz").join(kind);
    let (kept, logs) = (folder("kept").join(&target), folder("logs"));
    let corpus = crate::root().join("fuzz/corpus").join(&target);
    for folder in [&kept, &logs] {
        let failed = || format!("{} could not be made", folder.display());
        fs::create_dir_all(folder).with_context(failed)?;
    }
    println!("{target}: {seconds} s");
    let log = logs.join(&target);
    let failed = || format!("{} could not be written", log.display());
    let mut file = File::create(&log).with_context(failed)?;
    let mut artifacts = OsString::from("-artifact_prefix=");
    artifacts.push(corpus.join(""));
    let mut command = Command::new(program);
    command
        .env(TARGET, &target)
        .env("RUST_BACKTRACE", "1")
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-timeout={PATIENCE_SECONDS}"))
        .args(["-rss_limit_mb=2048", "-print_final_stats=1"])
        .arg(artifacts)
        .args([&kept, &corpus]);
    let limit = Limit::unless_watched(Duration::from_secs(seconds.saturating_add(GRACE_SECONDS)));
    let ending = step::listen(command, limit, |line| {
        file.write_all(line).and_then(|()| file.write_all(b"\n")).with_context(failed)
    })?;
    let said = fs::read(&log).with_context(|| format!("{} cannot be read", log.display()))?;
    let said = String::from_utf8_lossy(&said).into_owned();
    Ok(Run { target, ending, said })
}

impl Run {
    /// The value of the engine's last line with `name: value`.
    fn last(&self, name: &str) -> &str {
        let line = self.said.lines().rev().find_map(|line| line.split_once(name));
        line.and_then(|(_, rest)| rest.split_whitespace().next()).unwrap_or("-")
    }

    fn lines_with(&self, word: &'static str) -> impl Iterator<Item = &str> {
        self.said.lines().filter(move |line| line.contains(word))
    }

    fn tell(&self) {
        if self.ending == Ending::Success {
            let executions = self.last("stat::number_of_executed_units: ");
            let rate = self.last("stat::average_exec_per_sec: ");
            let (edges, kept) = (self.last(" cov: "), self.last(" corp: "));
            println!("{:<12} {executions:>11} {rate:>8} {edges:>8} {kept:>7}", self.target);
            return;
        }
        // The engine's own words come behind what panicked; without a panic they are all there is.
        let words = self.said.find("panicked at").map_or("", |place| &self.said[place..]);
        println!("{:<12} found something ({}):", self.target, self.ending);
        let told = words.lines().take(LINES_SHOWN).chain(self.lines_with("Test unit written"));
        told.chain(self.lines_with("ERROR")).for_each(|line| println!("    {line}"));
        println!(
            "    `cargo test -p fuzz` feeds it again; all that was said: target/fuzz/logs/{}",
            self.target
        );
    }
}

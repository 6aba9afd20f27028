//! `tidegate demo`: a whole release on this machine, with a made-up city and its people.
//!
//! Owns: the order of the show: a throw-away data folder, a real node with real listeners, the
//! example's files, a countdown, the crowd over real HTTP, the live view, the audit. Never: a
//! shortcut past what a real campaign goes through.

mod audit;
mod example;
mod screen;

use crate::config::Config;
use crate::exit::Coded;
use crate::serve::{self, Serving};
use anyhow::{Context as _, Result, bail};
use crowd::load::Pace;
use crowd::{CrowdOptions, CrowdReport, Loopback, Offer, Progress};
use example::Example;
use identity::Scope;
use node::Clock as _;
use screen::Screen;
use server::operator::tokens::{NewToken, Role, TokenStore};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use types::{Action, Definition, Millis, OperatorCommand, Outcome};

const CONNECTIONS: usize = 256;
const SEED: u64 = 20_200_131;
const ACTOR: &str = "demo";
const REDRAW: Duration = Duration::from_millis(250);
/// Without `--seconds`, a crowd that does not finish is sent home after so long.
const CROWD_SECONDS_MAX: u64 = 120;
/// Every opening has a crowd, however little time is left.
const CROWD_TIME_MIN: Duration = Duration::from_secs(1);

/// Watch a whole release: a made-up city, its people, and an audit at the end.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which example: `masks` holds results back, `county` answers at once and has a cool-down
    #[arg(long, value_enum, default_value_t = Example::Masks)]
    example: Example,
    /// How many simulated people come; 0 leaves the city to you
    #[arg(long, default_value_t = 300_000, value_name = "PEOPLE")]
    crowd: u32,
    /// End by itself after so many seconds, with a summary and an audit
    #[arg(long, value_name = "SECONDS")]
    #[arg(value_parser = clap::value_parser!(u64).range(5..=86_400))]
    seconds: Option<u64>,
    /// Seconds until the campaign opens
    #[arg(long, default_value_t = 3, value_name = "SECONDS")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=600))]
    countdown: u64,
    /// Where the public API and the pages are served; a free port if this one is taken
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    listen: SocketAddr,
}

/// Runs the show.
pub(crate) fn run(args: Args) -> Result<()> {
    let begun = Instant::now();
    let ends = args.seconds.map(|seconds| begun + Duration::from_secs(seconds));
    let folder = tempfile::Builder::new()
        .prefix("tidegate-demo-")
        .tempdir()
        .context("a throw-away data folder cannot be made")?;
    let serving = start(folder.path(), args.listen)?;
    let token = operator_token(folder.path())?;
    let mut screen = Screen::new();
    screen.say(&format!("data folder {} (removed at the end)", folder.path().display()))?;

    let mut told = Vec::new();
    let rounds = args.example.rounds();
    let mut last_code = String::new();
    for (round, file) in rounds.iter().enumerate() {
        let opens = now().plus(args.countdown * 1_000);
        let definition = args.example.definition(file, opens)?;
        load(&serving, folder.path(), &definition)?;
        let code = definition.code.clone();
        last_code.clone_from(&code);
        count_down(&mut screen, &code, opens)?;
        if args.crowd == 0 {
            break;
        }
        let rounds_left = (rounds.len() - round) as u32;
        // What is left, without the countdowns to come, in equal parts.
        let share = |ends: Instant| {
            let countdowns = Duration::from_secs(args.countdown) * (rounds_left - 1);
            let left = ends.saturating_duration_since(Instant::now()).saturating_sub(countdowns);
            (left / rounds_left).max(CROWD_TIME_MIN)
        };
        let until = Instant::now() + ends.map_or(Duration::from_secs(CROWD_SECONDS_MAX), share);
        let report = send_crowd(&args, &serving, &definition, until, &mut screen)?;
        told.push((code, report));
    }
    if ends.is_none() {
        invite(&mut screen, &serving, &token, &last_code)?;
        serving.runtime().block_on(tokio::signal::ctrl_c()).context("no signals can be heard")?;
    } else if let Some(rest) = ends.map(|ends| ends.saturating_duration_since(Instant::now()))
        && args.crowd == 0
    {
        std::thread::sleep(rest);
    }
    let findings = audit::run(&serving.node, &told)?;
    screen.audit(&findings)?;
    serving.stop()?;
    if findings.problems.is_empty() {
        Ok(())
    } else {
        Err(Coded::error("audit-failed", &"the audit found what must never be; see the list above"))
    }
}

fn start(folder: &Path, listen: SocketAddr) -> Result<Serving> {
    let mut operator_listen = listen;
    operator_listen.set_port(listen.port().checked_add(1).unwrap_or(0));
    let config = Config { listen, operator_listen, segment_megabytes: 64, ..Config::default() };
    match serve::start(folder, &config) {
        Err(error) if crate::exit::code_of(&error).as_deref() == Some("address-in-use") => {
            let mut any = config;
            any.listen.set_port(0);
            any.operator_listen.set_port(0);
            serve::start(folder, &any)
        }
        started => started,
    }
}

fn operator_token(folder: &Path) -> Result<String> {
    let new = NewToken {
        name: "newcomer".to_owned(),
        role: Role::Operator,
        outlets: Vec::new(),
        expires: None,
    };
    TokenStore::new(folder).create(new, now()).context("the operator's token cannot be made")
}

/// Loads a campaign as the operator API does: keys first, then the command.
fn load(serving: &Serving, folder: &Path, definition: &Definition) -> Result<()> {
    while serving.node.status().state == node::State::Replaying {
        std::thread::yield_now();
    }
    assert!(folder.is_dir(), "the data folder is there while the demo runs");
    serving.keyring.ensure_campaign(&definition.code, &Scope::of(definition))?;
    let command = OperatorCommand {
        actor: ACTOR.to_owned(),
        reason: "a new release".to_owned(),
        action: Action::Load { definition: Box::new(definition.clone()) },
    };
    let mut record = Vec::new();
    command.encode(&mut record)?;
    match serving.node.submit_one(record)?.wait()? {
        Outcome::Loaded { .. } => Ok(()),
        other => bail!("the example was not loaded: {}", other.code()),
    }
}

fn count_down(screen: &mut Screen, code: &str, opens: Millis) -> Result<()> {
    loop {
        let left = opens.since(now());
        if left == 0 {
            return screen.say(&format!("{code} is open"));
        }
        screen.count_down(code, left)?;
        std::thread::sleep(Duration::from_millis(left.min(100)));
    }
}

fn send_crowd(
    args: &Args,
    serving: &Serving,
    definition: &Definition,
    until: Instant,
    screen: &mut Screen,
) -> Result<CrowdReport> {
    let progress = Arc::new(Progress::default());
    let offer = Offer::from_definition(definition, SEED)?;
    let options = CrowdOptions {
        address: Loopback::new(serving.public)?,
        seed: SEED,
        first_person: 0,
        people: args.crowd,
        connections: CONNECTIONS,
        pace: Pace::Closed,
        duration: until.saturating_duration_since(Instant::now()),
    };
    let shown = Arc::clone(&progress);
    let crowd = std::thread::Builder::new()
        .name("crowd".to_owned())
        .spawn(move || crowd::run(&options, &offer, &progress))
        .context("the crowd cannot be started")?;
    screen.begin(&definition.code, args.crowd);
    while !crowd.is_finished() {
        screen.draw(&serving.node, &shown.snapshot())?;
        std::thread::sleep(REDRAW);
    }
    let report = match crowd.join() {
        Ok(report) => report?,
        Err(_) => bail!("the crowd's thread panicked; see the message above"),
    };
    screen.end(&serving.node, &shown.snapshot())?;
    Ok(report)
}

fn invite(screen: &mut Screen, serving: &Serving, token: &str, code: &str) -> Result<()> {
    let (public, operator) = (serving.public, serving.operator);
    let tidegate = "cargo run --release --";
    let view = serving.node.view();
    let is_held_back = view.by_code(code).is_some_and(|view| view.definition.is_held_back());
    // Results that people get at once have no publication to wait for.
    let publish = if is_held_back {
        format!(
            "
  end registration        {tidegate} campaign close {code} --reason 'the evening is over'
  publish, and look again {tidegate} campaign publish {code} --reason 'it is time'"
        )
    } else {
        String::new()
    };
    screen.say(&format!(
        "
The node stays up. Try it:
  book a mask by hand     http://{public}/c/{code}
  the API, with a form    http://{public}/docs/api/{publish}
  the files for the shops {tidegate} campaign export {code} --reason 'hand-over'
  everything about it     {tidegate} campaign show {code}
with, in the other terminal:
  export TIDEGATE_SERVER=http://{operator} TIDEGATE_TOKEN={token}
Ctrl-C ends it, with an audit."
    ))
}

fn now() -> Millis {
    node::SystemClock.now()
}

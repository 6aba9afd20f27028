//! `tidegate demo`: a whole release on this machine, with a made-up city and its people.
//!
//! Owns: the order of the show: a throw-away folder, a real node with real listeners, the
//! example's files, a countdown, the crowd over real HTTP, the live view, the audit. Never: a
//! shortcut past what a real campaign goes through.
//! Invariants: however a show ends, but by a second signal, the crowd has gone home, the node has
//! answered what it accepted, and the audit has been told, in this order.

mod audit;
mod example;
mod folder;
mod invitation;
mod picture;
mod screen;
mod stop;

use crate::config::Config;
use crate::exit::Coded;
use crate::serve::{self, Serving};
use anyhow::{Context as _, Result, bail};
use crowd::load::Pace;
use crowd::{CrowdOptions, CrowdReport, Loopback, Offer, Progress, Snapshot};
use example::Example;
use folder::Folder;
use identity::Scope;
use invitation::from_here;
use node::Clock as _;
use picture::thousands;
use screen::{Opening, Screen};
use server::operator::tokens::{NewToken, Role, TokenStore};
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};
use stop::Stop;
use types::action::COMMAND_LINE;
use types::limits::CROWD_PEOPLE_MAX;
use types::{Action, Definition, Millis, OperatorCommand, Outcome};

const CONNECTIONS: usize = 256;
const SEED: u64 = 20_200_131;
const ACTOR: &str = "demo";
const REDRAW: Duration = Duration::from_millis(250);
const COUNT: Duration = Duration::from_millis(100);
/// Without `--seconds`, a crowd that does not finish is sent home after so long.
const CROWD_SECONDS_MAX: u64 = 120;
/// Every opening has a crowd, however little time is left.
const CROWD_TIME_MIN: Duration = Duration::from_secs(1);

const ENDINGS: &str = "Ctrl-C, SIGTERM and SIGHUP end the demo at any time: the crowd goes home, \
the node answers what it accepted, the audit tells of what happened so far, and the throw-away \
folder is removed. The same signal once more ends it at once, without an audit.

Exit status: 0 when the audit is clean, however the demo was ended; 1 when it is not, and the \
folder is kept; 129, 130 or 143 after a second SIGHUP, Ctrl-C or SIGTERM.";

/// Watch a whole release: a made-up city, its people, and an audit at the end.
#[derive(Debug, clap::Args)]
#[command(after_help = ENDINGS)]
pub(crate) struct Args {
    /// Which example: `masks` holds results back, `county` answers at once and has a cool-down
    #[arg(long, value_enum, default_value_t = Example::Masks)]
    example: Example,
    /// How many simulated people come to each opening; 0 leaves the city to you
    #[arg(long, default_value_t = 300_000, value_name = "PEOPLE")]
    #[arg(value_parser = clap::value_parser!(u32).range(..=i64::from(CROWD_PEOPLE_MAX)))]
    crowd: u32,
    /// End so many seconds after the start, at least 5; until Ctrl-C unless given
    ///
    /// A crowd that is still there is sent home; when it is done sooner, the node stays up for you
    /// until then. Openings are not left out: each has its countdown and 1 second of crowd at
    /// least, and the demo lasts longer where they need it.
    #[arg(long, value_name = "SECONDS")]
    #[arg(value_parser = clap::value_parser!(u64).range(5..=86_400))]
    seconds: Option<u64>,
    /// Seconds until a campaign opens, 1 to 600
    #[arg(long, default_value_t = 3, value_name = "SECONDS")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=600))]
    countdown: u64,
    /// Where the public API and the pages are served, and the operator API one port above; free
    /// ports if one of them is taken
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// Keep the throw-away folder, with the data folder in it
    #[arg(long)]
    keep: bool,
}

/// Runs the show.
pub(crate) fn run(args: Args) -> Result<()> {
    let begun = Instant::now();
    // Heard before anything is made: nothing is left behind by a signal that comes early.
    let stop = Stop::hear()?;
    if 0 < args.crowd {
        // Before anybody waits for a countdown.
        Loopback::new(from_here(args.listen))
            .context("the crowd cannot come there; with --crowd 0 there is none")?;
    }
    let folder = Folder::make(args.keep)?;
    if !args.keep {
        stop.takes_away(folder.path());
    }
    let (serving, is_elsewhere) = start(&folder.data(), args.listen)?;
    let mut screen = Screen::new();
    let node = serving.node.clone();
    let mut show = Show {
        stop: &stop,
        serving: &serving,
        folder: &folder,
        screen: &mut screen,
        ends: args.seconds.map(|seconds| begun + Duration::from_secs(seconds)),
        is_stopping: false,
        args: &args,
    };
    let shown = show.run(is_elsewhere);
    let live = audit::live(&node);
    // In order even when the show failed: nobody writes to a folder that is being removed.
    let stopped = serving.stop();
    let told = shown?;
    stopped?;
    let findings = audit::run(&folder.data(), live?, &told)?;
    screen.audit(&findings)?;
    if !findings.problems.is_empty() {
        let what = format!(
            "the audit found what must never be; see the list above. The data folder is kept: {}",
            folder.keep().join("data").display()
        );
        return Err(Coded::error("audit-failed", &what));
    }
    if folder.is_kept() {
        screen.say(&format!("kept: {}", folder.path().display()))?;
    }
    folder.remove()
}

/// The openings of an example, one after the other, and the time after them.
struct Show<'a> {
    args: &'a Args,
    stop: &'a Stop,
    serving: &'a Serving,
    folder: &'a Folder,
    screen: &'a mut Screen,
    ends: Option<Instant>,
    /// Somebody asked for the end, and was told that it comes.
    is_stopping: bool,
}

impl Show<'_> {
    /// To its end; what the crowds were told.
    fn run(&mut self, is_elsewhere: bool) -> Result<Vec<(String, CrowdReport)>> {
        self.folder.keep_token(&operator_token(&self.folder.data())?)?;
        if is_elsewhere {
            let listen = self.args.listen;
            self.screen.say(&format!("{listen} or the port above is taken; others were free"))?;
        }
        self.screen.say(&invitation::addresses(self.serving, self.folder))?;
        let mut told = Vec::new();
        let mut last_code = String::new();
        let rounds = self.args.example.rounds();
        for (round, file) in rounds.iter().enumerate() {
            let opens = now().plus(self.args.countdown * 1_000);
            let definition = self.args.example.definition(file, opens)?;
            load(self.serving, &definition)?;
            last_code.clone_from(&definition.code);
            if 0 < round {
                self.screen.say("")?;
            }
            if !self.count_down(&definition.code, opens)? || self.args.crowd == 0 {
                break;
            }
            let until = self.crowd_ends((rounds.len() - round) as u32);
            told.push((definition.code.clone(), self.send_crowd(&definition, until)?));
            if self.is_stopping {
                break;
            }
        }
        self.stay(&last_code)?;
        Ok(told)
    }

    /// Counts down; false when the end is asked for first.
    fn count_down(&mut self, code: &str, opens: Millis) -> Result<bool> {
        self.screen.say(&format!(
            "{code} opens in {} s: http://{}/c/{code}",
            self.args.countdown,
            from_here(self.serving.public)
        ))?;
        loop {
            let left = opens.since(now());
            if left == 0 {
                self.screen.say(&format!("{code} is open"))?;
                return Ok(true);
            }
            self.screen.count_down(code, left)?;
            let until = Instant::now() + Duration::from_millis(left).min(COUNT);
            if self.waited(Some(until))? {
                return Ok(false);
            }
        }
    }

    /// When this crowd is sent home, with so many openings left, this one among them.
    fn crowd_ends(&self, rounds_left: u32) -> Instant {
        let now = Instant::now();
        let Some(ends) = self.ends else {
            return now + Duration::from_secs(CROWD_SECONDS_MAX);
        };
        // What is left, without the countdowns to come, in equal parts.
        let countdowns = Duration::from_secs(self.args.countdown) * (rounds_left - 1);
        let left = ends.saturating_duration_since(now).saturating_sub(countdowns);
        now + (left / rounds_left).max(CROWD_TIME_MIN)
    }

    fn send_crowd(&mut self, definition: &Definition, until: Instant) -> Result<CrowdReport> {
        let progress = Progress::default();
        let offer = Offer::from_definition(definition, SEED)?;
        let options = CrowdOptions {
            address: Loopback::new(from_here(self.serving.public))?,
            seed: SEED,
            first_person: 0,
            people: self.args.crowd,
            connections: CONNECTIONS,
            pace: Pace::Closed,
            duration: until.saturating_duration_since(Instant::now()),
        };
        let mut opening = Opening::begin(&self.serving.node, &definition.code, self.args.crowd);
        let begun = Instant::now();
        let report = std::thread::scope(|scope| {
            let crowd = std::thread::Builder::new()
                .name("crowd".to_owned())
                .spawn_scoped(scope, || crowd::run(&options, &offer, &progress))
                .context("the crowd cannot be started")?;
            let watched = self.watch(&mut opening, &progress, || crowd.is_finished());
            // Done already, or to be sent home: somebody asks for the end, or nobody can see it.
            progress.stop();
            let Ok(report) = crowd.join() else {
                bail!("the crowd's thread panicked; see the message above");
            };
            watched?;
            anyhow::Ok(report?)
        })?;
        let crowd = progress.snapshot();
        self.screen.end(&mut opening, &crowd)?;
        self.screen.say(&self.ending(&definition.code, &crowd, begun.elapsed()))?;
        Ok(report)
    }

    /// Draws until the crowd is done or the end is asked for.
    fn watch(
        &mut self,
        opening: &mut Opening<'_>,
        progress: &Progress,
        is_done: impl Fn() -> bool,
    ) -> Result<()> {
        while !is_done() {
            self.screen.draw(opening, &progress.snapshot())?;
            if self.waited(Some(Instant::now() + REDRAW))? {
                break;
            }
        }
        Ok(())
    }

    /// Why a crowd is no more.
    fn ending(&self, code: &str, crowd: &Snapshot, took: Duration) -> String {
        let all = u64::from(self.args.crowd);
        let seconds = took.as_secs_f64();
        let why = if crowd.people == all {
            let sent = thousands(crowd.sent);
            let all = thousands(all);
            return format!("{code}: all {all} people done after {seconds:.1} s, {sent} requests");
        } else if self.is_stopping {
            "stopped"
        } else {
            "time is up"
        };
        let people = thousands(crowd.people);
        format!("{code}: {why} after {seconds:.1} s, {people} of {} people done", thousands(all))
    }

    /// Stays up for whoever watches, until the time is over or the end is asked for.
    fn stay(&mut self, code: &str) -> Result<()> {
        if self.is_stopping {
            return Ok(());
        }
        let left = self.ends.map(|ends| ends.saturating_duration_since(Instant::now()));
        let until = match left.map(|left| left.as_secs()) {
            // Too short to try anything.
            Some(0) => None,
            Some(left) => Some(format!("for another {left} s, or until Ctrl-C")),
            None => Some("until Ctrl-C".to_owned()),
        };
        if let Some(until) = until {
            let commands = invitation::commands(self.serving, self.folder, code);
            self.screen.say(&format!("\nThe node stays up {until}. Try it:\n{commands}"))?;
        }
        if !self.waited(self.ends)? {
            let seconds = self.args.seconds.unwrap_or_default();
            self.screen.say(&format!("\n{seconds} s are over: stopping, then the audit"))?;
        }
        Ok(())
    }

    /// Waits; true when the end is asked for, which is said once.
    fn waited(&mut self, until: Option<Instant>) -> Result<bool> {
        let Some(asked) = self.stop.wait(until) else { return Ok(false) };
        if !self.is_stopping {
            self.is_stopping = true;
            let words = "stopping in order, then the audit; once more ends at once";
            self.screen.say(&format!("\n{asked}: {words}"))?;
        }
        Ok(true)
    }
}

/// Starts the node; whether it listens elsewhere than it was asked to.
fn start(data: &Path, listen: SocketAddr) -> Result<(Serving, bool)> {
    let mut operator_listen = listen;
    operator_listen.set_port(match listen.port() {
        // Any free port, for both.
        0 => 0,
        port => port.checked_add(1).unwrap_or(0),
    });
    let config = Config { listen, operator_listen, segment_megabytes: 64, ..Config::default() };
    match serve::start(data, &config) {
        Err(error) if crate::exit::code_of(&error).as_deref() == Some("address-in-use") => {
            let mut any = config;
            any.listen.set_port(0);
            any.operator_listen.set_port(0);
            serve::start(data, &any).map(|serving| (serving, true))
        }
        started => started.map(|serving| (serving, false)),
    }
}

fn operator_token(data: &Path) -> Result<String> {
    let new = NewToken {
        name: "newcomer".to_owned(),
        role: Role::Operator,
        outlets: Vec::new(),
        expires: None,
    };
    TokenStore::new(data).create(new, now()).context("the operator's token cannot be made")
}

/// Loads a campaign as the operator API does: keys first, then the command.
fn load(serving: &Serving, definition: &Definition) -> Result<()> {
    while serving.node.status().state == node::State::Replaying {
        std::thread::yield_now();
    }
    serving.keyring.ensure_campaign(&definition.code, &Scope::of(definition))?;
    let command = OperatorCommand {
        actor: ACTOR.to_owned(),
        from: Some(COMMAND_LINE.to_owned()),
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

fn now() -> Millis {
    node::SystemClock.now()
}

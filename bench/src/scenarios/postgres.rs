//! PostgreSQL: a unique insert and the update of a hot row, in one transaction.

use crate::method::Subject;
use crate::peers::postgres::{greet, parse, query, shown, write_query};
use crate::process::{Server, find_program, free_address};
use crate::requests::{Entries, Expected, send};
use crate::results::Card;
use crate::session::Session;
use crate::tidegate::MEASURED;
use anyhow::{Context, Result, bail};
use crowd::load::{self, Answer, Next, Plan, Report, Script};
use crowd::{CrowdError, Loopback, Population};
use rustix::process::Signal;
use std::fs;
use std::io;
use std::net::TcpStream;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const USER: &str = "bench";
const DATABASE: &str = "postgres";
const TABLES: &str = "\
    CREATE TABLE entries (number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, \
        request text NOT NULL UNIQUE, id_number text NOT NULL UNIQUE, \
        phone text NOT NULL UNIQUE, name text NOT NULL); \
    CREATE TABLE pools (pool integer PRIMARY KEY, units_left integer CHECK (units_left >= 0)) \
        WITH (fillfactor = 10); \
    INSERT INTO pools VALUES (1, 1000000000)";
const CARD: Card = Card {
    scenario: "postgres",
    subject: "postgresql, defaults",
    state_machine: "one simple query, one transaction: INSERT with three unique indexes, UPDATE \
        of one row; synchronous_commit on",
    payload: "request id, identity number, phone and name: about 250 bytes",
    left_out: "a pooler; tuning; sealing",
};

struct Postgres {
    address: Loopback,
    entries: Entries,
    script: Transactions,
}

/// One transaction for each person.
struct Transactions {
    next: u64,
    sql: String,
    error: Option<String>,
}

impl Script for Transactions {
    fn connected(&mut self, _connection: usize, stream: &mut TcpStream) -> io::Result<()> {
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        greet(stream, USER, DATABASE)
    }

    fn request(&mut self, _connection: usize, request: &mut Vec<u8>) -> Next {
        let number = self.next;
        let person = Population::new(1).person(number);
        let (id_number, phone, name) = (person.id_number(), person.phone(), person.name());
        self.next += 1;
        // Made-up people are digits and Chinese characters: nothing in them needs an escape.
        self.sql = format!(
            "INSERT INTO entries (request, id_number, phone, name) VALUES \
             ('{number:032x}', '{id_number}', '{phone}', '{name}'); \
             UPDATE pools SET units_left = units_left - 1 WHERE pool = 1"
        );
        write_query(request, self.sql.as_bytes());
        Next::Send
    }

    fn answer(&mut self, _connection: usize, received: &[u8]) -> Result<Answer, CrowdError> {
        let Some(reply) = parse(received)? else { return Ok(Answer::Incomplete) };
        if let (Some(error), None) = (reply.error, &self.error) {
            self.error = Some(shown(error));
        }
        let expected = reply.error.is_none();
        Ok(Answer::Complete { bytes: reply.bytes, expected, keep: true })
    }
}

impl Subject for Postgres {
    fn card(&self) -> Card {
        CARD
    }

    fn measure_do_nothing(&mut self, address: Loopback, plan: &Plan) -> Result<Report> {
        send(address, plan, &mut self.entries, Expected::status(200))
    }

    fn measure(&mut self, plan: &Plan) -> Result<Report> {
        let report = load::run(self.address, plan, &mut self.script, None)?;
        if report.measured == 0 {
            let error = self.script.error.take().unwrap_or_else(|| "no answer at all".to_owned());
            bail!("not one of {} transactions was committed: {error}", report.answered);
        }
        Ok(report)
    }
}

/// Measures PostgreSQL as it is after `initdb`.
///
/// # Errors
/// When PostgreSQL is there and cannot be used.
pub fn run(session: &mut Session) -> Result<()> {
    let folders = debian_folders();
    let programs = find_program("initdb", &folders).zip(find_program("postgres", &folders));
    let Some((initdb, postgres)) = programs else {
        let what = "postgres: initdb and postgres are not installed (try --install-peers)";
        session.leave_out(what.to_owned());
        return Ok(());
    };
    let folder = session.subfolder("postgres")?;
    let owner = other_user()?;
    if let Some((user, group)) = owner {
        chown(&folder, Some(user), Some(group)).context("the folder's owner was not changed")?;
    }
    let data = folder.join("data");
    make(&initdb, &data, owner)?;
    let (server, address) = start(&postgres, &data, &folder, owner)?;
    let entries = Entries::new(MEASURED.code, address, 0);
    let script = Transactions { next: 0, sql: String::new(), error: None };
    let mut subject = Postgres { address, entries, script };
    let connections: &[usize] = if session.quick { &[32] } else { &[32, 64] };
    for connections in connections {
        let plan = session.closed(*connections);
        session.row(&mut subject, &plan)?;
    }
    server.stop()
}

/// Debian keeps the server's programs off the PATH, in a folder for each version.
fn debian_folders() -> Vec<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    folders.sort();
    folders
}

/// Whose process PostgreSQL is to be: it refuses to be root's. `None` when we are not root.
fn other_user() -> Result<Option<(u32, u32)>> {
    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd").context("/etc/passwd cannot be read")?;
    let ids = |wanted: &str| {
        let line = users.lines().find(|line| line.split(':').next() == Some(wanted))?;
        let mut fields = line.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    let user = ids("postgres").or_else(|| ids("nobody"));
    user.map(Some).context("there is no user postgres or nobody to run PostgreSQL")
}

fn become_owner(command: &mut Command, owner: Option<(u32, u32)>) {
    if let Some((user, group)) = owner {
        command.uid(user).gid(group);
    }
}

fn make(initdb: &Path, data: &Path, owner: Option<(u32, u32)>) -> Result<()> {
    let mut command = Command::new(initdb);
    command.arg("--pgdata").arg(data).current_dir("/");
    command.args(["--auth", "trust", "--username", USER, "--encoding", "UTF8", "--no-locale"]);
    become_owner(&mut command, owner);
    let output = command.output().context("initdb could not be started")?;
    if !output.status.success() {
        bail!("initdb ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

fn start(
    postgres: &Path,
    data: &Path,
    folder: &Path,
    owner: Option<(u32, u32)>,
) -> Result<(Server, Loopback)> {
    let address = free_address()?;
    let mut command = Command::new(postgres);
    command.arg("-D").arg(data).arg("-k").arg(folder).current_dir("/");
    command.args(["-h", "127.0.0.1", "-p", &address.get().port().to_string()]);
    become_owner(&mut command, owner);
    // An interrupt is PostgreSQL's fast shutdown; after a polite TERM it waits for its clients.
    let mut server = Server::start("postgres", command, folder, Signal::INT)?;
    server.await_ready(Duration::from_secs(30), || session(address).is_ok())?;
    query(&mut session(address)?, TABLES).context("the tables were not made")?;
    Ok((server, address))
}

fn session(address: Loopback) -> io::Result<TcpStream> {
    let mut stream = TcpStream::connect(address.get())?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    greet(&mut stream, USER, DATABASE)?;
    Ok(stream)
}

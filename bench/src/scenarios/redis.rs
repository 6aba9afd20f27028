//! Redis: the usual script that looks for the person, takes a unit, and remembers the person.

use crate::method::Subject;
use crate::peers::resp::{Reply, parse, write_command};
use crate::process::{Server, find_program, free_address};
use crate::requests::{Entries, Expected, send};
use crate::results::Card;
use crate::session::Session;
use crate::tidegate::MEASURED;
use anyhow::{Context, Result, bail};
use crowd::load::{self, Answer, Next, Plan, Report, Script};
use crowd::{CrowdError, Loopback, Population};
use rustix::process::Signal;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Two unique fields and one stock, like the campaign of the other scenarios.
const LUA: &str = "\
if redis.call('SISMEMBER', KEYS[1], ARGV[1]) == 1 then return -1 end \
if redis.call('SISMEMBER', KEYS[2], ARGV[2]) == 1 then return -1 end \
local left = redis.call('DECR', KEYS[3]) \
if left < 0 then redis.call('INCR', KEYS[3]) return 0 end \
redis.call('SADD', KEYS[1], ARGV[1]) \
redis.call('SADD', KEYS[2], ARGV[2]) \
return left + 1";
const STOCK: &[u8] = b"1000000000";

/// When Redis syncs its append-only file.
#[derive(Clone, Copy)]
struct Mode {
    word: &'static str,
    subject: &'static str,
    left_out: &'static str,
}

const MODES: [Mode; 3] = [
    Mode {
        word: "no",
        subject: "redis, appendfsync no",
        left_out: "durability: Redis never syncs; HTTP, name, request id, receipt, sealing",
    },
    Mode {
        word: "everysec",
        subject: "redis, appendfsync everysec",
        left_out: "durability of the last second; HTTP, name, request id, receipt, sealing",
    },
    Mode {
        word: "always",
        subject: "redis, appendfsync always",
        left_out: "HTTP, name, request id, receipt, sealing",
    },
];

struct Redis {
    mode: Mode,
    address: Loopback,
    entries: Entries,
    script: Calls,
}

/// One call of the script for each person.
struct Calls {
    digest: Vec<u8>,
    next: u64,
}

impl Script for Calls {
    fn request(&mut self, _connection: usize, request: &mut Vec<u8>) -> Next {
        let person = Population::new(1).person(self.next);
        self.next += 1;
        let (id_number, phone) = (person.id_number().as_bytes(), person.phone().as_bytes());
        let keys: [&[u8]; 4] = [b"3", b"people", b"phones", b"left"];
        let [count, people, phones, left] = keys;
        let call: [&[u8]; 8] =
            [b"EVALSHA", &self.digest, count, people, phones, left, id_number, phone];
        write_command(request, &call);
        Next::Send
    }

    fn answer(&mut self, _connection: usize, received: &[u8]) -> Result<Answer, CrowdError> {
        Ok(match parse(received)? {
            None => Answer::Incomplete,
            Some((reply, bytes)) => {
                let expected = matches!(reply, Reply::Integer(left) if left > 0);
                Answer::Complete { bytes, expected, keep: true }
            }
        })
    }
}

impl Subject for Redis {
    fn card(&self) -> Card {
        Card {
            scenario: "redis",
            subject: self.mode.subject,
            state_machine: "Lua: two SISMEMBER, DECR, two SADD; append-only file",
            payload: "identity number and phone: about 170 bytes; a number",
            left_out: self.mode.left_out,
        }
    }

    fn measure_do_nothing(&mut self, address: Loopback, plan: &Plan) -> Result<Report> {
        send(address, plan, &mut self.entries, Expected::status(200))
    }

    fn measure(&mut self, plan: &Plan) -> Result<Report> {
        let report = load::run(self.address, plan, &mut self.script, None)?;
        if report.measured == 0 {
            bail!("not one of {} answers was a unit", report.answered);
        }
        Ok(report)
    }
}

/// Measures Redis in its three ways of keeping what it was told.
///
/// # Errors
/// When Redis is there and cannot be used.
pub fn run(session: &mut Session) -> Result<()> {
    let Some(program) = find_program("redis-server", &[]) else {
        session.leave_out("redis: redis-server is not installed (try --install-peers)".to_owned());
        return Ok(());
    };
    for mode in MODES {
        let folder = session.subfolder(&format!("redis-{}", mode.word))?;
        let (server, address) = start(&program, &folder, mode.word)?;
        let digest = prepare(address)?;
        let entries = Entries::new(MEASURED.code, address, 0);
        let script = Calls { digest, next: 0 };
        let mut redis = Redis { mode, address, entries, script };
        let connections: &[usize] = if session.quick { &[64] } else { &[64, 256] };
        for connections in connections {
            let plan = session.closed(*connections);
            session.row(&mut redis, &plan)?;
        }
        server.stop()?;
    }
    Ok(())
}

fn start(program: &Path, folder: &Path, mode: &str) -> Result<(Server, Loopback)> {
    let address = free_address()?;
    let mut command = Command::new(program);
    command.args(["--port", &address.get().port().to_string(), "--bind", "127.0.0.1"]);
    command.arg("--dir").arg(folder).args(["--save", "", "--maxclients", "5000"]);
    command.args(["--appendonly", "yes", "--appendfsync", mode]);
    let mut server = Server::start("redis", command, folder, Signal::TERM)?;
    server.await_ready(Duration::from_secs(20), || call(address, &[b"PING"]).is_ok())?;
    Ok((server, address))
}

/// Loads the script and the stock; the script's digest.
fn prepare(address: Loopback) -> Result<Vec<u8>> {
    call(address, &[b"SET", b"left", STOCK])?;
    call(address, &[b"SCRIPT", b"LOAD", LUA.as_bytes()])
}

/// One command on a connection of its own.
fn call(address: Loopback, words: &[&[u8]]) -> Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address.get()).context("no connection to Redis")?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut request = Vec::new();
    write_command(&mut request, words);
    stream.write_all(&request)?;
    let mut received = Vec::new();
    let mut chunk = [0; 1_024];
    loop {
        match parse(&received)? {
            Some((Reply::Text(text), _)) => return Ok(text.to_vec()),
            Some((reply, _)) => bail!("Redis answered {reply:?}"),
            None => {}
        }
        let count = stream.read(&mut chunk)?;
        if count == 0 {
            bail!("Redis closed the connection");
        }
        received.extend_from_slice(&chunk[..count]);
    }
}

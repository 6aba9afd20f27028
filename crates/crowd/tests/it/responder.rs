//! A tiny HTTP server for tests: one thread a connection, one closure that answers.

use crowd::Loopback;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

/// A request as the responder's closure sees it.
pub(crate) struct Request {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn line(&self) -> &str {
        self.head.lines().next().unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut fields = self.head.lines().filter_map(|line| line.split_once(": "));
        fields.find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

/// Answers with `status` and `body`.
pub(crate) fn reply(status: u16, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status} Said\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes()
}

/// Serves until the process ends. An empty answer closes the connection.
pub(crate) fn serve(answer: impl Fn(&Request) -> Vec<u8> + Send + Sync + 'static) -> Loopback {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = Loopback::new(listener.local_addr().unwrap()).unwrap();
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let answer = Arc::clone(&answer);
            thread::spawn(move || converse(stream.unwrap(), &*answer));
        }
    });
    address
}

fn converse(mut stream: TcpStream, answer: &(dyn Fn(&Request) -> Vec<u8> + Sync)) {
    stream.set_nodelay(true).unwrap();
    let mut received = Vec::new();
    let mut chunk = vec![0; 64 << 10];
    loop {
        while let Some((request, bytes)) = parse(&received) {
            received.drain(..bytes);
            let reply = answer(&request);
            if reply.is_empty() || stream.write_all(&reply).is_err() {
                return;
            }
        }
        match stream.read(&mut chunk) {
            Ok(0) | Err(_) => return,
            Ok(count) => received.extend_from_slice(&chunk[..count]),
        }
    }
}

fn parse(received: &[u8]) -> Option<(Request, usize)> {
    let end = received.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = String::from_utf8(received[..end].to_vec()).unwrap();
    let mut request = Request { head, body: Vec::new() };
    let length = request.header("content-length").map_or(0, |length| length.parse().unwrap());
    request.body = received.get(end..end + length)?.to_vec();
    Some((request, end + length))
}

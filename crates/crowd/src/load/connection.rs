//! One connection of a run: its stream, its request in flight, and what is left over of both.

use mio::event::Source;
use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use std::io::{self, ErrorKind, Read, Write};

/// What a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It may send.
    Idle,
    /// Its request is not answered.
    InFlight,
    /// It may send again when its timer is due.
    Waiting,
    /// It is lost and will be opened again when its timer is due.
    Down,
    /// It sends nothing more.
    Finished,
}

/// One connection.
pub(crate) struct Connection {
    pub(crate) state: State,
    /// When the request in flight was due, in nanoseconds since the run began.
    pub(crate) due_nanos: u64,
    stream: Option<TcpStream>,
    /// What of the request the socket has not taken yet.
    unsent: Vec<u8>,
    /// What of the answer came in earlier reads.
    pub(crate) received: Vec<u8>,
}

/// What a read brought.
pub(crate) enum Received {
    /// So many bytes; whether there may be more.
    Bytes(usize, bool),
    /// Nothing for now.
    Nothing,
    /// The connection ended.
    Ended,
}

impl Connection {
    /// A connection over `stream`.
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self {
            state: State::Idle,
            due_nanos: 0,
            stream: Some(stream),
            unsent: Vec::new(),
            received: Vec::new(),
        }
    }

    /// Whether there is a stream.
    pub(crate) const fn is_open(&self) -> bool {
        self.stream.is_some()
    }

    /// Puts a new stream in the place of one that ended.
    pub(crate) fn replace(&mut self, stream: TcpStream) {
        assert!(self.stream.is_none(), "only an ended stream is replaced");
        self.stream = Some(stream);
    }

    /// Has the poll watch for answers.
    pub(crate) fn watch(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        match &mut self.stream {
            Some(stream) => stream.register(registry, token, Interest::READABLE),
            None => Ok(()),
        }
    }

    /// Sends a request: usually all of it with one write.
    pub(crate) fn send(
        &mut self,
        request: &[u8],
        registry: &Registry,
        token: Token,
    ) -> io::Result<()> {
        assert!(self.unsent.is_empty() && self.received.is_empty());
        let sent = self.write(request)?;
        if sent < request.len() {
            self.unsent.extend_from_slice(&request[sent..]);
            let stream = self.stream.as_mut().ok_or(ErrorKind::NotConnected)?;
            stream.reregister(registry, token, Interest::READABLE | Interest::WRITABLE)?;
        }
        Ok(())
    }

    /// Sends more of a request that the socket did not take at once.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        if !self.unsent.is_empty() {
            let unsent = std::mem::take(&mut self.unsent);
            let sent = self.write(&unsent)?;
            self.unsent = unsent;
            self.unsent.drain(..sent);
        }
        Ok(())
    }

    /// Reads into `buffer`.
    pub(crate) fn receive(&mut self, buffer: &mut [u8]) -> Received {
        let Some(stream) = &mut self.stream else { return Received::Nothing };
        loop {
            match stream.read(buffer) {
                Ok(0) => return Received::Ended,
                // A read that does not fill the buffer has emptied the socket, and whatever comes
                // after it raises a new event: no second read is needed to learn that.
                Ok(count) => return Received::Bytes(count, count == buffer.len()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Received::Nothing,
                Err(_) => return Received::Ended,
            }
        }
    }

    /// Ends the stream and forgets what was under way on it.
    pub(crate) fn end(&mut self) {
        self.stream = None;
        self.unsent.clear();
        self.received.clear();
    }

    fn write(&mut self, mut bytes: &[u8]) -> io::Result<usize> {
        let stream = self.stream.as_mut().ok_or(ErrorKind::NotConnected)?;
        let all = bytes.len();
        while !bytes.is_empty() {
            match stream.write(bytes) {
                Ok(count) => bytes = &bytes[count..],
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        Ok(all - bytes.len())
    }
}

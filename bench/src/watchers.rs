//! Open pages of the console: sessions, and the live streams of their pages.
//!
//! Owns: a thread for each stream, which reads what comes and throws it away. Never: draws what it
//! reads, as a browser would on a machine of its own.
//! Invariants: a page is open once its first news has come, however busy the machine is.
//! On failure: a stream that is refused is an error; one that ends early is found at the end.

use anyhow::{Context, Result, bail};
use crowd::Loopback;
use crowd::http::Head;
use memchr::memmem;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Longer than a few seconds without news never happens while a page is live.
const PATIENCE: Duration = Duration::from_secs(10);
/// Ends each piece of news.
const EVENT_END: &[u8] = b"\n\n";
/// More than a head, or than the largest part of a page.
const FIRST_BYTES_MAX: usize = 1 << 20;

/// Somebody who can log in to the console of a node.
#[derive(Clone, Copy, Debug)]
pub struct Viewer<'a> {
    /// The operator listener.
    pub address: Loopback,
    /// The account's name.
    pub name: &'a str,
    /// Its password.
    pub password: &'a str,
}

/// Pages that are open until they are dropped.
#[derive(Debug)]
pub struct Watchers(Vec<Page>);

#[derive(Debug)]
struct Page {
    stream: TcpStream,
    reader: Option<JoinHandle<u64>>,
}

impl Watchers {
    /// Opens `count` pages of a campaign, all in one session.
    ///
    /// # Errors
    /// When the console lets nobody in, or refuses a stream.
    pub fn open(viewer: Viewer<'_>, campaign: &str, count: usize) -> Result<Self> {
        let cookie = log_in(viewer)?;
        let pages = (0..count).map(|_| Page::open(viewer.address, campaign, &cookie));
        Ok(Self(pages.collect::<Result<_>>()?))
    }

    /// Closes the pages, and returns how many bytes of news came to all of them together since each
    /// was open.
    ///
    /// # Errors
    /// When a page's stream had ended by itself, so that fewer were open than are told.
    pub fn close(mut self) -> Result<u64> {
        let mut total = 0;
        for (number, page) in self.0.iter_mut().enumerate() {
            if page.is_over() {
                bail!("the live stream of page {number} of the console ended by itself");
            }
            total += page.end();
        }
        Ok(total)
    }
}

impl Page {
    fn open(address: Loopback, campaign: &str, cookie: &str) -> Result<Self> {
        let mut stream = connect(address)?;
        let mut request = Vec::new();
        let path = format!("/console/c/{campaign}/live");
        let headers = [("cookie", cookie), ("accept", "text/event-stream")];
        Head::new("GET", &path, address, &headers).write(&mut request, &[], b"");
        stream.write_all(&request)?;
        let (head, behind) = read_head(&mut stream)?;
        if !head.starts_with("HTTP/1.1 200") {
            bail!("the console refused a live stream: {head}");
        }
        read_until(&mut stream, behind, EVENT_END).context("a live stream brings no first news")?;
        let mut own = stream.try_clone()?;
        let reader = thread::spawn(move || {
            let mut chunk = vec![0; 64 << 10];
            let mut bytes = 0;
            while let Ok(count @ 1..) = own.read(&mut chunk) {
                bytes += count as u64;
            }
            bytes
        });
        Ok(Self { stream, reader: Some(reader) })
    }

    /// Whether the stream has ended without being told to.
    fn is_over(&self) -> bool {
        self.reader.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Ends the stream, once; the bytes that came.
    fn end(&mut self) -> u64 {
        // A stream that the server has ended needs no second end.
        let _already = self.stream.shutdown(Shutdown::Both);
        let reader = self.reader.take();
        reader.map_or(0, |reader| reader.join().expect("a reader only adds up bytes"))
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.end();
    }
}

/// Logs in, and returns the session's cookie.
fn log_in(viewer: Viewer<'_>) -> Result<String> {
    let mut stream = connect(viewer.address)?;
    let origin = format!("http://{}", viewer.address);
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("origin", origin.as_str()),
        ("sec-fetch-site", "same-origin"),
    ];
    let body = format!("name={}&password={}", viewer.name, viewer.password);
    let mut request = Vec::new();
    Head::new("POST", "/console/log-in", viewer.address, &headers).write(
        &mut request,
        &[],
        body.as_bytes(),
    );
    stream.write_all(&request)?;
    let (head, _) = read_head(&mut stream)?;
    let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: "));
    let cookie = cookie.and_then(|cookie| cookie.split(';').next());
    cookie.map(str::to_owned).with_context(|| format!("the console lets nobody in: {head}"))
}

fn connect(address: Loopback) -> Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address.get(), PATIENCE)
        .with_context(|| format!("the operator listener {address} cannot be reached"))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// The head of an answer, and what came of its body in the same packet.
fn read_head(stream: &mut TcpStream) -> Result<(String, Vec<u8>)> {
    let (mut head, end) = read_until(stream, Vec::new(), b"\r\n\r\n")?;
    let behind = head.split_off(end);
    Ok((String::from_utf8(head).context("a head is ASCII")?, behind))
}

/// Reads on from `bytes` until they hold `end`; all of them, and where it ends.
fn read_until(stream: &mut TcpStream, mut bytes: Vec<u8>, end: &[u8]) -> Result<(Vec<u8>, usize)> {
    let mut chunk = [0; 4 << 10];
    loop {
        if let Some(start) = memmem::find(&bytes, end) {
            return Ok((bytes, start + end.len()));
        }
        match stream.read(&mut chunk).context("the console's answer does not come")? {
            0 => bail!("the console's answer ends before it is whole"),
            count => bytes.extend_from_slice(&chunk[..count]),
        }
        if FIRST_BYTES_MAX < bytes.len() {
            bail!("the beginning of the console's answer does not end");
        }
    }
}

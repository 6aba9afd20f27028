//! Clients: the one that behaves, and what hostile ones have in common.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

/// The address of those who behave.
pub(super) const HONEST: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 1);

const ENTRY: &str = r#"{"identity":{"id_number":"110101199003070134","phone":"13800138000"},
    "choices":[{"outlet":"shop","item":"mask","slot":"day"}]}"#;

/// The n-th address of those who do not.
pub(super) fn hostile(number: usize) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 1, u8::try_from(number + 1).unwrap())
}

/// A connection from an address of this machine, with a small window if it will not read.
pub(super) async fn connect(
    from: Ipv4Addr,
    to: SocketAddr,
    window_bytes: Option<u32>,
) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    if let Some(bytes) = window_bytes {
        socket.set_recv_buffer_size(bytes)?;
    }
    socket.bind((from, 0).into())?;
    socket.connect(to).await
}

/// Sends bytes and reads until the connection ends; status and body of the first answer.
pub(super) async fn ask(from: Ipv4Addr, to: SocketAddr, request: &[u8]) -> (u16, String) {
    let mut stream = connect(from, to, None).await.unwrap();
    // A server that has refused already may close before all is sent.
    let _ = stream.write_all(request).await;
    let mut bytes = Vec::new();
    // What came before a reset counts.
    let _ = stream.read_to_end(&mut bytes).await;
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text}"));
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

/// What people ask, and with what status they must be answered: an entry, and a look.
pub(super) fn requests() -> [(String, u16); 2] {
    let enter = format!(
        "POST /v1/campaigns/test/entries HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
         idempotency-key: mine\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n\
         {ENTRY}",
        ENTRY.len()
    );
    let look = "GET /v1/campaigns/test/status HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    [(enter, 201), (look.to_owned(), 200)]
}

/// Asks as people do, one request after the other, until it is told to stop; how often it was
/// served. Everything must be answered as it should.
pub(super) async fn behave(to: SocketAddr, stop: &AtomicBool, served: &AtomicU64) {
    let requests = requests();
    while !stop.load(Ordering::Relaxed) {
        for (request, status) in &requests {
            let (found, body) = ask(HONEST, to, request.as_bytes()).await;
            assert_eq!(found, *status, "others are served: {body}");
            served.fetch_add(1, Ordering::Relaxed);
        }
    }
}

//! The accept loop: sockets in, requests to a handler, answers out, all within bounds.
//!
//! Owns: listening sockets, connections and their limits, TLS, the graceful stop.
//! Never: knows a route. Invariants: every open connection holds a permit; a client that sends
//! or takes nothing loses its connection within the configured times.
//! On failure: a bad connection ends alone; only binding and certificates fail a start.

pub(crate) mod activity;
mod addresses;
mod client;
mod guarded;
mod shape;
mod tls;
pub(crate) mod turned_away;

pub use activity::BusyGuard;
pub use client::{ClientAddress, client_address};
pub use tls::TlsError;

use crate::body::Body;
use crate::config::{ConnectionLimits, ServerConfig};
use activity::{Activity, Watch};
use addresses::{Addresses, Seat};
use guarded::Guarded;
use http::header::CONNECTION;
use http::{HeaderValue, Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use shape::Framing;
use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tls::Certificates;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::Instant;
use turned_away::TurnedAway;
use types::limits;

/// Connections the kernel holds for us before we accept them.
const BACKLOG: i32 = 4_096;
/// How long to wait when the process has no descriptor left, before trying again.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// What a connection over the cap is told, whole.
const TOO_MANY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\n\
connection: close\r\ncontent-type: application/problem+json\r\ncontent-length: 237\r\n\r\n\
{\"type\":\"/errors/too-many-connections\",\"title\":\"Too many connections\",\"status\":503,\
\"code\":\"too-many-connections\",\"detail\":\"The server, or your address, holds as many connections \
as it may. Nothing was done. Try again in a few seconds.\"}\n";

/// What answers requests. One value is shared by all connections.
pub trait Handler: Send + Sync + 'static {
    /// Answers one request.
    fn handle(
        self: &Arc<Self>,
        request: Request<Incoming>,
        connection: Connection,
    ) -> impl Future<Output = Response<Body>> + Send;
}

/// What a handler may know of the connection a request came on.
#[derive(Clone, Copy, Debug)]
pub struct Connection {
    /// The other end of the socket: a proxy, perhaps.
    pub peer: SocketAddr,
}

/// Why a listener cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Another program has the port.
    #[error("{address} is taken by another program; stop it, or choose another address")]
    AddressInUse {
        /// The address wanted.
        address: SocketAddr,
    },
    /// The address cannot be used on this machine.
    #[error("cannot listen on {address}: {source}; choose an address of this machine")]
    Refused {
        /// The address wanted.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The certificate cannot be served.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

impl ListenError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::AddressInUse { .. } => "address-in-use",
            Self::Refused { .. } => "address-refused",
            Self::Tls(error) => error.code(),
        }
    }
}

/// A bound socket with its certificate: nothing is accepted before [`Listener::serve`].
pub struct Listener {
    socket: TcpListener,
    terms: Terms,
}

/// On what terms connections are taken.
struct Terms {
    address: SocketAddr,
    certificates: Option<Arc<Certificates>>,
    limits: ConnectionLimits,
    permits: Arc<Semaphore>,
    addresses: Arc<Addresses>,
}

/// What an open connection holds, and gives back when it is dropped.
struct Admitted {
    _permit: OwnedSemaphorePermit,
    seat: Seat,
}

/// How many connections there are, for those that would give theirs up if there are many.
struct Crowd {
    permits: Arc<Semaphore>,
    /// Fewer permits left than these are a crowd.
    left_min: usize,
}

impl Crowd {
    fn is_there(&self) -> bool {
        self.permits.available_permits() < self.left_min
    }
}

impl Listener {
    /// Binds the address and reads the certificate.
    ///
    /// # Errors
    /// See [`ListenError`].
    pub fn bind(config: &ServerConfig) -> Result<Self, ListenError> {
        let certificates = match &config.tls {
            Some(files) => Some(Arc::new(Certificates::load(files.clone())?)),
            None => None,
        };
        let address = config.listen;
        let (socket, address) = open(address).map_err(|source| match source.kind() {
            io::ErrorKind::AddrInUse => ListenError::AddressInUse { address },
            _ => ListenError::Refused { address, source },
        })?;
        let limits = config.connection;
        let permits = Arc::new(Semaphore::new(limits.connections_max));
        let proxies = config.trusted_proxies.clone();
        let addresses = Addresses::new(limits.address_connections_max(), proxies);
        let terms = Terms { address, certificates, limits, permits, addresses };
        Ok(Self { socket, terms })
    }

    /// The address in force; tells the port when 0 was asked for.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.terms.address
    }

    /// Accepts and answers until `stop` resolves, then lets requests in flight end.
    pub async fn serve<H: Handler>(self, handler: Arc<H>, stop: impl Future<Output = ()>) {
        let Self { socket: listening, terms } = self;
        let turned_away = TurnedAway::default();
        let (stopping, stopped) = watch::channel(false);
        if let Some(certificates) = terms.certificates.clone() {
            tokio::spawn(async move {
                let mut stopped = stopped;
                tokio::select! {
                    () = certificates.keep_current() => (),
                    _ = stopped.changed() => (),
                }
            });
        }
        let mut stop = pin!(stop);
        loop {
            let accepted = tokio::select! {
                () = &mut stop => break,
                accepted = listening.accept() => accepted,
            };
            match accepted {
                Ok((socket, peer)) => match terms.admit(peer.ip()) {
                    Some(admitted) => {
                        terms.spawn(&handler, socket, peer, admitted, stopping.subscribe());
                    }
                    None => {
                        turn_away(&socket);
                        terms.tell(&turned_away, peer.ip());
                    }
                },
                Err(error) => terms.accept_failed(&error).await,
            }
        }
        // Whoever comes from now on is refused by the kernel, and can go elsewhere at once.
        drop(listening);
        // The send fails when no connection is left, which is what we wait for.
        let _ = stopping.send(true);
        let all = u32::try_from(terms.limits.connections_max).unwrap_or(u32::MAX);
        let drained =
            tokio::time::timeout(terms.limits.drain_time, terms.permits.acquire_many(all)).await;
        if drained.is_err() {
            tracing::warn!(address = %terms.address, "requests outlast the drain time");
        }
    }
}

impl Terms {
    /// Room for one more connection from this address, if there is any.
    fn admit(&self, peer: IpAddr) -> Option<Admitted> {
        let permit = Arc::clone(&self.permits).try_acquire_owned().ok()?;
        Some(Admitted { _permit: permit, seat: self.addresses.seat(peer)? })
    }

    /// One more was turned away; the log hears of it now and then.
    fn tell(&self, turned_away: &TurnedAway, latest: IpAddr) {
        let address = self.address;
        if let Some(count) = turned_away.one(Instant::now()) {
            tracing::warn!(%address, count, "connections over a cap are turned away");
            // Below what is logged unless asked for: an address is its owner's.
            tracing::debug!(%address, %latest, "the latest connection that was turned away");
        }
    }

    async fn accept_failed(&self, error: &io::Error) {
        use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
        if matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted) {
            return;
        }
        let address = self.address;
        tracing::warn!(%address, %error, "cannot accept; raise the limit of open files");
        tokio::time::sleep(ACCEPT_PAUSE).await;
    }

    fn spawn<H: Handler>(
        &self,
        handler: &Arc<H>,
        socket: TcpStream,
        peer: SocketAddr,
        admitted: Admitted,
        stopped: watch::Receiver<bool>,
    ) {
        let handler = handler.clone();
        let mut limits = self.limits;
        // A proxy keeps connections for the next of its many, who would find one closed under them.
        let crowd = (!admitted.seat.is_of_proxy()).then(|| Crowd {
            permits: Arc::clone(&self.permits),
            left_min: limits.connections_max.div_ceil(limits::CROWDED_CONNECTIONS_SHARE),
        });
        if crowd.is_none() {
            limits.idle_time = limits.proxy_idle_time;
        }
        let acceptor = self.certificates.as_ref().map(|certificates| certificates.acceptor());
        // Without it, an answer could wait for the client's delayed acknowledgement; a socket
        // that refuses is broken, and its first read will say so.
        let _ = socket.set_nodelay(true);
        tokio::spawn(async move {
            match acceptor {
                None => converse(&handler, socket, (peer, limits), crowd, stopped).await,
                Some(acceptor) => {
                    let shake = tokio::time::timeout(limits.header_time, acceptor.accept(socket));
                    // A handshake that fails or stalls has nobody to be told.
                    if let Ok(Ok(stream)) = shake.await {
                        converse(&handler, stream, (peer, limits), crowd, stopped).await;
                    }
                }
            }
            drop(admitted);
        });
    }
}

fn open(address: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let kind = socket2::Type::STREAM;
    let socket = socket2::Socket::new(socket2::Domain::for_address(address), kind, None)?;
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    // Those it accepts have it from it.
    #[cfg(target_os = "linux")]
    socket.set_tcp_notsent_lowat(limits::UNSENT_BYTES_MAX)?;
    socket.listen(BACKLOG)?;
    let listener = TcpListener::from_std(socket.into())?;
    let bound = listener.local_addr()?;
    Ok((listener, bound))
}

fn turn_away(socket: &TcpStream) {
    // A fresh socket's buffer takes these few bytes at once; if it does not, closing says enough.
    let _ = socket.try_write(TOO_MANY);
}

/// One connection, to its end.
async fn converse<H: Handler, T: AsyncRead + AsyncWrite + Unpin + Send>(
    handler: &Arc<H>,
    stream: T,
    (peer, limits): (SocketAddr, ConnectionLimits),
    crowd: Option<Crowd>,
    mut stopped: watch::Receiver<bool>,
) {
    let activity = Activity::default();
    let mut watch = Watch::new(activity.clone(), &limits, Instant::now());
    let stream = Guarded::new(stream, activity.clone(), limits.header_time);
    let about = Connection { peer };
    let service = service_fn(|request| {
        let busy = activity.begin();
        async move {
            let framing = shape::framing(&request);
            let mut answer = match framing {
                Ok(_) => handler.handle(request, about).await,
                Err(fault) => fault.answer(request.headers()),
            };
            if framing == Ok(Framing::Chunked) {
                answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            if let Body::Stream(_, guard) = answer.body_mut() {
                *guard = Some(busy);
            }
            Ok::<_, Infallible>(answer)
        }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .max_buf_size(limits::HEADER_BYTES_MAX)
        .max_headers(limits::HEADERS_MAX)
        // Our own watch does this: see `activity`.
        .header_read_timeout(None)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let mut look = pin!(tokio::time::sleep_until(watch.next_look(Instant::now())));
    let flag = stopped.clone();
    let mut stopped = pin!(stopped.changed());
    let (mut registered, mut draining) = (false, false);
    poll_fn(|context| {
        // Polled once to be woken by it, and again only when it is there: a look at a flag
        // instead of a lock, twice a request.
        let due = !registered || (!draining && flag.has_changed().unwrap_or(true));
        registered = true;
        if due && stopped.as_mut().poll(context).is_ready() {
            draining = true;
            connection.as_mut().graceful_shutdown();
        }
        // A connection's error is its client's doing, and nobody is left to be told.
        if let Poll::Ready(ended) = connection.as_mut().poll(context) {
            if let Err(error) = ended {
                tracing::debug!(peer = %peer.ip(), %error, "a connection ended early");
            }
            return Poll::Ready(());
        }
        while look.as_mut().poll(context).is_ready() {
            let now = Instant::now();
            let is_crowded = crowd.as_ref().is_some_and(Crowd::is_there);
            if watch.is_stalled(now, is_crowded) {
                tracing::debug!(peer = %peer.ip(), "a silent connection was closed");
                return Poll::Ready(());
            }
            look.as_mut().reset(watch.next_look(now));
        }
        Poll::Pending
    })
    .await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_over_the_cap_states_its_own_length() {
        let text = std::str::from_utf8(TOO_MANY).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.ends_with(&format!("content-length: {}", body.len())));
        assert!(serde_json::from_str::<serde_json::Value>(body).is_ok());
    }
}

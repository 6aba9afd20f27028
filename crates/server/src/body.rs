//! Bodies in and out: requests read within bounds of size and time, answers as bytes or streams.
//!
//! Owns: the two body types of the listener. Never: interprets what is in them.
//! Invariants: no more bytes of a request are held than its route allows.
//! On failure: a [`BodyError`] with a stable code; the connection is closed after the answer.

use crate::listener::activity::BusyGuard;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use std::future::{Future as _, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::Sleep;
use types::limits;

/// An answer's body.
#[derive(Debug)]
pub enum Body {
    /// Ready bytes, sent with the head in one write.
    Bytes(Bytes),
    /// What a handler streams; the listener's guard keeps the connection busy until it ends.
    Stream(axum::body::Body, Option<BusyGuard>),
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        match self.get_mut() {
            Self::Bytes(bytes) if bytes.is_empty() => Poll::Ready(None),
            Self::Bytes(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Self::Stream(body, _) => Pin::new(body).poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Bytes(bytes) => bytes.is_empty(),
            Self::Stream(body, _) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Bytes(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Stream(body, _) => body.size_hint(),
        }
    }
}

/// Why a request's body could not be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// More bytes than the route takes.
    #[error("the body is larger than {0} bytes")]
    TooLarge(usize),
    /// It did not arrive in time.
    #[error("the body did not arrive in time")]
    TooSlow,
    /// The connection broke, or the framing is wrong.
    #[error("the body broke off")]
    BrokenOff,
}

impl BodyError {
    /// The stable code of the problem document.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLarge(_) => "body-too-large",
            Self::TooSlow => "body-too-slow",
            Self::BrokenOff => "body-broken-off",
        }
    }
}

/// Reads a whole body of at most `bytes_max`, within `time`.
///
/// # Errors
/// See [`BodyError`].
pub(crate) async fn read_body(
    mut body: Incoming,
    bytes_max: usize,
    time: Duration,
) -> Result<Bytes, BodyError> {
    if body.size_hint().lower() > bytes_max as u64 {
        return Err(BodyError::TooLarge(bytes_max));
    }
    let mut gathered = pin!(gather(&mut body, bytes_max));
    // Most bodies are there already: those cost no timer, nor a look at the clock.
    let first = poll_fn(|context| Poll::Ready(gathered.as_mut().poll(context))).await;
    match first {
        Poll::Ready(body) => body,
        Poll::Pending => {
            tokio::time::timeout(time, gathered).await.unwrap_or(Err(BodyError::TooSlow))
        }
    }
}

async fn gather(body: &mut Incoming, bytes_max: usize) -> Result<Bytes, BodyError> {
    let mut first = Bytes::new();
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| BodyError::BrokenOff)?.into_data() else { continue };
        if first.len() + whole.len() + data.len() > bytes_max {
            return Err(BodyError::TooLarge(bytes_max));
        }
        if first.is_empty() && whole.is_empty() {
            first = data;
        } else {
            whole.extend_from_slice(&std::mem::take(&mut first));
            whole.extend_from_slice(&data);
        }
    }
    Ok(if whole.is_empty() { first } else { whole.freeze() })
}

/// A streamed request body that must not stall: each step of so many bytes, and the last one,
/// has `time` to arrive. A byte now and then is no progress.
#[derive(Debug)]
pub(crate) struct Unstalled<B = Incoming> {
    inner: B,
    time: Duration,
    /// Bytes of this step that are there.
    arrived_bytes: usize,
    /// There once a part of this step had to be waited for.
    waiting: Option<Pin<Box<Sleep>>>,
}

impl<B> Unstalled<B> {
    pub(crate) const fn new(inner: B, time: Duration) -> Self {
        Self { inner, time, arrived_bytes: 0, waiting: None }
    }
}

impl<B: HttpBody<Data = Bytes> + Unpin> HttpBody for Unstalled<B> {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        if let Poll::Ready(frame) = Pin::new(&mut this.inner).poll_frame(context) {
            let data = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref());
            this.arrived_bytes += data.map_or(0, Bytes::len);
            if limits::UPLOAD_STEP_BYTES <= this.arrived_bytes {
                this.arrived_bytes = 0;
                this.waiting = None;
            }
            return Poll::Ready(frame.map(|frame| frame.map_err(|_| BodyError::BrokenOff)));
        }
        let time = this.time;
        let waiting = this.waiting.get_or_insert_with(|| Box::pin(tokio::time::sleep(time)));
        waiting.as_mut().poll(context).map(|()| Some(Err(BodyError::TooSlow)))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    /// Brings a part of so many bytes whenever it was asked in vain before.
    struct Dripping(usize, bool);

    impl HttpBody for Dripping {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            self.1 = !self.1;
            if self.1 {
                return Poll::Pending;
            }
            Poll::Ready(Some(Ok(Frame::data(vec![b'x'; self.0].into()))))
        }
    }

    #[tokio::test]
    async fn only_a_whole_step_earns_an_upload_new_time() {
        let hour = Duration::from_secs(3_600);
        let parts = 4;
        let drip = Dripping(limits::UPLOAD_STEP_BYTES / parts, false);
        let mut body = Unstalled::new(drip, hour);
        let mut deadline = None;
        for part in 1..=parts * 2 {
            let poll =
                poll_fn(|context| Poll::Ready(Pin::new(&mut body).poll_frame(context))).await;
            assert!(poll.is_pending());
            let now = body.waiting.as_ref().map(|waiting| waiting.deadline());
            let is_new = part % parts == 1;
            assert_eq!(now != deadline, is_new, "part {part} of {parts} a step");
            deadline = now;
            assert!(body.frame().await.unwrap().is_ok());
        }
        assert!(body.waiting.is_none(), "the next step has not been waited for");
    }
}

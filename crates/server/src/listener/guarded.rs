//! A connection's bytes, with reads noted and stalled writes ended.
//!
//! Owns: the deadline of a client that does not take its answer. Never: buffers.
//! On failure: `TimedOut`, which ends the connection.

use super::activity::Activity;
use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;
use types::limits;

/// Reads and writes of one connection.
pub(crate) struct Guarded<T> {
    inner: T,
    activity: Activity,
    stall_time: Duration,
    /// Bytes taken since a write had to wait.
    taken_bytes: usize,
    /// There from when a write has to wait until a step is taken, or everything: the usual write
    /// costs no timer, and a byte now and then is no progress.
    stalled: Option<Pin<Box<Sleep>>>,
}

impl<T> Guarded<T> {
    pub(crate) const fn new(inner: T, activity: Activity, stall_time: Duration) -> Self {
        Self { inner, activity, stall_time, taken_bytes: 0, stalled: None }
    }

    /// What becomes of a write.
    fn judge_write(
        &mut self,
        context: &mut Context<'_>,
        poll: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if self.stalled.is_none() && poll.is_ready() {
            return poll;
        }
        if let Poll::Ready(Ok(bytes)) = poll {
            self.taken_bytes += bytes;
            if self.taken_bytes < limits::ANSWER_STEP_BYTES {
                return poll;
            }
        }
        self.judge(context, poll)
    }

    /// What becomes of anything that ends a step when it is ready.
    fn judge<R>(
        &mut self,
        context: &mut Context<'_>,
        poll: Poll<io::Result<R>>,
    ) -> Poll<io::Result<R>> {
        if poll.is_ready() {
            self.taken_bytes = 0;
            self.stalled = None;
            return poll;
        }
        let stall_time = self.stall_time;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(tokio::time::sleep(stall_time)));
        stalled.as_mut().poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Guarded<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let poll = Pin::new(&mut this.inner).poll_read(context, buffer);
        if buffer.filled().len() > before {
            this.activity.received();
        }
        poll
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Guarded<T> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let poll = Pin::new(&mut this.inner).poll_write(context, bytes);
        this.judge_write(context, poll)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let poll = Pin::new(&mut this.inner).poll_write_vectored(context, slices);
        this.judge_write(context, poll)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let poll = Pin::new(&mut this.inner).poll_flush(context);
        this.judge(context, poll)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let poll = Pin::new(&mut this.inner).poll_shutdown(context);
        this.judge(context, poll)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;
    use tokio::io::{AsyncReadExt as _, duplex};

    #[tokio::test]
    async fn only_a_whole_step_earns_an_answer_new_time() {
        let step = limits::ANSWER_STEP_BYTES;
        let (near, mut far) = duplex(step);
        let mut guarded = Guarded::new(near, Activity::default(), Duration::from_secs(3_600));
        let answer = vec![b'x'; step * 4];
        let mut write = async || {
            let poll = |context: &mut Context<'_>| {
                let poll = Pin::new(&mut guarded).poll_write(context, &answer);
                Poll::Ready(poll.map(Result::unwrap))
            };
            let poll = poll_fn(poll).await;
            (poll, guarded.stalled.as_ref().map(|stalled| stalled.deadline()))
        };
        assert_eq!(write().await, (Poll::Ready(step), None), "what fits costs no timer");
        let (poll, first) = write().await;
        assert!(poll.is_pending() && first.is_some());
        let mut taken = vec![0; step / 2];
        far.read_exact(&mut taken).await.unwrap();
        assert_eq!(write().await, (Poll::Ready(step / 2), first));
        assert_eq!(write().await, (Poll::Pending, first), "half a step is no progress");
        far.read_exact(&mut taken).await.unwrap();
        assert_eq!(write().await, (Poll::Ready(step / 2), None));
        let (poll, second) = write().await;
        assert!(poll.is_pending() && first < second);
    }
}

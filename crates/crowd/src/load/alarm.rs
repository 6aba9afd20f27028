//! Waiting shorter than a millisecond: what `epoll_wait` cannot do, a timer descriptor can.
//!
//! Owns: the timer. Never: decides how long to wait. Elsewhere than on Linux, waits are rounded to
//! milliseconds, which adds up to one to the latencies of an open loop.

#[cfg(target_os = "linux")]
mod precise {
    use mio::unix::SourceFd;
    use mio::{Interest, Registry, Token};
    use rustix::fd::{AsRawFd, OwnedFd};
    use rustix::time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
        timerfd_settime,
    };
    use std::io;
    use std::time::Duration;

    /// A timer that wakes the poll.
    pub(crate) struct Alarm {
        timer: OwnedFd,
    }

    impl Alarm {
        /// A timer that wakes `registry`'s poll with `token`.
        pub(crate) fn new(registry: &Registry, token: Token) -> io::Result<Self> {
            let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
            let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
            registry.register(&mut SourceFd(&timer.as_raw_fd()), token, Interest::READABLE)?;
            Ok(Self { timer })
        }

        /// Sets the alarm, and returns what the poll is to be given as its timeout.
        pub(crate) fn set(&self, wait: Duration) -> io::Result<Duration> {
            /// The poll's own timeout, should the timer fail us.
            const SPARE: Duration = Duration::from_millis(2);
            if wait.is_zero() {
                return Ok(wait);
            }
            let once = Itimerspec {
                it_interval: Timespec { tv_sec: 0, tv_nsec: 0 },
                it_value: Timespec {
                    tv_sec: wait.as_secs() as i64,
                    tv_nsec: i64::from(wait.subsec_nanos()),
                },
            };
            timerfd_settime(&self.timer, TimerfdTimerFlags::empty(), &once)?;
            Ok(wait + SPARE)
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod precise {
    use mio::{Registry, Token};
    use std::io;
    use std::time::Duration;

    /// No timer: the poll's own timeout.
    pub(crate) struct Alarm;

    impl Alarm {
        /// Nothing to make.
        pub(crate) fn new(_registry: &Registry, _token: Token) -> io::Result<Self> {
            Ok(Self)
        }

        /// The wait itself.
        pub(crate) fn set(&self, wait: Duration) -> io::Result<Duration> {
            Ok(wait)
        }
    }
}

pub(crate) use precise::Alarm;

//! Lines over a pair of pipes, with an upper size and a deadline. Knows nothing of what stands in them.

use std::io::{self, ErrorKind};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll, ppoll};
use serde::{Serialize, de::DeserializeOwned};

#[cfg(test)]
mod tests;

/// No question is longer, and no answer of an account's eyes.
pub(super) const MOST: usize = 1 << 20;

/// The reading end.
#[derive(Debug)]
pub(super) struct Lines<R> {
    from: R,
    rest: Vec<u8>,
    most: usize,
}

impl<R: AsFd> Lines<R> {
    /// Reads lines of at most so many bytes from here.
    pub(super) fn new(from: R, most: usize) -> Self {
        Self { from, rest: Vec::new(), most }
    }

    /// From now on lines of at most so many bytes are read.
    pub(super) fn allow(&mut self, most: usize) {
        self.most = most;
    }

    /// Waits until a line may be taken, until one of `others` can be read, or until this moment; whether a line may be taken.
    pub(super) fn ready(&self, others: &[BorrowedFd<'_>], until: Instant) -> io::Result<bool> {
        if self.rest.contains(&b'\n') {
            return Ok(true);
        }
        let own = std::iter::once(self.from.as_fd());
        let mut all: Vec<_> = own.chain(others.iter().copied()).map(|fd| PollFd::new(fd, PollFlags::POLLIN)).collect();
        match poll(&mut all, left(until)) {
            Ok(_) => Ok(all.first().and_then(PollFd::any) == Some(true)),
            Err(Errno::EINTR) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Waits so long, but only a tenth of it once nobody is left who writes: whoever wrote is about to end, or did.
    pub(super) fn end_comes(&self, time: Duration) {
        let mut fds = [PollFd::new(self.from.as_fd(), PollFlags::empty())];
        if ppoll(&mut fds, Some(time.into()), None).is_ok_and(|ended| ended > 0) {
            std::thread::sleep(time / 10);
        }
    }

    /// The next line without its end; none at the end of the stream. `TimedOut` when `until` comes first.
    pub(super) fn next(&mut self, until: Instant) -> io::Result<Option<Vec<u8>>> {
        self.next_for(None, until)
    }

    /// The same for somebody: `BrokenPipe` when nobody is left at the other end of this pipe.
    pub(super) fn next_for(&mut self, asker: Option<BorrowedFd<'_>>, until: Instant) -> io::Result<Option<Vec<u8>>> {
        let mut seen = 0;
        loop {
            if let Some(end) = self.rest[seen..].iter().position(|byte| *byte == b'\n') {
                let mut line: Vec<u8> = self.rest.drain(..=seen + end).collect();
                line.pop();
                return Ok(Some(line));
            }
            seen = self.rest.len();
            if seen > self.most {
                return Err(ErrorKind::InvalidData.into());
            }
            wait_for(self.from.as_fd(), PollFlags::POLLIN, asker, until)?;
            let mut bytes = [0; 16384];
            match nix::unistd::read(self.from.as_fd(), &mut bytes)? {
                0 => return Ok(None),
                count => self.rest.extend_from_slice(&bytes[..count]),
            }
        }
    }
}

/// Writes one value as one line to a pipe that does not block. `TimedOut` when `until` comes before the reader took it all.
pub(super) fn write(to: impl AsFd, value: &impl Serialize, until: Instant) -> io::Result<()> {
    let mut bytes = serde_json::to_vec(value)?;
    bytes.push(b'\n');
    let mut rest = bytes.as_slice();
    while !rest.is_empty() {
        wait(to.as_fd(), PollFlags::POLLOUT, until)?;
        match nix::unistd::write(to.as_fd(), rest) {
            Ok(count) => rest = &rest[count..],
            Err(Errno::EAGAIN | Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// From now on a writer here is never held: what is not taken at once is not written.
pub(super) fn patient(to: impl AsFd) -> io::Result<()> {
    let flags = OFlag::from_bits_retain(fcntl(to.as_fd(), FcntlArg::F_GETFL)?);
    fcntl(to.as_fd(), FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK))?;
    Ok(())
}

/// Until it can be read or written, or `TimedOut`.
fn wait(on: BorrowedFd<'_>, flags: PollFlags, until: Instant) -> io::Result<()> {
    wait_for(on, flags, None, until)
}

fn wait_for(on: BorrowedFd<'_>, flags: PollFlags, asker: Option<BorrowedFd<'_>>, until: Instant) -> io::Result<()> {
    let mut fds = vec![PollFd::new(on, flags)];
    // That it ended is told unasked.
    fds.extend(asker.map(|asker| PollFd::new(asker, PollFlags::empty())));
    loop {
        match poll(&mut fds, left(until)) {
            Ok(_) if fds.get(1).and_then(PollFd::any) == Some(true) => return Err(ErrorKind::BrokenPipe.into()),
            Ok(0) if until <= Instant::now() => return Err(ErrorKind::TimedOut.into()),
            Ok(0) | Err(Errno::EINTR) => {}
            other => return other.map(drop).map_err(Into::into),
        }
    }
}

/// Waits until nobody is left at the other end of this pipe.
pub(super) fn wait_for_end(of: impl AsFd) {
    while matches!(poll(&mut [PollFd::new(of.as_fd(), PollFlags::empty())], PollTimeout::NONE), Err(Errno::EINTR)) {}
}

/// The time until then, as poll(2) counts it. Never too early.
fn left(until: Instant) -> PollTimeout {
    let left = until.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return PollTimeout::ZERO;
    }
    PollTimeout::try_from(left.as_millis().saturating_add(1)).unwrap_or(PollTimeout::MAX)
}

/// One value from one line.
pub(super) fn read<T: DeserializeOwned>(line: &[u8]) -> Result<T, String> {
    serde_json::from_slice(line).map_err(|error| error.to_string())
}

//! Lines over a pair of pipes, with an upper size and a deadline. Knows nothing of what stands in them.

use std::io::{self, ErrorKind};
use std::os::fd::AsFd;
use std::time::Instant;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use serde::{Serialize, de::DeserializeOwned};

/// No question and no answer is longer.
pub(super) const MOST: usize = 1 << 20;

/// The reading end.
#[derive(Debug)]
pub(super) struct Lines<R> {
    from: R,
    rest: Vec<u8>,
}

impl<R: AsFd> Lines<R> {
    /// Reads from here.
    pub(super) fn new(from: R) -> Self {
        Self { from, rest: Vec::new() }
    }

    /// The next line without its end; none at the end of the stream. `TimedOut` when `until` comes first.
    pub(super) fn next(&mut self, until: Instant) -> io::Result<Option<Vec<u8>>> {
        let mut seen = 0;
        loop {
            if let Some(end) = self.rest[seen..].iter().position(|byte| *byte == b'\n') {
                let mut line: Vec<u8> = self.rest.drain(..=seen + end).collect();
                line.pop();
                return Ok(Some(line));
            }
            seen = self.rest.len();
            if seen > MOST {
                return Err(ErrorKind::InvalidData.into());
            }
            let left = until.saturating_duration_since(Instant::now());
            let wait = PollTimeout::try_from(left.as_millis().saturating_add(1)).unwrap_or(PollTimeout::MAX);
            match poll(&mut [PollFd::new(self.from.as_fd(), PollFlags::POLLIN)], wait) {
                Ok(0) if until <= Instant::now() => return Err(ErrorKind::TimedOut.into()),
                Ok(0) | Err(nix::errno::Errno::EINTR) => continue,
                other => drop(other?),
            }
            let mut bytes = [0; 16384];
            match nix::unistd::read(self.from.as_fd(), &mut bytes)? {
                0 => return Ok(None),
                count => self.rest.extend_from_slice(&bytes[..count]),
            }
        }
    }
}

/// Writes one value as one line.
pub(super) fn write(to: &mut impl io::Write, value: &impl Serialize) -> io::Result<()> {
    let mut bytes = serde_json::to_vec(value)?;
    bytes.push(b'\n');
    to.write_all(&bytes)?;
    to.flush()
}

/// One value from one line.
pub(super) fn read<T: DeserializeOwned>(line: &[u8]) -> Result<T, String> {
    serde_json::from_slice(line).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::time::Duration;

    #[test]
    fn lines_come_whole_and_one_by_one_and_silence_has_an_end() {
        let (from, mut to) = std::io::pipe().unwrap();
        let mut lines = Lines::new(from);
        let soon = || Instant::now() + Duration::from_millis(30);
        to.write_all(b"one\ntwo\nthr").unwrap();
        assert_eq!(lines.next(soon()).unwrap().unwrap(), b"one");
        assert_eq!(lines.next(soon()).unwrap().unwrap(), b"two");
        assert_eq!(lines.next(soon()).unwrap_err().kind(), ErrorKind::TimedOut);
        drop(to);
        assert!(lines.next(soon()).unwrap().is_none());
    }

    #[test]
    fn a_line_without_end_is_refused() {
        let (from, mut to) = std::io::pipe().unwrap();
        let writer = std::thread::spawn(move || to.write_all(&vec![b'x'; MOST + 20000]).is_ok());
        let error = Lines::new(from).next(Instant::now() + Duration::from_secs(5)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidData);
        let _ = writer.join();
    }
}

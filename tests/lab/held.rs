//! Holds whoever opens a file, so that a test can act in the very middle of what somebody does. Needs root.

// A test's support may fail a test.
#![allow(clippy::unwrap_used)]

use std::os::fd::AsFd;
use std::path::Path;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::fanotify::{
    EventFFlags, Fanotify, FanotifyEvent, FanotifyResponse, InitFlags, MarkFlags, MaskFlags, Response,
};

/// A file that nobody opens without being let in.
pub struct Held(Fanotify);

impl Held {
    /// From now on. Whoever is held when this is dropped is let in.
    pub fn file(path: &Path) -> Self {
        let flags = InitFlags::FAN_CLASS_CONTENT | InitFlags::FAN_CLOEXEC | InitFlags::FAN_NONBLOCK;
        let told = Fanotify::init(flags, EventFFlags::O_RDONLY | EventFFlags::O_CLOEXEC).unwrap();
        let here = nix::fcntl::AT_FDCWD;
        told.mark(MarkFlags::FAN_MARK_ADD, MaskFlags::FAN_OPEN_PERM, here, Some(path)).unwrap();
        Self(told)
    }

    /// Those who wait to be let in; the first ends the waiting.
    pub fn who(&self, time: Duration) -> Vec<FanotifyEvent> {
        let mut news = [PollFd::new(self.0.as_fd(), PollFlags::POLLIN)];
        poll(&mut news, PollTimeout::try_from(time).unwrap_or(PollTimeout::MAX)).unwrap();
        self.0.read_events().unwrap_or_default()
    }

    /// Lets somebody in.
    pub fn let_in(&self, who: &FanotifyEvent) {
        self.0.write_response(FanotifyResponse::new(who.fd().unwrap(), Response::FAN_ALLOW)).unwrap();
    }
}

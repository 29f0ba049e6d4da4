//! Waits for a change in a folder, as the kernel tells it. Tests on this host and on machines share it.

// A test's support may fail a test.
#![allow(clippy::panic, clippy::unwrap_used)]

use std::os::fd::AsFd;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};

/// A folder, or a file, that somebody changes or opens.
pub struct Changes(Inotify);

impl Changes {
    /// What is written, made, moved or removed there from now on.
    pub fn of(folder: &Path) -> Self {
        Self::asked(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
    }

    /// The same, of a folder that somebody may move or remove before the kernel has been asked.
    pub fn asked(folder: &Path) -> nix::Result<Self> {
        use AddWatchFlags as When;
        let changes = When::IN_MODIFY | When::IN_CREATE | When::IN_MOVED_TO | When::IN_DELETE | When::IN_MOVED_FROM;
        Self::watch(folder, changes)
    }

    /// What happens there from now on.
    pub fn when(place: &Path, what: AddWatchFlags) -> Self {
        Self::watch(place, what).unwrap_or_else(|error| panic!("{}: {error}", place.display()))
    }

    fn watch(place: &Path, what: AddWatchFlags) -> nix::Result<Self> {
        let told = Inotify::init(InitFlags::IN_NONBLOCK | InitFlags::IN_CLOEXEC)?;
        told.add_watch(place, what)?;
        Ok(Self(told))
    }

    /// How many come within this time; the first ends the waiting.
    pub fn come(&self, time: Duration) -> usize {
        let mut news = [PollFd::new(self.0.as_fd(), PollFlags::POLLIN)];
        poll(&mut news, PollTimeout::try_from(time).unwrap_or(PollTimeout::MAX)).unwrap();
        self.0.read_events().map_or(0, |events| events.len())
    }

    /// Waits until it is so: looks now, and after each change.
    #[track_caller]
    pub fn until(&self, what: &str, time: Duration, mut is: impl FnMut() -> bool) {
        let end = Instant::now() + time;
        while !is() {
            let left = end.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "not within {time:?}: {what}");
            self.come(left);
        }
    }
}

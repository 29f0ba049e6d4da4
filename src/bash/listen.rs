//! A thread that reads bash's terminal while the learner edits a line, so that a background job is heard and never blocks.
//! It reads only between `listen` and `hush`; going from one to the other wakes nobody.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::eventfd::EventFd;

pub(super) struct Listener(Arc<Ear>);

struct Ear {
    master: Arc<File>,
    poll: Epoll,
    over: EventFd,
    listens: Mutex<bool>,
}

const OUTPUT: u64 = 1;
const OVER: u64 = 2;

impl Ear {
    /// Held while the terminal is read, never while something is printed.
    fn lock(&self) -> MutexGuard<'_, bool> {
        self.listens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, listens: bool) -> bool {
        let mut was = self.lock();
        if *was != listens {
            let _ = if listens {
                self.poll.add(self.master.as_fd(), EpollEvent::new(EpollFlags::EPOLLIN, OUTPUT))
            } else {
                self.poll.delete(self.master.as_fd())
            };
        }
        std::mem::replace(&mut was, listens)
    }

    /// What came; none: nothing now. Once the terminal is gone nobody listens any more: the next line sees bash's end.
    fn hear(&self, buffer: &mut [u8]) -> Option<usize> {
        let mut listens = self.lock();
        if !*listens {
            return None;
        }
        match (&*self.master).read(buffer) {
            Ok(count) if count > 0 => Some(count),
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => None,
            _ => {
                let _ = self.poll.delete(self.master.as_fd());
                *listens = false;
                None
            }
        }
    }
}

impl Listener {
    pub(super) fn start(master: Arc<File>, mut print: impl FnMut(&str) + Send + 'static) -> io::Result<Listener> {
        let poll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        let over = EventFd::from_flags(nix::sys::eventfd::EfdFlags::EFD_CLOEXEC)?;
        poll.add(over.as_fd(), EpollEvent::new(EpollFlags::EPOLLIN, OVER))?;
        let ear = Arc::new(Ear { master, poll, over, listens: Mutex::new(false) });
        let ours = Arc::clone(&ear);
        std::thread::Builder::new().name("background".into()).spawn(move || {
            let (mut buffer, mut cut) = (vec![0; 16 * 1024], Vec::new());
            let mut events = [EpollEvent::empty()];
            loop {
                match ours.poll.wait(&mut events, EpollTimeout::NONE) {
                    Ok(1) if events[0].data() == OVER => return,
                    Ok(1) => {}
                    Ok(_) | Err(nix::Error::EINTR) => continue,
                    Err(_) => return,
                }
                if let Some(count) = ours.hear(&mut buffer) {
                    cut.extend_from_slice(&buffer[..count]);
                    print(&whole(&mut cut));
                }
            }
        })?;
        Ok(Listener(ear))
    }

    pub(super) fn listen(&self) {
        self.0.set(true);
    }

    /// Whoever comes back from here is alone at the terminal. Says whether somebody listened.
    pub(super) fn hush(&self) -> bool {
        self.0.set(false)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.hush();
        let _ = self.0.over.write(1);
    }
}

/// The text so far; a character that is cut in two stays for later.
fn whole(bytes: &mut Vec<u8>) -> String {
    let end = match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        _ => bytes.len(),
    };
    let rest = bytes.split_off(end);
    let text = String::from_utf8_lossy(bytes).into_owned();
    *bytes = rest;
    text
}

#[cfg(test)]
mod tests {
    use super::whole;

    #[test]
    fn a_character_cut_in_two_is_printed_once_and_whole() {
        let mut bytes = b"a\xe2\x82".to_vec();
        assert_eq!((whole(&mut bytes).as_str(), bytes.len()), ("a", 2));
        bytes.push(0xac);
        assert_eq!((whole(&mut bytes).as_str(), bytes.len()), ("\u{20ac}", 0));
    }
}

//! Work in a mount namespace of its own, so that nothing stays mounted whatever happens. Never mounts on the host.

use std::path::Path;
use std::thread;

use nix::errno::Errno;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};

use super::Error;

/// Does `work` on a thread with its own mount namespace. Programs it starts live in that namespace too; it ends with the last of them.
pub(crate) fn privately<T: Send>(work: impl FnOnce() -> Result<T, Error> + Send) -> Result<T, Error> {
    let root = Path::new("/");
    thread::scope(|scope| {
        let done = scope.spawn(|| {
            unshare(CloneFlags::CLONE_NEWNS).map_err(|errno| match errno {
                Errno::EPERM => Error::NoNamespaces,
                errno => Error::io("unshare mounts of", root)(errno.into()),
            })?;
            mount(None::<&Path>, root, None::<&Path>, MsFlags::MS_REC | MsFlags::MS_PRIVATE, None::<&Path>)
                .map_err(|errno| Error::io("make private", root)(errno.into()))?;
            work()
        });
        done.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// Refuses to go on where root may not mount anything: in most containers.
pub fn need_namespaces() -> Result<(), Error> {
    privately(|| Ok(()))
}

/// Mounts an overlay of `lower` (topmost first) and `upper` at `at`. Only to be called inside [`privately`].
pub(crate) fn overlay(lower: &[&Path], upper: &Path, work: &Path, at: &Path) -> Result<(), Error> {
    let lower = lower.iter().map(|path| path.to_string_lossy()).collect::<Vec<_>>().join(":");
    let options = format!("lowerdir={lower},upperdir={},workdir={}", upper.display(), work.display());
    mount(Some("overlay"), at, Some("overlay"), MsFlags::empty(), Some(options.as_str()))
        .map_err(|errno| Error::io("mount an overlay at", at)(errno.into()))
}

/// Shows the directory `from` at `to` as well. Only to be called inside [`privately`].
pub(crate) fn bind(from: &Path, to: &Path) -> Result<(), Error> {
    mount(Some(from), to, None::<&Path>, MsFlags::MS_BIND, None::<&Path>)
        .map_err(|errno| Error::io("bind", to)(errno.into()))
}

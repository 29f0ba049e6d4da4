//! What the observer's processes give up, and that there is no way back. Asks nothing and answers nothing.

use std::io::Read;

use nix::sys::prctl;
use nix::sys::signal::Signal;
use nix::sys::stat::{Mode, umask};
use nix::unistd::{
    ForkResult, Gid, Uid, User, fork, getgrouplist, getresgid, getresuid, setgroups, setresgid, setresuid, setsid,
    setuid,
};

/// Nothing inherited but the three streams; nothing to be read out of it; it ends with its parent.
pub(super) fn become_small() -> Result<(), String> {
    let told = |error: nix::Error| error.to_string();
    let names: Vec<_> = std::env::vars_os().map(|(name, _)| name).collect();
    for name in names {
        // SAFETY: this process has one thread, so nobody reads the environment meanwhile.
        unsafe { std::env::remove_var(name) };
    }
    // SAFETY: no value of this process owns a descriptor above the three streams yet. An old kernel without the call leaves
    // them; Rust and sudo close theirs on exec.
    unsafe { nix::libc::close_range(3, nix::libc::c_uint::MAX, 0) };
    std::env::set_current_dir("/").map_err(|error| error.to_string())?;
    umask(Mode::from_bits_truncate(0o077));
    prctl::set_no_new_privs().map_err(told)?;
    // Last: a change of account before this would have undone it.
    stay_small().map_err(told)
}

/// What each change of account undoes: nothing is to be read out of this process, and it ends with its parent.
pub(super) fn stay_small() -> nix::Result<()> {
    prctl::set_dumpable(false)?;
    prctl::set_pdeathsig(Signal::SIGKILL)
}

/// Goes on as a process of its own, so that sudo, which waits for the one that it started, may go. What ends it is the end of its
/// input, as before.
pub(super) fn alone() -> std::io::Result<()> {
    let (mut gone, held) = std::io::pipe()?;
    // SAFETY: this process has one thread, and so has its copy, which goes on where this one stands.
    match unsafe { fork() }? {
        // SAFETY: ends at once, as after an exec: nothing that the copy has too is tidied up here.
        ForkResult::Parent { .. } => unsafe { nix::libc::_exit(0) },
        ForkResult::Child => {
            drop(held);
            // A promise to end with the parent, given before it is gone, would end us too.
            gone.read_to_end(&mut Vec::new())?;
            setsid()?;
            Ok(())
        }
    }
}

/// For good: groups, group, user, and proof that there is no way back. No PAM, so no session and nothing started.
pub(super) fn become_account(name: &str) -> Result<(), String> {
    let told = |error: nix::Error| format!("{name}: {error}");
    let user = User::from_name(name).map_err(told)?.ok_or_else(|| format!("there is no account {name}"))?;
    if user.uid.is_root() || user.gid == Gid::from_raw(0) {
        return Err(format!("{name} is root"));
    }
    let in_c = std::ffi::CString::new(name).map_err(|error| error.to_string())?;
    setgroups(&getgrouplist(&in_c, user.gid).map_err(told)?).map_err(told)?;
    setresgid(user.gid, user.gid, user.gid).map_err(told)?;
    setresuid(user.uid, user.uid, user.uid).map_err(told)?;
    let (uids, gids) = (getresuid().map_err(told)?, getresgid().map_err(told)?);
    let all_users = [uids.real, uids.effective, uids.saved].iter().all(|uid| *uid == user.uid);
    let all_groups = [gids.real, gids.effective, gids.saved].iter().all(|gid| *gid == user.gid);
    if !all_users || !all_groups || setuid(Uid::from_raw(0)).is_ok() {
        return Err(format!("{name}: the way back to root is open"));
    }
    Ok(())
}

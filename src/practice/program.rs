//! Shows this very program inside a machine, with a C library of its own where the machine's is older. Never writes into the machine's tree.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use super::machines::unlike;
use super::tree::Tree;
use super::{Error, Machine};

/// Where the program's directory is shown inside.
pub(crate) use crate::host::CARRIED as INSIDE;

/// The program's place inside, on everybody's PATH.
const COMMAND: &str = "usr/local/bin/rootless-lab";

/// Puts the program on the machine's PATH.
pub(crate) fn link(tree: &Tree<'_>) -> Result<(), Error> {
    tree.directory(INSIDE.trim_start_matches('/'), 0o755)?;
    tree.link("../lib/rootless-lab/rootless-lab", COMMAND)
}

/// Brings the machine's copy up to date: also while it runs, each file by one rename.
pub(crate) fn refresh(machine: &Machine) -> Result<(), Error> {
    let (program, place) = (machine.program(), machine.place("program"));
    // Everybody inside runs it, whatever the umask of whoever made the machine.
    fs::set_permissions(&place, fs::Permissions::from_mode(0o755)).map_err(Error::io("open up", &place))?;
    let version = stamp(program)?;
    let mark = place.join("version");
    if fs::read_to_string(&mark).is_ok_and(|old| old == version) {
        return Ok(());
    }
    let bytes = fs::read(program).map_err(Error::io("read", program))?;
    let theirs = ["usr/lib", "lib64", "lib", "usr/lib64"].iter().find_map(|lib| libc_of(&machine.base().join(lib)));
    let theirs = theirs.and_then(|libc| fs::read(libc).ok()).and_then(|bytes| newest_glibc(&bytes));
    if theirs >= newest_glibc(&bytes) {
        put(&place, "rootless-lab", &bytes)?;
    } else {
        for (name, from) in libraries(program)? {
            put(&place, &name, &fs::read(&from).map_err(Error::io("read", &from))?)?;
        }
        put(&place, "program", &bytes)?;
        let wrapper = format!(
            "#!/bin/sh\n# This machine's C library is older than the program's: it brings its own.\n\
             exec {INSIDE}/loader.so --library-path {INSIDE} --argv0 \"$0\" {INSIDE}/program \"$@\"\n"
        );
        put(&place, "rootless-lab", wrapper.as_bytes())?;
    }
    put(&place, "version", version.as_bytes())
}

/// What changes when the program does.
fn stamp(program: &Path) -> Result<String, Error> {
    let meta = fs::metadata(program).map_err(Error::io("read", program))?;
    let changed = meta.modified().ok().and_then(|at| at.duration_since(SystemTime::UNIX_EPOCH).ok());
    Ok(format!("{} {} {}", meta.ino(), meta.len(), changed.unwrap_or(Duration::ZERO).as_nanos()))
}

fn put(place: &Path, name: &str, bytes: &[u8]) -> Result<(), Error> {
    let aside = place.join(format!(".{name}-{}", unlike()));
    fs::write(&aside, bytes).map_err(Error::io("write", &aside))?;
    fs::set_permissions(&aside, fs::Permissions::from_mode(0o755)).map_err(Error::io("open up", &aside))?;
    fs::rename(&aside, place.join(name)).map_err(Error::io("rename", &aside))
}

/// The C library in this directory or in one for a processor below it.
fn libc_of(lib: &Path) -> Option<PathBuf> {
    let direct = lib.join("libc.so.6");
    if direct.is_file() {
        return Some(direct);
    }
    fs::read_dir(lib).ok()?.flatten().map(|entry| entry.path().join("libc.so.6")).find(|path| path.is_file())
}

/// The newest `GLIBC_2.x` that a program asks for or a library offers, as x.
fn newest_glibc(bytes: &[u8]) -> Option<u32> {
    let mark = b"GLIBC_2.";
    let number = |at: usize| {
        let digits = bytes[at..].iter().take(3).take_while(|byte| byte.is_ascii_digit());
        digits.fold(None, |sum: Option<u32>, digit| Some(sum.unwrap_or(0) * 10 + u32::from(digit - b'0')))
    };
    bytes
        .windows(mark.len())
        .enumerate()
        .filter(|(_, here)| here == mark)
        .filter_map(|(at, _)| number(at + mark.len()))
        .max()
}

/// The loader and the libraries this program runs with on the host: the name they get, and where they are.
fn libraries(program: &Path) -> Result<Vec<(String, PathBuf)>, Error> {
    let failed = |said: String| Error::Program { program: "ldd".into(), said };
    let output = Command::new("ldd").arg(program).output().map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        return Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    Ok(listed(&String::from_utf8_lossy(&output.stdout)))
}

/// What `ldd` lists: `name => path (address)`, and the loader as a bare path.
fn listed(text: &str) -> Vec<(String, PathBuf)> {
    let line = |line: &str| {
        let (before, _) = line.trim().rsplit_once(" (")?;
        match before.split_once(" => ") {
            Some((name, path)) => Some((name.to_owned(), PathBuf::from(path))),
            None if before.starts_with('/') => Some(("loader.so".to_owned(), PathBuf::from(before))),
            None => None,
        }
    };
    text.lines().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_c_library_a_program_asks_for_is_found() {
        assert_eq!(newest_glibc(b"\0GLIBC_2.4\0GLIBC_2.34\0GLIBC_2.17\0GLIBC_PRIVATE\0"), Some(34));
        assert_eq!(newest_glibc(b"static"), None);
    }

    #[test]
    fn libraries_and_the_loader_are_read_from_ldd() {
        let text = "\tlinux-vdso.so.1 (0x1)\n\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x2)\n\t/lib64/ld-linux-x86-64.so.2 (0x3)\n";
        let wanted = [("libc.so.6", "/lib/x86_64-linux-gnu/libc.so.6"), ("loader.so", "/lib64/ld-linux-x86-64.so.2")];
        assert_eq!(listed(text), wanted.map(|(name, path)| (name.to_owned(), PathBuf::from(path))));
    }
}

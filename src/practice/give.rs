//! Hands a folder of the host to a machine: its plain files, through a pipe, unpacked inside by the machine's own tar. Never writes
//! into the machine's tree from outside, where a link planted inside would lead out.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::process::Stdio;

use super::{Error, Machine, boot};

/// A lesson with its check programs is small.
const MOST: u64 = 16 << 20;
/// No folder of it lies deeper.
const DEEPEST: usize = 8;

impl Machine {
    /// Puts the plain files of `folder` and of the folders below it into `place` inside, in place of what was there. Links, and what
    /// git keeps, are left out.
    pub fn give(&self, folder: &Path, place: &str) -> Result<(), Error> {
        super::need_root()?;
        let Some(leader) = self.leader() else { return Err(Error::NotRunning(self.name().to_owned())) };
        let packed = pack(folder)?;
        let unpack = format!(
            "rm -rf {0} && umask 022 && mkdir -p {0} && tar -x -C {0} --no-same-owner",
            super::enter::quote(place)
        );
        let failed = |said: String| Error::Program { program: "tar".into(), said };
        let mut command = boot::root_command(leader, &["/bin/sh", "-c", &unpack]);
        let child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
        let mut child = child.map_err(|error| failed(error.to_string()))?;
        if let Some(mut input) = child.stdin.take() {
            // An end that is gone says why in its own words below.
            let _ = input.write_all(&packed);
        }
        let done = child.wait_with_output().map_err(|error| failed(error.to_string()))?;
        if done.status.success() {
            return Ok(());
        }
        Err(failed(String::from_utf8_lossy(&done.stderr).trim().to_owned()))
    }
}

/// Everything of the folder, readable by every account: check programs run as the learner's.
fn pack(folder: &Path) -> Result<Vec<u8>, Error> {
    let (mut left, mut archive) = (MOST, tar::Builder::new(Vec::new()));
    let open = File::open(folder).map_err(Error::io("read", folder))?;
    pack_below(folder, &open, Path::new(""), &mut left, &mut archive)?;
    archive.into_inner().map_err(Error::io("read", folder))
}

fn pack_below(
    folder: &Path,
    open: &File,
    below: &Path,
    left: &mut u64,
    archive: &mut tar::Builder<Vec<u8>>,
) -> Result<(), Error> {
    let io = |error| Error::io("read", &folder.join(below))(error);
    let refused = |why: String| Error::BadTree { path: folder.to_owned(), why };
    if below.components().count() > DEEPEST {
        return Err(refused(format!("its folders are more than {DEEPEST} deep")));
    }
    // The folder that was opened, whatever stands at its place meanwhile.
    for entry in fs::read_dir(format!("/proc/self/fd/{}", open.as_raw_fd())).map_err(io)? {
        let entry = entry.map_err(io)?;
        let meta = entry.metadata().map_err(io)?;
        let name = below.join(entry.file_name());
        if meta.is_dir() && name != Path::new(".git") {
            let open = no_link(&entry.path(), nix::libc::O_DIRECTORY).map_err(io)?;
            pack_below(folder, &open, &name, left, archive)?;
        }
        if !meta.is_file() {
            continue;
        }
        // An empty file costs a header too.
        let size = meta.len().max(512);
        *left =
            left.checked_sub(size).ok_or_else(|| refused(format!("its files are larger than {} MiB", MOST >> 20)))?;
        let mut header = tar::Header::new_gnu();
        header.set_mode(if meta.permissions().mode() & 0o100 == 0 { 0o644 } else { 0o755 });
        // A pipe in its place keeps nobody waiting, and what has grown is read as far as it was counted.
        let file = no_link(&entry.path(), nix::libc::O_NONBLOCK).map_err(io)?;
        let mut bytes = Vec::new();
        file.take(size).read_to_end(&mut bytes).map_err(io)?;
        header.set_size(bytes.len() as u64);
        archive.append_data(&mut header, &name, bytes.as_slice()).map_err(io)?;
    }
    Ok(())
}

/// What has become a link meanwhile is not followed.
fn no_link(path: &Path, flags: i32) -> std::io::Result<File> {
    fs::OpenOptions::new().read(true).custom_flags(nix::libc::O_NOFOLLOW | flags).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_plain_files_are_packed_for_every_account_to_read_links_are_left_out_and_too_much_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("lesson.yaml"), "format: 1\n").unwrap();
        for below in ["programs", ".git"] {
            fs::create_dir(folder.path().join(below)).unwrap();
            fs::write(folder.path().join(below).join("look"), "#!/bin/sh\n").unwrap();
            fs::set_permissions(folder.path().join(below).join("look"), fs::Permissions::from_mode(0o700)).unwrap();
        }
        std::os::unix::fs::symlink("/etc/shadow", folder.path().join("link")).unwrap();
        let packed = pack(folder.path()).unwrap();
        let mut archive = tar::Archive::new(packed.as_slice());
        let entries = archive.entries().unwrap().map(|entry| entry.unwrap());
        let mut found: Vec<_> = entries.map(|e| (e.path().unwrap().into_owned(), e.header().mode().unwrap())).collect();
        found.sort();
        assert_eq!(found, [("lesson.yaml".into(), 0o644), ("programs/look".into(), 0o755)]);
        fs::create_dir_all(folder.path().join("a/".repeat(DEEPEST + 1))).unwrap();
        assert!(matches!(pack(folder.path()), Err(Error::BadTree { .. })));
        fs::remove_dir_all(folder.path().join("a")).unwrap();
        File::create(folder.path().join("big")).unwrap().set_len(MOST + 1).unwrap();
        assert!(matches!(pack(folder.path()), Err(Error::BadTree { .. })));
    }

    #[test]
    fn a_link_that_stands_where_a_folder_or_a_file_was_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        for (target, flags) in [("/etc", nix::libc::O_DIRECTORY), ("/etc/passwd", nix::libc::O_NONBLOCK)] {
            std::os::unix::fs::symlink(target, &link).unwrap();
            assert!(no_link(&link, flags).is_err(), "{target}");
            assert!(no_link(Path::new(target), flags).is_ok(), "{target}");
            fs::remove_file(&link).unwrap();
        }
    }
}

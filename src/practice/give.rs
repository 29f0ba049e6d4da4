//! Hands a folder of the host to a machine: its plain files, through a pipe, unpacked inside by the machine's own tar. Never writes
//! into the machine's tree from outside, where a link planted inside would lead out.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use super::{Error, Machine, boot};

/// A lesson with its check programs is small.
const MOST: u64 = 16 << 20;

impl Machine {
    /// Puts the plain files of `folder` (not of folders below it) into `place` inside, in place of what was there. Links are left out.
    pub fn give(&self, folder: &Path, place: &str) -> Result<(), Error> {
        super::need_root()?;
        let Some(leader) = self.leader() else { return Err(Error::NotRunning(self.name().to_owned())) };
        let packed = pack(folder)?;
        let unpack = format!("rm -rf {0} && mkdir -p {0} && tar -x -C {0} --no-same-owner", super::enter::quote(place));
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

fn pack(folder: &Path) -> Result<Vec<u8>, Error> {
    let io = |error| Error::io("read", folder)(error);
    let mut archive = tar::Builder::new(Vec::new());
    let mut left = MOST;
    for entry in fs::read_dir(folder).map_err(io)? {
        let entry = entry.map_err(io)?;
        let meta = entry.metadata().map_err(io)?;
        if !meta.is_file() {
            continue;
        }
        left = left.checked_sub(meta.len()).ok_or_else(|| Error::BadTree {
            path: folder.to_owned(),
            why: format!("its files are larger than {} MiB", MOST >> 20),
        })?;
        archive.append_path_with_name(entry.path(), entry.file_name()).map_err(io)?;
    }
    archive.into_inner().map_err(io)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_folders_are_left_out_and_too_much_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("lesson.yaml"), "format: 1\n").unwrap();
        fs::create_dir(folder.path().join("below")).unwrap();
        std::os::unix::fs::symlink("/etc/shadow", folder.path().join("link")).unwrap();
        let packed = pack(folder.path()).unwrap();
        let mut archive = tar::Archive::new(packed.as_slice());
        let names: Vec<_> = archive.entries().unwrap().map(|e| e.unwrap().path().unwrap().into_owned()).collect();
        assert_eq!(names, [Path::new("lesson.yaml")]);
        fs::File::create(folder.path().join("big")).unwrap().set_len(MOST + 1).unwrap();
        assert!(matches!(pack(folder.path()), Err(Error::BadTree { .. })));
    }
}

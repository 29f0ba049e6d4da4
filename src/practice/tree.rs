//! The files of a machine's tree while it is planted, and the programs that run on them. Never follows a link out of the tree to write.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use super::Error;

/// A machine's tree while it is planted. Paths are relative to its root; a link on the way never leads out of it,
/// because only `etc`, which is checked, and places we made are written to.
pub(crate) struct Tree<'a> {
    /// Where it is mounted.
    pub(crate) root: &'a Path,
}

impl Tree<'_> {
    pub(crate) fn read(&self, path: &str) -> Result<Option<String>, Error> {
        let path = self.root.join(path);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
            Err(gone) if gone.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::io("read", &path)(error)),
        }
    }

    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>, mode: u32) -> Result<(), Error> {
        if let Some((directory, _)) = path.rsplit_once('/') {
            self.directory(directory, 0o755)?;
        }
        // a link in the tree may point anywhere on the host: it is replaced, never followed
        self.remove(path)?;
        let path = self.root.join(path);
        fs::write(&path, text).map_err(Error::io("write", &path))?;
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).map_err(Error::io("set the mode of", &path))
    }

    /// Makes a directory with those above it, which get mode 755; one that is there is left as it is.
    pub(crate) fn directory(&self, path: &str, mode: u32) -> Result<(), Error> {
        let mut at = self.root.to_owned();
        let parts: Vec<&str> = path.split('/').collect();
        for (number, part) in parts.iter().enumerate() {
            at.push(part);
            match at.symlink_metadata() {
                Ok(meta) if meta.is_dir() => continue,
                Ok(_) => {
                    let why = format!("/{path} is not a directory");
                    return Err(Error::BadTree { path: self.root.to_owned(), why });
                }
                Err(_) => fs::create_dir(&at).map_err(Error::io("make", &at))?,
            }
            let mode = if number + 1 == parts.len() { mode } else { 0o755 };
            fs::set_permissions(&at, fs::Permissions::from_mode(mode)).map_err(Error::io("set the mode of", &at))?;
        }
        Ok(())
    }

    pub(crate) fn link(&self, to: &str, path: &str) -> Result<(), Error> {
        if let Some((directory, _)) = path.rsplit_once('/') {
            self.directory(directory, 0o755)?;
        }
        self.remove(path)?;
        let path = self.root.join(path);
        std::os::unix::fs::symlink(to, &path).map_err(Error::io("link", &path))
    }

    pub(crate) fn remove(&self, path: &str) -> Result<(), Error> {
        let path = self.root.join(path);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::io("remove", &path)(error)),
            _ => Ok(()),
        }
    }

    pub(crate) fn list(&self, path: &str) -> Result<Vec<String>, Error> {
        let path = self.root.join(path);
        let entries = fs::read_dir(&path).map_err(Error::io("read", &path))?;
        Ok(entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect())
    }

    /// A program of the tree itself, run in it.
    pub(crate) fn chroot(&self, command: &[&str]) -> Command {
        let mut inside = Command::new("chroot");
        inside.arg(self.root).args(command).env_clear();
        inside.env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin").env("LANG", "C.UTF-8");
        inside
    }
}

/// Runs a program to its end; what it said is the error.
pub(crate) fn run(mut command: impl std::borrow::BorrowMut<Command>) -> Result<(), Error> {
    let command = command.borrow_mut();
    let output = command.stdin(Stdio::null()).output();
    said(command, output)
}

/// Runs a program that reads this text.
pub(crate) fn feed(mut command: Command, text: &str) -> Result<(), Error> {
    let refused = |error: std::io::Error| Error::Program { program: "chpasswd".into(), said: error.to_string() };
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(refused)?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(text.as_bytes()).map_err(refused)?;
    }
    said(&command, child.wait_with_output())
}

fn said(command: &Command, output: std::io::Result<std::process::Output>) -> Result<(), Error> {
    let mut words = std::iter::once(command.get_program()).chain(command.get_args()).map(|word| word.to_string_lossy());
    let program = match words.next().as_deref() {
        Some("chroot") => words.nth(1).unwrap_or_default().into_owned(),
        other => other.unwrap_or_default().to_owned(),
    };
    match output {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stderr).into_owned();
            if text.contains("No space left on device") {
                return Err(Error::DiskFull(command.get_args().last().map(Into::into).unwrap_or_default()));
            }
            Err(Error::Program { program, said: text.lines().last().unwrap_or("failed without a word").to_owned() })
        }
        Err(error) => Err(Error::Program { program, said: error.to_string() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_of_the_tree_never_leads_a_write_out_of_it() {
        let (tree, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let victim = outside.path().join("victim");
        fs::write(&victim, "untouched").unwrap();
        fs::create_dir(tree.path().join("etc")).unwrap();
        std::os::unix::fs::symlink(&victim, tree.path().join("etc/hosts")).unwrap();
        std::os::unix::fs::symlink(outside.path(), tree.path().join("etc/ssh")).unwrap();
        let inside = Tree { root: tree.path() };
        inside.write("etc/hosts", "127.0.0.1 localhost\n", 0o644).unwrap();
        assert!(inside.write("etc/ssh/sshd_config", "x", 0o600).is_err());
        assert_eq!(fs::read_to_string(&victim).unwrap(), "untouched");
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1);
    }
}

//! The files of a machine's tree while it is planted, and the programs that run on them. Never follows a link out of the tree.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::errno::Errno;
use nix::fcntl::{OFlag, OpenHow, ResolveFlag, openat2};

use super::Error;
use super::groups::Groups;

/// A machine's tree while it is planted. Paths are relative to its root; a link on the way never leads out of it,
/// because only `etc`, which is checked, and places we made are written to.
pub(crate) struct Tree<'a> {
    /// Where it is mounted.
    pub(crate) root: &'a Path,
    /// Where its programs run.
    pub(crate) groups: &'a Groups,
}

impl Tree<'_> {
    /// What stands in a file of the tree; none where there is none.
    pub(crate) fn read(&self, path: &str) -> Result<Option<String>, Error> {
        Ok(self.bytes(path)?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// The same as bytes. Links lead to where they would inside: `/etc/shadow` is the tree's own. Only a regular file is read.
    pub(crate) fn bytes(&self, path: &str) -> Result<Option<Vec<u8>>, Error> {
        let shown = self.root.join(path);
        let root = fs::File::open(self.root).map_err(Error::io("open", self.root))?;
        let how = OpenHow::new()
            .flags(OFlag::O_RDONLY | OFlag::O_NONBLOCK | OFlag::O_NOCTTY | OFlag::O_CLOEXEC)
            .resolve(ResolveFlag::RESOLVE_IN_ROOT | ResolveFlag::RESOLVE_NO_MAGICLINKS);
        let file = match openat2(&root, path, how) {
            Ok(file) => fs::File::from(file),
            Err(Errno::ENOENT | Errno::ENOTDIR) => return Ok(None),
            Err(errno) => return Err(Error::io("read", &shown)(errno.into())),
        };
        if !file.metadata().map_err(Error::io("read", &shown))?.is_file() {
            let why = format!("/{path} is not a file");
            return Err(Error::BadTree { path: self.root.to_owned(), why });
        }
        let mut bytes = Vec::new();
        (&file).read_to_end(&mut bytes).map_err(Error::io("read", &shown))?;
        Ok(Some(bytes))
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

    /// A program of the tree itself, run as root in it and nowhere else: it sees no process, device, file or network of the host.
    pub(crate) fn inside(&self, command: &[&str]) -> Command {
        let mut inside = self.groups.command();
        inside.args([
            "systemd-nspawn",
            "--quiet",
            "--register=no",
            "--keep-unit",
            "--settings=no",
            "--as-pid2",
            "--console=pipe",
        ]);
        inside.args(["--private-network", "--resolv-conf=off", "--timezone=off", "--link-journal=no"]);
        inside.arg("--setenv=LANG=C.UTF-8").arg("--directory").arg(self.root);
        // the tree stands in its machine's own folder
        if let Some(name) = self.root.parent().and_then(Path::file_stem) {
            inside.arg("--machine").arg(name);
        }
        inside.arg("--").args(command).env_clear();
        inside.env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        inside.env("SYSTEMD_NSPAWN_UNIFIED_HIERARCHY", "1");
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
    let first = words.next().unwrap_or_default().into_owned();
    // the tree's own program stands behind nspawn's options
    let mut nspawn = words.skip_while(|word| word != "systemd-nspawn").skip_while(|word| word != "--");
    let program = nspawn.nth(1).map_or(first, std::borrow::Cow::into_owned);
    match output {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stderr).into_owned();
            if text.contains("No space left on device") {
                return Err(Error::DiskFull(command.get_args().last().map(Into::into).unwrap_or_default()));
            }
            Err(Error::Program { program, said: last_word(&text).to_owned() })
        }
        Err(error) => Err(Error::Program { program, said: error.to_string() }),
    }
}

/// nspawn complains after its program where `/run` is on a disk, and goes on.
fn last_word(text: &str) -> &str {
    text.lines().rfind(|line| !line.starts_with("Attempted to remove")).unwrap_or("failed without a word")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_link_of_the_tree_never_leads_a_write_out_of_it() {
        let (tree, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let victim = outside.path().join("victim");
        fs::write(&victim, "untouched").unwrap();
        fs::create_dir(tree.path().join("etc")).unwrap();
        std::os::unix::fs::symlink(&victim, tree.path().join("etc/hosts")).unwrap();
        std::os::unix::fs::symlink(outside.path(), tree.path().join("etc/ssh")).unwrap();
        let inside = Tree { root: tree.path(), groups: &Groups::of("none", tree.path()) };
        inside.write("etc/hosts", "127.0.0.1 localhost\n", 0o644).unwrap();
        assert!(inside.write("etc/ssh/sshd_config", "x", 0o600).is_err());
        assert_eq!(fs::read_to_string(&victim).unwrap(), "untouched");
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_link_in_a_tree_leads_to_the_tree_s_own_file_and_nothing_odd_is_read() {
        let place = tempfile::tempdir().unwrap();
        let (root, outside) = (place.path().join("tree"), place.path().join("secret"));
        fs::create_dir_all(root.join("etc")).unwrap();
        fs::write(&outside, "the host's").unwrap();
        for (name, target) in
            [("absolute", outside.as_path()), ("up", Path::new("../../secret")), ("other", Path::new("/etc/shadow"))]
        {
            symlink(target, root.join("etc").join(name)).unwrap();
        }
        symlink(place.path(), root.join("opt")).unwrap();
        let tree = Tree { root: &root, groups: &Groups::of("none", &root) };
        for path in ["etc/absolute", "etc/up", "etc/other", "opt/secret", "../secret", "none/x"] {
            assert_eq!(tree.read(path).unwrap(), None, "{path}");
        }
        fs::write(root.join("etc/login.defs"), "UMASK 022\n").unwrap();
        symlink("/etc/login.defs", root.join("etc/link")).unwrap();
        assert_eq!(tree.read("etc/link").unwrap().as_deref(), Some("UMASK 022\n"));
        nix::unistd::mkfifo(&root.join("etc/pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
        assert!(tree.read("etc/pipe").is_err() && tree.read("etc").is_err());
    }
}

//! Builds the read-only base trees. A tree is built aside and renamed into place when it is whole; nothing half-built is ever used.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::private::privately;
use super::{Error, From, Progress, Release, lock};

/// The tree of this recipe below `bases`, built when it is not there.
pub(crate) fn base(
    bases: &Path,
    cache: &Path,
    from: &From,
    tell: &mut (dyn FnMut(Progress) + Send),
) -> Result<PathBuf, Error> {
    let tree = bases.join(from.base_name());
    if tree.is_dir() {
        return Ok(tree);
    }
    fs::create_dir_all(bases).map_err(Error::io("make", bases))?;
    let lock_path = bases.join(format!("{}.lock", from.base_name()));
    let Some(_held) = lock::take(&lock_path)? else { return Err(Error::Busy(from.to_string())) };
    if tree.is_dir() {
        return Ok(tree);
    }
    remove_leftovers(bases, &from.base_name())?;
    let partial = bases.join(format!("{}.partial-{}", from.base_name(), std::process::id()));
    let built = match from {
        From::Release(release) => bootstrap(*release, &partial, &cache.join(release.name()), tell),
        From::Tree(path) => copy(path, &partial, tell),
    };
    let checked = built.and_then(|()| match (check(&partial), from) {
        // The copy is nobody's business: the tree has the name that its owner knows.
        (Err(Error::BadTree { why, .. }), From::Tree(path)) => Err(Error::BadTree { path: path.clone(), why }),
        (checked, _) => checked,
    });
    let placed = checked.and_then(|()| fs::rename(&partial, &tree).map_err(Error::io("rename", &partial)));
    if placed.is_err() && partial.exists() {
        fs::remove_dir_all(&partial).map_err(Error::io("remove", &partial))?;
    }
    placed.map(|()| tree)
}

/// What killed builds of this base left behind. The caller holds the lock, so none of it is in use.
fn remove_leftovers(bases: &Path, name: &str) -> Result<(), Error> {
    for entry in fs::read_dir(bases).map_err(Error::io("read", bases))?.flatten() {
        if entry.file_name().to_string_lossy().starts_with(&format!("{name}.partial-")) {
            fs::remove_dir_all(entry.path()).map_err(Error::io("remove", &entry.path()))?;
        }
    }
    Ok(())
}

/// Refuses a tree that cannot boot.
fn check(tree: &Path) -> Result<(), Error> {
    let why = |why: &str| Err(Error::BadTree { path: tree.to_owned(), why: why.to_owned() });
    if !["usr/lib/systemd/systemd", "lib/systemd/systemd"].iter().any(|path| tree.join(path).is_file()) {
        return why("it has no systemd");
    }
    if !["usr/sbin/useradd", "sbin/useradd", "usr/bin/useradd"].iter().any(|path| tree.join(path).is_file()) {
        return why("it has no useradd");
    }
    Ok(())
}

/// Builds a Debian tree with mmdebstrap. The archive of packages is kept outside the tree, so that the next build fetches nothing.
fn bootstrap(
    release: Release,
    tree: &Path,
    cache: &Path,
    tell: &mut (dyn FnMut(Progress) + Send),
) -> Result<(), Error> {
    fs::create_dir_all(cache).map_err(Error::io("make", cache))?;
    let fill = format!(
        "d=$1/var/cache/apt/archives; mkdir -p \"$d\"; for f in {0}/*.deb; do [ ! -e \"$f\" ] || ln \"$f\" \"$d\" || cp \"$f\" \"$d\"; done",
        quoted(cache)
    );
    let keep = format!(
        "for f in \"$1\"/var/cache/apt/archives/*.deb; do [ ! -e \"$f\" ] || ln -f \"$f\" {0} || cp \"$f\" {0}; done",
        quoted(cache)
    );
    let mut command = dying_with_us("mmdebstrap");
    command
        .args(["--variant=minbase", "--mode=root", "--format=directory", "--dpkgopt=force-unsafe-io"])
        // keep the fetched packages until our hook has put them aside, also when the build fails later
        .args(["--skip=download/empty", "--skip=essential/unlink"])
        .arg(format!("--include={}", release.packages().join(",")))
        .arg(format!("--setup-hook={fill}"))
        .arg(format!("--essential-hook={keep}"))
        .arg(format!("--customize-hook={keep}"))
        .args(release.apt_options().iter().map(|option| format!("--aptopt={option}")))
        .arg(release.name())
        .arg(tree)
        .env("LC_ALL", "C.UTF-8")
        .env("TMPDIR", tree.parent().unwrap_or(tree))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    privately(|| {
        let mut child = command.spawn().map_err(|error| not_run("mmdebstrap", &error))?;
        let mut said = Vec::new();
        for line in child.stderr.take().map(BufReader::new).into_iter().flat_map(BufRead::lines).map_while(Result::ok) {
            if let Some(progress) = stage(&line) {
                tell(progress);
            }
            said.push(line);
        }
        let status = child.wait().map_err(|error| not_run("mmdebstrap", &error))?;
        if status.success() { Ok(()) } else { Err(failure(&release.to_string(), tree, &said)) }
    })
}

/// Copies a tree of the user's own.
fn copy(from: &Path, tree: &Path, tell: &mut (dyn FnMut(Progress) + Send)) -> Result<(), Error> {
    tell(Progress { percent: 10, doing: format!("copying {}", from.display()) });
    fs::create_dir(tree).map_err(Error::io("make", tree))?;
    let mut command = if from.is_dir() {
        let mut command = dying_with_us("cp");
        command.args(["-a", "--"]).arg(from.join(".")).arg(tree);
        command
    } else {
        let mut command = dying_with_us("tar");
        command
            .args(["--extract", "--numeric-owner", "--xattrs", "--xattrs-include=*", "--acls", "-p", "--file"])
            .arg(from);
        command.arg("--directory").arg(tree);
        command
    };
    command.env("LC_ALL", "C.UTF-8").stdin(Stdio::null());
    privately(|| {
        let output = command.output().map_err(|error| not_run("cp", &error))?;
        let said: Vec<String> = String::from_utf8_lossy(&output.stderr).lines().map(str::to_owned).collect();
        if output.status.success() { Ok(()) } else { Err(failure(&from.display().to_string(), tree, &said)) }
    })
}

/// A program that ends, with all it started, when we end: it is the first process of a process namespace of its own.
fn dying_with_us(program: &str) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "unshare", "--fork", "--pid", "--mount-proc", "--kill-child=KILL", program]);
    command
}

/// What mmdebstrap's line says about how far it is. The shares are those of a build with the packages at hand.
fn stage(line: &str) -> Option<Progress> {
    let (percent, doing) = match line.strip_prefix("I: ")? {
        "running apt-get update..." => (2, "reading the list of packages"),
        "downloading packages with apt..." => (8, "fetching packages"),
        "extracting archives..." => (20, "unpacking"),
        "installing essential packages..." => (28, "installing the base system"),
        "installing remaining packages inside the chroot..." => (40, "installing systemd, podman and the manuals"),
        "cleaning package lists and apt cache..." => (95, "tidying up"),
        _ => return None,
    };
    Some(Progress { percent, doing: doing.to_owned() })
}

/// The cause of a failed build, from what the builder said.
fn failure(what: &str, tree: &Path, said: &[String]) -> Error {
    let has = |words: &[&str]| said.iter().rev().find(|line| words.iter().any(|word| line.contains(word)));
    if has(&["No space left on device", "enough free space", "Disk quota exceeded"]).is_some() {
        return Error::DiskFull(tree.to_owned());
    }
    let unreachable = [
        "Could not resolve",
        "Could not connect",
        "Temporary failure resolving",
        "Connection failed",
        "Failed to fetch",
    ];
    if let Some(line) = has(&unreachable) {
        return Error::NoMirror(line.trim_start_matches("E: ").trim().to_owned());
    }
    let said_by_builder = said.iter().rev().find(|line| line.starts_with("E: "));
    // tar says what it does not mind first, and in the end only that it gives up.
    let passing = [
        "Removing leading",
        "Ignoring unknown",
        "Skipping to next",
        "Exiting with failure",
        "exiting now",
        "Child returned",
    ];
    let by_tar = said.iter().rev().find(|line| !passing.iter().any(|words| line.contains(words)));
    let cause = said_by_builder.or(by_tar).or(said.last());
    let said = cause.map_or("it said nothing", |line| line.trim_start_matches("E: "));
    Error::Build { what: what.to_owned(), said: said.to_owned() }
}

fn not_run(program: &str, error: &std::io::Error) -> Error {
    Error::Program { program: program.to_owned(), said: error.to_string() }
}

/// A path as a shell reads it back.
fn quoted(path: &Path) -> String {
    super::enter::quote(&path.to_string_lossy())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause(lines: &[&str]) -> String {
        let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        failure("trixie", Path::new("/base/trixie.partial-1"), &lines).to_string()
    }

    #[test]
    fn a_full_disk_and_a_dead_mirror_are_told_apart_from_other_failures() {
        assert_eq!(
            cause(&["tar: ./x: Cannot write: No space left on device", "E: mmdebstrap failed to run"]),
            "no space left on the disk of /base/trixie.partial-1"
        );
        assert_eq!(
            cause(&[
                "E: Failed to fetch http://deb.debian.org/x  Could not resolve 'deb.debian.org'",
                "E: apt-get update failed"
            ]),
            "the Debian mirror cannot be reached: Failed to fetch http://deb.debian.org/x  Could not resolve 'deb.debian.org'"
        );
        assert_eq!(cause(&["I: x", "E: setup failed", "I: y"]), "building trixie failed: setup failed");
        assert_eq!(
            cause(&[
                "tar: This does not look like a tar archive",
                "tar: Skipping to next header",
                "tar: Exiting with failure status due to previous errors"
            ]),
            "building trixie failed: tar: This does not look like a tar archive"
        );
        let cut = [
            "tar: Ignoring unknown extended header keyword 'X'",
            "gzip: stdin: unexpected end of file",
            "tar: Child returned status 1",
            "tar: Error is not recoverable: exiting now",
        ];
        assert_eq!(cause(&cut), "building trixie failed: gzip: stdin: unexpected end of file");
        assert_eq!(cause(&["I: running apt-get update...", "Killed"]), "building trixie failed: Killed");
        assert_eq!(cause(&[]), "building trixie failed: it said nothing");
    }

    #[test]
    fn progress_only_moves_forward() {
        let lines = [
            "I: running apt-get update...",
            "I: downloading packages with apt...",
            "I: extracting archives...",
            "I: else",
        ];
        let percents: Vec<_> = lines.iter().filter_map(|line| stage(line)).map(|progress| progress.percent).collect();
        assert_eq!(percents, [2, 8, 20]);
    }

    #[test]
    fn leftovers_of_killed_builds_are_removed_and_others_stay() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["trixie-1.partial-77", "trixie-1", "forky-2.partial-78"] {
            fs::create_dir_all(dir.path().join(name).join("etc")).unwrap();
        }
        remove_leftovers(dir.path(), "trixie-1").unwrap();
        let mut left: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["forky-2.partial-78", "trixie-1"]);
    }
}

//! The writable parts of a machine: made aside, and put in their places when all of them are whole, so that whatever ends that in its
//! middle, a machine has its old parts or gets its new ones.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use super::Error;
use super::machines::{remove_tree, unlike};
use super::tree::run;

/// The writable parts of a machine, all but `home` empty at first.
const PARTS: [&str; 4] = ["upper", "work", "containers", "home"];
/// Where new ones lie, all of them and whole, until they are in their places.
const FRESH: &str = "fresh";

/// Makes a machine's writable parts anew, aside: where that fails it has what it had.
pub(crate) fn make(home: &Path) -> Result<(), Error> {
    let partial = home.join("fresh.partial");
    remove_tree(&partial)?;
    let made = fill(home, &partial)
        .and_then(|()| fs::rename(&partial, home.join(FRESH)).map_err(Error::io("rename", &partial)));
    if made.is_err() {
        remove_tree(&partial)?;
    }
    made
}

fn fill(home: &Path, aside: &Path) -> Result<(), Error> {
    for directory in ["", "upper", "work", "containers"] {
        let path = aside.join(directory);
        fs::create_dir(&path).map_err(Error::io("make", &path))?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).map_err(Error::io("open up", &path))?;
    }
    run(Command::new("cp").args(["-a", "--"]).arg(home.join("seed-home")).arg(aside.join("home")))
}

/// Puts new writable parts in the places of the old ones, where there are some. One that was cut short goes on when it is done again.
pub(crate) fn place(home: &Path) -> Result<(), Error> {
    let fresh = home.join(FRESH);
    if !fresh.is_dir() {
        return Ok(());
    }
    for name in PARTS {
        let (from, to) = (fresh.join(name), home.join(name));
        if from.is_dir() {
            put_away(home, name)?;
            fs::rename(&from, &to).map_err(Error::io("rename", &from))?;
        }
    }
    fs::remove_dir(&fresh).map_err(Error::io("remove", &fresh))
}

/// Moves a directory out of the way, which takes no time however full it is.
fn put_away(home: &Path, name: &str) -> Result<(), Error> {
    let (from, trash) = (home.join(name), home.join("trash"));
    fs::create_dir_all(&trash).map_err(Error::io("make", &trash))?;
    match fs::rename(&from, trash.join(format!("{name}-{}", unlike()))) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::io("move", &from)(error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made() -> tempfile::TempDir {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join("seed-home")).unwrap();
        fs::write(home.path().join("seed-home/file"), "new").unwrap();
        for part in PARTS {
            fs::create_dir(home.path().join(part)).unwrap();
            fs::write(home.path().join(part).join("file"), "old").unwrap();
        }
        home
    }
    fn files(home: &Path) -> Vec<String> {
        PARTS.map(|part| fs::read_to_string(home.join(part).join("file")).unwrap_or_default()).to_vec()
    }

    #[test]
    fn parts_are_the_old_ones_until_all_new_ones_are_whole_and_then_the_new_ones_whatever_is_cut_short() {
        let home = made();
        fs::create_dir(home.path().join("fresh.partial")).unwrap();
        place(home.path()).unwrap();
        assert_eq!(files(home.path()), ["old"; 4], "nothing is whole");
        make(home.path()).unwrap();
        assert_eq!(files(home.path()), ["old"; 4], "nothing is in its place");
        // Cut short right behind the first old one.
        put_away(home.path(), "upper").unwrap();
        place(home.path()).unwrap();
        assert_eq!(files(home.path()), ["", "", "", "new"]);
        place(home.path()).unwrap();
        assert_eq!(files(home.path()), ["", "", "", "new"]);
        assert!(PARTS.iter().all(|part| home.path().join(part).is_dir()) && !home.path().join(FRESH).exists());
    }

    #[test]
    fn where_new_parts_cannot_be_made_the_old_ones_stay() {
        let home = made();
        fs::remove_dir_all(home.path().join("seed-home")).unwrap();
        assert!(make(home.path()).is_err());
        place(home.path()).unwrap();
        assert_eq!(files(home.path()), ["old"; 4]);
        assert!(!home.path().join("fresh.partial").exists());
    }
}

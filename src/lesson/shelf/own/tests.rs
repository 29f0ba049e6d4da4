//! Lessons that arrive, in all forms, and what comes of those that are none.

use std::os::unix::fs::symlink;
use std::process::Command;

use super::*;

const LESSON: &str = "format: 1
title: A title
summary: A summary.
accounts: [{name: ada, role: created}]
steps:
  - id: one
    title: First
    text: Do it.
    goals: [{id: own, say: It is so., check: {program: {file: programs/look, as: ada}}}]
    hints: [a nudge, a push, the command]
    solution: [{lines: [do it]}]
";

fn put(folder: &Path, text: &str) {
    fs::create_dir_all(folder.join("programs")).unwrap();
    fs::write(folder.join(FILE), text).unwrap();
    fs::write(folder.join("programs/look"), "#!/bin/sh\n").unwrap();
    fs::set_permissions(folder.join("programs/look"), Permissions::from_mode(0o700)).unwrap();
}

/// A place of the test's own: the shelf, and a lesson `tale` beside it.
fn place_of_mine() -> (tempfile::TempDir, OwnShelf) {
    let home = tempfile::tempdir().unwrap();
    put(&home.path().join("tale"), LESSON);
    let shelf = OwnShelf::at(home.path().join("shelf")).unwrap();
    (home, shelf)
}

fn from(path: &Path) -> Parcel {
    Parcel { from: path.display().to_string(), ..Parcel::default() }
}

fn run(command: &str, folder: &Path) {
    let done = Command::new("sh").args(["-ec", command]).current_dir(folder).output().unwrap();
    assert!(done.status.success(), "{command}: {}", String::from_utf8_lossy(&done.stderr));
}

/// The names on the shelf, leftovers included.
fn names(shelf: &OwnShelf) -> Vec<String> {
    let names = fs::read_dir(&shelf.folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name != ".gate").collect();
    names.sort();
    names
}

const COMMIT: &str = "git init -q; git add -A; git -c user.name=a -c user.email=a@b commit -qm first";

#[test]
fn a_folder_an_archive_and_a_repository_bring_the_same_lesson() {
    let (home, shelf) = place_of_mine();
    let here = home.path();
    run("tar -cf tale.tar tale; tar -czf other.tgz tale; tar -C tale -czf flat.tar.gz .; cp -r tale work", here);
    run(COMMIT, &here.join("work"));
    run("git clone -q --bare work bare.git", here);
    let mut digests = Vec::new();
    for (path, name) in [
        ("tale", "tale"),
        ("tale.tar", "tale"),
        ("other.tgz", "tale"),
        ("flat.tar.gz", "flat"),
        ("work", "work"),
        ("bare.git", "bare"),
    ] {
        let added =
            shelf.add(&Parcel { replace: true, ..from(&here.join(path)) }).unwrap_or_else(|e| panic!("{path}: {e}"));
        assert_eq!(added[0].lesson.id, name, "{path}");
        digests.push(added[0].digest.clone());
    }
    let file = Parcel { from: format!("file://{}", here.join("work").display()), replace: true, ..Parcel::default() };
    digests.push(shelf.add(&file).unwrap()[0].digest.clone());
    digests.dedup();
    assert_eq!(digests.len(), 1, "{digests:?}");
    assert_eq!(names(&shelf), ["bare", "flat", "tale", "work"]);
    let program = shelf.folder.join("tale/programs/look");
    assert_eq!(fs::metadata(program).unwrap().permissions().mode() & 0o777, 0o755, "other accounts run it");
    assert!(!shelf.folder.join("work/.git").exists());
}

#[test]
fn a_course_comes_whole_or_not_at_all() {
    let (home, shelf) = place_of_mine();
    let course = home.path().join("course");
    put(&course.join("lessons/first"), LESSON);
    put(&course.join("lessons/second"), LESSON);
    assert_eq!(shelf.add(&from(&course)).unwrap().len(), 2);
    assert_eq!(names(&shelf), ["first", "second"]);
    put(&course.join("lessons/third"), &LESSON.replace("title: A title", "titel: A title"));
    put(&course.join("lessons/fourth"), &LESSON.replace("hints: [a nudge,", "hints: ["));
    let error = shelf.add(&Parcel { replace: true, ..from(&course) }).unwrap_err();
    let OwnShelfError::Broken(broken) = error else { panic!("{error}") };
    let files: Vec<_> = broken.iter().map(ToString::to_string).collect();
    assert_eq!(files.len(), 2, "both are told: {files:?}");
    assert!(files[0].starts_with(&course.join("lessons/fourth/lesson.yaml").display().to_string()), "{files:?}");
    assert_eq!(names(&shelf), ["first", "second"]);
    for parcel in [
        Parcel { name: Some("one".into()), ..from(&course.join("lessons")) },
        Parcel { pin: Some("0".into()), ..from(&course.join("lessons")) },
    ] {
        assert!(matches!(shelf.add(&parcel), Err(OwnShelfError::Several(_))));
    }
}

#[test]
fn a_pin_lets_only_that_archive_or_folder_in() {
    let (home, shelf) = place_of_mine();
    let here = home.path();
    run("tar -czf tale.tar.gz tale; sha256sum <tale.tar.gz | cut -d' ' -f1 >sum", here);
    let sum = fs::read_to_string(here.join("sum")).unwrap().trim().to_owned();
    let with = |path: &str, pin: &str| Parcel { pin: Some(pin.to_owned()), replace: true, ..from(&here.join(path)) };
    let digest = shelf.add(&with("tale.tar.gz", &sum)).unwrap()[0].digest.clone();
    shelf.add(&with("tale", &digest.to_uppercase())).unwrap();
    shelf.remove("tale").unwrap();
    for (path, pin) in [("tale.tar.gz", &digest), ("tale", &sum)] {
        assert!(matches!(shelf.add(&with(path, pin)), Err(OwnShelfError::Pin { .. })), "{path}");
    }
    assert_eq!(names(&shelf), [""; 0]);
}

#[test]
fn what_is_no_lesson_changes_nothing_on_the_shelf() {
    let (home, shelf) = place_of_mine();
    let here = home.path();
    shelf.add(&from(&here.join("tale"))).unwrap();
    fs::create_dir(here.join("empty")).unwrap();
    put(&here.join("linked"), LESSON);
    symlink("/etc/passwd", here.join("linked/x")).unwrap();
    put(&here.join("shut"), LESSON);
    fs::set_permissions(here.join("shut/programs/look"), Permissions::from_mode(0o644)).unwrap();
    put(&here.join("lacking"), &LESSON.replace("programs/look", "programs/lok"));
    put(&here.join("Big Name"), LESSON);
    put(&here.join("spoken"), LESSON);
    fs::write(here.join("spoken/lesson.fr.yaml"), "format: 1\ntitre: Un titre\n").unwrap();
    fs::write(here.join("text"), "no archive").unwrap();
    run("mkdir bad.git; git init -q --bare bad.git", here);
    for (path, why) in [
        ("tale", "`tale` is on your shelf already"),
        ("empty", "no lesson.yaml in"),
        ("linked", "`linked`: x is a link"),
        ("shut", "programs/look may not be run (chmod +x)"),
        ("lacking", "programs/lok is not there"),
        ("Big Name", "`Big Name` is no name for a lesson"),
        ("spoken", "spoken/lesson.fr.yaml has 1 problem"),
        ("text", "no tar archive"),
        ("bad.git", "git says: "),
        ("nowhere", "No such file"),
    ] {
        let said = shelf.add(&from(&here.join(path))).unwrap_err().to_string();
        assert!(said.contains(why), "{path}: {said}");
        assert_eq!(names(&shelf), ["tale"], "{path}");
    }
    for elsewhere in ["https://example.org/a.git", "git@example.org:a.git", "ssh://a/b"] {
        let said = shelf.add(&Parcel { from: elsewhere.into(), ..Parcel::default() }).unwrap_err();
        assert!(matches!(said, OwnShelfError::Elsewhere(_)), "{said}");
    }
    shelf.add(&Parcel { name: Some("small".into()), ..from(&here.join("Big Name")) }).unwrap();
    assert_eq!(names(&shelf), ["small", "tale"]);
}

#[test]
fn a_hostile_repository_runs_nothing() {
    let (home, shelf) = place_of_mine();
    let work = home.path().join("tale");
    let mark = home.path().join("ran");
    fs::write(work.join(".gitattributes"), "* filter=evil\n").unwrap();
    run(COMMIT, &work);
    let evil = format!("touch {}", mark.display());
    for key in ["filter.evil.smudge", "filter.evil.clean", "uploadpack.packObjectsHook", "core.fsmonitor", "tar.umask"]
    {
        run(&format!("git config {key} '{evil}'"), &work);
    }
    for hook in ["post-checkout", "pre-receive", "post-update", "reference-transaction"] {
        let file = work.join(".git/hooks").join(hook);
        fs::create_dir_all(work.join(".git/hooks")).unwrap();
        fs::write(&file, format!("#!/bin/sh\n{evil}\n")).unwrap();
        fs::set_permissions(file, Permissions::from_mode(0o755)).unwrap();
    }
    let parcel = Parcel { from: format!("file://{}", work.display()), ..Parcel::default() };
    shelf.add(&parcel).unwrap();
    assert!(!mark.exists());
}

#[test]
fn what_a_killed_process_left_goes_and_a_lesson_goes_whole() {
    let (home, shelf) = place_of_mine();
    shelf.add(&from(&home.path().join("tale"))).unwrap();
    fs::create_dir_all(shelf.folder.join(".part-x/out/half")).unwrap();
    symlink(home.path().join("tale"), shelf.folder.join("linked")).unwrap();
    let folder = shelf.folder.clone();
    drop(shelf);
    let shelf = OwnShelf::at(folder).unwrap();
    assert_eq!(names(&shelf), ["linked", "tale"]);
    let error = shelf.remove("tall").unwrap_err();
    assert!(matches!(&error, OwnShelfError::NotThere { nearest: Some(near), .. } if near == "tale"), "{error:?}");
    for name in ["../tale", "..", "", ".gate"] {
        assert!(matches!(shelf.remove(name), Err(OwnShelfError::NotThere { .. })), "{name}");
    }
    shelf.remove("linked").unwrap();
    shelf.remove("tale").unwrap();
    assert_eq!(names(&shelf), [""; 0]);
    assert!(home.path().join("tale/lesson.yaml").exists(), "what a link shows stays");
}

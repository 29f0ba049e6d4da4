//! The learner's own shelf, by the commands that put lessons there, list them and take them off.

// A test's support may fail a test.
#![allow(clippy::expect_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::bad_input::file;
use crate::rig::{Learner, PROGRAM, finish, lesson, one_step, refused};

fn said(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn a_lesson_is_put_on_the_shelf_listed_asked_about_and_taken_off_again() {
    let learner = Learner::new();
    let text = lesson(&one_step(1, &[("file", &file("/nowhere"), "")]));
    let folder = learner.place("tale");
    fs::create_dir(&folder).expect("a folder");
    fs::write(folder.join("lesson.yaml"), text.replace("title: Files", "titel: Files\nwho: me")).expect("a file");
    let add = ["lesson", "add", folder.to_str().expect("text")];
    let shown = refused(&learner.run(&add), 3, "tale/lesson.yaml has 3 problems.*mend");
    assert!(shown.contains("`titel`") && shown.contains("`who`") && shown.contains("lesson.yaml:2:1"), "{shown}");
    fs::write(folder.join("lesson.yaml"), &text).expect("a file");
    let added = said(&learner.run(&add));
    assert!(added.contains("tale is on your shelf: Files (1 step).") && added.contains("rootless-lab start tale"));
    refused(&learner.run(&add), 3, "on your shelf already.*--replace");

    let shown = said(&learner.run(&["lesson", "list"]));
    let flat = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("tale Files 1 step"), "{shown}");
    assert!(flat.contains("also in: de"), "{shown}");
    assert!(flat.contains("rootless-containers A rootless container that outlives you"), "{shown}");
    let listed: serde_json::Value =
        serde_json::from_str(&said(&learner.run(&["lesson", "list", "--json"]))).expect("JSON");
    let tale = listed["lessons"].as_array().expect("lessons").iter().find(|one| one["name"] == "tale").expect("tale");
    let digest = tale["sha256"].as_str().expect("a digest");
    assert!(added.contains(digest));
    assert_eq!((&tale["steps"], &tale["from"]), (&1.into(), &"a folder".into()));

    refused(&learner.run(&["check", "--lesson", "tale"]), 8, "lesson `tale` is new here");
    assert_eq!(learner.run(&["check", "--lesson", "tale", "--yes"]).status.code(), Some(1));
    refused(&learner.run(&["lesson", "remove", "tall"]), 3, "not on your shelf.*is `tale` meant");
    assert!(said(&learner.run(&["lesson", "remove", "tale"])).contains("tale is no longer on your shelf"));
    refused(&learner.run(&["lesson", "remove", "rootless-containers"]), 3, "not on your shelf.*empty");
    said(&learner.run(&[add.as_slice(), &["--pin", digest]].concat()));
    refused(&learner.run(&["check", "--lesson", "tale"]), 8, "is new here");
}

#[test]
fn the_locale_picks_the_language_of_a_lesson_and_a_broken_translation_is_shown_at_its_place() {
    let learner = Learner::new();
    let file = learner.lesson("tale", lesson(&one_step(1, &[("file", &file("/nowhere"), "")])));
    let german = file.with_file_name("lesson.de.yaml");
    fs::write(&german, "format: 1\ntitle: Dateien\nsteps: {step-1: {goals: {file: Die Datei ist da.}}}\n")
        .expect("a file");
    let check = |name: &str, locale: &str| {
        let mut command = learner.command(&["check", "--lesson", "tale"]);
        command.env_remove("LANG").env(name, locale).env("TERM", "dumb");
        let output = finish(command);
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
    };
    for (name, locale) in [("LANG", "de_AT.UTF-8"), ("LC_MESSAGES", "de"), ("ROOTLESS_LAB_LANGUAGE", "de_DE")] {
        assert!(check(name, locale).contains("Die Datei ist da."), "{name}={locale}");
    }
    for (name, locale) in [("LANG", "C.UTF-8"), ("LC_ALL", "fr_FR.UTF-8")] {
        assert!(check(name, locale).contains("The file of 1 is there."), "{name}={locale}");
    }
    fs::write(&german, "format: 1\ntitel: Dateien\n").expect("a file");
    let said = check("LANG", "de_AT.UTF-8");
    assert!(said.contains("lesson.de.yaml:2:1") && said.contains("`title` meant"), "{said}");
}

#[test]
fn a_repository_that_would_fill_the_disk_is_refused_before_it_does() {
    let learner = Learner::new();
    let folder = learner.place("tale");
    fs::create_dir(&folder).expect("a folder");
    fs::write(folder.join("lesson.yaml"), lesson(&one_step(1, &[("file", &file("/nowhere"), "")]))).expect("a file");
    fs::File::create(folder.join("zeros")).and_then(|file| file.set_len(200 << 20)).expect("a file");
    let git = "git init -q; git add -A; git -c user.name=a -c user.email=a@b commit -qm first";
    let done = Command::new("sh").args(["-ec", git]).current_dir(&folder).status().expect("git");
    assert!(done.success());
    // No file of more than 100 MiB can be written.
    let mut add = Command::new("sh");
    learner.dress(&mut add);
    let from = format!("file://{}", folder.display());
    add.args(["-c", r#"ulimit -f 204800; exec "$0" lesson add "$1""#, PROGRAM, &from]);
    refused(&finish(add), 3, "larger than 64 MiB");
    let left: Vec<_> = walk(&learner.place("home")).into_iter().filter(|file| file.ends_with("zeros")).collect();
    assert!(left.is_empty(), "{left:?}");
}

/// Every file below a folder.
fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

#[test]
fn an_archive_that_leads_out_is_refused_and_one_from_the_network_is_not_fetched() {
    let learner = Learner::new();
    let mut archive = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.as_old_mut().name[..6].copy_from_slice(b"../out");
    header.set_size(0);
    header.set_cksum();
    archive.append(&header, &[][..]).expect("an entry");
    let file = learner.place("bad.tar");
    fs::write(&file, archive.into_inner().expect("an archive")).expect("a file");
    refused(&learner.run(&["lesson", "add", file.to_str().expect("text")]), 3, "`../out` leads out of the folder");
    refused(&learner.run(&["lesson", "add", "https://example.org/a.git"]), 2, "not on this disk.*fetch it");
    let mut homeless = learner.command(&["lesson", "add", file.to_str().expect("text")]);
    homeless.env("XDG_DATA_HOME", "/proc/nothing");
    refused(&finish(homeless), 4, "/proc/nothing");
}

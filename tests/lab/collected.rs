//! Attempts that an instructor collected: judged again, signed, compared, disputed; and nothing in them is obeyed or waited for.

// the functions beside the tests are tests too
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use checkers::machine::Recorded;
use checkers::machine::witness::testify;
use checkers::{Context, Evidence as Seen, Verdict};
use nix::sys::stat::Mode;
use rootless_lab::exam::evidence::Evidence;
use rootless_lab::exam::{Event, Folder, GoalId, GradeKind, Graded, Reading};
use serde_json::Value;
use terminal::Terminal;

use crate::grading::{copy, exam, handed_in};
use crate::rig::{Learner, PATIENCE, refused};

#[test]
fn attempts_that_were_collected_are_judged_again_by_a_mended_exam() {
    let learner = Learner::new();
    let folder = handed_in(&learner);
    fs::write(learner.goal(1), "").unwrap();
    assert_eq!(learner.run(&["exam", "grade"]).status.code(), Some(1));
    let desk = learner.place("home/desk");
    fs::create_dir(&desk).unwrap();
    copy(folder.path(), &desk.join("anna"));
    // Elsewhere the machine is another one.
    fs::remove_file(learner.goal(1)).unwrap();
    let mended = desk.join("files");
    fs::create_dir(&mended).unwrap();
    let one = format!("path: '{}'", learner.goal(1).display());
    let text = exam(&learner).replace(&one, &format!("{one}, kind: directory"));
    assert_ne!(text, exam(&learner));
    fs::write(mended.join("exam.yaml"), text).unwrap();
    let output = learner.run(&["exam", "regrade", "./desk/anna", "--exam", "desk/files"]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}{}", String::from_utf8_lossy(&output.stderr));
    for wanted in ["0 of 20 points", "before: 10 of 20 points", "t1/file: was yes; is no (wanted a directory"] {
        assert!(said.contains(wanted), "{wanted}: {said}");
    }
    // Another exam gives no score, and says why.
    fs::create_dir(desk.join("other")).unwrap();
    fs::copy(mended.join("exam.yaml"), desk.join("other/exam.yaml")).unwrap();
    let output = learner.run(&["exam", "regrade", "./desk/anna", "--lesson", "desk/other"]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(6), "{said}");
    assert!(said.contains("not judged again: it is an attempt at `files`, and not at `other`"), "{said}");
    let output =
        learner.run(&["exam", "regrade", "./desk/anna", "./desk/none", "--exam", "desk/files", "--format", "json"]);
    assert_eq!(output.status.code(), Some(6));
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(said["attempts"][0]["grades"][0]["changes"][0]["change"], "turned");
    assert!(said["attempts"][1]["error"].as_str().unwrap().contains("No such file"));
}

#[test]
fn an_instructor_signs_what_was_collected_and_sees_copies_and_changes() {
    let learner = Learner::new();
    let folder = handed_in(&learner);
    fs::write(learner.goal(1), "").unwrap();
    learner.run(&["exam", "grade"]);
    let desk = learner.place("home/desk");
    fs::create_dir(&desk).unwrap();
    for name in ["anna", "boris"] {
        copy(folder.path(), &desk.join(name));
    }
    assert_eq!(learner.run(&["exam", "key", "desk/key"]).status.code(), Some(0));
    refused(&learner.run(&["exam", "key", "desk/key"]), 4, "no file is written over");
    copy(folder.path(), &desk.join("later"));
    assert_eq!(learner.run(&["exam", "sign", "./desk/later", "--key", "desk/key"]).status.code(), Some(0));
    assert_eq!(learner.run(&["exam", "sign", "./desk/anna", "--key", "desk/key"]).status.code(), Some(0));
    let verify = |names: &[&str]| {
        let output = learner.run(&[&["exam", "verify", "--signed-by", "desk/key.pub"], names].concat());
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, said) = verify(&["./desk/anna"]);
    assert!(code == Some(0) && said.contains("signature: good"), "{said}");
    let (code, said) = verify(&["./desk/anna", "./desk/boris"]);
    assert!(code == Some(1) && said.contains("signature: there is none"), "{said}");
    assert!(said.contains("Alike: ./desk/anna, ./desk/boris are one attempt"), "{said}");
    // Graded once more after it was signed: whoever did that is not the one who signed.
    fs::write(learner.goal(2), "").unwrap();
    assert_eq!(learner.run(&["exam", "grade", "./desk/later"]).status.code(), Some(1), "the first look counts");
    let (code, said) = verify(&["./desk/later"]);
    assert!(code == Some(1) && said.contains("./desk/later is NOT as it was signed"), "{said}");
    assert!(said.contains("good over the first 4 lines; 1 was appended since, and nobody signed that"), "{said}");
    let without_a_key = learner.run(&["exam", "verify", "./desk/later"]);
    assert_eq!(without_a_key.status.code(), Some(0), "it is what was written");
    // Forged wholly: a record whose hashes are all right.
    let forged = handed_in(&learner);
    for name in ["record.jsonl", "head"] {
        fs::copy(forged.path().join(name), desk.join("anna").join(name)).unwrap();
    }
    let (code, said) = verify(&["./desk/anna"]);
    assert!(code == Some(1) && said.contains("the record is not the one that was signed"), "{said}");
}

#[test]
fn a_dispute_is_a_tar_for_its_owner_alone_that_says_which_goals_there_are() {
    let learner = Learner::new();
    handed_in(&learner);
    refused(&learner.run(&["exam", "dispute", "files-1", "t1/file"]), 2, "never graded");
    learner.run(&["exam", "grade"]);
    refused(&learner.run(&["exam", "dispute", "files-1", "t1/no"]), 2, "t1/file, t2/file");
    assert_eq!(learner.run(&["exam", "dispute", "files-1", "t1/file"]).status.code(), Some(0));
    let bundle: PathBuf = learner.place("home/dispute-files-1-t1-file.tar");
    assert_eq!(fs::metadata(&bundle).unwrap().permissions().mode() & 0o777, 0o600);
    let listed = Command::new("tar").arg("-tf").arg(&bundle).output().unwrap();
    assert!(String::from_utf8_lossy(&listed.stdout).contains("README.txt"), "{listed:?}");
}

/// All that was said, wherever a line was broken.
fn said(output: &Output) -> String {
    let said = [&output.stdout, &output.stderr].map(|said| String::from_utf8_lossy(said).into_owned()).concat();
    said.split([' ', '\n']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// What was seen for the one grade of an attempt.
fn testimony(folder: &Folder) -> PathBuf {
    fs::read_dir(folder.path().join("testimony")).unwrap().next().unwrap().unwrap().path()
}

#[test]
fn no_pipe_link_or_endless_file_among_what_was_collected_keeps_anybody_waiting() {
    let learner = Learner::new();
    let folder = handed_in(&learner);
    learner.run(&["exam", "grade"]);
    let file = testimony(&folder);
    for what in ["a pipe", "a link", "a hole", "a folder"] {
        fs::remove_file(&file).unwrap();
        match what {
            "a pipe" => nix::unistd::mkfifo(&file, Mode::S_IRUSR | Mode::S_IWUSR).unwrap(),
            "a link" => std::os::unix::fs::symlink("/dev/zero", &file).unwrap(),
            "a hole" => fs::File::create(&file).unwrap().set_len(40 << 30).unwrap(),
            _ => fs::create_dir(&file).unwrap(),
        }
        let verified = learner.run(&["exam", "verify", "files-1"]);
        assert_eq!(verified.status.code(), Some(1), "{what}: {}", said(&verified));
        assert!(said(&verified).contains("what the grade in line 4 rests on"), "{what}: {}", said(&verified));
        let again = learner.run(&["exam", "regrade", "files-1"]);
        assert!(
            again.status.code() != Some(0) && said(&again).contains("not judged again"),
            "{what}: {}",
            said(&again)
        );
        let bundle = learner.run(&["exam", "dispute", "files-1", "t1/file"]);
        assert_ne!(bundle.status.code(), Some(0), "{what}: {}", said(&bundle));
        assert!(learner.run(&["exam", "review", "files-1"]).status.success(), "{what}: a diff is worth no failure");
    }
    fs::remove_dir(&file).unwrap();
    // Also the second place of the record's head is nothing to wait at.
    let head = folder.path().join("head");
    fs::remove_file(&head).unwrap();
    nix::unistd::mkfifo(&head, Mode::S_IRUSR | Mode::S_IWUSR).unwrap();
    let graded = learner.run(&["exam", "grade", "files-1"]);
    assert!(said(&graded).contains("The grade is written, but not that it is the last line"), "{}", said(&graded));
}

#[test]
fn nothing_that_a_candidate_named_is_obeyed_by_the_terminal_of_whoever_collects() {
    let learner = Learner::new();
    let mut folder = handed_in(&learner);
    let odd = "\x1b]0;owned\x07\u{9b}31m\u{202e}";
    // A goal that no exam has, in a testimony whose digest is right.
    let (_, testimony) = testify(&[], &Recorded::new(), &Context::default());
    let goal = GoalId { task: odd.into(), goal: odd.into() };
    let seen = Evidence::new(vec![goal], vec![Verdict::pass(Seen::file("/x", odd))], testimony);
    let digest = seen.keep(&folder.path().join("testimony")).unwrap();
    let graded = Graded { kind: GradeKind::Predicted, verdicts: BTreeMap::new(), testimonies: vec![digest] };
    folder.append(&Reading::now().unwrap(), &Event::Graded(Box::new(graded))).unwrap();
    let desk = learner.place("home/desk");
    fs::create_dir(&desk).unwrap();
    let (name, other) = (format!("./desk/{odd}"), format!("./desk/{odd}2"));
    for name in [&name, &other] {
        copy(folder.path(), &desk.join(Path::new(name).file_name().unwrap()));
    }
    assert_eq!(learner.run(&["exam", "key", "desk/key"]).status.code(), Some(0));
    let mended = desk.join("files");
    fs::create_dir(&mended).unwrap();
    fs::write(mended.join("exam.yaml"), exam(&learner)).unwrap();
    for words in [
        &["verify", &name, &other][..],
        &["verify", &name, "./desk/key"],
        &["regrade", &name, "--exam", "desk/files"],
        &["regrade", &name, "--exam", "desk/files", "--format", "json"],
        &["sign", &name, "--key", "desk/key"],
        &["dispute", &name, "t1/file"],
        &["report", &name],
        &["review", &name],
        &["grade", &name],
        &["verify", &format!("{name}none")],
    ] {
        let output = learner.run(&[&["exam"], words].concat());
        let said = said(&output);
        assert!(said.contains("owned") || ["report", "review", "grade"].contains(&words[0]), "{words:?}: {said}");
        assert!(!said.contains(['\x1b', '\x07', '\u{9b}', '\u{202e}']), "{words:?}: {said:?}");
    }
}

#[test]
fn one_bad_entry_among_many_stops_nothing_and_is_named_at_the_end() {
    let learner = Learner::new();
    let folder = handed_in(&learner);
    learner.run(&["exam", "grade"]);
    let desk = learner.place("home/desk");
    fs::create_dir(&desk).unwrap();
    for name in ["anna", "boris", "zoe"] {
        copy(folder.path(), &desk.join(name));
    }
    fs::write(desk.join("a-list.txt"), "anna, boris").unwrap();
    let record = desk.join("boris/record.jsonl");
    fs::write(&record, fs::read_to_string(&record).unwrap().replace("touch it", "touch IT")).unwrap();
    assert_eq!(learner.run(&["exam", "key", "key"]).status.code(), Some(0));
    let names = ["./desk/a-list.txt", "./desk/anna", "./desk/boris", "./desk/zoe"];
    let run = |words: &[&str]| {
        let output = learner.run(&[&["exam"], words, &names].concat());
        (output.status.code(), said(&output))
    };
    let (code, verified) = run(&["verify"]);
    for wanted in [
        "./desk/anna is as it was written",
        "./desk/boris is NOT as it was written",
        "./desk/zoe is as it was written",
        "there is no attempt `./desk/a-list.txt`",
    ] {
        assert!(verified.contains(wanted), "{wanted}: {verified}");
    }
    assert_eq!(code, Some(1), "what was changed is not hidden by what is no attempt: {verified}");
    let others = learner.run(&["exam", "verify", "./desk/a-list.txt", "./desk/anna"]);
    assert_eq!(others.status.code(), Some(4), "{}", said(&others));
    let (code, signed) = run(&["sign", "--key", "key"]);
    for wanted in
        ["./desk/anna: signed", "./desk/zoe: signed", "./desk/boris: the attempt is not what was written", "a-list.txt"]
    {
        assert!(signed.contains(wanted), "{wanted}: {signed}");
    }
    assert_eq!(code, Some(6), "{signed}");
    assert!(desk.join("zoe/signature").exists() && !desk.join("boris/signature").exists());
    // A name that is none is one entry of many too.
    let output = learner.run(&["exam", "regrade", "no-name-", "./desk/anna", "./desk/a-list.txt"]);
    let told = said(&output);
    assert!(told.contains("./desk/anna, foretold: as before") || told.contains("./desk/anna: not judged"), "{told}");
    assert!(told.contains("no-name-") && told.contains("3 attempts"), "{told}");
    assert_eq!(output.status.code(), Some(6), "{told}");
}

#[test]
fn judging_many_attempts_again_shows_how_far_it_is_on_a_terminal_and_nowhere_else() {
    let learner = Learner::new();
    let folder = handed_in(&learner);
    learner.run(&["exam", "grade"]);
    let desk = learner.place("home/desk");
    fs::create_dir(&desk).unwrap();
    let names: Vec<String> = (0..25).map(|nth| format!("./desk/{nth}")).collect();
    for name in &names {
        copy(folder.path(), &learner.place("home").join(name));
    }
    let mended = learner.place("home/files");
    fs::create_dir(&mended).unwrap();
    fs::write(mended.join("exam.yaml"), exam(&learner)).unwrap();
    let mut words = vec!["exam", "regrade", "--exam", "./files"];
    words.extend(names.iter().map(String::as_str));
    let mut shown = Terminal::start(learner.command(&words), 24, 80);
    shown.wait("25 attempts, 0 with something new, 0 not judged again", PATIENCE);
    assert!(shown.end(PATIENCE).success());
    let raw = String::from_utf8_lossy(&shown.raw()).into_owned();
    assert!(raw.contains("/25 "), "a bar that counts: {raw:?}");
    assert!(!shown.screen().contains("/25 "), "it is gone when it is done: {}", shown.screen());
    let output = learner.run(&words);
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
    assert_eq!(output.stdout, b"25 attempts, 0 with something new, 0 not judged again.\n");
}

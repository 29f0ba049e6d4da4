//! Folders of attempts: what is on the disk after each thing that can happen to it.

use std::os::unix::fs::PermissionsExt;

use super::super::attempt::tests::{at, started};
use super::super::attempt::{Answer, Attempt, Phase, Typed};
use super::*;

const TEXT: &str = "format: 1\n";

fn attempt() -> (tempfile::TempDir, Folder) {
    let state = tempfile::tempdir().unwrap();
    let (_, folder) = Attempts::new(state.path()).begin(TEXT, &at(0), started()).unwrap();
    (state, folder)
}

fn typed(line: &str) -> Event {
    Event::Command(Box::new(Typed {
        line: line.into(),
        status: Some(0),
        cwd: None,
        account: None,
        took: None,
        inside: None,
    }))
}

fn record(folder: &Folder) -> Vec<u8> {
    fs::read(folder.path().join(RECORD)).unwrap()
}

fn spoil(folder: &Folder, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
    let path = folder.path().join(name);
    let mut bytes = fs::read(&path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

fn events(folder: &Folder) -> Vec<Event> {
    folder.read().unwrap().chain.entries.into_iter().map(|entry| entry.event).collect()
}

#[test]
fn attempts_are_numbered_over_all_exams_and_listed_by_exam_and_number() {
    let state = tempfile::tempdir().unwrap();
    let attempts = Attempts::new(state.path());
    assert_eq!(attempts.ids().unwrap(), []);
    for _ in 0..11 {
        attempts.begin(TEXT, &at(0), started()).unwrap();
    }
    attempts.begin(TEXT, &at(0), Started { exam: "quadlet".into(), ..started() }).unwrap();
    let ids: Vec<String> = attempts.ids().unwrap().iter().map(AttemptId::to_string).collect();
    assert_eq!((ids[0].as_str(), ids[2].as_str(), ids[11].as_str()), ("quadlet-12", "trial-2", "trial-11"));
    let folder = attempts.folder(&"trial-11".parse().unwrap());
    assert_eq!(Attempt::of(&folder.read().unwrap().chain.entries).unwrap().started, started());
}

#[test]
fn the_exam_is_kept_as_it_was_sat_and_another_text_is_refused() {
    let state = tempfile::tempdir().unwrap();
    let (_, folder) = Attempts::new(state.path()).begin("format: 2\n", &at(0), started()).unwrap();
    let started = Attempt::of(&folder.read().unwrap().chain.entries).unwrap().started;
    let source = folder.exam(&started).unwrap();
    assert_eq!((source.id(), source.text.as_str()), ("trial".into(), "format: 2\n"));
    for text in ["format: 3\n", "", "\u{0}"] {
        spoil(&folder, EXAM, |bytes| *bytes = text.into());
        assert!(matches!(folder.exam(&started), Err(FolderError::OtherExam { .. })), "{text:?}");
    }
}

#[test]
fn only_the_name_of_an_attempt_leads_to_a_folder() {
    for name in
        ["trial", "trial-0", "trial-01", "trial-+1", "../trial-1", "a/b-1", "-1", "", "Trial-1", "trial-99999999999"]
    {
        assert!(name.parse::<AttemptId>().is_err(), "{name}");
    }
    assert_eq!("rootless-sprint-12".parse::<AttemptId>().unwrap().exam, "rootless-sprint");
}

#[test]
fn only_its_owner_may_open_what_is_kept() {
    let (_state, mut folder) = attempt();
    folder.append(&at(1), &Event::Opened).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(folder.path()), mode(folder.path().parent().unwrap())), (0o700, 0o700));
    let files: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 3, "{files:?}");
    assert!(files.iter().all(|file| mode(file) == 0o600), "{files:?}");
}

#[test]
fn several_processes_append_to_one_record_and_no_line_is_lost() {
    let (_state, folder) = attempt();
    let path = folder.path();
    std::thread::scope(|scope| {
        for process in 0..4 {
            scope.spawn(move || {
                let mut folder = Folder::at(path);
                for n in 0..25 {
                    folder.append(&at(n), &typed(&format!("{process} {n}"))).unwrap();
                }
            });
        }
    });
    let found = folder.read().unwrap();
    assert_eq!((found.chain.entries.len(), found.breaks()), (101, vec![]));
}

#[test]
fn a_torn_line_is_set_aside_and_said_and_the_record_goes_on() {
    let (_state, mut folder) = attempt();
    let (line, _) = folder
        .append(&at(1), &Event::Opened)
        .map(|appended| appended.head.next(&at(2), &typed("id")))
        .unwrap()
        .unwrap();
    let half = &line.as_bytes()[..line.len() / 2];
    spoil(&folder, RECORD, |bytes| bytes.extend(half));
    assert_eq!(folder.read().unwrap().breaks(), [Break::Torn { line: 3 }]);
    let before = record(&folder);
    assert_eq!(folder.read().unwrap().chain.torn, half);
    assert_eq!(record(&folder), before, "reading changes nothing");

    let appended = Folder::at(folder.path()).append(&at(3), &typed("id")).unwrap();
    let aside = appended.mended.unwrap();
    assert_eq!(fs::read(&aside).unwrap(), half);
    let name = aside.file_name().unwrap().to_string_lossy().into_owned();
    assert_eq!(events(&folder)[2..], [Event::Mended { aside: name }, typed("id")]);
    assert_eq!(folder.read().unwrap().breaks(), []);
    // The other one knows that the record is no longer what it was.
    assert!(folder.append(&at(4), &Event::Looked).unwrap().mended.is_none());
    assert_eq!(folder.read().unwrap().breaks(), []);
}

#[test]
fn the_second_place_knows_of_lines_that_were_cut_off_the_end() {
    let (_state, mut folder) = attempt();
    for n in 1..5 {
        folder.append(&at(n), &Event::Looked).unwrap();
    }
    let whole = record(&folder);
    let keep = |lines: usize| whole.split_inclusive(|&byte| byte == b'\n').take(lines).collect::<Vec<_>>().concat();
    spoil(&folder, RECORD, |bytes| *bytes = keep(3));
    assert_eq!(folder.read().unwrap().chain.breaks, []);
    assert_eq!(folder.read().unwrap().breaks(), [Break::HeadMissing { n: 5 }]);
    for damage in ["", "5", "garbage\n", "                   5 0123\n", "\u{0}\u{0}"] {
        spoil(&folder, HEAD, |bytes| *bytes = damage.into());
        assert_eq!(folder.read().unwrap().breaks(), [Break::NoHead], "{damage:?}");
    }
}

#[test]
fn a_head_that_is_late_is_no_break() {
    let (_state, mut folder) = attempt();
    let old = fs::read(folder.path().join(HEAD)).unwrap();
    folder.append(&at(1), &Event::Looked).unwrap();
    spoil(&folder, HEAD, |bytes| *bytes = old);
    assert_eq!(folder.read().unwrap().breaks(), []);
}

#[test]
fn a_second_place_that_cannot_be_written_is_said_and_the_line_is_there() {
    let (_state, mut folder) = attempt();
    fs::remove_file(folder.path().join(HEAD)).unwrap();
    fs::create_dir(folder.path().join(HEAD)).unwrap();
    let appended = folder.append(&at(1), &Event::Looked).unwrap();
    assert!(appended.behind.is_some());
    assert_eq!(events(&folder).len(), 2);
}

#[test]
fn a_record_that_was_changed_is_continued_and_still_found_out() {
    let (_state, mut folder) = attempt();
    folder.append(&at(1), &typed("rm -rf x")).unwrap();
    let edit =
        |bytes: &mut Vec<u8>| *bytes = String::from_utf8(bytes.clone()).unwrap().replace("rm -rf x", "echo 'x'").into();
    spoil(&folder, RECORD, edit);
    folder.append(&at(2), &Event::Looked).unwrap();
    Folder::at(folder.path()).append(&at(3), &Event::Looked).unwrap();
    assert_eq!(folder.read().unwrap().breaks(), [Break::Changed { line: 2 }]);
}

#[test]
fn a_newer_record_is_neither_read_nor_touched() {
    let (_state, folder) = attempt();
    let body = r#"{"version":3,"novel":[]"#;
    let line = format!("{body},\"hash\":\"{}\"}}\n", super::super::digest(body.as_bytes()));
    spoil(&folder, RECORD, |bytes| bytes.extend(line.as_bytes()));
    let before = record(&folder);
    let refused =
        |result: Result<(), FolderError>| matches!(result, Err(FolderError::Chain(ChainError::Newer { found: 3, .. })));
    assert!(refused(folder.read().map(drop)));
    assert!(refused(Folder::at(folder.path()).append(&at(1), &Event::Looked).map(drop)));
    assert_eq!(record(&folder), before);
}

#[test]
fn a_record_that_is_gone_is_not_begun_anew() {
    let (_state, mut folder) = attempt();
    fs::remove_file(folder.path().join(RECORD)).unwrap();
    assert!(matches!(folder.append(&at(1), &Event::Looked), Err(FolderError::Disk { .. })));
    assert!(!folder.path().join(RECORD).exists());
}

#[test]
fn a_link_or_a_pipe_in_the_place_of_a_record_is_not_followed_or_waited_for() {
    let (_state, folder) = attempt();
    let path = folder.path().join(RECORD);
    fs::rename(&path, folder.path().join("elsewhere")).unwrap();
    std::os::unix::fs::symlink("elsewhere", &path).unwrap();
    assert!(matches!(folder.read(), Err(FolderError::Disk { .. })));
    fs::remove_file(&path).unwrap();
    nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRUSR | nix::sys::stat::Mode::S_IWUSR).unwrap();
    assert!(folder.read().is_ok_and(|found| found.chain.entries.is_empty()) || folder.read().is_err());
}

#[test]
fn one_login_at_a_time_has_an_attempt() {
    let (_state, folder) = attempt();
    let first = folder.claim().unwrap();
    let busy = Folder::at(folder.path()).claim();
    assert!(matches!(busy, Err(FolderError::Busy(process)) if process == std::process::id().to_string()));
    drop(first);
    folder.claim().unwrap();
}

/// A limit on the size of files stops a write in its middle just as a full disk does. It holds for a whole process, so the tests below
/// run again in one of their own.
fn in_a_process_with_little_room(test: &str) -> bool {
    const MARK: &str = "ROOTLESS_LAB_TEST_LITTLE_ROOM";
    if std::env::var_os(MARK).is_some() {
        return true;
    }
    let name = format!("exam::folder::tests::{test}");
    let mut again = std::process::Command::new(std::env::current_exe().unwrap());
    let done = again.args([&name, "--exact", "--nocapture"]).env(MARK, "1").output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success() && said.contains("1 passed"), "{said}{}", String::from_utf8_lossy(&done.stderr));
    false
}

fn limit(bytes: u64) {
    use nix::sys::resource::{Resource, setrlimit};
    use nix::sys::signal::{SigHandler, Signal, signal};
    // SAFETY: ignoring a signal installs no handler.
    unsafe { signal(Signal::SIGXFSZ, SigHandler::SigIgn) }.unwrap();
    setrlimit(Resource::RLIMIT_FSIZE, bytes, nix::libc::RLIM_INFINITY).unwrap();
}

#[test]
fn a_full_disk_is_said_and_nothing_is_lost_or_half_written() {
    if !in_a_process_with_little_room("a_full_disk_is_said_and_nothing_is_lost_or_half_written") {
        return;
    }
    let (_state, mut folder) = attempt();
    folder.append(&at(1), &typed("first")).unwrap();
    let before = record(&folder);
    for room in [0, 1, 100] {
        limit(before.len() as u64 + room);
        assert!(matches!(folder.append(&at(2), &typed("second")), Err(FolderError::Full { .. })), "{room}");
        assert_eq!(record(&folder), before, "{room}");
    }
    limit(nix::libc::RLIM_INFINITY);
    folder.append(&at(2), &typed("second")).unwrap();
    assert_eq!(events(&folder)[1..], [typed("first"), typed("second")]);
    assert_eq!(folder.read().unwrap().breaks(), []);
}

#[test]
fn an_attempt_that_has_no_room_to_begin_leaves_no_folder() {
    if !in_a_process_with_little_room("an_attempt_that_has_no_room_to_begin_leaves_no_folder") {
        return;
    }
    let state = tempfile::tempdir().unwrap();
    let attempts = Attempts::new(state.path());
    for room in [0, 5, 100] {
        limit(room);
        assert!(matches!(attempts.begin(TEXT, &at(0), started()), Err(FolderError::Full { .. })), "{room}");
        assert_eq!(attempts.ids().unwrap(), []);
    }
    limit(nix::libc::RLIM_INFINITY);
    attempts.begin(TEXT, &at(0), started()).unwrap();
}

#[test]
fn of_many_who_hand_in_at_the_same_moment_one_does_and_no_reading_goes_back() {
    let state = tempfile::tempdir().unwrap();
    let began = Reading::now().unwrap();
    let (_, folder) = Attempts::new(state.path()).begin(TEXT, &began, started()).unwrap();
    let hand_in = |attempt: &Attempt, _: &Reading| {
        (attempt.phase == Phase::Running).then_some(Event::Finished { by_clock: false })
    };
    let turn = |attempt: &Attempt, _: &Reading| {
        let turned = || Event::Turned { goal: "task/goal".parse().unwrap(), answer: Answer::Pass, within: None };
        (attempt.phase == Phase::Running).then(turned)
    };
    let done = std::thread::scope(|scope| {
        let many: Vec<_> = (0..8)
            .map(|nth| {
                let mut mine = Folder::at(folder.path());
                scope.spawn(move || {
                    let turned = (0..20).filter(|_| mine.append_now(turn).unwrap().is_some()).count();
                    (turned, (nth > 3).then(|| mine.append_now(hand_in).unwrap()).flatten().is_some())
                })
            })
            .collect();
        many.into_iter().map(|one| one.join().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(done.iter().filter(|(_, handed_in)| *handed_in).count(), 1);
    let found = folder.read().unwrap();
    let attempt = Attempt::of(&found.chain.entries).unwrap();
    assert_eq!((found.breaks(), attempt.misplaced.len(), attempt.clock.jumps()), (vec![], 0, &[][..]));
    assert_eq!(attempt.turns.len(), done.iter().map(|(turned, _)| turned).sum::<usize>());
    let ups: Vec<u64> = found.chain.entries.iter().map(|entry| entry.at.up).collect();
    assert!(ups.is_sorted(), "{ups:?}");
}

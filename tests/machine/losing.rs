//! What the lab listens to goes away: a manager, a directory, the right to watch, the watcher itself. The lab says so, looks from time
//! to time instead, and listens again as soon as it can. And a flood does not drown it.

// the functions beside the tests are tests too
#![allow(clippy::panic, clippy::unwrap_used)]

use std::time::{Duration, Instant};

use serde_json::json;

use crate::rich::{login, put, root};
use crate::rig::{self, Rig};
use crate::watching::{PATIENCE, PROMPT, SOON, as_conuser1, family, goals, lab, leave, lesson, scene, spent};
use terminal::Terminal;

/// A look by the clock, and some time to spare.
const POLL: Duration = Duration::from_secs(15);

fn status(lab: &mut Terminal) -> String {
    lab.line(":status");
    lab.wait("steps done", PATIENCE);
    lab.line("echo st''ood");
    let said = lab.wait("\nstood", PATIENCE);
    lab.wait(PROMPT, PATIENCE);
    said
}

/// Waits until the lab can, or cannot, watch everything.
fn wait_until_status(lab: &mut Terminal, why: Option<&str>) {
    let until = Instant::now() + PATIENCE;
    loop {
        let said = status(lab);
        let flat = said.split_whitespace().collect::<Vec<_>>().join(" ");
        if why.map_or(!flat.contains("cannot watch"), |why| flat.contains("cannot watch") && flat.contains(why)) {
            return;
        }
        assert!(Instant::now() < until, "wanted {why:?}: {said}");
        lab.pass(Duration::from_millis(300));
    }
}

#[test]
fn managers_that_start_anew_are_heard_again() {
    let Some(rig) = rig::have(scene()) else { return };
    put(&rig, "/etc/systemd/system/own@.service", "[Service]\nExecStart=/bin/sleep infinity\n");
    let mut all = goals(1);
    all.extend(goals(2));
    for nth in 1..3 {
        let unit = json!({"unit": {"name": format!("own@{nth}.service"), "active": "active"}});
        all.push((format!("own-{nth}"), unit));
    }
    let mut lab = lab(&rig, &all);
    login(&rig, "lisa", "sudo systemctl daemon-reload; sudo systemctl start own@1");
    lab.wait("green +Now own-1 is so", SOON);
    as_conuser1(&rig, "systemctl --user start demo@1");
    lab.wait("green +Now unit-1 is so", SOON);
    // The system's manager closes all of its own connections.
    login(&rig, "lisa", "sudo systemctl daemon-reexec; sudo systemctl start own@2");
    lab.wait("green +Now own-2 is so", SOON);
    // The account's manager ends, with all that it ran, and another one comes.
    login(&rig, "lisa", "sudo systemctl restart user@$(id -u conuser1)");
    lab.wait(r"(?s)was green.*Now unit-1 is so|Now unit-1 is so", PATIENCE);
    as_conuser1(&rig, "systemctl --user start demo@2");
    lab.wait("green +Now unit-2 is so", SOON);
    wait_until_status(&mut lab, None);
    leave(lab);
}

#[test]
fn a_manager_that_cannot_be_heard_is_named_and_heard_when_it_can_be() {
    let Some(rig) = rig::have(scene()) else { return };
    root(&rig, "chmod 0 /run/user/$(id -u conuser1)/systemd");
    let mut lab = lab(&rig, &goals(1));
    wait_until_status(&mut lab, Some("the user manager of conuser1 cannot be heard"));
    root(&rig, "chmod 755 /run/user/$(id -u conuser1)/systemd");
    wait_until_status(&mut lab, None);
    as_conuser1(&rig, "systemctl --user start demo@1");
    lab.wait("green +Now unit-1 is so", SOON);
    leave(lab);
}

#[test]
fn a_directory_that_was_deleted_or_moved_away_is_taken_up_again() {
    let Some(rig) = rig::have(scene()) else { return };
    let mut lab = lab(&rig, &goals(1));
    let write = "mkdir -p notes/1; echo hello >notes/1/file";
    as_conuser1(&rig, write);
    lab.wait("green +Now file-1 is so", SOON);
    for away in ["rm -r notes", "mv notes elsewhere", "rm -r notes; ln -s elsewhere notes; rm elsewhere/1/file"] {
        as_conuser1(&rig, away);
        lab.wait("Now file-1 is so", SOON);
        as_conuser1(&rig, write);
        lab.wait("green +Now file-1 is so", SOON);
    }
    leave(lab);
}

#[test]
fn a_watcher_that_was_killed_is_started_again() {
    let Some(rig) = rig::have(scene()) else { return };
    let mut lab = lab(&rig, &goals(1));
    let before = family(&rig);
    let (observer, _) = before.iter().find(|(_, words)| words.ends_with(" observer")).unwrap();
    root(&rig, &format!("kill -KILL {observer}"));
    lab.pass(Duration::from_secs(2));
    as_conuser1(&rig, "mkdir -p notes/1; echo hello >notes/1/file");
    lab.wait("green +Now file-1 is so", SOON);
    wait_until_status(&mut lab, None);
    leave(lab);
}

/// A lab of root's in which only so many files may be watched, and what changes that number.
fn limited(rig: &Rig, watches: usize) -> Terminal {
    put(rig, "/usr/share/rootless-lab/lessons/watched/lesson.yaml", &lesson(&goals(1)));
    // The limit is of a user namespace with all the machine's accounts, so that it is nobody else's. The machine's own /proc is read-only.
    let start = format!(
        "mkdir -p /opt/proc; mount -t proc proc /opt/proc; exec unshare --user --map-users 0:0:65536 --map-groups 0:0:65536 \
         sh -c 'echo {watches} >/opt/proc/sys/user/max_inotify_watches; exec rootless-lab start --here /usr/share/rootless-lab/lessons/watched/lesson.yaml'"
    );
    let words = ["sudo", "sh", "-c", &start].map(str::to_owned);
    let mut lab = Terminal::start(rig.enter_command("lisa", &words).unwrap(), 50, 100);
    lab.wait(PROMPT, PATIENCE);
    lab
}

#[test]
fn where_no_more_files_can_be_watched_the_lab_looks_from_time_to_time_and_says_so() {
    let Some(rig) = rig::have(scene()) else { return };
    let mut lab = limited(&rig, 3);
    wait_until_status(&mut lab, Some("fs.inotify.max_user_watches"));
    as_conuser1(&rig, "mkdir -p notes/1; echo hello >notes/1/file");
    lab.wait("green +Now file-1 is so", POLL);
    root(
        &rig,
        "nsenter -U -t $(pgrep -o -f 'rootless-lab observer') sh -c 'echo 1000 >/opt/proc/sys/user/max_inotify_watches'",
    );
    wait_until_status(&mut lab, None);
    as_conuser1(&rig, "rm notes/1/file");
    lab.wait("Now file-1 is so", SOON);
    leave(lab);
}

#[test]
fn a_flood_of_changes_does_not_drown_the_lab() {
    let Some(rig) = rig::have(scene()) else { return };
    let mut lab = lab(&rig, &goals(1));
    let pids: Vec<i32> = family(&rig).into_iter().map(|(pid, _)| pid).collect();
    let (before, begun) = (spent(&rig, &pids), Instant::now());
    as_conuser1(
        &rig,
        "mkdir -p notes/1; cd notes/1; n=0; while [ $n -lt 10000 ]; do n=$((n+1)); echo $n >file; [ $n -gt 5000 ] || : >$n; done",
    );
    let (used, time) = (spent(&rig, &pids) - before, begun.elapsed());
    let share = used as f64 / time.as_nanos() as f64;
    eprintln!("a flood of {:.1} s: {:.1} ms, {:.1} %", time.as_secs_f64(), used as f64 / 1e6, share * 100.0);
    assert!(share < 0.10, "{share}");
    as_conuser1(&rig, "echo hello >notes/1/file");
    lab.wait("green +Now file-1 is so", SOON);
    leave(lab);
}

#[test]
fn what_an_account_cannot_see_is_not_told_and_what_lies_in_the_way_holds_nobody() {
    let Some(rig) = rig::have(scene()) else { return };
    root(&rig, "echo one >/root/secret; chmod 700 /root; echo one >/opt/visible");
    as_conuser1(
        &rig,
        "ln -s /root/secret link; ln -s /root dir; ln -s loop loop; mkfifo pipe; mkdir -p .config/containers; \
         mkfifo .config/containers/storage.conf",
    );
    let paths = ["~/link", "~/dir/secret", "/root/secret", "~/loop/x", "~/pipe/x", "~/../../root/secret"];
    let path = |path: &&str| json!({"path": {"path": path, "as": "conuser1"}});
    let mut grounds: Vec<_> = paths.iter().map(path).collect();
    grounds.push(json!({"path": {"path": "/root/secret"}}));
    grounds.push(json!({"containers": "conuser1"}));
    let visible = grounds.len();
    grounds.push(json!({"path": {"path": "/opt/visible"}}));
    let watch = json!({"watch": {"round": 1, "grounds": grounds}});
    put(&rig, "/opt/watch", &format!("{watch}\n"));
    let script = "{ cat /opt/watch; until grep -q round /opt/stirs; do sleep 0.1; done; sleep 0.5
        echo two >/root/secret; mv /root/secret /root/other; echo three >/root/secret; sleep 0.5
        echo two >/opt/visible; until [ $(grep -c round /opt/stirs) -gt 1 ]; do sleep 0.1; done; } \
        | rootless-lab observer 2>/opt/stirs; tail -n +2 /opt/stirs";
    let said = root(&rig, script);
    let stirs: Vec<serde_json::Value> = said.lines().skip(1).map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(!stirs.is_empty(), "{said}");
    for stir in &stirs {
        assert_eq!(stir["grounds"], json!([visible]), "{said}");
    }
}

#[test]
fn a_sudo_that_asks_for_a_password_opens_the_eyes_once_the_learner_asked_and_typed_it() {
    let Some(rig) = rig::have(scene()) else { return };
    root(&rig, "sed -i s/NOPASSWD:// /etc/sudoers.d/lisa; install -d -m 700 -o a1 /home/a1/closed");
    let theirs = ("theirs".to_owned(), json!({"path": {"path": "/home/a1/closed/file", "kind": "file", "as": "a1"}}));
    let mut lab = lab(&rig, &[theirs]);
    // Nobody was asked for a password at the opening, and nothing is said to be missing that could not be looked at.
    let said = status(&mut lab);
    assert!(!said.contains("[sudo]"), "{said}");
    lab.line(":check");
    lab.wait(r"\[sudo\] password for lisa", PATIENCE);
    lab.line("not this one");
    lab.wait(r"\[sudo\] password for lisa", PATIENCE);
    lab.line("lisa");
    let judged = lab.wait(r"red +Now theirs is so[\s\S]*of 2 goals green", PATIENCE);
    assert!(!judged.contains("\nlisa"), "a password is not shown: {judged}");
    lab.wait(PROMPT, PATIENCE);
    root(&rig, "touch /home/a1/closed/file");
    lab.wait("green +Now theirs is so", PATIENCE);
    leave(lab);
}

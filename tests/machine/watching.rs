//! Goals that turn green by themselves: the machine is changed from outside, nobody presses a key, and the lab says so. And that
//! listening costs nothing, touches nothing, and comes back when it was lost.

// the functions beside the tests are tests too
#![allow(clippy::panic, clippy::unwrap_used)]

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::rich::{login, put, root};
use crate::rig::{self, Rig, Skip};
use terminal::Terminal;

pub const PATIENCE: Duration = Duration::from_secs(30);
/// What is noticed is noticed within this time. What the lab watches is never looked at by the clock.
pub const SOON: Duration = Duration::from_secs(3);
pub const PROMPT: &str = r"\[1/1[^\]]*\] [^\n]*[#$] $";

/// Makes what is to be changed: three of each kind.
const SCENE: &str = "set -e
for name in conuser1 a1 a2 a3; do sudo useradd -m -s /bin/bash $name; echo $name:$name | sudo chpasswd; done
sudo loginctl enable-linger conuser1
sudo systemctl mask --now netavark-dhcp-proxy.{socket,service} podman.{socket,service} 2>/dev/null";
const UNITS: &str = "set -e; mkdir -p ~/.config/systemd/user
printf '[Service]\nExecStart=/bin/sleep infinity\n' >~/.config/systemd/user/demo@.service
systemctl --user daemon-reload; podman create -t --name box ubi8 >/dev/null";

pub fn scene() -> Result<Rig, Skip> {
    let rig = rig::started(rig::release())?;
    login(&rig, "lisa", SCENE);
    login(&rig, "conuser1", UNITS);
    Ok(rig)
}

/// A lesson of one step with these goals, and one that is never green, so that the step stays.
pub fn lesson(goals: &[(String, Value)]) -> String {
    let never = ("never".to_owned(), json!({"path": {"path": "/run/never-there"}}));
    let goal = |(id, check): &(String, Value)| json!({"id": id, "say": format!("Now {id} is so."), "check": check});
    let goals: Vec<Value> = goals.iter().chain([&never]).map(goal).collect();
    let step = json!({"id": "facts", "title": "Facts", "text": "What is so.", "goals": goals,
        "hints": ["Look.", "Look again.", "Look there."], "solution": [{"lines": ["true"]}]});
    let created = ["conuser1", "a1", "a2", "a3"].map(|name| json!({"name": name, "role": "created"}));
    let lisa = json!({"name": "lisa", "role": "administrator", "password": "lisa"});
    let accounts: Vec<Value> = std::iter::once(lisa).chain(created).collect();
    json!({"format": 1, "title": "Facts", "summary": "What is so.", "accounts": accounts, "steps": [step]}).to_string()
}

/// A lab of lisa's at its prompt, with its eyes open and all said that was so at the opening.
pub fn lab(rig: &Rig, goals: &[(String, Value)]) -> Terminal {
    put(rig, "/usr/share/rootless-lab/lessons/watched/lesson.yaml", &lesson(goals));
    let words =
        ["rootless-lab", "start", "--here", "/usr/share/rootless-lab/lessons/watched/lesson.yaml"].map(str::to_owned);
    let mut lab = Terminal::start(rig.enter_command("lisa", &words).unwrap(), 50, 100);
    lab.wait(PROMPT, PATIENCE);
    // The watch begins, and looks once at everything.
    lab.line("sleep 1");
    lab.wait(PROMPT, PATIENCE);
    lab
}

pub fn leave(mut lab: Terminal) {
    lab.line(":quit");
    assert!(lab.end(PATIENCE).success());
}

/// As conuser1, without a login.
pub fn as_conuser1(rig: &Rig, script: &str) -> String {
    let set = "uid=$(id -u conuser1); cd /home/conuser1; setpriv --reuid $uid --regid $uid --init-groups \
               env -i HOME=/home/conuser1 USER=conuser1 PATH=$PATH XDG_RUNTIME_DIR=/run/user/$uid sh -c";
    root(rig, &format!("{set} '{script}'"))
}

/// The five kinds of change, for the nth time: a goal each.
pub fn goals(nth: usize) -> Vec<(String, Value)> {
    vec![
        (
            format!("file-{nth}"),
            json!({"path": {"path": format!("~/notes/{nth}/file"), "as": "conuser1", "contains": ["hello"]}}),
        ),
        (
            format!("unit-{nth}"),
            json!({"unit": {"name": format!("demo@{nth}.service"), "user": "conuser1", "active": "active"}}),
        ),
        (format!("linger-{nth}"), json!({"linger": {"account": format!("a{nth}")}})),
        (
            format!("container-{nth}"),
            json!({"container": {"account": "conuser1", "name": format!("box{nth}"), "running": true}}),
        ),
        (format!("session-{nth}"), json!({"session": {"account": format!("a{nth}"), "open": false}})),
    ]
}

/// Brings a change about; the session is one that is held open.
fn change(rig: &Rig, goal: &str, sessions: &mut Vec<Terminal>) {
    let (kind, nth) = goal.split_once('-').unwrap();
    match kind {
        "file" => drop(as_conuser1(rig, &format!("mkdir -p notes/{nth}; echo hello >notes/{nth}/file"))),
        "unit" => drop(as_conuser1(rig, &format!("systemctl --user start demo@{nth}"))),
        "linger" => drop(login(rig, "lisa", &format!("sudo loginctl enable-linger a{nth}"))),
        "container" => drop(as_conuser1(rig, &format!("podman run -dt --name box{nth} ubi8"))),
        _ => sessions.remove(0).line("exit"),
    }
}

#[test]
fn five_kinds_of_change_are_noticed_without_a_key_at_the_prompt_in_a_nested_shell_and_after_a_full_screen() {
    let Some(rig) = rig::have(scene()) else { return };
    let mut sessions: Vec<Terminal> = (1..4)
        .map(|nth| {
            let mut session = Terminal::start(rig.enter_command(&format!("a{nth}"), &[]).unwrap(), 24, 80);
            session.wait(r"\$ $", PATIENCE);
            session
        })
        .collect();
    let all: Vec<_> = (1..4).flat_map(goals).collect();
    let mut lab = lab(&rig, &all);
    let said = |lab: &mut Terminal, goal: &str, begun: Instant| {
        lab.wait(&format!("green +Now {goal} is so"), SOON);
        eprintln!("{goal}: {:.0} ms", begun.elapsed().as_secs_f64() * 1000.0);
    };
    for (goal, _) in goals(1) {
        change(&rig, &goal, &mut sessions);
        said(&mut lab, &goal, Instant::now());
    }
    lab.line("bash --norc");
    lab.wait(r"bash-[\d.]+\$ $", PATIENCE);
    for (goal, _) in goals(2) {
        change(&rig, &goal, &mut sessions);
        said(&mut lab, &goal, Instant::now());
    }
    lab.line("exit");
    lab.wait(PROMPT, PATIENCE);
    lab.line("less /etc/services");
    lab.wait("services", PATIENCE);
    for (goal, _) in goals(3) {
        change(&rig, &goal, &mut sessions);
        assert!(!lab.sees("green", Duration::from_millis(700)), "{goal}: said inside a full-screen program");
    }
    lab.keys("q");
    let said = lab.wait(PROMPT, PATIENCE);
    for (goal, _) in goals(3) {
        assert!(said.contains(&format!("Now {goal} is so")), "{goal}: {said}");
    }
    lab.line(":status");
    let said = lab.wait(PROMPT, PATIENCE);
    assert!(!said.contains("cannot watch"), "{said}");
    leave(lab);
}

/// The processes that a lab consists of beside the learner's bash: their ids and names.
pub fn family(rig: &Rig) -> Vec<(i32, String)> {
    let said = root(rig, "ps -e -o pid=,args=");
    let named = said.lines().filter_map(|line| line.trim().split_once(' '));
    let is_ours = |words: &str| {
        let program = words.split(' ').next().unwrap_or_default();
        matches!(program.rsplit('/').next(), Some("rootless-lab" | "sudo"))
    };
    let ours = named.filter(|(_, words)| is_ours(words));
    ours.map(|(pid, words)| (pid.parse().unwrap(), words.to_owned())).collect()
}

/// The time that these processes were given so far, in nanoseconds.
pub fn spent(rig: &Rig, pids: &[i32]) -> u64 {
    let files: Vec<String> = pids.iter().map(|pid| format!("/proc/{pid}/task/*/schedstat")).collect();
    let said = root(rig, &format!("cat {} 2>/dev/null; :", files.join(" ")));
    said.lines().filter_map(|line| line.split(' ').next()?.parse::<u64>().ok()).sum()
}

#[test]
fn an_idle_lab_is_two_processes_beside_bash_and_uses_no_time() {
    let Some(rig) = rig::have(scene()) else { return };
    let mut all = goals(1);
    // A unit that nobody has loaded: looking at it makes the manager speak, and that must not make the lab look again.
    all.push(("missing".into(), json!({"unit": {"name": "no-such.service", "user": "conuser1", "active": "active"}})));
    all.push((
        "reload".into(),
        json!({"unit": {"name": "demo@9.service", "user": "conuser1", "needs-daemon-reload": true}}),
    ));
    all.push(("ssh".into(), json!({"unit": {"name": "no-such.service", "active": "active"}})));
    let mut lab = lab(&rig, &all);
    // The looks as conuser1 came through a process of their own, which is not kept.
    lab.pass(Duration::from_secs(32));
    let family = family(&rig);
    let (pids, names): (Vec<i32>, Vec<&str>) = family.iter().map(|(pid, name)| (*pid, name.as_str())).unzip();
    assert_eq!(pids.len(), 2, "{names:?}");
    let (before, begun) = (spent(&rig, &pids), Instant::now());
    lab.pass(Duration::from_secs(30));
    let (used, time) = (spent(&rig, &pids) - before, begun.elapsed());
    let share = used as f64 / time.as_nanos() as f64;
    eprintln!("idle: {:.2} ms in {:.0} s, {:.4} %", used as f64 / 1e6, time.as_secs_f64(), share * 100.0);
    assert!(share < 0.001, "{used} ns in {time:?}: {names:?}");
    // It is awake all the same.
    as_conuser1(&rig, "mkdir -p notes/1; echo hello >notes/1/file");
    lab.wait("green +Now file-1 is so", SOON);
    leave(lab);
    let until = Instant::now() + PATIENCE;
    while !self::family(&rig).is_empty() {
        assert!(Instant::now() < until, "it does not end with the lab: {:?}", self::family(&rig));
    }
}

#[test]
fn an_observer_ends_with_a_lab_that_was_killed() {
    let Some(rig) = rig::have(scene()) else { return };
    let lab = lab(&rig, &goals(1));
    let family = self::family(&rig);
    assert!(family.iter().any(|(_, words)| words.ends_with(" observer")), "{family:?}");
    root(&rig, "pkill -KILL -f 'rootless-lab start'");
    let until = Instant::now() + PATIENCE;
    while !self::family(&rig).is_empty() {
        assert!(Instant::now() < until, "{:?}", self::family(&rig));
    }
    drop(lab);
}

#[test]
fn an_account_without_sudo_is_told_of_its_own_things() {
    let Some(rig) = rig::have(scene()) else { return };
    let all: Vec<_> = goals(1).into_iter().filter(|(id, _)| id != "session-1").collect();
    put(&rig, "/usr/share/rootless-lab/lessons/watched/lesson.yaml", &lesson(&all));
    let words =
        ["rootless-lab", "start", "--here", "/usr/share/rootless-lab/lessons/watched/lesson.yaml"].map(str::to_owned);
    let mut lab = Terminal::start(rig.enter_command("conuser1", &words).unwrap(), 50, 100);
    lab.wait(PROMPT, PATIENCE);
    lab.line("sleep 1");
    lab.wait(PROMPT, PATIENCE);
    for (goal, _) in all {
        change(&rig, &goal, &mut Vec::new());
        lab.wait(&format!("green +Now {goal} is so"), SOON);
    }
    lab.line(":status");
    let said = lab.wait(PROMPT, PATIENCE);
    assert!(!said.contains("cannot watch"), "{said}");
    leave(lab);
}

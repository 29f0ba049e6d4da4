//! Looking does not touch: a machine with logins, lingering and containers is the same before and after a thousand judgements, asked
//! by the program and by one observer that stays. What sudo itself writes into the journal is its own. And the comparison sees a single `podman ps`.

// the functions beside the tests are tests too
#![allow(clippy::panic, clippy::unwrap_used)]

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::rich::{lesson, login, observer, put, question, rich, root};
use crate::rig::{self, Rig};
use terminal::Terminal;

/// Everything that looking could change, a line each. What entered the machine to look has no session in it, and is left out.
const STATE: &str = r#"
as() { setpriv --reuid $1 --regid $1 --clear-groups env -i PATH=$PATH XDG_RUNTIME_DIR=/run/user/$1 "${@:2}"; }
ps -e -o sid=,pid=,ppid=,tty=,user:20=,args= | awk '$1 != 0' | sed 's/^/process /'
systemctl list-units --all --full --plain --no-legend | sed 's/^/unit /'
for uid in $(ls /run/user); do
    [ $uid = 0 ] || as $uid systemctl --user list-units --all --full --plain --no-legend | sed "s/^/unit of $uid /"
done
loginctl list-sessions --no-legend | awk '{print "session", $1, $2, $3}'
loginctl list-users --no-legend | awk '{print "user", $1, $2}'
for uid in $(loginctl list-users --no-legend | awk '{print $1}'); do
    state=$(loginctl show-user $uid -p State --value 2>/dev/null)
    case $state in opening | closing) echo moving user $uid $state ;; esac
done
find /sys/fs/cgroup -type d -printf 'group %p\n' 2>/dev/null
find /home /run /tmp /var/tmp /var/lib /etc /root -fstype proc -prune -o -printf 'file %p %y %m %U %G %s %T@ %l\n' 2>/dev/null |
    grep -v -e '^file /run/log/journal' -e '^file /run/systemd/journal'
cat /proc/net/unix | awk '$4 == "00010000" {print "socket", $8}'
ss -Hlntu | sed 's/^/port /'
echo "journal $(journalctl -q --no-pager -o short | grep -vc -e ' sudo\[' -e ' sudo: ')"
"#;

/// The machine once it has come to rest: two looks see the same, and nobody who is still leaving. systemd hears of mounts five times a
/// second at most, and of what comes after them when that second is over: so far apart are the looks.
pub fn state(rig: &Rig) -> Vec<String> {
    let look = || {
        let mut lines: Vec<String> = root(rig, STATE).lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    let until = Instant::now() + Duration::from_secs(60);
    let mut before = look();
    loop {
        std::thread::sleep(Duration::from_secs(1));
        let now = look();
        if now == before && !now.iter().any(|line| line.starts_with("moving ")) {
            return now;
        }
        assert!(Instant::now() < until, "the machine does not come to rest:\n{}", changes(&before, &now));
        before = now;
    }
}

/// What is in one of two looks only.
pub fn changes(before: &[String], after: &[String]) -> String {
    let only = |these: &[String], those: &[String], mark: &str| {
        let new = these.iter().filter(|line| those.binary_search(line).is_err());
        new.map(|line| format!("{mark} {line}\n")).collect::<String>()
    };
    only(before, after, "-") + &only(after, before, "+")
}

/// Every kind of check, with something to see, with nothing to see, and where nobody can look.
fn wishes() -> Vec<Value> {
    let container = |account: &str, name: &str| json!({"container": {"account": account, "name": name, "running": true, "unit": "container-web1.service", "image": "ubi8"}});
    let unit = |user: &str, name: &str| {
        json!({"unit": {"name": name, "user": user, "active": "active", "file-state": "enabled", "needs-daemon-reload": false,
            "can-reload": false, "fragment": "~/.config/systemd/user/container-web1.service", "restarted": true, "at-boot": false}})
    };
    let mut wishes = vec![
        container("conuser1", "web1"),
        container("conuser1", "loose"),
        json!({"container": {"account": "conuser1", "name": "done", "running": false, "tty": true, "command": ["/bin/sh", "-c", ":"]}}),
        container("never", "web1"),
        json!({"image": {"account": "conuser1", "name": "ubi8"}}),
        json!({"image": {"account": "lingers", "name": "ubi8"}}),
        unit("conuser1", "container-web1.service"),
        unit("conuser1", "no-such.service"),
        unit("lingers", "dbus.service"),
        unit("never", "dbus.service"),
        json!({"unit": {"name": "ssh.service", "active": "active", "file-state": "enabled", "needs-daemon-reload": false}}),
        json!({"unit": {"name": "user@1003.service", "active": "inactive"}}),
        json!({"unit": {"name": "no-such.service", "load": "not-found"}}),
        json!({"account": {"name": "conuser1", "groups": ["conuser1"], "sub-ids": 65536}}),
        json!({"password": {"account": "conuser1", "set": true, "locked": false}}),
        json!({"path": {"path": "~conuser1/note", "contains": ["hello"], "owner": "conuser1"}}),
        json!({"path": {"path": "~conuser1/pipe", "contains": ["hello"]}}),
        json!({"path": {"path": "~conuser1/link", "contains": ["root"]}}),
        json!({"path": {"path": "~never/.config", "exists": false}}),
        json!({"unit-file": {"path": "~conuser1/.config/systemd/user/container-web1.service", "made": "new", "container": "web1"}}),
        json!({"port": {"number": 22, "owner": "root"}}),
        json!({"port": {"number": 9, "listening": false}}),
        json!({"command": {"run": "systemctl daemon-reload", "flags": ["user"]}}),
        json!({"shell": {"account": "lisa", "entered": "login", "own-bus": true}}),
        json!({"all": [{"linger": {"account": "lingers"}}, {"not": {"linger": {"account": "never"}}}]}),
        json!({"any": [{"session": {"account": "never"}}, {"session": {"account": "lisa"}}]}),
    ];
    for name in ["lisa", "conuser1", "lingers", "never", "no-such"] {
        wishes.push(json!({"linger": {"account": name}}));
        wishes.push(json!({"session": {"account": name, "service": "sshd"}}));
        wishes.push(json!({"manager": {"user": name, "running": true, "reloaded": false}}));
    }
    wishes
}

#[test]
fn a_thousand_judgements_leave_the_machine_as_it_was() {
    let Some(rig) = rig::have(rich()) else { return };
    let mut lisa = Terminal::start(rig.enter_command("lisa", &[]).unwrap(), 24, 80);
    lisa.wait(r"lisa@[^\n]*\$ ", Duration::from_secs(30));
    lisa.line("ps -o tpgid= $$; echo is it");
    let said = lisa.wait(r"\d+\n+is it", Duration::from_secs(10));
    let front = said.split_whitespace().find_map(|word| word.parse().ok());
    assert!(front.is_some(), "{said}");

    let wishes = wishes();
    put(&rig, "/usr/share/rootless-lab/lessons/facts/lesson.yaml", &lesson(&wishes));
    login(&rig, "lisa", "sudo -n true");
    let before = state(&rig);
    for who in ["conuser1", "lingers"] {
        let uid = root(&rig, &format!("id -u {who}")).trim().to_owned();
        assert!(before.iter().any(|line| line.starts_with(&format!("unit of {uid} "))), "{who} has a manager");
    }
    let daemons =
        |state: &[String]| state.iter().filter(|line| line.contains("dbus-daemon") && line.contains("lingers")).count();
    assert_eq!(daemons(&before), 0, "an account that lingers and never logged in has no bus daemon");

    let begun = Instant::now();
    let said = root(
        &rig,
        "for n in $(seq 25); do rootless-lab check --lesson /usr/share/rootless-lab/lessons/facts/lesson.yaml --all --json >/opt/said || [ $? -lt 3 ] || exit 1; done; grep -c verdict /opt/said",
    );
    assert_eq!(said.trim(), wishes.len().to_string());
    let answers = observer(&rig, &vec![question(&wishes, front); 25]);
    assert_eq!(answers.len(), 25);
    eprintln!("{} judgements in {:.1} s", 50 * wishes.len(), begun.elapsed().as_secs_f64());
    let kinds =
        |kind: &str| answers[24]["verdicts"].as_array().unwrap().iter().filter(|one| one.get(kind).is_some()).count();
    assert!(kinds("pass") > 9 && kinds("fail") > 9 && kinds("unknown") > 4, "{:#}", answers[24]);
    // Once is enough for what takes long, and for the way through sudo.
    let slow = json!({"password": {"account": "conuser1", "is": "conuser1"}});
    assert!(observer(&rig, &[question(&[slow], None)])[0]["verdicts"][0].get("pass").is_some());
    lisa.line("rootless-lab check --lesson /usr/share/rootless-lab/lessons/facts/lesson.yaml --all --json | grep -c verdict; echo so many");
    lisa.wait(&format!(r"\b{}\s+so many", wishes.len()), Duration::from_secs(30));
    let after = state(&rig);
    assert!(before == after, "looking touched the machine:\n{}", changes(&before, &after));

    // The comparison itself can fail: podman as an account that never ran anything leaves its marks.
    root(&rig, "cd /; setpriv --reuid never --regid never --init-groups env -i HOME=/home/never PATH=$PATH podman ps");
    let touched = changes(&before, &state(&rig));
    assert!(touched.contains("+ file /home/never/"), "{touched}");
}

#[test]
fn listening_to_all_there_is_leaves_the_machine_as_it_was() {
    let Some(rig) = rig::have(rich()) else { return };
    let mut grounds = vec![json!("accounts"), json!("logins"), json!("system-manager")];
    for name in ["conuser1", "lingers", "never", "lisa", "no-such"] {
        grounds.extend([json!({"user-manager": name}), json!({"containers": name})]);
        grounds.push(json!({"unit": {"name": "container-web1.service", "user": name}}));
        grounds.push(json!({"path": {"path": "~/a/b/c", "as": name, "inside": true}}));
    }
    let watch = json!({"watch": {"round": 1, "grounds": grounds}});
    put(&rig, "/opt/watch", &format!("{watch}\n"));
    login(&rig, "lisa", "sudo -n true");
    let before = state(&rig);
    std::thread::scope(|scope| {
        // It listens until it is told to end.
        let listening =
            "{ cat /opt/watch; until [ -e /opt/enough ]; do sleep 0.1; done; } | rootless-lab observer 2>/opt/stirs";
        let listener = scope.spawn(|| root(&rig, listening));
        let during = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            root(&rig, "until grep -q round /opt/stirs; do sleep 0.1; done 2>/dev/null");
            state(&rig)
        }));
        root(&rig, "touch /opt/enough");
        assert_eq!(listener.join().unwrap().trim(), r#""watching""#);
        let during = during.unwrap();
        assert!(before == during, "listening touches the machine:\n{}", changes(&before, &during));
    });
    let stirs = root(&rig, "cat /opt/stirs");
    assert!(stirs.contains(r#""lost":{}"#), "everything is listened to: {stirs}");
    let after = state(&rig);
    assert!(before == after, "listening touched the machine:\n{}", changes(&before, &after));
}

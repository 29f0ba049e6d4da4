//! A lesson and an account that mean harm: whatever conuser1 puts in the way of those who look as it, the answer is Unknown and comes
//! soon, the other accounts are judged as ever, and nothing is seen that conuser1 could not see.

// the functions beside the tests are tests too
#![allow(clippy::panic, clippy::unwrap_used)]

use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::chown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use nix::sys::socket::{Backlog, listen};
use serde_json::{Value, json};

use crate::rich::{login, observer, question, rich, root};
use crate::rig::{self, Rig};

/// An observer and the child that it asks, shown from the inside, from conuser1's side, and after the observer was killed.
const CHILD: &str = r#"
coproc O { exec rootless-lab observer; }
echo '{"judge":{"checks":[{"within":{"time":"50s","check":{"path":{"path":"/no-such","as":"conuser1"}}}}],"context":{"patience":"50s"}}}' >&${O[1]}
until child=$(pgrep -P $O_PID -u conuser1); do sleep .01; done
for pid in $child $O_PID; do
    echo "$(grep -E '^(Uid|Gid|NoNewPrivs|Groups):' /proc/$pid/status | tr -s '\t\n ' ' ')" \
        "environ $(wc -c </proc/$pid/environ) descriptors $(ls /proc/$pid/fd | tr '\n' ' ')"
done
setpriv --reuid conuser1 --regid conuser1 --init-groups cat /proc/$child/environ /proc/$child/mem 2>&1 | grep -c denied
kill -9 $O_PID
timeout 5 tail --pid $child -f /dev/null && echo gone"#;

#[test]
fn who_looks_as_an_account_has_its_rights_and_no_more_and_ends_with_the_observer() {
    let Some(rig) = rig::have(rich()) else { return };
    let uid = root(&rig, "id -u conuser1").trim().to_owned();
    let said = root(&rig, CHILD);
    let lines: Vec<&str> = said.lines().collect();
    let ids = [uid.as_str(); 4].join(" ");
    assert!(lines[0].starts_with(&format!("Uid: {ids} Gid: {ids} Groups: {uid}")), "{said}");
    // Where the program comes with a loader, the shell that starts it says `PWD=/`.
    let small = ["0", "6"].map(|bytes| format!("NoNewPrivs: 1  environ {bytes} descriptors 0 1 2 "));
    assert!(small.iter().any(|small| lines[0].ends_with(small)), "{said}");
    assert!(lines[1].contains("Uid: 0 0 0 0") && lines[1].contains("NoNewPrivs: 1"), "{said}");
    assert_eq!(&lines[2..], ["2", "gone"], "{said}");
}

/// Questions to one observer, each after a rest; after each the account that it looked as is renumbered.
const FREE: &str = r#"
coproc O { exec rootless-lab observer; }
for uid in 4001 4002 4003; do
    echo '{"judge":{"checks":[{"path":{"path":"~","as":"never"}},{"path":{"path":"~","as":"lingers"}}],"context":{}}}' >&${O[1]}
    read -r answer <&${O[0]}
    case $answer in *fail*|*unknown*) echo "$answer" ;; esac
    until ! pgrep -P $O_PID >/dev/null; do sleep .01; done
    usermod -u $uid never 2>&1
done
userdel -r never 2>&1 | grep -v 'mail spool'
kill $O_PID"#;

#[test]
fn nobody_stays_behind_who_keeps_an_account_from_being_renumbered_or_removed() {
    let Some(rig) = rig::have(rich()) else { return };
    assert_eq!(root(&rig, FREE), "");
}

/// The verdicts of these wishes, and of one about root's own files, which has to be judged whatever happens to the others.
#[track_caller]
fn soon(rig: &Rig, wishes: &[Value]) -> Vec<Value> {
    let sure = [json!({"account": {"name": "lisa"}}), json!({"path": {"path": "~lingers", "as": "lingers"}})];
    let all: Vec<Value> = wishes.iter().chain(&sure).cloned().collect();
    let begun = Instant::now();
    let said = observer(rig, &[question(&all, None)]);
    assert!(begun.elapsed() < Duration::from_secs(9), "{:?}: {wishes:?}", begun.elapsed());
    let mut verdicts = said[0]["verdicts"].as_array().unwrap_or_else(|| panic!("{said:?}")).clone();
    for verdict in verdicts.split_off(wishes.len()) {
        assert!(verdict.get("pass").is_some(), "{verdict} beside {wishes:?}");
    }
    verdicts
}

#[track_caller]
fn nobody_knows(rig: &Rig, wishes: &[Value]) {
    for (wish, verdict) in wishes.iter().zip(soon(rig, wishes)) {
        assert!(verdict.get("unknown").is_some(), "{wish}: {verdict}");
    }
}

#[test]
fn what_lies_in_the_way_makes_nobody_hang_and_nobody_lie() {
    let Some(rig) = rig::have(rich()) else { return };
    let container = json!({"container": {"account": "conuser1", "name": "web1", "exists": false}});
    let image = json!({"image": {"account": "conuser1", "name": "ubi8", "exists": false}});
    let tty = json!({"container": {"account": "conuser1", "name": "done", "tty": true}});
    let file = |name: &str| json!({"path": {"path": format!("~/{name}"), "as": "conuser1", "contains": ["x"]}});
    let unit_file = json!({"unit-file": {"path": "~/long.service", "as": "conuser1", "sections": ["Service"]}});
    let storage = "cd /home/conuser1/.local/share/containers/storage; cd overlay-containers || cd vfs-containers";
    let plant = |script: &str| {
        let output = rig.run_root(&["bash", "-c", &format!("{storage}; {script}")]).unwrap();
        assert!(output.status.success(), "{script}: {output:?}");
    };
    plant("cp containers.json /opt/; ln -sf /etc/shadow ~conuser1/link; mkfifo ~conuser1/fifo; ln -s /dev/zero ~conuser1/zero
        ln -s loop ~conuser1/loop; truncate -s 1T ~conuser1/huge; yes '\\' | head -c 3000000 >~conuser1/long.service");
    nobody_knows(&rig, &[file("link"), file("loop"), file("huge"), unit_file]);
    for verdict in soon(&rig, &[file("fifo"), file("zero")]) {
        assert!(verdict.get("fail").is_some(), "what it is can be seen, and nothing is read from it: {verdict}");
    }
    plant("head -c 9000000 /dev/zero | tr '\\0' '[' >containers.json");
    nobody_knows(&rig, std::slice::from_ref(&container));
    plant("truncate -s 1T containers.json");
    nobody_knows(&rig, std::slice::from_ref(&container));
    for what in ["mkfifo", "ln -s /etc/shadow", "ln -s /dev/zero", "ln -s /proc/self/mem", "mkdir"] {
        plant(&format!("rm -rf containers.json; {what} containers.json"));
        nobody_knows(&rig, std::slice::from_ref(&container));
    }
    plant(
        "rm -rf containers.json; cp /opt/containers.json .; for file in */userdata/config.json; do
        head -c 3000000 /dev/zero | tr '\\0' '{' >$file; done",
    );
    nobody_knows(&rig, &[tty]);
    // So many names that no answer holds them: only this account's verdicts are lost.
    plant("cd ../overlay-images || cd ../vfs-images; { printf '[{\"id\":\"a\",\"names\":['; yes '\"registry.example/name\",' |
        head -n 200000; echo '\"x\"]}]'; } >images.json");
    nobody_knows(&rig, &[image]);
    plant(
        "mkdir -p ~conuser1/.config/containers; rm -f ~conuser1/.config/containers/storage.conf
        mkfifo ~conuser1/.config/containers/storage.conf",
    );
    nobody_knows(&rig, &[container]);
}

#[test]
fn an_account_that_stops_those_who_look_as_it_loses_its_own_verdicts_only() {
    let Some(rig) = rig::have(rich()) else { return };
    login(
        &rig,
        "conuser1",
        "systemd-run --user -q sh -c 'while :; do pkill -STOP -f \"[o]bserver --account=conuser1\"; done'",
    );
    let here = json!({"path": {"path": "/etc/passwd", "as": "conuser1"}});
    let both = json!({"all": [here, here, here, here]});
    // One who is quick may have answered before.
    let until = Instant::now() + Duration::from_secs(60);
    while soon(&rig, &[here.clone(), both.clone()]).iter().any(|verdict| verdict.get("pass").is_some()) {
        assert!(Instant::now() < until, "nobody is stopped");
    }
    assert_eq!(root(&rig, "pgrep -fc '[o]bserver --account=conuser1' || :").trim(), "0", "none is left behind");
}

/// A manager of the account's own making: takes a connection, and then does this.
type Manager = fn(UnixStream);

#[test]
fn a_false_manager_is_not_waited_for() {
    let Some(rig) = rig::have(rich()) else { return };
    let uid: u32 = root(&rig, "id -u conuser1").trim().parse().unwrap();
    let place = PathBuf::from(format!("/proc/{}/root/run/user/{uid}/systemd/private", rig.leader().unwrap()));
    let managers: [(&str, Manager); 5] = [
        ("silent", |mut stream| drop(stream.read_to_end(&mut Vec::new()))),
        ("refusing", |mut stream| drop(stream.write_all(b"REJECTED EXTERNAL\r\n"))),
        ("chattering", |stream| flood(stream, b"OK ")),
        ("garbage", |stream| {
            flood(stream, b"OK 0123\r\nl\x02\x01\x01\xff\xff\xff\xff\x01\x00\x00\x00\xff\xff\xff\xff")
        }),
        ("signals", |stream| flood(stream, b"OK 0123\r\n")),
    ];
    let wishes = [
        json!({"unit": {"name": "container-web1.service", "user": "conuser1", "active": "inactive"}}),
        json!({"manager": {"user": "conuser1", "reloaded": false}}),
    ];
    for (name, manager) in managers {
        let _ = std::fs::remove_file(&place);
        let listener = UnixListener::bind(&place).unwrap();
        chown(&place, Some(uid), Some(uid)).unwrap();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                std::thread::spawn(move || manager(stream));
            }
        });
        eprintln!("{name}");
        nobody_knows(&rig, &wishes);
    }
    let _ = std::fs::remove_file(&place);
    let listener = UnixListener::bind(&place).unwrap();
    listen(&listener, Backlog::new(0).unwrap()).unwrap();
    chown(&place, Some(uid), Some(uid)).unwrap();
    let waiting = UnixStream::connect(&place).unwrap();
    nobody_knows(&rig, &wishes);
    assert!(waiting.as_raw_fd() > 0);
}

/// Says hello in these words, and then signals without end: small messages that answer nothing.
fn flood(mut stream: UnixStream, hello: &[u8]) {
    let signal = b"l\x04\x01\x01\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00";
    let _ = stream.read(&mut [0; 512]);
    let _ = stream.write_all(hello);
    while stream.write_all(&signal.repeat(64)).is_ok() {}
}

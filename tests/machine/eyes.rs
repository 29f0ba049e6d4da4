//! Every check about accounts says pass, fail and unknown where that is the truth, on a machine that is brought there by typing.

// the functions beside the tests are tests too
#![allow(clippy::panic, clippy::unwrap_used)]

use std::time::Duration;

use rootless_lab::practice::Release;
use serde_json::{Value, json};

use crate::rich::{login, observer, question, rich, root, verdicts};
use crate::rig::{self, Rig};
use terminal::Terminal;

const SOON: Duration = Duration::from_secs(30);

/// Judges all of them in one go; says every one that has another answer than written beside it.
#[track_caller]
fn hold(rig: &Rig, expected: &[(&str, Value)]) {
    let wishes: Vec<Value> = expected.iter().map(|(_, wish)| wish.clone()).collect();
    let verdicts = verdicts(rig, &wishes);
    assert_eq!(verdicts.len(), expected.len());
    let told = |((answer, wish), verdict): (&(&str, Value), &Value)| {
        verdict.get(*answer).is_none().then(|| format!("{wish}\n  is not {answer} but {verdict}\n"))
    };
    let wrong: String = expected.iter().zip(&verdicts).filter_map(told).collect();
    assert!(wrong.is_empty(), "{wrong}");
}

fn unit(user: &str, wish: Value) -> Value {
    let mut unit = json!({"name": "container-web1.service", "user": user});
    unit.as_object_mut().unwrap().extend(wish.as_object().unwrap().clone());
    json!({ "unit": unit })
}

fn container(name: &str, wish: Value) -> Value {
    let mut container = json!({"name": name, "account": "conuser1"});
    container.as_object_mut().unwrap().extend(wish.as_object().unwrap().clone());
    json!({ "container": container })
}

#[test]
fn units_containers_and_accounts_are_seen_as_they_are() {
    let Some(rig) = rig::have(rich()) else { return };
    let dates = if rig::release() == Release::Bullseye { ["unknown"; 2] } else { ["pass", "fail"] };
    let service = "container-web1.service";
    hold(
        &rig,
        &[
            ("pass", unit("conuser1", json!({"active": "active", "sub": "running", "file-state": "enabled"}))),
            ("pass", unit("conuser1", json!({"needs-daemon-reload": false, "can-reload": false, "load": "loaded"}))),
            ("pass", unit("conuser1", json!({"fragment": format!("~/.config/systemd/user/{service}")}))),
            ("pass", unit("conuser1", json!({"restarted": true}))),
            ("pass", json!({"unit": {"name": "ssh.service", "at-boot": true}})),
            ("fail", unit("conuser1", json!({"at-boot": true}))),
            ("fail", json!({"unit": {"name": "dbus.socket", "user": "lingers", "at-boot": true}})),
            ("fail", unit("conuser1", json!({"active": "inactive"}))),
            ("fail", unit("conuser1", json!({"file-state": "disabled"}))),
            ("fail", unit("lingers", json!({"active": "active"}))),
            ("pass", unit("lingers", json!({"load": "not-found"}))),
            ("unknown", unit("never", json!({"load": "not-found"}))),
            ("unknown", unit("no-such", json!({"active": "inactive"}))),
            ("pass", json!({"unit": {"name": "dbus.socket", "user": "lingers", "active": "active"}})),
            ("pass", json!({"manager": {"user": "conuser1", "running": true}})),
            ("pass", json!({"manager": {"user": "never", "running": false}})),
            ("fail", json!({"manager": {"user": "never", "running": true}})),
            (dates[0], json!({"manager": {"user": "conuser1", "reloaded": true}})),
            (dates[1], json!({"manager": {"user": "conuser1", "reloaded": false}})),
            ("unknown", json!({"manager": {"user": "never", "reloaded": true}})),
            ("pass", json!({"linger": {"account": "lingers"}})),
            ("fail", json!({"linger": {"account": "never"}})),
            ("unknown", json!({"linger": {"account": "no-such", "enabled": false}})),
            ("fail", json!({"session": {"account": "lingers"}})),
            ("pass", json!({"session": {"account": "lingers", "open": false}})),
            ("unknown", json!({"session": {"account": "no-such", "open": false}})),
            (
                "pass",
                container("web1", json!({"running": true, "unit": service, "image": "ubi8", "tty": true, "new": true})),
            ),
            ("pass", container("loose", json!({"running": true, "command": ["/bin/sh"]}))),
            ("fail", container("loose", json!({"unit": service}))),
            ("pass", container("done", json!({"running": false, "tty": false, "command": ["/bin/sh", "-c", ":"]}))),
            ("fail", container("done", json!({"running": true}))),
            ("pass", container("fresh", json!({"running": false}))),
            ("unknown", container("fresh", json!({"tty": true}))),
            ("fail", container("web2", json!({}))),
            ("pass", container("web2", json!({"exists": false}))),
            ("unknown", json!({"container": {"account": "no-such", "name": "web1", "exists": false}})),
            ("pass", json!({"image": {"account": "conuser1", "name": "ubi8"}})),
            ("fail", json!({"image": {"account": "never", "name": "ubi8"}})),
            ("unknown", json!({"image": {"account": "no-such", "name": "ubi8", "exists": false}})),
            ("pass", json!({"account": {"name": "conuser1", "home": "/home/conuser1", "sub-ids": 65536}})),
            ("fail", json!({"account": {"name": "conuser1", "groups": ["sudo"]}})),
            ("fail", json!({"account": {"name": "no-such"}})),
            ("pass", json!({"password": {"account": "conuser1", "set": true, "locked": false, "is": "conuser1"}})),
            ("fail", json!({"password": {"account": "conuser1", "is": "else"}})),
            ("fail", json!({"password": {"account": "conuser1", "locked": true}})),
        ],
    );
    // What was true is no more; and where nobody can know, nobody says.
    root(
        &rig,
        r#"usermod -p '$1$salt$qJH7.N4xYta3aEG/dfqo/0' never; usermod -L conuser1
        cp /etc/nsswitch.conf /opt/; echo 'subid: sss' >>/etc/nsswitch.conf
        install -d -o lingers /home/lingers/.local/share/containers/storage/overlay-{images,containers}
        echo '{' >/home/lingers/.local/share/containers/storage/overlay-images/images.json
        head -c 3000000 /dev/zero | tr '\0' '[' >/home/lingers/.local/share/containers/storage/overlay-containers/containers.json
        pid=$(pgrep -u conuser1 -fx '/bin/sh' | head -1)
        conmon=$(pgrep -u conuser1 -f 'conmon.* loose '); kill -9 $conmon; pkill -9 -u conuser1 -g $(pgrep -P $conmon -d, ; echo $pid) || :"#,
    );
    login(&rig, "lisa", "sudo loginctl disable-linger lingers");
    login(
        &rig,
        "conuser1",
        &format!("echo '# x' >>.config/systemd/user/{service}; systemctl --user disable {service} 2>&1"),
    );
    let mut lisa = Terminal::start(rig.enter_command("lisa", &[]).unwrap(), 24, 80);
    lisa.wait(r"lisa@[^\n]*\$ ", SOON);
    hold(
        &rig,
        &[
            ("fail", unit("conuser1", json!({"file-state": "enabled"}))),
            ("pass", unit("conuser1", json!({"active": "active"}))),
            ("fail", json!({"linger": {"account": "lingers"}})),
            ("pass", json!({"session": {"account": "lisa", "service": "sshd"}})),
            ("fail", json!({"session": {"account": "lisa", "service": "login"}})),
            ("fail", json!({"session": {"account": "lisa", "open": false}})),
            ("unknown", json!({"password": {"account": "never", "is": "never"}})),
            ("pass", json!({"password": {"account": "conuser1", "locked": true}})),
            ("unknown", json!({"account": {"name": "conuser1", "sub-ids": 65536}})),
            ("unknown", json!({"image": {"account": "lingers", "name": "ubi8", "exists": false}})),
            ("unknown", json!({"container": {"account": "lingers", "name": "web1", "exists": false}})),
        ],
    );
}

/// A terminal into which somebody types, and the process in front of it as the lab sees it.
struct Typist<'a> {
    rig: &'a Rig,
    terminal: Terminal,
    tty: String,
    typed: u32,
}

impl<'a> Typist<'a> {
    fn lisa(rig: &'a Rig) -> Self {
        let mut terminal = Terminal::start(rig.enter_command("lisa", &[]).unwrap(), 24, 80);
        terminal.line("tty");
        let tty = terminal.wait(r"/dev/pts/\d+\s", SOON);
        let tty = tty[tty.rfind("pts/").unwrap()..].trim().to_owned();
        Self { rig, terminal, tty, typed: 0 }
    }

    /// Types a line and answers with the password where it asks for one.
    fn line(&mut self, line: &str, password: Option<&str>) {
        self.terminal.line(line);
        self.terminal.wait(&regex::escape(line), SOON);
        if let Some(password) = password {
            self.terminal.wait("(?i)password: ?", SOON);
            self.terminal.line(password);
        }
        self.typed += 1;
        let (mark, seen) = (format!("echo he''re{}", self.typed), format!(r"here{}\s", self.typed));
        // A program on its way in or out throws keys away: the new prompt first.
        self.terminal.wait(r"[$#>] ?\z", SOON);
        self.terminal.line(&mark);
        self.terminal.wait(&format!(r"{seen}[^$#>]*[$#>] ?\z"), SOON);
    }

    /// The answers of these wishes about the shell in front.
    #[track_caller]
    fn shell(&self, expected: &[(&str, Value)]) {
        let front = root(self.rig, &format!("ps -t {} -o tpgid= | head -1", self.tty)).trim().parse().ok();
        let wishes: Vec<Value> = expected.iter().map(|(_, wish)| json!({"shell": wish})).collect();
        let said = observer(self.rig, &[question(&wishes, front), json!({"front": front})]);
        for ((answer, wish), verdict) in expected.iter().zip(said[0]["verdicts"].as_array().unwrap()) {
            assert!(verdict.get(*answer).is_some(), "{wish} is not {answer}: {verdict}\n{}", said[1]);
        }
    }
}

#[test]
fn a_shell_is_known_however_it_was_entered() {
    let Some(rig) = rig::have(rich()) else { return };
    let mut lisa = Typist::lisa(&rig);
    let own = |account: &str, entered: &str| {
        [
            ("pass", json!({"account": account, "entered": entered, "own-runtime-dir": true, "own-bus": true})),
            ("fail", json!({"own-bus": false})),
            ("fail", json!({"account": "never"})),
        ]
    };
    let foreign = |entered: &str| {
        [
            ("pass", json!({"account": "conuser1", "entered": entered, "own-runtime-dir": false, "own-bus": false})),
            ("fail", json!({"account": "conuser1", "entered": "login"})),
            ("fail", json!({"own-bus": true})),
            ("fail", json!({"account": "lisa"})),
        ]
    };
    // With no XDG_RUNTIME_DIR at all it is neither the account's own nor another's.
    let bare = |entered: &str| {
        [
            ("pass", json!({"account": "conuser1", "entered": entered, "own-bus": false})),
            ("fail", json!({"own-runtime-dir": true})),
            ("fail", json!({"own-runtime-dir": false})),
            ("fail", json!({"account": "lisa"})),
        ]
    };
    lisa.line("true", None);
    lisa.shell(&own("lisa", "login"));
    lisa.line("su conuser1", Some("conuser1"));
    lisa.shell(&foreign("su"));
    lisa.line("exit", None);
    lisa.line("su - conuser1", Some("conuser1"));
    lisa.shell(&bare("su"));
    lisa.line("exit", None);
    lisa.line("sudo -iu conuser1", None);
    lisa.shell(&bare("sudo"));
    lisa.line("bash", None);
    lisa.shell(&bare("sudo"));
    lisa.line("exit", None);
    lisa.line("exit", None);
    lisa.shell(&own("lisa", "login"));
    lisa.line("ssh -o StrictHostKeyChecking=no conuser1@localhost", Some("conuser1"));
    lisa.shell(&own("conuser1", "login"));
    lisa.line("podman exec -it web1 /bin/sh", None);
    lisa.shell(&[("pass", json!({"account": "conuser1"})), ("fail", json!({"account": "lisa"}))]);
    lisa.line("exit", None);
    lisa.line("exit", None);
    lisa.shell(&own("lisa", "login"));
    let said = observer(&rig, &[question(&[json!({"shell": {"account": "lisa"}})], Some(4_000_000))]);
    assert!(said[0]["verdicts"][0].get("unknown").is_some(), "{said:?}");
    let verdicts = verdicts(&rig, &[json!({"shell": {"account": "lisa"}})]);
    assert!(verdicts[0].get("unknown").is_some(), "{verdicts:?}");
}

#[test]
fn the_options_of_a_command_are_known_whoever_typed_it() {
    let Some(rig) = rig::have(rig::started(rig::release())) else { return };
    let wish = json!({"command": {"run": "systemctl daemon-reload", "flags": ["user"]}});
    let typed = |line: &str| {
        let fact = json!({"line": line, "status": null, "output": "", "account": null});
        json!({"judge": {"checks": [wish], "context": {"commands": [fact]}}})
    };
    let lines = ["systemctl --user daemon-reload", "systemctl daemon-reload --user", "systemctl daemon-reload"];
    let said = observer(&rig, &lines.map(typed));
    let verdict = |nth: usize| &said[nth]["verdicts"][0];
    assert!(verdict(0).get("pass").is_some() && verdict(1).get("pass").is_some(), "{said:?}");
    assert!(verdict(2).get("fail").is_some(), "{said:?}");
}

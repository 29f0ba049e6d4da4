//! The checks about the system itself, each true and false once on a real machine, which is the same before and after they are judged.

// the functions beside the tests are tests too
#![allow(clippy::panic, clippy::unwrap_used)]

use serde_json::{Value, json};

use crate::looking::{changes, state};
use crate::rich::{login, observer, question, root, verdicts};
use crate::rig::{self, Rig, Skip};

/// Something to see for each check. conuser1 lingers, so that it has a manager.
const MADE: &str = r#"set -e
groupadd -g 3000 sysadms; useradd -m -s /bin/bash conuser1; usermod -aG sysadms conuser1
echo 'net.ipv4.ip_forward = 1' >/etc/sysctl.d/99-lab.conf
mkdir -p /srv/data /var/www; mount -t tmpfs -o nosuid,size=64k tmpfs /srv/data
echo 'tmpfs /srv/data tmpfs nosuid,nofail 0 0' >>/etc/fstab
echo later >/etc/hostname; ln -sf ../usr/share/zoneinfo/Europe/Paris /etc/localtime
cd /etc/systemd/system
printf '[Service]\nType=oneshot\nExecStart=/bin/true\n' >lab.service
printf '[Timer]\nOnCalendar=Mon 2:00\n[Install]\nWantedBy=timers.target\n' >lab.timer
printf '[Service]\nExecStart=/bin/busybox httpd -f -p 127.0.0.1:8080 -h /var/www\n' >web.service
printf '[Socket]\nListenStream=127.0.0.1:8081\n' >waits.socket
printf '[Service]\nExecStart=/bin/sleep 1000\n' >waits.service
folder=/home/conuser1/.config/systemd/user; install -d -o conuser1 -g conuser1 /home/conuser1/.config{,/systemd{,/user}}
cp lab.service lab.timer $folder; echo 'hello from the lab' >/var/www/index.html
systemctl daemon-reload; systemctl enable --now -q lab.timer; systemctl start web.service waits.socket
mkdir -p /var/spool/cron/crontabs /etc/cron.d; chmod 1730 /var/spool/cron/crontabs
printf '*/2 * * * * /usr/bin/logger "in progress"\n' >/var/spool/cron/crontabs/conuser1; chmod 600 /var/spool/cron/crontabs/conuser1
printf '0 1 * * * conuser1 /bin/true\n' >/etc/cron.d/not.heeded
setpriv --reuid conuser1 --regid conuser1 --clear-groups logger -t lab 'hello journal'
echo 'conuser1 ALL=(root) NOPASSWD: /usr/bin/id -*' >/etc/sudoers.d/conuser1; chmod 440 /etc/sudoers.d/conuser1
mkdir -p /etc/firewalld/zones; echo '<zone><service name="ssh"/><port port="8080" protocol="tcp"/></zone>' >/etc/firewalld/zones/public.xml
chmod 750 /etc/firewalld
timeout 30 sh -c 'until journalctl -q -t lab | grep -q hello; do sleep 0.1; done'
timeout 30 sh -c 'until busybox wget -q -O - http://127.0.0.1:8080/ >/dev/null; do sleep 0.1; done'"#;

fn made() -> Result<Rig, Skip> {
    let rig = rig::started(rig::release())?;
    root(&rig, MADE);
    login(&rig, "lisa", "sudo loginctl enable-linger conuser1");
    // Her manager ends some seconds after her: that is no change that looking made.
    root(&rig, "timeout 60 sh -c 'while [ -e /run/user/$(id -u lisa) ]; do sleep 0.1; done'");
    Ok(rig)
}

/// Each wish, and the answer that this machine gives.
fn wishes(forwards: &str, nft: bool) -> Vec<(&'static str, Value)> {
    let timer = |user: Option<&str>, calendar: &str| {
        let mut wish = json!({"name": "lab.timer", "active": true, "file-state": "enabled", "calendar": calendar, "starts": "lab.service", "next": true});
        if let Some(user) = user {
            wish["user"] = json!(user);
        }
        json!({"timer": wish})
    };
    let other = if forwards == "0" { "1" } else { "0" };
    vec![
        ("pass", json!({"group": {"name": "sysadms", "gid": 3000, "members": ["conuser1"], "not-members": ["lisa"]}})),
        ("fail", json!({"group": {"name": "sysadms", "members": ["lisa"]}})),
        ("pass", json!({"package": {"name": "podman", "at-least": "3.0"}})),
        ("fail", json!({"package": {"name": "podman", "at-least": "99"}})),
        ("pass", json!({"package": {"name": "no-such-package", "installed": false}})),
        ("pass", json!({"sysctl": {"key": "net.ipv4.ip_forward", "now": forwards, "after-boot": "1"}})),
        ("fail", json!({"sysctl": {"key": "net.ipv4.ip_forward", "now": other}})),
        ("fail", json!({"sysctl": {"key": "net.ipv4.ip_forward", "after-boot": "0"}})),
        (
            "pass",
            json!({"mount": {"at": "/srv/data", "mounted": true, "in-fstab": true, "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "nofail"]}}),
        ),
        ("fail", json!({"mount": {"at": "/srv/data", "options": ["noexec"]}})),
        ("fail", json!({"mount": {"at": "/var/www", "in-fstab": true}})),
        ("pass", timer(None, "monday 02:00")),
        ("fail", timer(None, "daily")),
        ("fail", timer(Some("conuser1"), "monday 02:00")),
        ("unknown", timer(Some("never"), "monday 02:00")),
        ("pass", json!({"host-name": {"after-boot": "later"}})),
        ("fail", json!({"host-name": {"now": "later"}})),
        ("pass", json!({"time-zone": {"zone": "Europe/Paris"}})),
        ("fail", json!({"time-zone": {"zone": "UTC"}})),
        ("pass", json!({"cron": {"account": "conuser1", "schedule": "0-59/2 * * * *", "matches": "in progress"}})),
        ("fail", json!({"cron": {"account": "conuser1", "command": "/bin/true"}})),
        ("pass", json!({"journal": {"user": "conuser1", "identifier": "lab", "matches": "^hello"}})),
        ("fail", json!({"journal": {"user": "conuser1", "identifier": "lab", "matches": "^bye"}})),
        ("pass", json!({"journal": {"unit": "web.service", "matches": "Started"}})),
        (
            "pass",
            json!({"http": {"url": "http://localhost:8080/", "status": 200, "contains": ["hello from the lab"], "headers": {"Content-Type": "html"}}}),
        ),
        ("fail", json!({"http": {"url": "http://127.0.0.1:8080/none", "status": 200}})),
        ("fail", json!({"http": {"url": "http://127.0.0.1:8082/"}})),
        ("unknown", json!({"http": {"url": "http://127.0.0.1:8081/"}})),
        ("unknown", json!({"http": {"url": "http://192.0.2.1/"}})),
        ("pass", json!({"sudo-rule": {"account": "conuser1", "runs": "/usr/bin/id -u", "password": false}})),
        ("fail", json!({"sudo-rule": {"account": "conuser1", "runs": "ALL"}})),
        ("pass", json!({"sudo-rule": {"account": "lisa", "runs": "ALL"}})),
        // A zone's file says nothing where no firewalld is started at a boot.
        ("unknown", json!({"firewall": {"service": "ssh", "after-boot": true}})),
        // Where there is no nft, nobody says what the kernel lets in. This kernel has no SELinux.
        (if nft { "pass" } else { "unknown" }, json!({"firewall": {"port": "8080/tcp", "now": true}})),
        (if nft { "fail" } else { "unknown" }, json!({"firewall": {"port": "9191/tcp", "now": true}})),
        ("unknown", json!({"selinux": {"now": "enforcing"}})),
    ]
}

fn answer(verdict: &Value) -> &str {
    verdict.as_object().and_then(|one| one.keys().next()).unwrap()
}

#[test]
fn each_check_of_the_system_is_true_and_false_where_it_should_and_leaves_the_machine_as_it_was() {
    let Some(rig) = rig::have(made()) else { return };
    let forwards = root(&rig, "cat /proc/sys/net/ipv4/ip_forward");
    let nft = root(&rig, "command -v nft || :").contains("nft");
    if nft {
        root(
            &rig,
            "nft add table inet lab; nft 'add chain inet lab input { type filter hook input priority 0; }'; nft add rule inet lab input tcp dport 9191 drop",
        );
    }
    let wishes = wishes(forwards.trim(), nft);
    let checks: Vec<Value> = wishes.iter().map(|(_, check)| check.clone()).collect();
    let before = state(&rig);
    let asked = verdicts(&rig, &checks);
    let answers = observer(&rig, &vec![question(&checks, None); 5]);
    let after = state(&rig);
    assert!(before == after, "looking touched the machine:\n{}", changes(&before, &after));
    let observed = answers[4]["verdicts"].as_array().unwrap();
    for verdicts in [&asked, observed] {
        for ((wanted, check), verdict) in wishes.iter().zip(verdicts) {
            assert_eq!(answer(verdict), *wanted, "{check}: {verdict:#}");
        }
    }
    // sudo itself says the same.
    let allowed = root(&rig, "sudo -l -U conuser1 /usr/bin/id -u; sudo -l -U conuser1 /bin/sh || echo not");
    assert_eq!(allowed.lines().collect::<Vec<_>>(), ["/usr/bin/id -u", "not"]);
    // And the user's timer is seen once it is there.
    root(
        &rig,
        "setpriv --reuid conuser1 --regid conuser1 --init-groups env XDG_RUNTIME_DIR=/run/user/$(id -u conuser1) HOME=/home/conuser1 sh -c 'systemctl --user daemon-reload && systemctl --user enable --now -q lab.timer'",
    );
    let wish = json!({"timer": {"name": "lab.timer", "user": "conuser1", "active": true, "calendar": "Mon 02:00"}});
    assert_eq!(answer(&verdicts(&rig, &[wish])[0]), "pass");
}

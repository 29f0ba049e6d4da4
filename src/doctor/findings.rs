//! What the facts mean for the lab, and how to mend what is missing. Pure.

use serde::Serialize;

use super::facts::{Facts, Knock, REGISTRY};

/// One of three.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// The host can.
    Pass,
    /// It cannot.
    Fail,
    /// It could not be asked.
    Unknown,
}

/// What was found about one ability of the host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Its name; stable.
    pub name: &'static str,
    /// Whether the host can.
    pub answer: Answer,
    /// What was seen.
    pub found: String,
    /// How to mend it, where it is not `pass`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
}

fn pass(name: &'static str, found: impl Into<String>) -> Finding {
    Finding { name, answer: Answer::Pass, found: found.into(), fix: None }
}

fn fail(name: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Finding {
    Finding { name, answer: Answer::Fail, found: found.into(), fix: Some(fix.into()) }
}

fn unknown(name: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Finding {
    Finding { name, answer: Answer::Unknown, found: found.into(), fix: Some(fix.into()) }
}

/// The fix that is always there.
const PRACTICE: &str = "use a practice machine: rootless-lab practice create";

/// Judges the facts, in the order in which a learner needs them.
pub fn judge(facts: &Facts) -> Vec<Finding> {
    let account = facts.account.as_deref().unwrap_or("this account");
    vec![
        systemd(facts),
        user_bus(facts),
        cgroup(facts),
        controllers(facts),
        podman(facts),
        sub_ids(facts, account),
        linger(facts, account),
        device("tun", "/dev/net/tun", "networks of containers", facts.tun),
        device("fuse", "/dev/fuse", "fuse-overlayfs", facts.fuse),
        sudo(facts, account),
        manual(facts),
        image(facts),
        terminal(facts),
    ]
}

fn systemd(facts: &Facts) -> Finding {
    match facts.first_process.as_deref() {
        Some("systemd") if facts.systemd_runs => pass("systemd", "systemd is process 1"),
        Some(other) => fail("systemd", format!("process 1 is {other}"), PRACTICE),
        None => unknown("systemd", "/proc/1/comm cannot be read", "mount /proc"),
    }
}

fn user_bus(facts: &Facts) -> Finding {
    match facts.user_bus {
        Some(true) => pass("user-bus", "the account has a bus of its own"),
        Some(false) => fail(
            "user-bus",
            "the runtime directory has no bus",
            "install dbus-user-session (Debian), then log in again",
        ),
        None => fail(
            "user-bus",
            "there is no /run/user directory of the account",
            "log in for real (ssh or a console), not with su",
        ),
    }
}

fn cgroup(facts: &Facts) -> Finding {
    match facts.cgroup {
        Some(2) => pass("cgroup", "version 2"),
        Some(version) => fail(
            "cgroup",
            format!("version {version}"),
            "boot with systemd.unified_cgroup_hierarchy=1; or a practice machine",
        ),
        None => unknown("cgroup", "/sys/fs/cgroup is not there", PRACTICE),
    }
}

fn controllers(facts: &Facts) -> Finding {
    let Some(names) = &facts.controllers else {
        return unknown("controllers", "no list of controllers can be read", "needs control groups of version 2");
    };
    let missing: Vec<&str> =
        ["memory", "pids"].into_iter().filter(|wanted| !names.iter().any(|name| name == wanted)).collect();
    if missing.is_empty() {
        return pass("controllers", names.join(" "));
    }
    let fix = "delegate them: Delegate=memory pids in a drop-in of user@.service; podman without limits: pids_limit = 0 in containers.conf";
    fail("controllers", format!("missing: {}", missing.join(" ")), fix)
}

fn podman(facts: &Facts) -> Finding {
    let Some(version) = &facts.podman else { return fail("podman", "not installed", "install the package podman") };
    match version.split('.').next().and_then(|major| major.parse::<u32>().ok()) {
        Some(3..) => pass("podman", version),
        Some(_) => fail("podman", format!("{version} is too old"), "install podman 3 or newer"),
        None => unknown("podman", format!("podman --version said: {version}"), "see whether podman runs at all"),
    }
}

fn sub_ids(facts: &Facts, account: &str) -> Finding {
    let fix = format!("sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 {account}");
    match facts.sub_ids {
        Some((uids, gids)) if uids >= 65536 && gids >= 65536 => pass("sub-ids", format!("{uids} uids, {gids} gids")),
        Some((uids, gids)) => fail("sub-ids", format!("{uids} uids, {gids} gids; 65536 of each are needed"), fix),
        None => unknown("sub-ids", "/etc/subuid or /etc/subgid cannot be read", fix),
    }
}

fn linger(facts: &Facts, account: &str) -> Finding {
    match facts.linger {
        Some(true) => pass("linger", format!("on for {account}")),
        // off is how an account starts; what matters is that logind is there to switch it on
        Some(false) => pass("linger", format!("off for {account}; logind can switch it on")),
        None => fail("linger", "systemd-logind does not run", PRACTICE),
    }
}

fn device(name: &'static str, path: &str, what: &str, usable: Option<bool>) -> Finding {
    match usable {
        Some(true) => pass(name, format!("{path} can be used")),
        Some(false) => {
            fail(name, format!("{path} may not be opened; {what} need it"), format!("sudo chmod 666 {path}"))
        }
        None => fail(name, format!("{path} is not there; {what} need it"), format!("sudo modprobe {name}")),
    }
}

fn sudo(facts: &Facts, account: &str) -> Finding {
    match facts.sudo {
        Some(true) => pass("sudo", format!("{account} may use it")),
        Some(false) => fail("sudo", "sudo is not set-uid root", "install the package sudo anew"),
        None => unknown("sudo", format!("whether {account} may use sudo cannot be seen"), "try it: sudo -v"),
    }
}

fn manual(facts: &Facts) -> Finding {
    match facts.manual {
        (true, true) => pass("manual", "man and its pages are installed"),
        (false, _) => fail("manual", "there is no man program", "install the package man-db"),
        (true, false) => {
            fail("manual", "systemctl(1) is not installed", "install the pages (some images leave them out on purpose)")
        }
    }
}

fn image(facts: &Facts) -> Finding {
    match &facts.registry {
        Knock::Answered(name) => pass("image", format!("{name} answers")),
        Knock::Refused(name, why) => {
            fail("image", format!("{name}: {why}"), "start that registry, or check the network")
        }
        Knock::NotAsked => {
            unknown("image", format!("{REGISTRY} was not asked"), "ask it with: rootless-lab doctor --online")
        }
    }
}

fn terminal(facts: &Facts) -> Finding {
    let Some(terminal) = &facts.terminal else {
        return unknown("terminal", "the output is not a terminal", "run it in a terminal");
    };
    let letters = if terminal.utf8 { "UTF-8" } else { "no UTF-8" };
    let found = format!("{}x{}, {}, {letters}", terminal.columns, terminal.rows, terminal.kind);
    if terminal.columns < 40 || terminal.rows < 10 {
        return fail("terminal", found, "make the window larger: 80x24 shows everything");
    }
    if terminal.kind.is_empty() || terminal.kind == "dumb" {
        return fail("terminal", found, "set TERM, or use --plain");
    }
    pass("terminal", found)
}

#[cfg(test)]
mod tests {
    use super::super::facts::Terminal;
    use super::*;

    fn good() -> Facts {
        Facts {
            account: Some("lisa".into()),
            first_process: Some("systemd".into()),
            systemd_runs: true,
            user_bus: Some(true),
            cgroup: Some(2),
            controllers: Some(vec!["cpu".into(), "memory".into(), "pids".into()]),
            podman: Some("5.4.2".into()),
            sub_ids: Some((65536, 65536)),
            linger: Some(false),
            tun: Some(true),
            fuse: Some(true),
            sudo: Some(true),
            manual: (true, true),
            registry: Knock::Answered("127.0.0.1:5000".into()),
            terminal: Some(Terminal { columns: 80, rows: 24, kind: "xterm".into(), utf8: true }),
        }
    }

    fn answer(facts: &Facts, name: &str) -> Answer {
        judge(facts).into_iter().find(|finding| finding.name == name).unwrap().answer
    }

    #[test]
    fn a_good_host_passes_everything() {
        assert!(judge(&good()).iter().all(|finding| finding.answer == Answer::Pass && finding.fix.is_none()));
    }

    #[test]
    fn each_thing_that_is_missing_fails_with_a_fix() {
        type Spoil = fn(&mut Facts);
        let cases: [(&str, Spoil); 11] = [
            ("systemd", |facts| facts.first_process = Some("init".into())),
            ("user-bus", |facts| facts.user_bus = None),
            ("cgroup", |facts| facts.cgroup = Some(1)),
            ("controllers", |facts| facts.controllers = Some(vec!["memory".into()])),
            ("podman", |facts| facts.podman = None),
            ("sub-ids", |facts| facts.sub_ids = Some((65536, 0))),
            ("linger", |facts| facts.linger = None),
            ("tun", |facts| facts.tun = Some(false)),
            ("fuse", |facts| facts.fuse = None),
            ("manual", |facts| facts.manual = (false, false)),
            ("image", |facts| facts.registry = Knock::Refused("127.0.0.1:5000".into(), "refused".into())),
        ];
        for (name, spoil) in cases {
            let mut facts = good();
            spoil(&mut facts);
            let findings = judge(&facts);
            let failed: Vec<_> = findings.iter().filter(|finding| finding.answer != Answer::Pass).collect();
            assert_eq!(failed.len(), 1, "{name}");
            assert_eq!((failed[0].name, failed[0].answer), (name, Answer::Fail));
            assert!(failed[0].fix.is_some());
        }
    }

    #[test]
    fn what_could_not_be_asked_is_unknown_and_not_a_failure() {
        let mut facts = good();
        (facts.sudo, facts.terminal, facts.registry, facts.controllers, facts.sub_ids) =
            (None, None, Knock::NotAsked, None, None);
        for name in ["sudo", "terminal", "image", "controllers", "sub-ids"] {
            assert_eq!(answer(&facts, name), Answer::Unknown, "{name}");
        }
    }
}

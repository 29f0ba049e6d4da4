//! What the facts mean for the lab, and how to mend what is missing. Pure.

use serde::Serialize;

use super::facts::{Facts, Knock, REGISTRY, Sudo};

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
        Some("systemd") => fail("systemd", "process 1 is systemd, which does not run this system: a chroot?", PRACTICE),
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
        Sudo::NotNeeded => pass("sudo", format!("{account} needs none")),
        Sudo::Allowed => pass("sudo", format!("{account} may use it")),
        Sudo::Absent => fail("sudo", "not installed", "as root: install the package sudo"),
        Sudo::NotSetUid => fail("sudo", "sudo is not set-uid root", "install the package sudo anew"),
        Sudo::NotSeen => unknown("sudo", format!("whether {account} may use sudo cannot be seen"), "try it: sudo -v"),
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
            sudo: Sudo::Allowed,
            manual: (true, true),
            registry: Knock::Answered("127.0.0.1:5000".into()),
            terminal: Some(Terminal { columns: 80, rows: 24, kind: "xterm".into(), utf8: true }),
        }
    }

    #[test]
    fn a_good_host_passes_everything() {
        assert!(judge(&good()).iter().all(|finding| finding.answer == Answer::Pass && finding.fix.is_none()));
    }

    #[test]
    fn who_is_root_already_needs_no_sudo() {
        let findings = judge(&Facts { sudo: Sudo::NotNeeded, ..good() });
        let sudo = findings.iter().find(|finding| finding.name == "sudo").unwrap();
        assert_eq!((sudo.answer, sudo.found.as_str()), (Answer::Pass, "lisa needs none"));
    }

    /// Of this host, with one thing changed, all but that is fine.
    fn the_one_finding(name: &str, spoil: impl Fn(&mut Facts)) -> Finding {
        let mut facts = good();
        spoil(&mut facts);
        let mut findings = judge(&facts);
        findings.retain(|finding| finding.answer != Answer::Pass);
        assert_eq!(findings.iter().map(|finding| finding.name).collect::<Vec<_>>(), [name]);
        findings.remove(0)
    }

    type Spoil = fn(&mut Facts);

    #[test]
    fn each_thing_that_is_missing_fails_with_what_was_found_and_a_fix() {
        let cases: [(&str, Spoil, &str, &str); 25] = [
            ("systemd", |facts| facts.first_process = Some("init".into()), "process 1 is init", "practice create"),
            ("systemd", |facts| facts.systemd_runs = false, "a chroot?", "practice create"),
            ("user-bus", |facts| facts.user_bus = None, "no /run/user directory", "not with su"),
            ("user-bus", |facts| facts.user_bus = Some(false), "has no bus", "dbus-user-session"),
            ("cgroup", |facts| facts.cgroup = Some(1), "version 1", "unified_cgroup_hierarchy"),
            ("controllers", |facts| facts.controllers = Some(vec!["memory".into()]), "missing: pids", "Delegate="),
            ("podman", |facts| facts.podman = None, "not installed", "package podman"),
            ("podman", |facts| facts.podman = Some("2.2.1".into()), "2.2.1 is too old", "podman 3 or newer"),
            ("sub-ids", |facts| facts.sub_ids = Some((65536, 0)), "65536 uids, 0 gids", "--add-subuids"),
            ("sub-ids", |facts| facts.sub_ids = Some((1000, 65536)), "1000 uids", "100000-165535 lisa"),
            ("linger", |facts| facts.linger = None, "logind does not run", "practice create"),
            ("tun", |facts| facts.tun = Some(false), "/dev/net/tun may not be opened", "chmod 666 /dev/net/tun"),
            ("tun", |facts| facts.tun = None, "/dev/net/tun is not there", "modprobe tun"),
            ("fuse", |facts| facts.fuse = Some(false), "/dev/fuse may not be opened", "chmod 666 /dev/fuse"),
            ("fuse", |facts| facts.fuse = None, "/dev/fuse is not there", "modprobe fuse"),
            ("sudo", |facts| facts.sudo = Sudo::Absent, "not installed", "package sudo"),
            ("sudo", |facts| facts.sudo = Sudo::NotSetUid, "not set-uid root", "package sudo anew"),
            ("manual", |facts| facts.manual = (false, true), "no man program", "package man-db"),
            ("manual", |facts| facts.manual = (true, false), "systemctl(1) is not installed", "install the pages"),
            (
                "image",
                |facts| facts.registry = Knock::Refused("here".into(), "refused".into()),
                "here: refused",
                "start",
            ),
            ("terminal", |facts| shrink(facts, 39, 24), "39x24, xterm, UTF-8", "make the window larger"),
            ("terminal", |facts| shrink(facts, 80, 9), "80x9", "make the window larger"),
            ("terminal", |facts| name_terminal(facts, "dumb"), "dumb", "set TERM, or use --plain"),
            ("terminal", |facts| name_terminal(facts, ""), "80x24", "set TERM, or use --plain"),
            ("podman", |facts| facts.podman = Some("1".into()), "too old", "podman 3"),
        ];
        for (name, spoil, found, fix) in cases {
            let finding = the_one_finding(name, spoil);
            assert_eq!(finding.answer, Answer::Fail, "{finding:?}");
            assert!(finding.found.contains(found), "{finding:?}");
            assert!(finding.fix.as_deref().is_some_and(|said| said.contains(fix)), "{finding:?}");
        }
    }

    fn shrink(facts: &mut Facts, columns: u16, rows: u16) {
        let terminal = facts.terminal.as_mut().unwrap();
        (terminal.columns, terminal.rows) = (columns, rows);
    }

    fn name_terminal(facts: &mut Facts, kind: &str) {
        facts.terminal.as_mut().unwrap().kind = kind.into();
    }

    #[test]
    fn what_could_not_be_asked_is_unknown_and_not_a_failure() {
        let cases: [(&str, Spoil, &str, &str); 8] = [
            ("systemd", |facts| facts.first_process = None, "/proc/1/comm cannot be read", "mount /proc"),
            ("cgroup", |facts| facts.cgroup = None, "/sys/fs/cgroup is not there", "practice create"),
            ("controllers", |facts| facts.controllers = None, "no list", "version 2"),
            ("podman", |facts| facts.podman = Some("who knows".into()), "said: who knows", "runs at all"),
            ("sub-ids", |facts| facts.sub_ids = None, "cannot be read", "--add-subuids"),
            ("sudo", |facts| facts.sudo = Sudo::NotSeen, "whether lisa may use sudo cannot be seen", "sudo -v"),
            ("image", |facts| facts.registry = Knock::NotAsked, "was not asked", "doctor --online"),
            ("terminal", |facts| facts.terminal = None, "not a terminal", "run it in a terminal"),
        ];
        for (name, spoil, found, fix) in cases {
            let finding = the_one_finding(name, spoil);
            assert_eq!(finding.answer, Answer::Unknown, "{finding:?}");
            assert!(finding.found.contains(found), "{finding:?}");
            assert!(finding.fix.as_deref().is_some_and(|said| said.contains(fix)), "{finding:?}");
        }
    }

    #[test]
    fn an_account_that_does_not_linger_yet_and_a_large_dull_terminal_are_fine() {
        for lingers in [true, false] {
            assert!(judge(&Facts { linger: Some(lingers), ..good() }).iter().all(|finding| finding.fix.is_none()));
        }
        let dull = Terminal { columns: 40, rows: 10, kind: "vt100".into(), utf8: false };
        let findings = judge(&Facts { terminal: Some(dull), ..good() });
        assert_eq!(findings.last().unwrap().found, "40x10, vt100, no UTF-8");
        assert!(findings.iter().all(|finding| finding.answer == Answer::Pass));
    }
}

//! Cases of `command`, on recorded machines.

use super::*;
use crate::checks::all_ways::AllWays;
use crate::machine::{Ran, Recorded};

fn machine() -> Recorded {
    let help = |text: &str| Ok(Ran { status: Some(0), output: text.into(), errors: Vec::new() });
    Recorded::new()
        .program("/usr/bin/mkdir", &["--help"], help(include_str!("../../../recorded/mkdir-help.txt")))
        .program("/usr/bin/systemctl", &["--help"], help(include_str!("../../../recorded/systemctl-help-257.txt")))
        .program("/bin/mkfifo", &["--help"], help(include_str!("../../../recorded/mkdir-help.txt")))
        .program("/usr/bin/ls", &["--help"], Err(CouldNot::TimedOut))
}
fn judged(line: &str, run: &str, change: impl FnOnce(&mut Command, &mut CommandFact)) -> Verdict {
    let mut check = Command { run: run.into(), ..Command::default() };
    let mut fact = CommandFact {
        line: line.into(),
        status: Some(0),
        output: "mkdir /run/user/1000/libpod: permission denied\n".into(),
        account: None,
    };
    change(&mut check, &mut fact);
    let context = Context { commands: vec![fact], ..Context::default() };
    check.judge_in_all_ways(&machine(), &context)
}
fn flags(names: &[&str]) -> Vec<String> {
    names.iter().map(|n| (*n).into()).collect()
}

#[test]
fn a_command_that_failed_passes_where_that_is_wished() {
    let failed = |change: fn(&mut Command)| {
        judged("podman run ubi8", "podman run", |c, fact| {
            fact.status = Some(125);
            change(c);
        })
    };
    assert!(failed(|c| c.status = Some(125)).is_pass());
    assert!(failed(|c| c.succeeded = Some(false)).is_pass());
    assert!(failed(|c| c.status = Some(1)).is_fail());
    assert!(failed(|c| c.succeeded = Some(true)).is_fail());
}

#[test]
fn command_passes_by_meaning_whatever_the_spelling() {
    for line in [
        "podman run -dt --name c ubi8",
        "podman run -d -t --name=c ubi8",
        "cd; sudo /usr/bin/podman --log-level debug run --detach=true --tty --name c ubi8 >/tmp/x",
    ] {
        let verdict = judged(line, "podman run", |c, _| {
            c.flags = flags(&["detach", "t"]);
            c.arguments = flags(&["c"]);
            c.succeeded = Some(true);
            c.output = flags(&["^nothing$", "libpod: [Pp]ermission denied$"]);
        });
        assert!(verdict.is_pass(), "{line}: {verdict:?}");
    }
    assert!(judged("mkdir ~/.config/systemd/user -p", "mkdir", |c, _| c.flags = flags(&["parents"])).is_pass());
    assert!(
        judged("systemctl --user daemon-reload", "systemctl daemon-reload", |c, _| c.flags = flags(&["user"]))
            .is_pass()
    );
    assert!(judged("mkfifo -m 600 x", "mkfifo", |c, _| c.flags = flags(&["mode"])).is_pass(), "in /bin alone");
    assert!(judged("ls -ld /run/user/1000", "ls", |c, _| c.arguments = flags(&["/run/user/1000"])).is_pass());
}

#[test]
fn a_command_of_podman_is_the_same_in_its_long_form() {
    for line in ["podman container ls -a", "podman container list --all", "podman --log-level debug container ps -a"] {
        assert!(judged(line, "podman ps", |c, _| c.flags = flags(&["all"])).is_pass(), "{line}");
    }
    assert!(judged("podman container rm web1", "podman rm", |_, _| ()).is_pass());
    assert!(judged("podman image ls", "podman ps", |_, _| ()).is_fail());
}

#[test]
fn what_is_wanted_of_a_command_is_said_as_it_is_typed_and_in_the_author_s_words() {
    let said = |verdict| match verdict {
        Verdict::Fail { wanted, found, evidence, .. } => (wanted, found, evidence[0].said.clone()),
        other => panic!("{other:?}"),
    };
    let (wanted, found, _) = said(judged("podman ps", "podman ps", |c, _| c.flags = flags(&["all"])));
    assert_eq!((&*wanted, &*found), ("`podman ps --all`", "`podman ps` without --all"));
    let (wanted, ..) = said(judged("podman ps", "podman ps", |c, _| {
        (c.output, c.shows) = (flags(&[r"\bUp\b[^\n]*web1"]), Some("web1, up".into()));
    }));
    assert_eq!(wanted, "output that shows web1, up");
    let (.., seen) = said(judged("ls", "podman ps", |_, _| ()));
    assert_eq!(seen, "the line typed last, which is another command");
}

#[test]
fn command_fails_when_it_was_not_run_or_came_out_otherwise() {
    let verdict = judged("podman ps", "podman run", |_, _| ());
    assert!(
        matches!(&verdict, Verdict::Fail { wanted, found, .. }
        if wanted == "`podman run` run in this terminal" && found == "not yet"),
        "{verdict:?}"
    );
    assert!(judged("podman run ubi8 ls -d", "podman run", |c, _| c.flags = flags(&["detach"])).is_fail());
    assert!(judged("podman run -d ubi8", "podman run", |c, _| c.succeeded = Some(false)).is_fail());
    assert!(judged("podman run -d ubi8", "podman run", |c, _| c.status = Some(125)).is_fail());
    assert!(judged("podman run -d ubi8", "podman run", |c, _| c.output = flags(&["no such"])).is_fail());
    let by = |c: &mut Command, f: &mut CommandFact| (c.account, f.account) = (Some("a".into()), Some("b".into()));
    assert!(judged("id", "id", by).is_fail());
    assert!(judged("sudo id", "id", by).is_fail() && judged("sudo -u a id", "id", by).is_pass());
}

#[test]
fn command_is_unknown_where_status_account_or_flags_cannot_be_seen() {
    let nested = |c: &mut Command, f: &mut CommandFact| (c.succeeded, f.status) = (Some(false), None);
    let verdict = judged("podman run ubi8", "podman run", nested);
    assert_eq!(verdict, Verdict::unknown("the exit status cannot be seen inside a nested shell"));
    assert!(judged("podman run ubi8; true", "podman run", |c, _| c.succeeded = Some(true)).is_unknown());
    assert!(judged("id", "id", |c, _| c.account = Some("a".into())).is_unknown());
    assert!(judged("ls -l", "ls", |c, _| c.flags = flags(&["all"])).is_unknown());
    assert!(judged("id", "id", |c, _| c.output = flags(&["("])).is_unknown());
    assert!(judged("id", "", |_, _| ()).is_unknown());
}

#[test]
fn the_newest_command_that_fits_is_judged() {
    let fact = |line: &str, status| CommandFact {
        line: line.into(),
        status: Some(status),
        output: String::new(),
        account: None,
    };
    let context = Context { commands: vec![fact("ls a", 1), fact("ls b", 0), fact("id", 1)], ..Context::default() };
    let check = Command { run: "ls".into(), succeeded: Some(true), ..Command::default() };
    assert!(check.judge_in_all_ways(&machine(), &context).is_pass());
}

//! The way out of a mistake is the line that was typed, put right.

use checkers::{Evidence, Verdict};
use rootless_lab::mistakes::{Catalogue, Person, Setting, Told, diagnose};

/// What lisa typed, its status and what was said; the mistake, and the commands of its way out before any condition.
const WAYS_OUT: &[(&str, i32, &str, &str, &[&str])] = &[
    (
        "echo conuser1:conuser1 | chpasswd",
        127,
        "bash: chpasswd: command not found",
        "program-of-root",
        &["echo conuser1:conuser1 | sudo chpasswd"],
    ),
    ("gpasswd -a lisa bob", 1, "gpasswd: Permission denied.", "groups-need-root", &["sudo gpasswd -a lisa bob"]),
    (
        "useradd bob",
        1,
        "useradd: Permission denied.\nuseradd: cannot lock /etc/passwd; try again later.",
        "account-tools-need-root",
        &["sudo useradd bob"],
    ),
    ("podmn ps", 127, "bash: podmn: command not found", "program-missing", &["podman ps"]),
    ("cd; podmn ps -a", 127, "-bash: podmn: command not found", "program-missing", &["cd; podman ps -a"]),
    ("sudo podmn ps", 1, "sudo: podmn: command not found", "sudo-program-missing", &["sudo podman ps"]),
    (
        "podman generate system --new --name web1",
        125,
        "Error: unknown flag: --new\nSee 'podman generate --help'",
        "podman-unknown-option",
        &["podman generate systemd --new --name web1"],
    ),
    (
        "podman run -dt --nmae web1 ubi8",
        125,
        "Error: unknown flag: --nmae\nSee 'podman run --help'",
        "podman-unknown-option",
        &["podman run -dt --name web1 ubi8"],
    ),
    (
        "podman rnu ubi8",
        125,
        "Error: unrecognized command `podman rnu`",
        "podman-unknown-command",
        &["podman run ubi8"],
    ),
    (
        "systemctl --user daemon-relaod",
        1,
        "Unknown command verb 'daemon-relaod', did you mean 'daemon-reload'?",
        "systemctl-unknown-verb",
        &["systemctl --user daemon-reload"],
    ),
    (
        "systemctl status web1",
        4,
        "Unit web1.service could not be found.",
        "user-forgotten",
        &["systemctl --user status web1"],
    ),
    (
        "systemctl start web1",
        5,
        "Failed to start web1.service: Unit web1.service not found.",
        "user-forgotten",
        &["systemctl --user start web1"],
    ),
    (
        "systemctl --user enable --now wbe1",
        1,
        "Failed to enable unit: Unit file wbe1.service does not exist.",
        "unit-name-mistyped",
        &["systemctl --user enable --now web1"],
    ),
    (
        "podman rm web1",
        2,
        "Error: cannot remove container 0123456789ab0123456789ab0123456789ab0123456789ab0123456789ab0123 as it is running - \
         running or paused containers cannot be removed without force: container state improper",
        "remove-running",
        &["podman stop web1", "podman rm web1"],
    ),
    (
        "podman stop rotless-container",
        125,
        "Error: no container with name or ID \"rotless-container\" found: no such container",
        "no-such-container",
        &["podman stop rootless-container"],
    ),
    ("su conuser1", 1, "su: Authentication failure", "su-refused", &["sudo passwd -S conuser1"]),
    ("su -", 1, "su: Authentication failure", "su-refused", &["sudo -i"]),
    ("passwd -stdin conuser1", 1, "passwd: invalid option -- 't'", "passwd-unknown-option", &["passwd --help"]),
];

/// Somebody with a unit, on a machine with a few programs; every fact is so.
fn explained(line: &str, status: i32, output: &str) -> Vec<rootless_lab::mistakes::Diagnosis> {
    let lisa = Person { name: "lisa".into(), uid: 1000, home: "/home/lisa".into() };
    let setting = Setting {
        me: Some(lisa.clone()),
        people: vec![lisa],
        units: vec!["web1.service".into()],
        programs: ["podman", "systemctl", "ls"].map(str::to_owned).to_vec(),
        ..Setting::default()
    };
    let told = Told { line: Some(line), status: Some(status), output: output.as_bytes() };
    let suspects = Catalogue::builtin().suspects(&told, &setting);
    let so = Verdict::Pass {
        evidence: vec![Evidence::file("/x", "so")],
        remember: [("near".to_owned(), "rootless-container".to_owned())].into(),
    };
    let verdicts: Vec<Vec<Verdict>> = suspects
        .iter()
        .map(|suspect| {
            let (all, confirming) = (suspect.facts().len(), suspect.confirming().count());
            let not = || Verdict::fail("so", "not so", Evidence::file("/x", "not so"));
            (0..all).map(|nth| if nth < confirming { so.clone() } else { not() }).collect()
        })
        .collect();
    diagnose(&suspects, &verdicts)
}

#[test]
fn the_way_out_is_the_line_that_was_typed_put_right() {
    let mut wrong = Vec::new();
    for (line, status, output, id, fix) in WAYS_OUT {
        let found = explained(line, *status, output);
        let Some(one) = found.iter().find(|one| one.id == *id) else {
            wrong.push(format!("{line}: {:?}", found.iter().map(|one| &one.id).collect::<Vec<_>>()));
            continue;
        };
        let is_remark = |line: &&String| line.starts_with('#');
        let first: Vec<&String> = one.fix.iter().skip_while(is_remark).take_while(|line| !is_remark(line)).collect();
        if first != *fix {
            wrong.push(format!("{line}: {first:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

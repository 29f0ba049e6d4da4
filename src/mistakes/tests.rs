//! The room as a whole: files in, diagnoses out.

use checkers::{Check, Evidence, Source, Verdict};

use super::*;
use crate::lesson::ProblemKind;

const FILE: &str = r##"
mistakes:
  - id: runtime-dir-of-another
    title: The runtime directory belongs to {owner.account}
    programs: [podman]
    status: [1, 125]
    messages:
      - 'mkdir /run/user/{owner:uid}/(libpod|containers): permission denied'
    when:
      - not: {path: {path: "/run/user/{owner}", owner: "{me}"}}
    why: |
      podman keeps its runtime files in XDG_RUNTIME_DIR. That is still {owner.account}'s; you are {me}.
    fix: ["# leave the shell of su", exit, "ssh {me}@localhost", "echo {nothing}"]
    provoke: {typed: "lisa su conuser1$ podman ps"}
  - id: no-runtime-dir
    title: Anything denied
    messages: ['permission denied {any}']
    why: Something.
    fix: [ls]
    documented: https://example.org/
    samples: [permission denied here]
  - id: permission-denied
    title: Something was denied
    messages: [': permission denied']
    why: Something.
    fix: ["podman stop {line}"]
    documented: https://example.org/
    samples: ['mkdir: permission denied']
  - id: enabled-not-started
    title: '{unit} is enabled and not started'
    when: [{unit: {name: "{unit}", user: "{account}", file-state: enabled, active: inactive}}]
    asks: [account, unit]
    why: Enabling is for the next boot.
    fix: ["systemctl --user start {unit}"]
    provoke: {typed: "conuser1$ true"}
"##;

fn file() -> String {
    FILE.replace(r#", "echo {nothing}""#, "")
}

fn catalogue() -> Catalogue {
    let (catalogue, problems) = Catalogue::read(&[("a.yaml".to_owned(), file())]);
    assert!(problems.is_empty(), "{problems:?}");
    catalogue
}

fn person(name: &str, uid: u32) -> Person {
    Person { name: name.into(), uid, home: format!("/home/{name}") }
}

fn setting() -> Setting {
    Setting {
        me: Some(person("conuser1", 1001)),
        people: vec![person("lisa", 1000), person("conuser1", 1001)],
        units: vec!["web1.service".into()],
        programs: vec!["podman".into(), "systemctl".into()],
        subjects: Subjects {
            accounts: vec!["conuser1".into()],
            units: vec!["web1.service".into(), "web2.service".into()],
            ..Subjects::default()
        },
    }
}

fn suspects(line: &str, status: i32, output: &str) -> Vec<Suspect> {
    let told = Told { line: Some(line), status: Some(status), output: output.as_bytes() };
    catalogue().suspects(&told, &setting())
}

fn pass() -> Verdict {
    Verdict::pass(Evidence::file("/x", "seen"))
}

fn fail() -> Verdict {
    Verdict::fail("a", "b", Evidence::file("/x", "seen"))
}

const DENIED: &str = "Error: mkdir /run/user/1000/libpod: permission denied\n";

#[test]
fn values_are_filled_and_a_fact_makes_it_certain() {
    let suspects = suspects("podman ps", 1, DENIED);
    let facts = suspects[0].facts();
    let Check::Not(inner) = &facts[0] else { panic!("{facts:?}") };
    assert_eq!(serde_json::to_value(inner).unwrap()["path"]["path"], "/run/user/1000");
    let found = diagnose(&suspects, &[vec![pass()]]);
    assert_eq!(found[0].confidence, Confidence::Certain);
    assert_eq!(found[0].title, "The runtime directory belongs to lisa");
    assert_eq!(found[0].cause.split('.').nth(1), Some(" That is still lisa's; you are conuser1"));
    assert_eq!(found[0].fix, ["# leave the shell of su", "exit", "ssh conuser1@localhost"]);
    assert_eq!(found[0].evidence[0].source, Source::Command("podman ps".into()));
    // The other one that fits is never as sure.
    assert_eq!((found[1].id.as_str(), found[1].confidence), ("permission-denied", Confidence::Possible));
}

#[test]
fn what_a_fact_remembers_stands_in_the_way_out_and_nowhere_without_it() {
    let text = r#"
mistakes:
  - id: no-container
    title: There is no {name}
    messages: ['no such container {name:container}']
    when: [{container: {account: "{me}", name: "{name}", exists: false, remember-nearest: near}}]
    why: It is not there.
    fix: ["podman start {near}", podman ps -a]
    provoke: {typed: "conuser1$ podman start wbe1"}
"#;
    let (catalogue, problems) = Catalogue::read(&[("a.yaml", text)]);
    assert!(problems.is_empty(), "{problems:?}");
    let told = Told { output: b"Error: no such container wbe1\n", ..Told::default() };
    let suspects = catalogue.suspects(&told, &setting());
    let seen = |remember: &[(&str, &str)]| {
        let remember = remember.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let pass = Verdict::Pass { evidence: vec![Evidence::file("/x", "web1")], remember };
        diagnose(&suspects, &[vec![pass]])[0].fix.clone()
    };
    assert_eq!(seen(&[("near", "web1")]), ["podman start web1", "podman ps -a"]);
    assert_eq!(seen(&[]), ["podman ps -a"]);
    let (_, problems) = Catalogue::read(&[("a.yaml", text.replace("is no {name}", "is no {near}").as_str())]);
    assert_eq!(problems.len(), 1, "a title always has all its words: {problems:?}");
}

#[test]
fn a_fact_that_fails_takes_it_out_and_the_only_one_left_is_likely() {
    let found = diagnose(&suspects("podman ps", 1, DENIED), &[vec![fail()]]);
    assert_eq!(found.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["permission-denied"]);
    assert_eq!(found[0].confidence, Confidence::Likely);
}

#[test]
fn a_fact_that_nobody_could_see_leaves_it_possible_and_says_what_would_tell() {
    let found = diagnose(&suspects("podman ps", 1, DENIED), &[vec![Verdict::unknown("no eyes")]]);
    assert_eq!((found[0].id.as_str(), found[0].confidence), ("runtime-dir-of-another", Confidence::Possible));
    assert_eq!(found[0].unseen, ["no eyes"]);
    assert_eq!(found[0].tell_apart, ["`ls -ld /run/user/1000`"]);
}

#[test]
fn one_fact_seen_and_another_unseen_is_not_certain() {
    let two = FILE.replace(
        r#"{owner}", owner: "{me}"}}"#,
        r#"{owner}", owner: "{me}"}}
      - account: {name: "{me}"}"#,
    );
    let (catalogue, problems) = Catalogue::read(&[("a.yaml".to_owned(), two.replace(r#", "echo {nothing}""#, ""))]);
    assert!(problems.is_empty(), "{problems:?}");
    let told = Told { line: Some("podman ps"), status: Some(1), output: DENIED.as_bytes() };
    let suspects = catalogue.suspects(&told, &setting());
    let confidence = |verdicts: [Verdict; 2]| diagnose(&suspects, &[verdicts.to_vec()])[0].confidence;
    assert_eq!(confidence([pass(), pass()]), Confidence::Certain);
    assert_eq!(confidence([Verdict::unknown("no eyes"), pass()]), Confidence::Possible);
}

#[test]
fn another_program_or_status_is_another_mistake_and_a_relay_shows_those_of_others() {
    let ids = |line, status| -> Vec<String> {
        suspects(line, status, DENIED).iter().map(|suspect| suspect.entry.id.clone()).collect()
    };
    assert_eq!(ids("sudo -u conuser1 podman ps", 125), ["runtime-dir-of-another", "permission-denied"]);
    assert_eq!(ids("podman ps", 2), ["permission-denied"]);
    assert_eq!(ids("mkdir x", 1), ["permission-denied"]);
    assert_eq!(ids("sudo mkdir x", 1), ["permission-denied"]);
    assert_eq!(ids("setsid -w podman ps", 1)[0], "runtime-dir-of-another");
    assert_eq!(ids("su - conuser1 -c 'podman ps'", 1)[0], "runtime-dir-of-another");
    let told = Told { line: None, status: None, output: DENIED.as_bytes() };
    assert_eq!(catalogue().suspects(&told, &Setting::default()).len(), 2);
}

#[test]
fn noise_around_the_message_does_not_hinder() {
    for output in [
        "sudo: unable to resolve host vm\r\n\x1b[31mError:\x1b[0m mkdir /run/user/1000/libpod: \x1b[1mpermission\x1b[0m denied\r\n",
        "Error: mkdir /run/user/1000/libpod:\npermission denied",
        "time=\"x\" level=error msg=\"mkdir /run/user/1000/libpod: Permission denied\"",
        "Error: mkdir /run/us\ner/1000/libpod: perm\nission denied\n",
    ] {
        let ids: Vec<_> = suspects("podman ps", 1, output).iter().map(|one| one.entry.id.clone()).collect();
        assert_eq!(ids[0], "runtime-dir-of-another", "{output}");
    }
}

#[test]
fn a_missing_value_is_named_by_its_kind_and_its_command_left_out() {
    let told = Told { line: None, status: None, output: DENIED.as_bytes() };
    let found = diagnose(&catalogue().suspects(&told, &Setting::default()), &[]);
    assert_eq!(found[0].title, "The runtime directory belongs to another account");
    assert_eq!(found[0].fix, ["# leave the shell of su", "exit"]);
    assert!(found[1].fix.is_empty(), "{:?}", found[1].fix);
}

#[test]
fn a_silent_mistake_is_tried_for_every_name_and_told_once() {
    let suspects = catalogue().silent(&setting());
    assert_eq!(suspects.len(), 2);
    let found = diagnose(&suspects, &[vec![fail()], vec![pass()]]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].title, "web2.service is enabled and not started");
    assert_eq!(found[0].confidence, Confidence::Certain);
    assert!(diagnose(&suspects, &[vec![fail()], vec![Verdict::unknown("no eyes")]]).is_empty());
    assert!(diagnose(&suspects, &[]).is_empty());
}

#[test]
fn all_problems_are_told_at_once_with_their_places() {
    let broken = r#"
mistakes:
  - id: Bad_Id
    title: A {where}
    messages: ['file {where:path} is [not here', 'unit {u:unit} is missing']
    why: because {u.nearst} and {me.account}
    fix: [ls]
    provoke: {typed: "x"}
  - id: twice
    title: x
    when: [{unti: {name: a}}]
    why: x
    fix: [x]
  - id: twice
    title: x
    messages: ['words enough {n:uid}']
    asks: [unit]
    why: '{n.account} {n.nearest} {unit}'
    fix: [x]
    provoke: {typed: x, on: [sarge]}
  - id: twice
    messages: ['short']
    why: x
"#;
    let (catalogue, problems) = Catalogue::read(&[("a.yaml", broken)]);
    assert_eq!(catalogue.entries().count(), 0);
    let told: Vec<String> = problems.iter().map(|one| format!("{}:{} {}", one.line, one.column, one.what)).collect();
    for wanted in [
        "3:9 `Bad_Id` is not an id",
        "4:14 unknown name `where`",
        "5:16 `file {where:path} is [not here` is no pattern: a `[` is not closed",
        "6:18 unknown name `u.nearst`",
        "6:33 unknown name `me.account`",
        "11:13 unknown name `unti`",
        "20:30 unknown name `sarge`",
        "`title` is missing",
        "`fix` is missing",
        "`provoke` is missing",
        "at least 8 letters",
    ] {
        assert!(told.iter().any(|line| line.contains(wanted)), "{wanted} is not in {told:#?}");
    }
}

#[test]
fn an_id_stands_once_in_all_files_and_a_value_is_one_that_the_entry_can_have() {
    let (_, problems) = Catalogue::read(&[("a.yaml".to_owned(), file()), ("b.yaml".to_owned(), file())]);
    assert_eq!(problems.len(), 4);
    assert!(problems.iter().all(|one| one.file == "b.yaml"));
    let (_, problems) = Catalogue::read(&[("a.yaml", FILE)]);
    assert!(matches!(&problems[0].what, ProblemKind::UnknownName { name, .. } if name == "nothing"), "{problems:?}");
}

#[test]
fn the_built_in_files_have_no_problem_and_every_pattern_compiles() {
    let (catalogue, problems) = Catalogue::read(Catalogue::files());
    assert!(problems.is_empty(), "{problems:#?}");
    for message in catalogue.entries().flat_map(|entry| &entry.messages) {
        assert!(message.compiles(), "{}", message.text);
    }
}

/// podman on a machine without a name server, with a mirror that has no such image.
#[test]
fn a_registry_that_answered_comes_before_one_that_could_not_be_found() {
    let said = "Error: initializing source docker://registry.access.redhat.com/ubi88:latest: (Mirrors also failed: \
                [127.0.0.1:5000/ubi88:latest: reading manifest latest in 127.0.0.1:5000/ubi88: manifest unknown]): \
                registry.access.redhat.com/ubi88:latest: pinging container registry registry.access.redhat.com: \
                Get \"https://registry.access.redhat.com/v2/\": dial tcp: lookup registry.access.redhat.com on \
                127.0.0.1:53: read udp 127.0.0.1:54697->127.0.0.1:53: read: connection refused\n";
    let told = Told { line: Some("podman pull ubi88"), status: Some(125), output: said.as_bytes() };
    let found = Catalogue::builtin().suspects(&told, &setting());
    let ids: Vec<&str> = found.iter().map(|suspect| suspect.entry.id.as_str()).collect();
    assert_eq!(ids, ["manifest-unknown", "no-name-server"]);
}

//! The catalogue as a whole, without a machine: what real machines said leads to the right entry, and what is ordinary leads to none.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod program;
mod ways_out;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use checkers::{CommandFact, Evidence, Verdict};
use rootless_lab::lesson::Shelf;
use rootless_lab::mistakes::{Catalogue, Confidence, Person, Setting, Told, cleaned, diagnose};
use rootless_lab::session::{Effect, Event, Moment, Session};
use serde::Deserialize;

/// What a mistake said on a real machine; written by the test of `tests/machine/mistakes.rs`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seen {
    id: String,
    typed: String,
    account: String,
    status: i32,
    confidence: String,
    said: String,
}

const RELEASES: [&str; 4] = ["bullseye", "bookworm", "trixie", "forky"];

fn house() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// What was seen on each release that was tried.
fn seen() -> BTreeMap<&'static str, Vec<Seen>> {
    let read = |release| {
        let file = house().join(format!("tests/mistakes/seen/{release}.yaml"));
        let text = fs::read_to_string(file).ok()?;
        let seen = serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{release}: {error}"));
        Some((release, seen))
    };
    RELEASES.into_iter().filter_map(read).collect()
}

/// Ordinary outputs by the command that printed them; each was recorded from a command that succeeded.
fn ordinary() -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(house().join("tests/mistakes/ordinary")).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        let mark = b"%%%% $ ";
        let starts: Vec<usize> = (0..bytes.len())
            .filter(|at| bytes[*at..].starts_with(mark) && (*at == 0 || bytes[at - 1] == b'\n'))
            .collect();
        for (nth, start) in starts.iter().enumerate() {
            let end = starts.get(nth + 1).copied().unwrap_or(bytes.len());
            let item = &bytes[start + mark.len()..end];
            let line = item.iter().position(|byte| *byte == b'\n').unwrap_or(item.len());
            all.push((String::from_utf8_lossy(&item[..line]).into_owned(), item[line..].to_vec()));
        }
    }
    all
}

/// What is named for this, the surest first, with no fact looked at.
fn named(line: Option<&str>, status: Option<i32>, output: &[u8]) -> Vec<(String, Confidence)> {
    let people = [("root", 0), ("lisa", 1000), ("conuser1", 1001)];
    let people = people.map(|(name, uid)| Person { name: name.into(), uid, home: format!("/home/{name}") });
    let setting = Setting { me: Some(people[2].clone()), people: people.to_vec(), ..Setting::default() };
    let told = Told { line, status, output };
    let found = diagnose(&Catalogue::builtin().suspects(&told, &setting), &[]);
    found.into_iter().map(|one| (one.id, one.confidence)).collect()
}

/// The line without its prompt.
fn line(typed: &str) -> &str {
    typed.strip_prefix("# ").or_else(|| typed.split_once("$ ").map(|(_, line)| line)).unwrap_or(typed)
}

fn ids(found: &[(String, Confidence)]) -> Vec<&str> {
    found.iter().map(|(id, _)| id.as_str()).collect()
}

#[test]
fn what_real_machines_said_leads_to_its_entry() {
    let mut wrong = Vec::new();
    for (release, seen) in seen() {
        for one in &seen {
            let Some(entry) = Catalogue::builtin().entries().find(|entry| entry.id == one.id) else {
                wrong.push(format!("{release}: {} is in the catalogue no more", one.id));
                continue;
            };
            if entry.is_silent() {
                continue;
            }
            for (line, status) in [(Some(line(&one.typed)), Some(one.status)), (None, None)] {
                let found = named(line, status, one.said.as_bytes());
                let among = found.iter().any(|(id, _)| *id == one.id);
                let first = found.first().is_some_and(|(id, _)| *id == one.id);
                // Where facts decided on the machine, others may fit as well here, where nobody looks.
                let right = first || among && (one.confidence == "certain" || line.is_none());
                let surer = found.iter().any(|(id, confidence)| *id != one.id && *confidence == Confidence::Certain);
                if !right || surer {
                    wrong.push(format!("{release}: {} ({}): {:?}", one.id, one.typed, ids(&found)));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_machine_named_each_of_them_first_and_every_record_is_whole() {
    for (release, seen) in seen() {
        let once: BTreeSet<&str> = seen.iter().map(|one| one.id.as_str()).collect();
        assert_eq!(once.len(), seen.len(), "{release}");
        for one in &seen {
            assert!(["certain", "likely", "possible"].contains(&one.confidence.as_str()), "{release}: {one:?}");
            assert!(!one.account.is_empty(), "{release}: {one:?}");
        }
    }
}

#[test]
fn documented_samples_lead_to_their_entry_first() {
    let problems = Catalogue::builtin().samples_without_entry(Catalogue::files());
    assert!(problems.is_empty(), "{problems:#?}");
}

#[test]
fn the_catalogue_is_large_and_each_entry_was_seen_or_is_documented() {
    let (catalogue, problems) = Catalogue::read(Catalogue::files());
    assert!(problems.is_empty(), "{problems:#?}");
    let count = catalogue.entries().count();
    assert!(count >= 70, "{count} entries");
    let seen = seen();
    let somewhere: BTreeSet<&str> = seen.values().flatten().map(|one| one.id.as_str()).collect();
    let never: Vec<&str> = catalogue
        .entries()
        .filter(|entry| entry.provoke.is_some() && !somewhere.contains(entry.id.as_str()))
        .map(|entry| entry.id.as_str())
        .collect();
    assert!(never.is_empty(), "nobody saw these; UPDATE_MISTAKES=1 cargo test --test machine mistakes: {never:#?}");
    for entry in catalogue.entries() {
        assert!(entry.provoke.is_some() || entry.documented.is_some(), "{}", entry.id);
    }
}

/// A message and a fact are a diagnosis; that a machine has a file which every machine has is no fact about the mistake.
#[test]
fn nothing_that_is_true_of_every_machine_makes_a_suspicion_certain() {
    let empty = regex::Regex::new(
        r"(?m)^ +- \{?path: \{path: (/etc/(passwd|shadow|group|hosts)|/(usr/)?s?bin/[a-z]+|/usr/sbin/[a-z]+|/run/systemd/system|/)(, kind: [a-z]+)?\}\}?$",
    )
    .expect("a pattern");
    for (name, text) in Catalogue::files() {
        let found: Vec<&str> = empty.find_iter(text).map(|found| found.as_str().trim()).collect();
        assert!(found.is_empty(), "{name}: {found:?}");
    }
}

/// Learners hardly ever are root: that alone says nothing about this mistake, it only excludes.
#[test]
fn that_somebody_is_not_root_makes_no_suspicion_certain() {
    let not_root: serde_json::Value = serde_yaml::from_str(r#"not: {account: {name: "{me}", uid: 0}}"#).unwrap();
    let mut alone = Vec::new();
    for (name, text) in Catalogue::files() {
        let file: serde_json::Value = serde_yaml::from_str(text).unwrap();
        for entry in file["mistakes"].as_array().unwrap() {
            let facts = entry["when"].as_array().map_or(&[][..], Vec::as_slice);
            if !facts.is_empty() && facts.iter().all(|fact| *fact == not_root) {
                alone.push(format!("{name}: {:?}", entry["id"]));
            }
        }
    }
    assert!(alone.is_empty(), "{alone:#?}");
}

/// `podman unshare` runs a program of the machine: a directory that is the machine's own is no volume.
#[test]
fn a_directory_of_the_machine_is_no_volume_of_a_container() {
    let me = Person { name: "conuser1".into(), uid: 1001, home: "/home/conuser1".into() };
    let setting = Setting { me: Some(me.clone()), people: vec![me], ..Setting::default() };
    let seen = |is_so: bool| match is_so {
        true => Verdict::pass(Evidence::file("/x", "so")),
        false => Verdict::fail("so", "not so", Evidence::file("/x", "not so")),
    };
    let found = |line: &str, output: &str| {
        let told = Told { line: Some(line), status: Some(1), output: output.as_bytes() };
        let suspects = Catalogue::builtin().suspects(&told, &setting);
        // A machine without SELinux, whose /etc is root's, and that has no /data.
        let judge = |fact: checkers::Check| {
            let fact = serde_json::to_value(&fact).unwrap();
            // What is in /etc is there, and another's.
            let (path, denied) =
                if fact["not"].is_null() { (&fact["path"], false) } else { (&fact["not"]["path"], true) };
            match path["path"].as_str().unwrap() {
                "/sys/fs/selinux/enforce" => seen(path["exists"] == false),
                place => seen(place.starts_with("/etc") && (path["owner"].is_null() || denied)),
            }
        };
        let verdicts: Vec<Vec<Verdict>> =
            suspects.iter().map(|suspect| suspect.facts().into_iter().map(judge).collect()).collect();
        diagnose(&suspects, &verdicts).into_iter().map(|one| one.id).collect::<Vec<_>>()
    };
    for (program, said) in [
        ("touch /etc/x", "touch: cannot touch '/etc/x': Permission denied"),
        ("ls /etc/ssl/private", "ls: cannot open directory '/etc/ssl/private': Permission denied"),
        ("cat /etc/shadow", "cat: /etc/shadow: Permission denied"),
    ] {
        let found = found(&format!("podman unshare {program}"), said);
        assert!(!found.contains(&"volume-permission-userns".to_owned()), "{program}: {found:?}");
    }
    for (program, said) in [
        ("touch /data/x", "touch: cannot touch '/data/x': Permission denied"),
        ("ls /data", "ls: cannot open directory '/data': Permission denied"),
    ] {
        let line = format!("podman run --user 1000 -v ~/data:/data ubi8 {program}");
        assert_eq!(found(&line, said), ["volume-permission-userns"], "{program}");
    }
}

#[test]
fn two_hundred_ordinary_outputs_yield_nothing() {
    let ordinary = ordinary();
    assert!(ordinary.len() >= 200, "{} outputs", ordinary.len());
    let mut alarms = Vec::new();
    for (command, output) in &ordinary {
        let found = named(None, None, output);
        if !found.is_empty() {
            alarms.push(format!("{command}: {:?}", ids(&found)));
        }
    }
    assert!(alarms.is_empty(), "{alarms:#?}");
}

/// Whether a lab says that a command of a nested shell, whose status it does not see, went wrong for a reason that it does not know.
fn is_complaint(line: &str, output: &[u8]) -> bool {
    let (lesson, _) = Shelf::default().find("rootless-containers").unwrap();
    let step = lesson.steps[0].id.clone();
    let red = || Verdict::fail("it", "nothing", Evidence::file("/x", "nothing"));
    let verdicts = lesson.steps[0].goals.iter().map(|_| red()).collect();
    let mut session = Session::new(lesson.into(), None);
    session.handle(Event::Opened { at: Moment::default(), fresh: true });
    let output = String::from_utf8_lossy(output).into_owned();
    let command = CommandFact { line: line.into(), status: None, output, account: None };
    let asked = session.handle(Event::NestedPrompt(vec![command.clone()]));
    if !asked.iter().any(|effect| matches!(effect, Effect::Diagnose(_))) {
        return false;
    }
    session.handle(Event::Diagnosed { command, found: vec![] });
    let effects = session.handle(Event::Judged { step, verdicts, at: Moment::default(), asked: false });
    effects.iter().any(|effect| matches!(effect, Effect::ShowUnexplained { .. }))
}

#[test]
fn in_a_shell_whose_statuses_nobody_sees_no_ordinary_output_is_taken_for_a_failing() {
    let alarms: Vec<_> = ordinary()
        .into_iter()
        .filter(|(command, output)| is_complaint(command, output))
        .map(|(command, _)| command)
        .collect();
    assert!(alarms.is_empty(), "{alarms:#?}");
}

#[test]
fn in_such_a_shell_most_of_what_goes_wrong_is_heard_though_nobody_knows_it() {
    let seen = seen();
    let failed = |one: &&Seen| one.status != 0 && !one.said.trim().is_empty();
    let all: Vec<&Seen> = seen.values().flatten().filter(failed).collect();
    let deaf: Vec<&str> = all
        .iter()
        // What `script` and a password typed through a pipe leave on the first line stands on no terminal of a person.
        .filter(|one| {
            let said = one.said.trim_start_matches("^@").trim_start_matches("Password: ");
            !is_complaint(line(&one.typed), said.as_bytes())
        })
        .map(|one| one.typed.as_str())
        .collect();
    assert!(deaf.len() * 4 < all.len(), "{} of {}: {deaf:#?}", deaf.len(), all.len());
}

#[test]
fn noise_around_what_was_said_changes_nothing() {
    let wrapped = |said: &str| {
        let mut out = String::new();
        for (nth, letter) in said.replace("\r\n", "\n").chars().enumerate() {
            out.push(letter);
            if (nth + 1) % 60 == 0 {
                out.push('\n');
            }
        }
        out
    };
    let coloured = |said: &str| said.replace(' ', " \x1b[1;31m").replace(':', "\x1b[0m:");
    let chatty = |said: &str| {
        format!("sudo: unable to resolve host vm: Name or service not known\n[sudo] password for lisa: \n{said}")
    };
    let titled = |said: &str| format!("\x1b]0;lisa@vm: ~\x07{}\x1b]8;;https://x\x1b\\", said.replace('\n', "\r\n"));
    let quoted = |said: &str| {
        let mut open = false;
        let turn = |letter: char| match letter {
            '\'' | '"' => {
                open = !open;
                if open { '«' } else { '»' }
            }
            other => other,
        };
        said.chars().map(turn).collect::<String>()
    };
    let single_line = |said: &str| !cleaned(said.as_bytes()).trim().contains('\n');
    let mut wrong = Vec::new();
    for one in seen().values().flatten().filter(|one| !one.said.trim().is_empty()) {
        let plain = named(None, None, one.said.as_bytes());
        if plain.is_empty() {
            continue;
        }
        let mut forms = vec![coloured(&one.said), chatty(&one.said), titled(&one.said), quoted(&one.said)];
        if single_line(&one.said) {
            forms.push(wrapped(cleaned(one.said.as_bytes()).trim()));
        }
        for (nth, form) in forms.iter().enumerate() {
            let found = named(None, None, form.as_bytes());
            if !found.iter().any(|(id, _)| *id == one.id) && plain.iter().any(|(id, _)| *id == one.id) {
                wrong.push(format!("{} (form {nth}): {:?} is not {:?}", one.id, ids(&found), ids(&plain)));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_mebibyte_of_anything_is_looked_through_at_once() {
    for output in [vec![0xff; 1 << 20], b"permission denied ".repeat(1 << 16), b"mkdir /run/user/1".repeat(1 << 16)] {
        let began = std::time::Instant::now();
        named(None, None, &output);
        assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
    }
}

/// A page that is made from the catalogue: the same words, or written anew with `UPDATE_BOOK=1`.
fn made(path: &str, text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("book/src").join(path);
    if std::env::var_os("UPDATE_BOOK").is_some() {
        fs::write(&file, text).unwrap();
    }
    assert!(
        fs::read_to_string(&file).unwrap_or_default() == text,
        "book/src/{path} is old: UPDATE_BOOK=1 cargo test --test mistakes"
    );
}

#[test]
fn the_page_of_mistakes_is_the_catalogue() {
    let seen = seen();
    let ordinary = ordinary();
    let alarms = ordinary.iter().filter(|(_, output)| !named(None, None, output).is_empty()).count();
    let entries: Vec<_> = Catalogue::builtin().entries().collect();
    let silent = entries.iter().filter(|entry| entry.is_silent()).count();
    let documented = entries.iter().filter(|entry| entry.provoke.is_none()).count();
    let mut page = format!(
        "# Known mistakes\n\nWhat `rootless-lab explain` and the lab know by heart: {} mistakes. {} of them print nothing and are found \
         from facts alone; {documented} cannot be made on a practice machine, and their message stands where it is documented.\n\n\
         Each of the others is made on real machines by a test, and what the machine said is fed back to the program there, which has \
         to name that mistake first.\n\n\
         | release | can be made there | named first | of these certain |\n|---|---|---|---|\n",
        entries.len(),
        silent,
    );
    for release in RELEASES {
        let can =
            entries.iter().filter(|e| e.provoke.as_ref().is_some_and(|p| p.on.iter().any(|on| on == release))).count();
        let row = match seen.get(release) {
            Some(seen) => {
                let certain = seen.iter().filter(|one| one.confidence == "certain").count();
                format!("| {release} | {can} | {} | {certain} |\n", seen.len())
            }
            None => format!("| {release} | {can} | not tried yet | |\n"),
        };
        page.push_str(&row);
    }
    page.push_str(&format!(
        "\nFalse alarms: {alarms} of {} ordinary outputs (podman, systemctl, journalctl, git, cargo, apt, man and others, recorded from \
         commands that succeeded).\n",
        ordinary.len()
    ));
    for entry in entries {
        let on: Vec<&str> = RELEASES
            .into_iter()
            .filter(|release| seen.get(release).is_some_and(|seen| seen.iter().any(|one| one.id == entry.id)))
            .collect();
        page.push_str(&format!("\n## {}\n\n{}\n\n", entry.id, values_shown(&format!("**{}**", entry.title))));
        for message in entry.messages() {
            page.push_str(&format!("- says `{}`\n", message.replace('`', "'").replace('\n', " ")));
        }
        if entry.is_silent() {
            page.push_str("- says nothing: found from facts\n");
        }
        if !on.is_empty() {
            page.push_str(&format!("- seen on {}\n", on.join(", ")));
        }
        if let Some(place) = entry.documented.as_ref().filter(|_| entry.provoke.is_none()) {
            page.push_str(&format!("- documented at <{place}>\n"));
        }
        page.push_str(&format!("\n{}\n\n```text\n{}\n```\n", values_shown(&entry.why), entry.fix.join("\n")));
        if let Some(link) = &entry.link {
            page.push_str(&format!("\nUpstream: <{link}>\n"));
        }
    }
    made("reference/mistakes.md", &page);
}

/// Values as a reader of the page sees them: `{owner.account}` is no HTML and no Markdown.
fn values_shown(text: &str) -> String {
    text.replace('<', "\\<")
}

//! `rootless-lab explain` over what real machines said: what it answers, in words and in JSON, and with which number it ends.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use rootless_lab::mistakes::Catalogue;

use crate::{RELEASES, line, named, seen};

/// The program itself, with this on its standard input.
fn explain(arguments: &[&str], input: &[u8]) -> (i32, String) {
    use std::io::Write;
    let mut child = Command::new(env!("CARGO_BIN_EXE_rootless-lab"))
        .arg("explain")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    (output.status.code().unwrap(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn the_program_says_nothing_known_with_1_and_a_wrong_account_with_2() {
    assert_eq!(explain(&[], b"all is well\n").0, 1);
    assert_eq!(explain(&["all is well"], b"").0, 1);
    let (status, said) = explain(&["--json", "-"], b"\xff\xfe\0");
    assert_eq!((status, said.split_whitespace().collect::<String>().as_str()), (1, r#"{"diagnoses":[]}"#));
    assert_eq!(explain(&["--as", "no-such-account"], b"x").0, 2);
    assert_eq!(explain(&["a", "b"], b"").0, 2);
    assert_eq!(explain(&[], &vec![b'x'; 3 << 20]).0, 1);
}

/// The ids of an answer in JSON, the surest first.
fn ids_said(said: &str) -> Vec<String> {
    let answer: serde_json::Value = serde_json::from_str(said).unwrap();
    let diagnoses = answer["diagnoses"].as_array().unwrap();
    diagnoses.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_program_explains_on_its_standard_input_what_machines_of_every_release_said() {
    let seen = seen();
    assert_eq!(seen.keys().copied().collect::<BTreeSet<_>>(), BTreeSet::from(RELEASES));
    for (release, seen) in seen {
        // A few of each, not the same ones of every release; each is a process. A silent one is found from facts, whatever was said.
        let heard = |id: &str| Catalogue::builtin().entries().any(|entry| entry.id == id && !entry.is_silent());
        let loud = seen.iter().filter(|one| heard(&one.id) && !named(None, None, one.said.as_bytes()).is_empty());
        let few: Vec<_> = loud.skip(release.len() % 5).step_by(12).collect();
        assert!(few.len() >= 10, "{release}: {}", few.len());
        for one in few {
            let (status, said) = explain(&["--json"], one.said.as_bytes());
            assert_eq!(status, 0, "{release}: {one:?}");
            assert!(ids_said(&said).contains(&one.id), "{release}: {one:?}: {said}");
            let told = one.status.to_string();
            let (status, said) =
                explain(&["--json", "--line", line(&one.typed), "--status", &told, "-"], one.said.as_bytes());
            assert_eq!(status, 0, "{release}: {one:?}");
            let found = ids_said(&said);
            // Where facts decided on the machine, another may stand before it here, where nobody looks.
            let is_right = found.first() == Some(&one.id) || one.confidence == "certain" && found.contains(&one.id);
            assert!(is_right, "{release}: {one:?}: {found:?}");
        }
    }
}

#[test]
fn the_json_has_exactly_the_keys_that_are_promised() {
    let Some(one) = seen().into_values().flatten().find(|one| !one.said.trim().is_empty()) else { return };
    let (status, said) = explain(&["--json"], one.said.as_bytes());
    assert_eq!(status, 0, "{said}");
    let answer: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(answer.as_object().unwrap().keys().collect::<Vec<_>>(), ["diagnoses"]);
    for diagnosis in answer["diagnoses"].as_array().unwrap() {
        let keys: BTreeSet<&str> = diagnosis.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, BTreeSet::from(["id", "title", "confidence", "cause", "fix", "evidence"]));
    }
}

//! Keys, signatures, and what may happen to either.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use super::super::stand_in::{at, graded, solved};
use super::super::{Finding, TESTIMONY, inspect};
use super::*;
use crate::exam::Event;

struct Desk {
    place: tempfile::TempDir,
    folder: Folder,
}

impl Desk {
    fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        let folder = graded(place.path(), solved());
        make_key(&place.path().join("key")).unwrap();
        Self { place, folder }
    }

    fn key(&self) -> PathBuf {
        self.place.path().join("key")
    }

    fn signed(&self) -> Signed {
        let key = Key::read(&self.place.path().join("key.pub")).unwrap();
        let findings = inspect(self.folder.path(), Some(&key)).findings;
        let signed =
            findings.into_iter().find_map(|one| if let Finding::Signature(signed) = one { Some(signed) } else { None });
        signed.unwrap()
    }

    fn change(&self, name: &str, from: &str, to: &str) {
        let path = self.folder.path().join(name);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(path, text.replacen(from, to, 1)).unwrap();
    }
}

#[test]
fn what_was_collected_is_vouched_for_until_something_changes() {
    let mut desk = Desk::new();
    assert_eq!(desk.signed(), Signed::None);
    sign(desk.folder.path(), &desk.key()).unwrap();
    assert!(matches!(desk.signed(), Signed::Good { lines: 8, .. }), "{:?}", desk.signed());
    desk.folder.append(&at(90, "b"), &Event::Looked).unwrap();
    assert_eq!(desk.signed(), Signed::GoneOn { lines: 8, more: 1 });
    fs::write(desk.folder.path().join("exam.yaml"), "format: 2\n").unwrap();
    assert_eq!(desk.signed(), Signed::OtherFiles(vec!["exam.yaml".into()]));
}

#[test]
fn a_whole_record_that_was_written_anew_is_not_the_one_that_was_signed() {
    let desk = Desk::new();
    sign(desk.folder.path(), &desk.key()).unwrap();
    let other = tempfile::tempdir().unwrap();
    let forged = graded(other.path(), solved());
    for name in ["record.jsonl", "head"] {
        fs::copy(forged.path().join(name), desk.folder.path().join(name)).unwrap();
    }
    assert_eq!(desk.signed(), Signed::OtherRecord);
}

#[test]
fn a_file_that_is_put_there_or_taken_away_is_named() {
    let desk = Desk::new();
    sign(desk.folder.path(), &desk.key()).unwrap();
    fs::write(desk.folder.path().join(TESTIMONY).join("0.json"), "{}").unwrap();
    assert_eq!(desk.signed(), Signed::OtherFiles(vec!["testimony/0.json".into()]));
}

#[test]
fn a_statement_or_a_signature_that_was_changed_is_forged_and_another_key_is_told_apart() {
    let desk = Desk::new();
    sign(desk.folder.path(), &desk.key()).unwrap();
    let text = fs::read_to_string(desk.folder.path().join(FILE)).unwrap();
    desk.change(FILE, "\"n\": 8", "\"n\": 7");
    assert_eq!(desk.signed(), Signed::Forged);
    fs::write(desk.folder.path().join(FILE), &text).unwrap();
    let mut read: Signature = serde_json::from_str(&text).unwrap();
    read.signature = "00".repeat(64);
    fs::write(desk.folder.path().join(FILE), serde_json::to_vec(&read).unwrap()).unwrap();
    assert_eq!(desk.signed(), Signed::Forged);
    fs::write(desk.folder.path().join(FILE), "é").unwrap();
    assert!(matches!(desk.signed(), Signed::Unreadable(_)));
    let other = desk.place.path().join("other");
    make_key(&other).unwrap();
    sign(desk.folder.path(), &other).unwrap();
    assert_eq!(desk.signed(), Signed::OtherKey);
}

#[test]
fn a_broken_attempt_is_not_vouched_for() {
    let desk = Desk::new();
    desk.change("record.jsonl", "echo good", "echo best");
    assert!(matches!(sign(desk.folder.path(), &desk.key()), Err(KeyError::Broken)));
}

#[test]
fn a_private_key_is_its_owners_alone_and_no_key_is_written_over() {
    let desk = Desk::new();
    let mode = |name: &str| fs::metadata(desk.place.path().join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("key"), mode("key.pub")), (0o600, 0o644));
    let before = fs::read(desk.key()).unwrap();
    assert!(matches!(make_key(&desk.key()), Err(KeyError::File { .. })));
    assert_eq!(fs::read(desk.key()).unwrap(), before);
    fs::set_permissions(desk.key(), fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(sign(desk.folder.path(), &desk.key()), Err(KeyError::Open(_))));
    fs::write(desk.place.path().join("half.pub"), "").unwrap();
    assert!(make_key(&desk.place.path().join("half")).is_err());
    assert!(!desk.place.path().join("half").exists(), "no half pair");
    assert!(matches!(sign(desk.folder.path(), &desk.place.path().join("key.pub")), Err(KeyError::Open(_))));
}

#[test]
fn openssl_reads_the_keys_where_there_is_one() {
    let desk = Desk::new();
    let read = Command::new("openssl").args(["pkey", "-noout", "-text", "-in"]).arg(desk.key()).output();
    match read {
        Ok(read) => assert!(String::from_utf8_lossy(&read.stdout).contains("ED25519"), "{read:?}"),
        Err(_) => assert!(std::env::var_os("CI").is_none(), "this test needs openssl"),
    }
}

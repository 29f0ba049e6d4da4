//! What is done to an attempt's folder, and what is then said of it.

use super::super::stand_in::{graded, solved};
use super::*;

fn spoil(path: &Path, name: &str, change: impl FnOnce(String) -> String) {
    let file = path.join(name);
    let text = fs::read_to_string(&file).unwrap();
    fs::write(file, change(text)).unwrap();
}

/// What is said after something was done to the folder.
fn said(deed: impl FnOnce(&Path)) -> Vec<String> {
    let state = tempfile::tempdir().unwrap();
    let folder = graded(state.path(), solved());
    deed(folder.path());
    inspect(folder.path(), None).findings.iter().map(ToString::to_string).collect()
}

fn testimony(path: &Path) -> PathBuf {
    let mut files: Vec<_> = fs::read_dir(path.join(TESTIMONY)).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files.remove(0)
}

fn lines(text: String, change: impl FnOnce(&mut Vec<&str>)) -> String {
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    change(&mut lines);
    lines.concat()
}

#[test]
fn an_untouched_folder_is_whole() {
    assert_eq!(said(|_| ()), Vec::<String>::new());
}

#[test]
fn every_edit_cut_and_reordering_is_named_with_its_line() {
    let one = |change: fn(String) -> String| said(|path| spoil(path, "record.jsonl", change));
    assert_eq!(one(|text| text.replace("echo good", "echo best")), ["record.jsonl: line 3 was changed"]);
    assert_eq!(
        one(|text| lines(text, |all| {
            all.remove(3);
        })),
        ["record.jsonl: before line 4, 1 are missing"]
    );
    assert!(one(|text| lines(text, |all| all.swap(2, 3)))[0].contains("before line 3"));
    assert!(one(|text| text.replacen("\"version\":2", "\"version\":9", 1))[0].contains("line 1 was changed"));
    let cut = one(|text| {
        lines(text, |all| {
            all.pop();
        })
    });
    assert_eq!(cut[0], "record.jsonl: line 8 is not the one that was known elsewhere");
    assert!(cut.len() == 2 && cut[1].contains("belongs to no grade"), "{cut:?}");
}

#[test]
fn other_evidence_another_exam_or_none_at_all_is_named() {
    let altered = said(|path| fs::write(testimony(path), "{}").unwrap());
    assert!(altered.len() == 1 && altered[0].contains("is not what was written"), "{altered:?}");
    let gone = said(|path| fs::remove_file(testimony(path)).unwrap());
    assert!(gone.len() == 1 && gone[0].contains("No such file"), "{gone:?}");
    let other = said(|path| spoil(path, "exam.yaml", |text| text.replace("pass-mark: 70", "pass-mark: 1")));
    assert!(other.len() == 1 && other[0].contains("is not the exam that this attempt began with"), "{other:?}");
    let stray = said(|path| fs::write(path.join(TESTIMONY).join("0.json"), "{}").unwrap());
    assert!(stray.len() == 1 && stray[0].contains("belongs to no grade"), "{stray:?}");
    let none = said(|path| fs::remove_file(path.join("record.jsonl")).unwrap());
    assert!(none.len() == 1 && none[0].contains("cannot be read"), "{none:?}");
    let head = said(|path| fs::remove_file(path.join("head")).unwrap());
    assert_eq!(head, ["record.jsonl: nothing beside the record says how far it reached"]);
}

#[test]
fn what_is_only_worth_knowing_breaks_nothing() {
    let state = tempfile::tempdir().unwrap();
    let folder = graded(state.path(), solved());
    fs::write(folder.path().join(TESTIMONY).join("0.json"), "{}").unwrap();
    let seen = inspect(folder.path(), None);
    assert!(seen.findings.len() == 1 && !seen.is_broken());
    fs::remove_file(folder.path().join("exam.yaml")).unwrap();
    assert!(inspect(folder.path(), None).is_broken());
}

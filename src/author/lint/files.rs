//! What a lesson says about files beside it: check programs and typed solutions. Reads the folder, runs nothing.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use checkers::Check;

use super::doubt::Doubt;
use super::finding::{Finding, Loose, doubt, in_order};
use super::rules::{Page, checks};
use crate::lesson::reading::{nearest, open};
use crate::lesson::{Turn, read_typed};

/// A typed solution is no longer, in bytes.
const MOST: u64 = 1 << 20;

/// What is wrong with the files that the lesson in `file` (whose text is given) brings or names.
pub fn files(file: &Path, text: &str) -> Vec<Finding> {
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let opened = open(&file.to_string_lossy(), text, &BTreeMap::new());
    let Some(document) = &opened.document else { return Vec::new() };
    let page = Page { text, document };
    let mut found = programs(&page, folder);
    found.extend(typed(&page, folder));
    in_order(text, found)
}

fn programs(page: &Page<'_>, folder: &Path) -> Vec<Loose> {
    let mut found = Vec::new();
    for goal in page.steps().iter().flat_map(|step| &step.value.goals) {
        for check in checks(&goal.value) {
            for single in check.value.singles() {
                let Check::Program(program) = single else { continue };
                let file = program.file.to_string_lossy().into_owned();
                let is_plain = |part| matches!(part, std::path::Component::Normal(_));
                // Paths that leave the folder by their own words are the reader's problem.
                if file.is_empty() || !program.file.components().all(is_plain) {
                    continue;
                }
                let wrong = wrong_file(folder, &file);
                found.extend(wrong.map(|wrong| doubt(page.place(check, &file), wrong)));
            }
        }
    }
    found
}

fn wrong_file(folder: &Path, file: &str) -> Option<Doubt> {
    let file_name = file.to_owned();
    let full = folder.join(file);
    let (Ok(root), Ok(real)) = (folder.canonicalize(), full.canonicalize()) else {
        let beside = full.parent().and_then(|place| std::fs::read_dir(place).ok()).into_iter().flatten().flatten();
        let names: Vec<String> = beside.filter_map(|entry| entry.file_name().into_string().ok()).take(1000).collect();
        let last = Path::new(file).file_name()?.to_string_lossy().into_owned();
        let near = nearest(&last, names.iter().map(String::as_str));
        let nearest = near.map(|near| Path::new(file).with_file_name(near).to_string_lossy().into_owned());
        return Some(Doubt::NoFile { file: file_name, nearest });
    };
    if !real.starts_with(&root) {
        return Some(Doubt::LeadsOut { file: file_name });
    }
    let runs = std::fs::metadata(&real).is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0);
    (!runs).then_some(Doubt::NotExecutable { file: file_name })
}

/// Lines of `solutions/*.txt` that have no such form, or name a step or goal that the lesson has not.
fn typed(page: &Page<'_>, folder: &Path) -> Vec<Loose> {
    let mut found = Vec::new();
    let mut files: Vec<_> =
        std::fs::read_dir(folder.join("solutions")).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|end| end == "txt"));
    files.sort();
    for file in files.iter().take(100) {
        let name = format!("solutions/{}", file.file_name().unwrap_or_default().to_string_lossy());
        let mut tell = |line: usize, why: String| {
            found.push(doubt(0..0, Doubt::Typed { file: name.clone(), line, why }));
        };
        let small = std::fs::metadata(file).is_ok_and(|it| it.is_file() && it.len() <= MOST);
        let Some(text) = small.then(|| std::fs::read_to_string(file).ok()).flatten() else {
            tell(1, "it cannot be read as a text of at most 1 MiB".to_owned());
            continue;
        };
        let steps = match read_typed(&text) {
            Ok(steps) => steps,
            Err(line) => {
                tell(line, "no line of a solution has this form".to_owned());
                continue;
            }
        };
        let line_of = |words: &str| text.lines().position(|line| line.trim().starts_with(words)).map_or(1, |at| at + 1);
        for typed in steps {
            let has_id =
                |id: &crate::lesson::reading::Text, wanted: &str| id.as_ref().is_some_and(|id| id.value == wanted);
            let Some(step) = page.steps().iter().find(|step| has_id(&step.value.id, &typed.id)) else {
                tell(line_of(&format!("step {}", typed.id)), format!("the lesson has no step `{}`", typed.id));
                continue;
            };
            for turn in &typed.turns {
                if let Turn::Goal { id, .. } = turn
                    && !step.value.goals.iter().any(|goal| has_id(&goal.value.id, id))
                {
                    tell(line_of(&format!("goal {id}")), format!("the step `{}` has no goal `{id}`", typed.id));
                }
            }
        }
    }
    found
}

//! What a lesson says about files beside it: check programs. Reads the folder, runs nothing.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use checkers::Check;

use super::doubt::Doubt;
use super::finding::{Finding, Loose, doubt, in_order};
use super::rules::{Page, Sheet, checks};
use crate::lesson::reading::nearest;

impl Sheet<'_> {
    /// What is wrong with the files that the lesson in `file` brings or names.
    pub fn files(&self, file: &Path) -> Vec<Finding> {
        let folder = folder_of(file);
        let Some(page) = self.page() else { return Vec::new() };
        in_order(self.text, programs(&page, folder))
    }
}

/// The folder that a lesson's file lies in.
pub(super) fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
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

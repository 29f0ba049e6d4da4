//! What is wrong with what is typed beside a lesson: `solutions/*.txt` and `wrong/*.txt`, each with places in its own text. Runs nothing.

use std::ops::Range;
use std::path::{Path, PathBuf};

use super::doubt::Doubt;
use super::files::folder_of;
use super::finding::{Finding, Loose, doubt, in_order, is_enough};
use super::rules::Sheet;
use crate::lesson::reading::{Placed, StepForm, nearest, turn};
use crate::lesson::{Prompt, Turn};
use crate::mistakes::Catalogue;
use crate::prompt;

/// Nothing that is typed is longer, in bytes.
const MOST: u64 = 1 << 20;
/// No lesson has more ways of a kind.
const MOST_FILES: usize = 100;

impl Sheet<'_> {
    /// Each solution and wrong answer that lies beside the lesson in `file`: its name below the folder, its text, and its findings.
    pub fn answers(&self, file: &Path) -> Vec<(String, String, Vec<Finding>)> {
        let Some(page) = self.page() else { return Vec::new() };
        let mut found = Vec::new();
        for kind in ["solutions", "wrong"] {
            for path in files(&folder_of(file).join(kind)) {
                let name = format!("{kind}/{}", path.file_name().unwrap_or_default().to_string_lossy());
                let small = std::fs::metadata(&path).is_ok_and(|it| it.is_file() && it.len() <= MOST);
                let text = small.then(|| std::fs::read_to_string(&path).ok()).flatten();
                let loose = match &text {
                    Some(text) => of(text, page.steps(), kind == "wrong"),
                    None => vec![typed(0..0, "it cannot be read as a text of at most 1 MiB")],
                };
                let text = text.unwrap_or_default();
                let findings = in_order(&text, loose);
                found.push((name, text, findings));
            }
        }
        found
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<PathBuf> = entries.filter(|file| file.extension().is_some_and(|end| end == "txt")).collect();
    files.sort();
    files.truncate(MOST_FILES);
    files
}

fn typed(span: Range<usize>, why: &str) -> Loose {
    doubt(span, Doubt::Typed { why: why.to_owned() })
}

/// What is wrong with a solution, or with a wrong answer, to these steps.
fn of(text: &str, steps: &[Placed<StepForm>], is_wrong: bool) -> Vec<Loose> {
    let mut reading =
        Reading { steps, is_head: is_wrong, fails: Vec::new(), played: 0, at: None, open: None, found: vec![] };
    let mut start = 0;
    for whole in text.split_inclusive('\n') {
        let line = whole.trim();
        let at = start + (whole.len() - whole.trim_start().len());
        start += whole.len();
        if !line.is_empty() && !line.starts_with('#') {
            reading.line(line, at);
        }
        if is_enough(&reading.found) {
            break;
        }
    }
    reading.ends(is_wrong, text.trim_end().len());
    reading.found
}

struct Reading<'a> {
    steps: &'a [Placed<StepForm>],
    /// Before the first step of a wrong answer: what is to come of it.
    is_head: bool,
    /// The goals that a wrong answer spoils, as they stand there.
    fails: Vec<(Range<usize>, &'a str, &'a str)>,
    /// How many steps of the lesson are behind, this one included.
    played: usize,
    /// The step that is played.
    at: Option<&'a StepForm>,
    /// What was typed at a prompt and is not whole yet.
    open: Option<Open>,
    found: Vec<Loose>,
}

struct Open {
    at: Prompt,
    /// Where its first line stands.
    span: Range<usize>,
    text: String,
}

impl<'a> Reading<'a> {
    fn line(&mut self, line: &'a str, start: usize) {
        let span = start..start + line.len();
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let rest_at = start + line.len() - rest.trim_start().len();
        let rest = rest.trim();
        match word {
            "fails" if self.is_head && !rest.is_empty() => return self.fails(rest, rest_at),
            "mistake" if self.is_head && !rest.is_empty() => return self.mistake(rest, rest_at),
            "step" if !rest.is_empty() => return self.step(rest, rest_at),
            _ => {}
        }
        let Some(turn) = turn(word, rest) else {
            return self.found.push(typed(span, "no line of what is typed has this form"));
        };
        if self.at.is_none() && self.played == 0 {
            return self.found.push(typed(span, "this stands before the first step"));
        }
        match turn {
            Turn::Line { at, .. } => self.shell(at, rest, rest_at),
            Turn::Goal { id, .. } => {
                let goals = self.at.map(|step| step.goals.iter().filter_map(|goal| id_of(&goal.value.id)));
                if let Some(goals) = goals {
                    let goals: Vec<&str> = goals.collect();
                    self.known("goal", &id, rest_at, &goals);
                }
            }
            _ => {}
        }
    }

    /// Whether a name is one of these; told where it is not.
    fn known(&mut self, kind: &'static str, name: &str, at: usize, names: &[&str]) -> bool {
        let is_known = names.contains(&name);
        if !is_known {
            let nearest = nearest(name, names.iter().copied());
            self.found.push(doubt(at..at + name.len(), Doubt::NoSuch { kind, name: name.to_owned(), nearest }));
        }
        is_known
    }

    fn fails(&mut self, goals: &'a str, start: usize) {
        for goal in goals.split_whitespace() {
            let at = start + (goal.as_ptr().addr() - goals.as_ptr().addr());
            match goal.split_once('/') {
                Some((step, name)) => self.fails.push((at..at + goal.len(), step, name)),
                None => self.found.push(typed(at..at + goal.len(), "a goal is named as STEP/GOAL here")),
            }
        }
    }

    fn mistake(&mut self, id: &str, at: usize) {
        let known: Vec<&str> = Catalogue::builtin().entries().map(|entry| entry.id.as_str()).collect();
        self.known("known mistake", id, at, &known);
    }

    fn step(&mut self, id: &str, at: usize) {
        (self.is_head, self.at) = (false, None);
        self.closes();
        let ids: Vec<&str> = self.steps.iter().filter_map(|step| id_of(&step.value.id)).collect();
        if !self.known("step", id, at, &ids) {
            self.played += 1;
            return;
        }
        let wanted = self.steps.get(self.played).and_then(|step| id_of(&step.value.id));
        if let Some(wanted) = wanted.filter(|wanted| *wanted != id) {
            self.found.push(typed(at..at + id.len(), &format!("the step `{wanted}` comes here")));
        } else if wanted.is_none() {
            self.found.push(typed(at..at + id.len(), "all steps were played already"));
        }
        let place = self.steps.iter().position(|step| id_of(&step.value.id) == Some(id)).unwrap_or(0);
        (self.played, self.at) = (place + 1, self.steps.get(place).map(|step| &step.value));
    }

    /// A line that is typed at a prompt: lines are read together until bash would not ask for more.
    fn shell(&mut self, at: Prompt, line: &str, start: usize) {
        let span = start..start + line.len();
        let mut open = match self.open.take() {
            Some(open) if open.at == at => Open { text: open.text + "\n" + line, ..open },
            other => {
                self.open = other;
                self.closes();
                Open { at, span: span.clone(), text: line.to_owned() }
            }
        };
        if prompt::is_open(&open.text) {
            self.open = Some(open);
            return;
        }
        // A here-document ends with the line break behind its last line.
        open.text.push('\n');
        if let Some((_, why)) = prompt::refused(&open.text) {
            self.found.push(doubt(span, Doubt::NotBash { why }));
        }
    }

    /// Nothing more is typed at the prompt that was typed at.
    fn closes(&mut self) {
        if let Some(open) = self.open.take() {
            let why = "it is not whole, and nothing follows".to_owned();
            self.found.push(doubt(open.span, Doubt::NotBash { why }));
        }
    }

    fn ends(&mut self, is_wrong: bool, end: usize) {
        self.closes();
        if !is_wrong {
            if let Some(next) = self.steps.get(self.played).and_then(|step| id_of(&step.value.id)) {
                self.found.push(typed(end..end, &format!("it ends before the step `{next}`")));
            }
            return;
        }
        if self.fails.is_empty() || self.played == 0 {
            let why = "a wrong answer says `fails STEP/GOAL`, and then what is typed, from the first step on";
            return self.found.push(typed(0..0, why));
        }
        let ids: Vec<&str> = self.steps.iter().filter_map(|step| id_of(&step.value.id)).collect();
        let last = self.played.checked_sub(1).and_then(|last| self.steps.get(last));
        for (span, step, goal) in std::mem::take(&mut self.fails) {
            if !self.known("step", step, span.start, &ids) {
                continue;
            }
            let form = self.steps.iter().find(|one| id_of(&one.value.id) == Some(step));
            let goals: Vec<&str> =
                form.into_iter().flat_map(|one| &one.value.goals).filter_map(|goal| id_of(&goal.value.id)).collect();
            if self.known("goal", goal, span.start + step.len() + 1, &goals)
                && last.is_none_or(|last| id_of(&last.value.id) != Some(step))
            {
                self.found.push(typed(span, "only goals of the last step that is played can be spoilt"));
            }
        }
    }
}

fn id_of(id: &crate::lesson::reading::Text) -> Option<&str> {
    id.as_ref().map(|id| id.value.as_str())
}

//! `rootless-lab lesson lint`: everything that is wrong or doubtful in lessons, all at once.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::super::{Exit, Failure};
use crate::author::lint::{self, Finding, Severity, What};
use crate::manual::Manuals;
use crate::screen::{self, Look};
use crate::{exam, lesson};

/// The name of a lesson's file in its folder.
const FILE: &str = "lesson.yaml";
/// The name of an exam's.
const EXAM: &str = "exam.yaml";
/// What is read of a file: more than a lesson may have, so that the reader itself says that it is too large.
const MOST: u64 = 64 << 20;

/// Find everything that is wrong or doubtful in a lesson or an exam, before a learner does.
///
/// Ends with 0 when there is no error (there may be warnings), and with 3 when there is one.
#[derive(Debug, Args)]
pub(in crate::cli) struct Lint {
    /// Lessons and exams: a `lesson.yaml` or `exam.yaml`, its folder, a folder of such folders, or `-` for a lesson on standard input.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// How findings are written.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Mend what needs no thought: tabs, spaces at line ends, misspelt names with one near right one, modes without quotes.
    ///
    /// Comments and layout stay. With `-`, the mended text goes to standard output and the findings to standard error.
    #[arg(long)]
    fix: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// With the place in the file, for the eye.
    Human,
    /// One object, for programs.
    Json,
    /// SARIF 2.1.0, for code hosts and editors.
    Sarif,
}

/// A file, its text, and what was found in it.
type Linted = (String, String, Vec<Finding>);

impl Lint {
    pub(super) fn run(self, look: &Look) -> Result<Exit, Failure> {
        let manuals = Manuals::default();
        let mut linted: Vec<Linted> = Vec::new();
        let mut mended = 0;
        for path in &self.paths {
            if path.as_os_str() == "-" {
                let text = text_of(std::io::stdin().lock(), "standard input")?;
                let (text, places) = self.mend("-", text);
                mended += places;
                if self.fix {
                    say!("{text}");
                }
                let sheet = lint::Sheet::read("-", &text);
                let mut findings = sheet.text();
                findings.extend(sheet.pages(&manuals));
                findings.sort_by_key(|finding| finding.span.start);
                linted.push(("-".to_owned(), text, findings));
                continue;
            }
            for file in lessons(path)? {
                let name = file.to_string_lossy().into_owned();
                // A folder's own name is the lesson's id, also where only `lesson.yaml` was said.
                let full = file.canonicalize().map_err(|error| unreadable(&name, &error))?;
                let id = full.to_string_lossy().into_owned();
                let old = text_of(File::open(&full).map_err(|error| unreadable(&name, &error))?, &name)?;
                let findings_of: &dyn Fn(&str) -> Vec<Finding> =
                    if is_exam(&file) { &|text| exam(&id, text) } else { &|text| lint::text(&id, text) };
                let (text, places) = if self.fix { lint::fixed(&old, findings_of) } else { (old, 0) };
                if places > 0 {
                    write(&full, &text).map_err(|error| unwritable(&name, &error))?;
                    mended += places;
                }
                if is_exam(&file) {
                    linted.push((name, text.clone(), findings_of(&text)));
                    continue;
                }
                let sheet = lint::Sheet::read(&id, &text);
                let mut findings = sheet.text();
                findings.extend(sheet.files(&full));
                findings.extend(sheet.pages(&manuals));
                findings.sort_by_key(|finding| finding.span.start);
                let mut beside: Vec<Linted> = lint::translations(&full, &text);
                // One with nothing to say is no line of the report.
                beside.extend(sheet.answers(&full).into_iter().filter(|(_, _, findings)| !findings.is_empty()));
                linted.push((name, text, findings));
                linted.extend(beside.into_iter().map(|(beside, text, findings)| {
                    (file.with_file_name(beside).to_string_lossy().into_owned(), text, findings)
                }));
            }
        }
        self.report(&linted, mended, look)?;
        let is_error = |finding: &Finding| finding.what.severity() == Severity::Error;
        Ok(if linted.iter().any(|(_, _, findings)| findings.iter().any(is_error)) { Exit::Lesson } else { Exit::Fine })
    }

    fn mend(&self, name: &str, text: String) -> (String, usize) {
        if self.fix { lint::fixed(&text, &|text| lint::text(name, text)) } else { (text, 0) }
    }

    fn report(&self, linted: &[Linted], mended: usize, look: &Look) -> Result<(), Failure> {
        let text = match self.format {
            Format::Human => human(linted, mended, look),
            Format::Json => pretty(&lint::json(linted, &way_out))?,
            Format::Sarif => pretty(&lint::sarif(linted, &way_out))?,
        };
        if self.fix && linted.iter().any(|(file, _, _)| file == "-") {
            tell!("{text}");
        } else {
            sayln!("{text}");
        }
        Ok(())
    }
}

fn pretty(value: &serde_json::Value) -> Result<String, Failure> {
    serde_json::to_string_pretty(value).map_err(|error| std::io::Error::from(error).into())
}

fn way_out(what: &What) -> Option<String> {
    match what {
        What::Problem(kind) => screen::expected(kind),
        What::Doubt(doubt) => Some(doubt.way_out()),
    }
}

fn human(linted: &[Linted], mended: usize, look: &Look) -> String {
    let mut out = String::new();
    let (mut errors, mut warnings, mut fixable) = (0, 0, 0);
    for (file, text, findings) in linted {
        for finding in findings {
            let draw = match finding.what.severity() {
                Severity::Error => {
                    errors += 1;
                    screen::problem
                }
                Severity::Warning => {
                    warnings += 1;
                    screen::warning
                }
            };
            fixable += usize::from(finding.fix.is_some());
            let (message, help) = (finding.what.to_string(), way_out(&finding.what));
            out.push_str(&draw(file, text, in_view(text, finding, look), &message, help.as_deref(), look));
            out.push_str("\n\n");
        }
    }
    if mended > 0 {
        out.push_str(&format!("{} mended.\n", screen::counted(mended, "place")));
    }
    let files = screen::counted(linted.len(), "file");
    match (errors, warnings) {
        (0, 0) => out.push_str(&format!("{files}: nothing to say.")),
        _ => out.push_str(&format!(
            "{files}: {}, {}.",
            screen::counted(errors, "error"),
            screen::counted(warnings, "warning")
        )),
    }
    if fixable > 0 {
        out.push_str(&format!(" `--fix` mends {fixable}."));
    }
    out
}

/// Carets under a whole paragraph say less than some under its beginning.
fn in_view(text: &str, finding: &Finding, look: &Look) -> std::ops::Range<usize> {
    let start = finding.span.start;
    let stretch = text.get(finding.span.clone()).unwrap_or_default();
    let most = look.columns() / 2;
    let end = stretch.char_indices().take(most).take_while(|(_, c)| *c != '\n').last();
    start..end.map_or(start, |(at, c)| start + at + c.len_utf8())
}

fn is_exam(file: &Path) -> bool {
    file.file_name().is_some_and(|name| name == EXAM)
}

/// What is wrong with an exam. Its lessons come from the places where lessons are looked for.
fn exam(file: &str, text: &str) -> Vec<Finding> {
    let shelf = exam::Shelf::new(lesson::Shelf::of_this_process());
    let source = exam::Source { file: file.to_owned(), text: text.to_owned() };
    // What is wrong is wrong for every seed.
    let problems = match shelf.drawn(&source, 0) {
        Err(exam::ShelfError::File(lesson::ShelfError::Broken { problems, .. })) => problems,
        _ => Vec::new(),
    };
    lint::refused(text, problems)
}

/// The lessons and exams that a path means, in order.
fn lessons(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    if let Some(own) = [FILE, EXAM].map(|name| path.join(name)).into_iter().find(|file| file.exists()) {
        return Ok(vec![own]);
    }
    let entries = std::fs::read_dir(path).map_err(|error| unreadable(&path.to_string_lossy(), &error))?;
    let mut found: Vec<PathBuf> = entries
        .flatten()
        .flat_map(|entry| [FILE, EXAM].map(|name| entry.path().join(name)))
        .filter(|file| file.is_file())
        .collect();
    found.sort();
    if found.is_empty() {
        let what = format!("there is no lesson in {}", path.display());
        return Err(Failure::new(
            Exit::Lesson,
            what,
            format!("a lesson is a folder with a {FILE}, an exam one with an {EXAM}"),
        ));
    }
    Ok(found)
}

fn text_of(from: impl Read, name: &str) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    from.take(MOST).read_to_end(&mut bytes).map_err(|error| unreadable(name, &error))?;
    String::from_utf8(bytes).map_err(|error| {
        let what = format!("{name} is not UTF-8 from byte {} on", error.utf8_error().valid_up_to());
        Failure::new(Exit::Lesson, what, "save it as UTF-8")
    })
}

/// Beside it first, so that a full disk or a lost connection leaves the old file whole.
fn write(file: &Path, text: &str) -> std::io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    let mut beside = tempfile::NamedTempFile::new_in(folder)?;
    beside.write_all(text.as_bytes())?;
    beside.as_file().set_permissions(std::fs::metadata(file)?.permissions())?;
    beside.as_file().sync_all()?;
    beside.persist(file).map_err(|error| error.error)?;
    Ok(())
}

fn unreadable(name: &str, error: &std::io::Error) -> Failure {
    Failure::new(Exit::Lesson, format!("cannot read {name}: {error}"), "name a lesson.yaml, its folder, or -")
}

fn unwritable(name: &str, error: &std::io::Error) -> Failure {
    Failure::new(
        Exit::Machine,
        format!("cannot write {name}: {error}"),
        "it is as it was; without --fix nothing is written",
    )
}

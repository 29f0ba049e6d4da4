//! The lessons there are.

use clap::Args;
use serde_json::json;

use crate::cli::{Exit, Failure};
use crate::lesson::{self, Origin, Shelf, ShelfError};
use crate::screen::{self, Look, OnShelf};

/// List the lessons there are: name, title, where from, steps, tracks, languages.
#[derive(Debug, Args)]
pub(in crate::cli) struct List {
    /// As JSON: one object a lesson, with its file and, for those from a folder, the digest of its files.
    #[arg(long)]
    json: bool,
}

impl List {
    pub(super) fn run(self, look: &Look) -> Result<Exit, Failure> {
        let shelf = Shelf::of_this_process();
        let all: Vec<_> = shelf.names().into_iter().map(|name| (shelf.find(&name), name)).collect();
        let languages = |name: &str, origin: &Origin| shelf.languages(name, origin);
        if self.json {
            let all: Vec<_> = all.into_iter().map(|(found, name)| as_json(found, &name, &languages)).collect();
            sayln!("{:#}", json!({"version": 1, "lessons": all}));
            return Ok(Exit::Fine);
        }
        let all: Vec<OnShelf> = all.into_iter().map(|(found, name)| as_shown(found, name, &languages)).collect();
        say!("{}", screen::shelf(&all, look));
        Ok(Exit::Fine)
    }
}

type Found = Result<(lesson::Lesson, Origin), ShelfError>;

fn as_json(found: Found, name: &str, languages: &dyn Fn(&str, &Origin) -> Vec<String>) -> serde_json::Value {
    match found {
        Ok((lesson, origin)) => {
            let file = match &origin {
                Origin::BuiltIn => None,
                Origin::File(file) => Some(file),
            };
            let digest = file.and_then(|file| file.parent()).and_then(|folder| lesson::digest(folder).ok());
            json!({"name": name, "title": lesson.title, "summary": lesson.summary, "from": from(&origin), "file": file,
                "sha256": digest, "steps": lesson.steps.len(), "tracks": lesson.tracks, "translations": languages(name, &origin)})
        }
        Err(error) => json!({"name": name, "trouble": error.to_string()}),
    }
}

fn as_shown(found: Found, name: String, languages: &dyn Fn(&str, &Origin) -> Vec<String>) -> OnShelf {
    match found {
        Ok((lesson, origin)) => OnShelf {
            languages: languages(&name, &origin),
            name,
            title: lesson.title,
            from: match &origin {
                Origin::BuiltIn => from(&origin).to_owned(),
                Origin::File(file) => file.parent().unwrap_or(file).display().to_string(),
            },
            steps: lesson.steps.len(),
            tracks: lesson.tracks,
            trouble: None,
        },
        Err(error) => OnShelf { name, trouble: Some(error.to_string()), ..OnShelf::default() },
    }
}

fn from(origin: &Origin) -> &'static str {
    match origin {
        Origin::BuiltIn => "part of the program",
        Origin::File(_) => "a folder",
    }
}

//! What authors do with lessons: one subcommand a file.

mod graph;
mod lint;
mod new;
mod preview;
mod prove;
mod schema;

use std::collections::BTreeMap;
use std::path::Path;

use clap::Subcommand;

use super::{Exit, Failure, start};
use crate::lesson::Origin;
use crate::screen::Look;

/// Write, check and prove lessons of your own.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Lesson {
    Graph(graph::Graph),
    Lint(lint::Lint),
    New(new::New),
    Preview(preview::Preview),
    Prove(prove::Prove),
    /// The JSON Schema of `lesson.yaml`, for editors that complete and check.
    Schema,
}

impl Lesson {
    pub(in crate::cli) fn run(self, look: &Look) -> Result<Exit, Failure> {
        match self {
            Self::Graph(graph) => graph.run(look),
            Self::Lint(lint) => lint.run(look),
            Self::New(new) => new.run(),
            Self::Preview(preview) => preview.run(look),
            Self::Prove(prove) => prove.run(look),
            Self::Schema => schema::run(),
        }
    }
}

/// A lesson by the path of its folder or file, or by its name where there is no such path.
fn find(path: &Path, look: &Look) -> Result<(crate::lesson::Lesson, Origin), Failure> {
    // A path is told from a name by its slash.
    let full = Path::new(".").join(path);
    let path = if full.exists() { full.as_path() } else { path };
    start::find(&path.to_string_lossy(), BTreeMap::new(), look)
}

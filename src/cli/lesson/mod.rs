//! `rootless-lab lesson`: one subcommand a file.

mod add;
mod graph;
mod lint;
mod list;
mod new;
mod preview;
mod prove;
mod remove;
mod schema;

use std::collections::BTreeMap;
use std::path::Path;

use clap::Subcommand;

use super::{Exit, Failure, start};
use crate::lesson::Origin;
use crate::screen::Look;

/// The lessons there are, and lessons of your own: put them on your shelf, write, check and prove them.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Lesson {
    Add(add::Add),
    Graph(graph::Graph),
    Lint(lint::Lint),
    List(list::List),
    New(new::New),
    Preview(preview::Preview),
    Prove(prove::Prove),
    Remove(remove::Remove),
    Schema(schema::Schema),
}

impl Lesson {
    pub(in crate::cli) fn run(self, look: &Look) -> Result<Exit, Failure> {
        match self {
            Self::Add(add) => add.run(look),
            Self::Graph(graph) => graph.run(look),
            Self::Lint(lint) => lint.run(look),
            Self::List(list) => list.run(look),
            Self::New(new) => new.run(),
            Self::Preview(preview) => preview.run(look),
            Self::Prove(prove) => prove.run(look),
            Self::Remove(remove) => remove.run(look),
            Self::Schema(schema) => schema.run(),
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

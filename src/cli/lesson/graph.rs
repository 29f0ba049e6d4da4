//! Shows what a lesson's goals rest on.

use std::path::PathBuf;

use clap::Args;

use crate::author;
use crate::cli::{Exit, Failure};
use crate::screen::{self, Look};

/// Steps, goals, and what each goal rests on: accounts, units, files, commands, and what earlier goals remembered.
#[derive(Debug, Args)]
pub(in crate::cli) struct Graph {
    /// The lesson: its folder, its file or its name.
    path: PathBuf,
    /// In the language of Graphviz: `rootless-lab lesson graph --dot PATH | dot -Tsvg`.
    #[arg(long)]
    dot: bool,
}

impl Graph {
    pub(in crate::cli) fn run(self, look: &Look) -> Result<Exit, Failure> {
        let (lesson, _) = super::find(&self.path, look)?;
        let graph = author::graph(&lesson);
        say!("{}", if self.dot { screen::dot(&graph) } else { screen::graph(&graph, look) });
        Ok(Exit::Fine)
    }
}

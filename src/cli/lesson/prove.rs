//! Proves lessons on fresh practice machines.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};

use crate::author::{self, Folder, Order, Stage};
use crate::cli::{Exit, Failure, practice, start};
use crate::lesson::Origin;
use crate::practice as machine;
use crate::practice::{From, Machines, Release};
use crate::screen::{self, Look};

/// Prove lessons on fresh practice machines, as a person plays them.
///
/// Untouched, every goal is red. Each solution turns every goal green, step by step, and every goal notices when its wish is altered.
/// What is to last is there after a reboot, and the clean-up leaves the machine as it was. Each wrong answer leaves exactly the goals
/// red that it names. Ends with 0 where all of that holds, with 1 where something does not.
#[derive(Debug, Args)]
pub(in crate::cli) struct Prove {
    /// The lessons: their folders or their files.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// On these releases, with commas between them.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "trixie")]
    release: Vec<Release>,
    /// Only the trials whose name holds this text: `untouched`, `solution`, `wrong others-may-read`.
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// How many machines at a time.
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=64))]
    jobs: u16,
    /// How the report is written.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Keep each machine on which something is not so, for `practice enter`.
    #[arg(long)]
    keep: bool,
    /// Install what the host lacks without asking.
    #[arg(long, short)]
    yes: bool,
}

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Human,
    /// One JSON object.
    Json,
    /// JUnit's XML.
    Junit,
}

impl Prove {
    pub(in crate::cli) fn run(self, look: &Look) -> Result<Exit, Failure> {
        let mut folders = Vec::with_capacity(self.paths.len());
        for path in &self.paths {
            let folder = read(path, look)?;
            let accounts = start::accounts(&folder.lesson.accounts);
            folders.push((folder, accounts));
        }
        if machine::need_root().is_err() {
            // Only comes back when sudo could not be started at all.
            return Err(machine::as_root(&mut |command| tell!("A practice machine needs root: {command}")).into());
        }
        for release in &self.release {
            if !practice::provide(&From::Release(*release), self.yes)? {
                return Err(Failure::new(Exit::Machine, "nothing was proven", "`--yes` installs without asking"));
            }
        }
        let machines = Machines::open()?;
        let mut releases = self.release.clone();
        releases.dedup();
        let order = Order {
            folders: &folders,
            releases: &releases,
            only: self.only.as_deref(),
            jobs: self.jobs.into(),
            keep: self.keep,
            machines: &machines,
        };
        let bar = Bar::new();
        let proofs = author::prove(&order, &|stage| bar.show(&stage));
        bar.finish();
        match self.format {
            Format::Human => say!("{}", screen::proofs(&proofs, look)),
            Format::Json => sayln!("{:#}", serde_json::json!({"version": 1, "proofs": proofs})),
            Format::Junit => {
                let text = screen::junit(&proofs).map_err(|why| {
                    Failure::new(Exit::Failed, format!("no JUnit report: {why}"), "try `--format json`")
                })?;
                sayln!("{}", text.trim_end());
            }
        }
        Ok(if proofs.iter().any(author::Proof::is_broken) { Exit::Red } else { Exit::Fine })
    }
}

/// A lesson's folder, by its path or by that of its file.
pub(super) fn read(path: &Path, look: &Look) -> Result<Folder, Failure> {
    let (lesson, origin) = super::find(path, look)?;
    let Origin::File(file) = &origin else {
        let way_out = "name its folder: what is proven stands beside the lesson";
        return Err(Failure::new(Exit::Lesson, format!("{} is no folder here", path.display()), way_out));
    };
    let folder = file.parent().unwrap_or(Path::new("/"));
    Folder::read(folder, lesson).map_err(|error| {
        let way_out = "the first lesson's solutions/typed.txt says its form at its top; wrong answers begin with `fails STEP/GOAL`";
        Failure::new(Exit::Lesson, error.to_string(), way_out)
    })
}

/// Shows how far it is: a bar on a terminal, a line a step elsewhere.
struct Bar(Option<ProgressBar>);

impl Bar {
    fn new() -> Self {
        let style = ProgressStyle::with_template("[{bar:24}] {pos}/{len} {elapsed} {wide_msg}");
        let bar = std::io::stderr().is_terminal().then(|| ProgressBar::new(1));
        if let (Some(bar), Ok(style)) = (&bar, style) {
            bar.set_style(style.progress_chars("=> "));
            bar.enable_steady_tick(std::time::Duration::from_millis(500));
        }
        Self(bar)
    }

    fn show(&self, stage: &Stage) {
        let [lesson, release, trial, step] = &stage.doing;
        let doing = format!("{lesson}, {release}, {trial}: {step}");
        match &self.0 {
            Some(bar) => {
                bar.set_length(stage.of as u64);
                bar.set_position(stage.done as u64);
                bar.set_message(doing);
            }
            None => tell!("{}/{} {doing}", stage.done + 1, stage.of),
        }
    }

    fn finish(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

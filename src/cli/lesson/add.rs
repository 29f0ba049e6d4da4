//! Puts lessons on the learner's own shelf.

use clap::Args;

use crate::cli::{Exit, Failure, start};
use crate::lesson::{OwnShelf, OwnShelfError, Parcel};
use crate::screen::Look;

/// Put a lesson on your own shelf (~/.local/share/rootless-lab/lessons), or all lessons of a course.
///
/// A lesson with mistakes is refused, with all of them. Nothing of a lesson runs here: before it runs for the first time, it is shown
/// with what it may do. An archive brings plain files and folders only, at most 64 MiB of them.
#[derive(Debug, Args)]
pub(in crate::cli) struct Add {
    /// A folder, a tar or tar.gz file, a bare git repository, or `file://` and the path of any git repository on this disk.
    from: String,
    /// The SHA-256 that the archive must have; of a folder or a repository, the digest that `add` and `list --json` print.
    #[arg(long, value_name = "SHA256")]
    pin: Option<String>,
    /// Another name for the lesson.
    #[arg(long = "as", value_name = "NAME")]
    name: Option<String>,
    /// Take the place of a lesson of the same name.
    #[arg(long)]
    replace: bool,
}

impl Add {
    pub(super) fn run(self, look: &Look) -> Result<Exit, Failure> {
        let shelf = OwnShelf::of_this_process().map_err(|error| refused(error, look))?;
        let parcel = Parcel { from: self.from, name: self.name, pin: self.pin, replace: self.replace };
        for added in shelf.add(&parcel).map_err(|error| refused(error, look))? {
            let (name, steps) = (&added.lesson.id, added.lesson.steps.len());
            let title = crate::screen::clean(&added.lesson.title, look);
            sayln!("{name} is on your shelf: {title} ({steps} {}).", if steps == 1 { "step" } else { "steps" });
            sayln!("  SHA-256 of its files: {}", added.digest);
            sayln!("  Play it: rootless-lab start {name}");
        }
        Ok(Exit::Fine)
    }
}

/// One line, the way out, and how to end.
pub(super) fn refused(error: OwnShelfError, look: &Look) -> Failure {
    use OwnShelfError as Error;
    let what = error.to_string();
    let (exit, way_out) = match error {
        Error::Broken(lessons) => {
            let mut last = None;
            for lesson in lessons {
                last = Some(start::not_found(lesson, look));
            }
            return last.unwrap_or_else(|| Failure::new(Exit::Lesson, what, "mend the lesson"));
        }
        Error::NoHome => (Exit::Machine, "set HOME".to_owned()),
        Error::Disk { .. } => {
            (Exit::Machine, "look at the path, who may read or write it, and the room left".to_owned())
        }
        Error::Elsewhere(_) => {
            (Exit::Usage, "fetch it with a program of your choice, then add the folder or the archive".to_owned())
        }
        Error::NoLesson(_) => {
            (Exit::Lesson, "a lesson is a folder with a lesson.yaml, at most three folders deep".to_owned())
        }
        Error::Several(_) => (Exit::Usage, "`--as` is for one lesson, and `--pin` for one or an archive".to_owned()),
        Error::BadName(_) => {
            (Exit::Usage, "`--as NAME` gives it one: lower-case letters, digits and dashes".to_owned())
        }
        Error::There(name) => {
            (Exit::Lesson, format!("`--replace` puts it in its place; `rootless-lab lesson remove {name}` makes room"))
        }
        Error::Pin { .. } => {
            (Exit::Lesson, "it is not what whoever gave you the number had; ask where it comes from".to_owned())
        }
        Error::Archive(_) => (Exit::Lesson, "pack the lesson's folder anew: tar -czf NAME.tar.gz NAME".to_owned()),
        Error::Git(_) => {
            (Exit::Machine, "the repository must be yours and have a commit; git must be installed".to_owned())
        }
        Error::Folder { .. } => (Exit::Lesson, "give it a folder with its plain files and nothing else".to_owned()),
        Error::Program { .. } => (Exit::Lesson, "put it there, or mend `file` in lesson.yaml".to_owned()),
        Error::NotThere { nearest: Some(nearest), .. } => (Exit::Lesson, format!("is `{nearest}` meant?")),
        Error::NotThere { known, .. } if known.is_empty() => (Exit::Lesson, "your shelf is empty".to_owned()),
        Error::NotThere { known, .. } => (Exit::Lesson, format!("there are: {}", known.join(", "))),
    };
    Failure::new(exit, what, way_out)
}

//! What can be doubtful about a lesson that reads well, as data. Never a place; the reader's own problems are elsewhere.

use serde::Serialize;

use super::finding::Severity;

/// What a colleague would ask about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum Doubt {
    /// A goal that holds on every machine, so that nobody has to do anything for it.
    #[error("this goal cannot fail: {why}")]
    CannotFail {
        /// Why.
        why: String,
    },
    /// A goal that holds on no machine.
    #[error("this goal cannot be reached: {why}")]
    CannotPass {
        /// Why.
        why: String,
    },
    /// A pattern that matches the empty text, and with it any text.
    #[error("`{pattern}` matches everything")]
    MatchesAll {
        /// The pattern.
        pattern: String,
    },
    /// A pattern that a learner would read as it stands.
    #[error("`{pattern}` is what learners read where they fail")]
    NoWords {
        /// The pattern.
        pattern: String,
    },
    /// The same check was asked before, so that the goal is green when its step begins.
    #[error("the same check is a goal in line {line} already")]
    AskedBefore {
        /// Where.
        line: usize,
    },
    /// The first hint says the very line of the solution.
    #[error("the first hint gives the solution away: `{line}`")]
    GivesAway {
        /// The line.
        line: String,
    },
    /// A goal and its solution name a thing differently.
    #[error("the goal wants `{wanted}`, the solution says `{said}`")]
    NamesDiffer {
        /// The goal's name for it.
        wanted: String,
        /// The solution's.
        said: String,
    },
    /// A goal wants to see a command that no way of the solution runs.
    #[error("no way of the solution runs `{program}`")]
    NeverRun {
        /// The program.
        program: String,
    },
    /// An account name that is no declared one but near to it.
    #[error("account `{name}` is not declared, and `{meant}` is")]
    AccountDiffers {
        /// What stands there.
        name: String,
        /// The declared one.
        meant: String,
    },
    /// Something needs root, and no account of the lesson may become root.
    #[error("{what} needs root, and no account of the lesson is an administrator")]
    NoPrivilege {
        /// What does.
        what: String,
    },
    /// A way that is never shown, because one before it always is.
    #[error("this way is never shown: {why}")]
    NeverShown {
        /// Why.
        why: String,
    },
    /// Every way has a condition, so a machine may have none.
    #[error("every way has a condition; a machine may have none of them")]
    NoWayLeft,
    /// A version that no machine has.
    #[error("no machine has {program} {version}")]
    NeverHolds {
        /// podman or systemd.
        program: String,
        /// The version.
        version: String,
    },
    /// A version that every machine has on which the lesson is played.
    #[error("{program} {version} is always there: {why}")]
    AlwaysHolds {
        /// podman or systemd.
        program: String,
        /// The version.
        version: String,
        /// Why.
        why: String,
    },
    /// Code that is wider than a screen.
    #[error("code of {columns} columns, at most {most} fit")]
    Wide {
        /// How wide it is.
        columns: usize,
        /// The limit.
        most: usize,
    },
    /// A tab.
    #[error("a tab")]
    Tab,
    /// Spaces at the end of a line.
    #[error("spaces at the end of the line")]
    TrailingSpace,
    /// A mode without quotes is a number to YAML, and other programs read it as such.
    #[error("the mode {mode} has no quotes")]
    BareMode {
        /// The mode.
        mode: String,
    },
    /// A file that is not in the lesson's folder.
    #[error("there is no file `{file}` in the lesson's folder")]
    NoFile {
        /// The file.
        file: String,
        /// The nearest one there is.
        nearest: Option<String>,
    },
    /// A link that leads out of the lesson's folder.
    #[error("`{file}` leads out of the lesson's folder")]
    LeadsOut {
        /// The file.
        file: String,
    },
    /// A check program that may not be run.
    #[error("`{file}` is not executable")]
    NotExecutable {
        /// The file.
        file: String,
    },
    /// A line of a typed solution or wrong answer that has no such form, or stands at no place for it.
    #[error("{why}")]
    Typed {
        /// Why.
        why: String,
    },
    /// What is typed names a step, a goal or a mistake that is not there.
    #[error("there is no {kind} `{name}`")]
    NoSuch {
        /// `step`, `goal` or `known mistake`.
        kind: &'static str,
        /// The name.
        name: String,
        /// The nearest that is there.
        nearest: Option<String>,
    },
    /// A line that bash would refuse.
    #[error("bash would refuse this: {why}")]
    NotBash {
        /// Why.
        why: String,
    },
    /// This machine lacks a manual page.
    #[error("this machine has no manual page {page}({section})")]
    NoPage {
        /// The page.
        page: String,
        /// Its section.
        section: String,
    },
    /// This machine's page lacks an entry.
    #[error("the page {page}({section}) of this machine has no entry `{entry}`")]
    NoEntry {
        /// The page.
        page: String,
        /// Its section.
        section: String,
        /// The entry.
        entry: String,
    },
    /// A translation lacks texts; they are shown in the lesson's own language.
    #[error("{of} is not translated as a whole: {texts}")]
    NotTranslated {
        /// The step, or the lesson.
        of: String,
        /// The texts, each with its digest.
        texts: String,
    },
    /// A translation was made of an older text, and is not shown.
    #[error("`{place}` translates an older text")]
    OldTranslation {
        /// The text's place in the lesson.
        place: String,
        /// The digest of the text of now.
        now: String,
    },
}

impl Doubt {
    /// An error makes the lesson unfit; a warning may be right all the same.
    pub fn severity(&self) -> Severity {
        match self {
            Self::AskedBefore { .. }
            | Self::NoWords { .. }
            | Self::GivesAway { .. }
            | Self::AccountDiffers { .. }
            | Self::NoWayLeft
            | Self::AlwaysHolds { .. }
            | Self::Wide { .. }
            | Self::NotBash { .. }
            | Self::Tab
            | Self::TrailingSpace
            | Self::BareMode { .. }
            | Self::NoPage { .. }
            | Self::NoEntry { .. }
            | Self::NotTranslated { .. }
            | Self::OldTranslation { .. } => Severity::Warning,
            _ => Severity::Error,
        }
    }

    /// What to do about it.
    pub fn way_out(&self) -> String {
        match self {
            Self::CannotFail { .. } => "wish something that the learner has to do".into(),
            Self::CannotPass { .. } => "leave out what contradicts itself".into(),
            Self::MatchesAll { .. } => {
                "write a pattern that an empty text does not match: `.+` in place of `.*`".into()
            }
            Self::NoWords { .. } => "say beside it, with `shows`, what the pattern stands for".into(),
            Self::AskedBefore { .. } => "a goal is red when its step begins: wish what is new in this step".into(),
            Self::GivesAway { .. } => "begin with a nudge; the command belongs into the last hint".into(),
            Self::NamesDiffer { .. } => "write the same name in both; a parameter keeps them alike".into(),
            Self::NeverRun { .. } => "add the line to the solution, or wish another command".into(),
            Self::AccountDiffers { meant, .. } => format!("is `{meant}` meant?"),
            Self::NoPrivilege { .. } => "declare one with `role: administrator`".into(),
            Self::NeverShown { .. } => "put the way with a condition first, or leave this one out".into(),
            Self::NoWayLeft => "add a last way without `when`".into(),
            Self::NeverHolds { .. } => "write the oldest version with which it works".into(),
            Self::AlwaysHolds { .. } => "leave the condition out".into(),
            Self::Wide { .. } => "break it; a shell line goes on after a backslash at its end".into(),
            Self::Tab => "write spaces; where a tab is meant, `\\t` in double quotes".into(),
            Self::TrailingSpace => "`--fix` takes them away".into(),
            Self::BareMode { mode } => format!("write \"{mode}\""),
            Self::NoFile { nearest: Some(nearest), .. } => format!("is `{nearest}` meant?"),
            Self::NoFile { .. } => "put it there; paths begin in the lesson's folder".into(),
            Self::LeadsOut { .. } => "copy the file into the folder: a lesson is given away as a whole".into(),
            Self::NotExecutable { file } => format!("chmod +x {file}"),
            Self::NoSuch { nearest: Some(nearest), .. } => format!("is `{nearest}` meant?"),
            Self::NoSuch { kind: "known mistake", .. } => "the book's page of mistakes has them all".into(),
            Self::NoSuch { .. } => "write a name that the lesson has".into(),
            Self::NotBash { .. } => "mend the line, or leave it where the mistake is the point".into(),
            Self::Typed { .. } => "the form is said at the top of the first lesson's solutions/typed.txt".into(),
            Self::NoPage { .. } => "install it to see whether the entry is right; learners see `otherwise`".into(),
            Self::NotTranslated { .. } => "translate them; the number behind each is its `of`".into(),
            Self::OldTranslation { now, .. } => format!("translate it anew and write `of: {now}`"),
            Self::NoEntry { .. } => "see the page itself, with `man`; learners here see `otherwise`".into(),
        }
    }
}

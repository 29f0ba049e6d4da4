//! The form of `lesson.yaml`, as serde reads it. What is missing is empty here; `rules` says so. The words are the schema's.

use std::borrow::Cow;
use std::collections::BTreeMap;

use checkers::Check;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;

/// A value and its bytes in the file.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename = "$placed")]
pub(crate) struct Placed<T> {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) value: T,
}

impl<T> Placed<T> {
    pub(crate) fn span(&self) -> std::ops::Range<usize> {
        self.start..self.end
    }
}

/// In the file only the value stands.
impl<T: JsonSchema> JsonSchema for Placed<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }
    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// A text and its bytes; missing ones are empty.
pub(crate) type Text = Option<Placed<String>>;

/// An id: lower-case letters, digits and dashes, a letter first.
pub(crate) const ID: &str = "^[a-z][a-z0-9-]{0,63}$";
/// Something that is not blank.
pub(crate) const SOME: &str = r"\S";
/// One line that is not blank; breaks at its end do no harm.
pub(crate) const LINE: &str = r"^[^\n]*\S[^\n]*\s*$";
/// One line, perhaps an empty one.
const TYPED: &str = r"^[^\n]*$";
/// One to three numbers with dots between them.
const VERSION: &str = r"^[0-9]{1,4}(\.[0-9]{1,4}){0,2}$";

/// A lesson for rootless-lab.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Lesson", extend("required" = ["format", "title", "summary", "steps"]))]
pub(crate) struct Document {
    /// The version of this form: 1.
    #[schemars(extend("const" = 1))]
    pub(crate) format: Option<Placed<u32>>,
    /// The lesson's name for people, one line.
    #[schemars(extend("pattern" = LINE))]
    pub(crate) title: Text,
    /// Two or three sentences on what a learner does here. Markdown.
    #[schemars(extend("pattern" = SOME))]
    pub(crate) summary: Text,
    /// The exams or courses that the lesson serves: `RHCSA EX200 (RHEL 9)`.
    pub(crate) tracks: Vec<String>,
    /// Who wrote it.
    pub(crate) author: Option<Writer>,
    /// Words that the lesson leaves open: `{{name}}` is filled in wherever a text stands, in checks as well.
    #[schemars(extend("propertyNames" = {"pattern": ID}))]
    pub(crate) parameters: BTreeMap<String, Parameter>,
    /// All accounts that a check may speak of. `root` is on every machine and needs no line.
    pub(crate) accounts: Vec<Placed<Account>>,
    /// The oldest versions with which the lesson can be played.
    pub(crate) needs: Option<Placed<NeedsForm>>,
    /// What the administrator types in a login shell after the lesson, line by line; then the machine is as before.
    #[serde(rename = "clean-up")]
    #[schemars(inner(regex(pattern = LINE)))]
    pub(crate) clean_up: Vec<Placed<String>>,
    /// The steps, in the order in which they are taken.
    #[schemars(extend("minItems" = 1))]
    pub(crate) steps: Option<Placed<Vec<Placed<StepForm>>>>,
}

/// Who wrote the lesson.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Author")]
pub(crate) struct Writer {
    /// A name.
    pub(crate) name: Text,
}

/// A word that the lesson leaves open.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("required" = ["value", "says"]))]
pub(crate) struct Parameter {
    /// What is filled in where nobody says otherwise. At most 128 bytes.
    #[schemars(extend("pattern" = SOME, "maxLength" = 128))]
    pub(crate) value: Text,
    /// What it is, for somebody who wants another value.
    #[schemars(extend("pattern" = SOME))]
    pub(crate) says: Text,
}

/// An account that the lesson speaks of.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "DeclaredAccount", extend("required" = ["name", "role"]))]
pub(crate) struct Account {
    /// The account's name.
    #[schemars(extend("pattern" = SOME))]
    pub(crate) name: Text,
    /// What the account is in the lesson.
    pub(crate) role: Option<Role>,
    /// The password it starts with, where the practice machine makes the account.
    pub(crate) password: Option<String>,
}

/// What an account is in the lesson.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Role {
    /// Sits at the lab and may use sudo.
    Administrator,
    /// Is there from the start, without sudo.
    Member,
    /// Is made by the learner.
    Created,
}

/// One step of the lesson.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Step", extend("required" = ["id", "title", "text", "goals", "hints", "solution"]))]
pub(crate) struct StepForm {
    /// The step's id, unique in the lesson: `make-account`.
    #[schemars(extend("type" = "string", "pattern" = ID))]
    pub(crate) id: Text,
    /// The step's name for people, one line.
    #[schemars(extend("pattern" = LINE))]
    pub(crate) title: Text,
    /// What to know and to do: Markdown, at most 12 lines of 80 columns.
    #[schemars(extend("pattern" = SOME))]
    pub(crate) text: Text,
    /// What must be true at the end. Every goal is red when its step begins.
    #[schemars(extend("minItems" = 1))]
    pub(crate) goals: Vec<Placed<GoalForm>>,
    /// From a nudge to the command, at least three.
    #[schemars(extend("minItems" = 3), inner(regex(pattern = SOME)))]
    pub(crate) hints: Vec<Placed<String>>,
    /// Ways to solve it. One with a condition comes before the one for all other machines.
    #[schemars(extend("minItems" = 1))]
    pub(crate) solution: Vec<Placed<WayForm>>,
    /// Places in man pages that belong to the step.
    pub(crate) manual: Vec<Placed<EntryForm>>,
    /// The machine is rebooted in this step.
    pub(crate) reboot: bool,
    /// The oldest versions with which the step can be taken; on an older machine it is left out.
    pub(crate) needs: Option<Placed<NeedsForm>>,
}

/// The oldest versions that will do.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Needs", extend("minProperties" = 1))]
pub(crate) struct NeedsForm {
    /// Of podman: `"4.4"`.
    #[schemars(extend("pattern" = VERSION, "minimum" = 0, "maximum" = 9999))]
    pub(crate) podman: Text,
    /// Of systemd: `"250"`.
    #[schemars(extend("pattern" = VERSION, "minimum" = 0, "maximum" = 9999))]
    pub(crate) systemd: Text,
}

/// A check with a sentence for the learner.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Goal", extend("required" = ["id", "say", "check"]))]
pub(crate) struct GoalForm {
    /// The goal's id, unique in its step.
    #[schemars(extend("type" = "string", "pattern" = ID))]
    pub(crate) id: Text,
    /// A sentence for the learner, one line: `The account anna exists.`
    #[schemars(extend("pattern" = LINE))]
    pub(crate) say: Text,
    /// What must be true: one check. `rootless-lab checks` lists them.
    pub(crate) check: Option<Placed<Check>>,
    /// Once green it stays green within the step: for what is seen and passes.
    pub(crate) once: bool,
    /// Is to be true after a reboot too.
    pub(crate) lasting: bool,
    /// A check that makes a lasting goal certain enough where the machine is not rebooted.
    #[serde(rename = "predicted-by")]
    pub(crate) predicted_by: Option<Placed<Check>>,
}

/// One way to solve a step.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Way", extend("required" = ["lines"]))]
pub(crate) struct WayForm {
    /// Only where the machine's own manual has this entry.
    pub(crate) when: Option<Placed<EntryForm>>,
    /// What to type in the lab's terminal, line by line.
    #[schemars(extend("minItems" = 1), inner(regex(pattern = TYPED)))]
    pub(crate) lines: Vec<Placed<String>>,
    /// Why it is not the usual way.
    pub(crate) because: Option<String>,
}

/// A place in a man page.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Entry", extend("required" = ["page", "section", "entry"]))]
pub(crate) struct EntryForm {
    /// The page: `podman-run`.
    #[schemars(extend("pattern" = LINE))]
    pub(crate) page: Text,
    /// Its section: `1`.
    #[schemars(extend("pattern" = LINE))]
    pub(crate) section: Text,
    /// The option or command whose paragraph is meant: `--name`.
    #[schemars(extend("pattern" = LINE))]
    pub(crate) entry: Text,
    /// A summary in your own words, for machines that lack the page.
    pub(crate) otherwise: Text,
    /// The package that brings the page.
    pub(crate) package: Option<String>,
}

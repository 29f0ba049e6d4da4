//! `rootless-lab lesson schema`: the JSON Schema of `lesson.yaml`.

use super::super::{Exit, Failure};

pub(super) fn run() -> Result<Exit, Failure> {
    let text = serde_json::to_string_pretty(&crate::lesson::schema()).map_err(std::io::Error::from)?;
    sayln!("{text}");
    Ok(Exit::Fine)
}

//! Whether the files that a check program comes with are still those that somebody agreed to. Runs nothing.

use checkers::{Check, Context};

use crate::lesson;

/// Why this check is not looked at: it would run a program of files that nobody agreed to. None where it runs none, or may.
pub(super) fn broken(check: &Check, context: &Context) -> Option<String> {
    let (Check::Program(program), Some(seal)) = (check, &context.seal) else { return None };
    let name = program.file.file_name().unwrap_or_default().to_string_lossy();
    if !program.file.starts_with(&seal.folder) {
        return Some(format!("check program {name} is not run: it is none of the lesson's own"));
    }
    match lesson::digest(&seal.folder) {
        Ok(digest) if digest == seal.digest => None,
        Ok(_) => Some(format!(
            "check program {name} is not run: the lesson's files are no longer those that you agreed to; leave the lab and start it again"
        )),
        Err(error) => Some(format!("check program {name} is not run: {}: {error}", seal.folder.display())),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use checkers::Seal;

    use super::*;

    fn program(file: &Path) -> Check {
        serde_json::from_value(serde_json::json!({"program": {"file": file, "as": "ada"}})).unwrap()
    }

    #[test]
    fn a_program_is_run_only_while_all_files_are_those_that_were_agreed_to() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("tale");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("look"), "#!/bin/sh\n").unwrap();
        let seal = Seal { digest: lesson::digest(&folder).unwrap(), folder: folder.clone() };
        let context = Context { seal: Some(seal), ..Context::default() };
        let own = program(&folder.join("look"));
        assert_eq!(broken(&own, &context), None);
        let other = broken(&program(&place.path().join("look")), &context).unwrap();
        assert!(other.contains("none of the lesson's own"), "{other}");
        // A file that the program could read is as much a part of it.
        fs::write(folder.join("words"), "x").unwrap();
        let changed = broken(&own, &context).unwrap();
        assert!(changed.contains("no longer those that you agreed to"), "{changed}");
        fs::remove_dir_all(&folder).unwrap();
        assert!(broken(&own, &context).unwrap().contains("cannot read"));
        assert_eq!(broken(&own, &Context::default()), None, "our own lessons carry no seal");
        let linger: Check = serde_json::from_value(serde_json::json!({"linger": {"account": "ada"}})).unwrap();
        assert_eq!(broken(&linger, &context), None);
    }
}

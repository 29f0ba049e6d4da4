//! What a lesson needs of this machine, asked before it is played here. Nothing is asked where a lesson needs nothing.

use std::process::{Command, Stdio};

use super::{Exit, Failure};
use crate::doctor::podman_version;
use crate::lesson::{Lack, Lesson, Versions};

/// The lesson as it can be played on this machine: without the steps that it is too old for, each told; or why it cannot be.
pub(super) fn met(mut lesson: Lesson) -> Result<Lesson, Failure> {
    if lesson.needs.is_none() && lesson.steps.iter().all(|step| step.needs.is_none()) {
        return Ok(lesson);
    }
    let here = versions();
    let lack = lesson.needs.as_ref().and_then(|needs| needs.lack(&here));
    if let Some(lack) = lack {
        return Err(too_old(&lesson.id, &lack));
    }
    let mut last = None;
    lesson.steps.retain(|step| match step.needs.as_ref().and_then(|needs| needs.lack(&here)) {
        None => true,
        Some(lack) => {
            tell!("The step `{}` is left out: {}.", step.id, words(&lack));
            last = Some(lack);
            false
        }
    });
    match last.filter(|_| lesson.steps.is_empty()) {
        Some(lack) => Err(too_old(&lesson.id, &lack)),
        None => Ok(lesson),
    }
}

fn too_old(lesson: &str, lack: &Lack) -> Failure {
    let way_out = format!(
        "play it on a newer practice machine: `rootless-lab start {lesson} --practice --release trixie`, from outside of this one"
    );
    Failure::new(Exit::Machine, format!("the lesson `{lesson}` cannot be played here: {}", words(lack)), way_out)
}

/// What is missing, in words.
pub(super) fn words(lack: &Lack) -> String {
    let Lack { program, wanted, found } = lack;
    match found {
        Some(found) => format!("it needs {program} {wanted}, and this machine has {found}"),
        None => format!("it needs {program} {wanted}, and this machine has none that says its version"),
    }
}

/// What this machine has.
pub(super) fn versions() -> Versions {
    let systemd = said(Command::new("systemctl").arg("--version"));
    Versions { podman: podman_version(), ..Versions::said(None, systemd.as_deref()) }
}

fn said(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lesson::{Needs, Shelf};

    #[test]
    fn a_step_that_this_machine_is_too_old_for_is_left_out_and_a_lesson_without_needs_is_whole() {
        let lesson = || Shelf::default().find("rootless-containers").unwrap().0;
        assert_eq!(met(lesson()).unwrap().steps.len(), 20);
        let never = || Some(Needs { podman: Some("999".into()), systemd: None });
        let mut one = lesson();
        one.steps[3].needs = never();
        let gone = one.steps[3].id.clone();
        let left = met(one).unwrap();
        assert!(left.steps.len() == 19 && left.steps.iter().all(|step| step.id != gone));
        let mut whole = lesson();
        whole.needs = never();
        let refused = met(whole).unwrap_err();
        assert!(refused.what.contains("it needs podman 999") && refused.exit == Exit::Machine, "{}", refused.what);
        let mut all = lesson();
        all.steps.iter_mut().for_each(|step| step.needs = never());
        assert!(met(all).is_err());
    }
}

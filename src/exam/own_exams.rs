//! What holds for the exams of this repository. Tests only.

use std::collections::{BTreeMap, BTreeSet};

use super::{Exam, Goal, GradeKind, Shelf, ShelfError, Standing, Task, score};
use crate::lesson;

fn drawn(name: &str, seed: u64) -> Exam {
    let shelf = Shelf::default();
    let (source, _) = shelf.find(name).unwrap();
    match shelf.drawn(&source, seed) {
        Ok(exam) => exam,
        Err(ShelfError::File(lesson::ShelfError::Broken { problems, .. })) => panic!("{problems:#?}"),
        Err(error) => panic!("{error}"),
    }
}

fn own() -> Vec<String> {
    let names = Shelf::default().names();
    assert_eq!(names, ["ex200-containers", "quadlet", "rootless-sprint"]);
    names
}

#[test]
fn every_exam_of_the_program_is_sound_for_every_seed_that_is_tried() {
    for name in own() {
        let sheets: BTreeSet<String> = (0..20)
            .map(|seed| {
                let exam = drawn(&name, seed);
                assert_eq!(exam.id, name);
                let texts = exam.tasks.iter().map(|task| task.text.as_str()).collect::<String>();
                assert!(!texts.contains("{{"), "{name}: {texts}");
                texts
            })
            .collect();
        assert_eq!(sheets.len(), 20, "{name}: each seed has a sheet of its own");
    }
}

#[test]
fn an_attempt_that_goes_on_has_the_exam_it_began_with() {
    let shelf = Shelf::default();
    for name in own() {
        let (source, _) = shelf.find(&name).unwrap();
        let exam = drawn(&name, 7);
        assert_eq!(shelf.kept(&source.form(), &exam.parameters).unwrap(), exam);
    }
}

#[test]
fn an_administrator_of_another_name_is_filled_in_and_moves_nothing_that_is_drawn() {
    let given: BTreeMap<String, String> = [("administrator".to_owned(), "otto".to_owned())].into();
    let shelf = Shelf::default().with_parameters(given);
    let (source, _) = shelf.find("rootless-sprint").unwrap();
    let mut exam = shelf.drawn(&source, 7).unwrap();
    assert_eq!(exam.accounts[0].name, "otto");
    assert_eq!(exam.parameters.remove("administrator").as_deref(), Some("otto"));
    let mut usual = drawn("rootless-sprint", 7);
    usual.parameters.remove("administrator");
    assert_eq!(exam.parameters, usual.parameters);
}

#[test]
fn reviews_lead_to_steps_that_there_are() {
    let shelf = lesson::Shelf::default();
    for name in own() {
        for task in drawn(&name, 1).tasks {
            let (lesson, step) = task.review.step.unwrap_or_else(|| panic!("{name}/{}: where is it taught?", task.id));
            let lesson = shelf.find(&lesson).unwrap().0;
            assert!(lesson.steps.iter().any(|known| known.id == step), "{name}/{}: {step}", task.id);
        }
    }
}

/// Sheets that people hold in their hands: a change here breaks every seed that was given out.
const SHEETS: [&str; 6] = [
    "ex200-containers 1: administrator=lisa container=alder-fjord greeting=magpie-granite-raven idle=pepper-dahlia \
     image=ubi8 mode=spruce note=lynx-nettle port=29512 report=quartz-juniper tag=marmot uid=2288 user=lilac \
     volume=poppy-larch",
    "ex200-containers 42: administrator=lisa container=plover-robin greeting=cricket-lynx-elder idle=lynx-elder \
     image=ubi8 mode=ginger note=quail-cobalt port=23642 report=cobalt-ginger tag=camel uid=2342 user=cricket \
     volume=meadow-cherry",
    "quadlet 1: administrator=lisa container=alder-fjord image=ubi8 mode=spruce network=mallow-bamboo port=29512 \
     third=185 uid=2288 user=lilac volume=poppy-larch",
    "quadlet 42: administrator=lisa container=plover-robin image=ubi8 mode=ginger network=cherry-otter port=23642 \
     third=170 uid=2342 user=cricket volume=meadow-cherry",
    "rootless-sprint 1: administrator=lisa container=alder-fjord note=lynx-nettle uid=2288 user=lilac \
     volume=poppy-larch",
    "rootless-sprint 42: administrator=lisa container=plover-robin note=quail-cobalt uid=2342 user=cricket \
     volume=meadow-cherry",
];

#[test]
fn the_seeds_of_the_exams_are_fixed() {
    let told = |name: &str, seed: u64| {
        let values = drawn(name, seed).parameters;
        values.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
    };
    let sheets = own().into_iter().flat_map(|name| [(name.clone(), 1), (name, 42)]);
    let all: Vec<String> = sheets.map(|(name, seed)| format!("{name} {seed}: {}", told(&name, seed))).collect();
    assert_eq!(all, SHEETS);
}

/// A task says what is wanted. A command in a code block, or the name of one that leads there, would be the way.
#[test]
fn no_task_tells_the_way() {
    let way = regex::Regex::new(r"(?m)^ {4}|\b(useradd|usermod|chpasswd|passwd|loginctl|linger|systemctl|daemon-reload|podman (run|create|generate)|mkdir|chmod|chown|--[a-z]+)\b").unwrap();
    for name in own() {
        for task in drawn(&name, 1).tasks {
            let said = task.goals.iter().map(|goal| goal.say.as_str()).chain([task.title.as_str(), task.text.as_str()]);
            for text in said {
                assert!(way.find(text).is_none(), "{name}/{}: {text}", task.id);
            }
        }
    }
}

/// systemd.unit(5), "User Unit Search Path": an administrator's and an account's own folders, and what a generator makes.
#[test]
fn a_unit_counts_in_every_folder_that_a_manager_of_an_account_reads() {
    let exam = drawn("ex200-containers", 7);
    let (user, name) = (&exam.parameters["user"], &exam.parameters["container"]);
    let goal = exam.goal(&"anew/new".parse().unwrap()).unwrap().1;
    let text = format!("[Service]\nExecStart=/usr/bin/podman run --rm --name {name} ubi9 sleep 9\n");
    let judged = |folder: &str| {
        let machine = checkers::machine::Recorded::new().account(user, 2300);
        let machine = machine.file(format!("{folder}/{name}.service"), text.as_str());
        checkers::judge(&goal.check, &machine, &checkers::Context::default())
    };
    for folder in [
        format!("/home/{user}/.config/systemd/user"),
        format!("/home/{user}/.local/share/systemd/user"),
        "/etc/systemd/user".to_owned(),
        "/run/user/2300/systemd/generator".to_owned(),
    ] {
        assert!(judged(&folder).is_pass(), "{folder}: {:?}", judged(&folder));
    }
    assert!(judged(&format!("/home/{user}/.config/systemd")).is_fail());
}

#[test]
fn whoever_did_nothing_has_no_point_and_nothing_open() {
    let machine = checkers::machine::Recorded::new().account("lisa", 1000);
    for name in own() {
        let exam = drawn(&name, 7);
        for kind in [GradeKind::Predicted, GradeKind::Proven] {
            let judged = |(task, goal): (&Task, &Goal)| {
                (task.id_of(goal), checkers::judge(goal.check_for(kind), &machine, &checkers::Context::default()))
            };
            let score = score(&exam, kind, &exam.goals().map(judged).collect());
            assert_eq!((score.total.points(), score.standing()), (Some((0, 0)), Standing::NotPassed), "{name}");
        }
    }
}

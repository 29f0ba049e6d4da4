//! What a lesson's goals rest on, and what one goal remembers for another. Pure.

use std::collections::BTreeSet;

use checkers::{Check, Ground};
use serde_json::Value;

use crate::lesson::Lesson;

/// A lesson as a graph: its steps in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Graph {
    /// The lesson's id.
    pub lesson: String,
    /// Its steps.
    pub steps: Vec<StepNode>,
}

/// A step and its goals.
#[derive(Debug, Clone, PartialEq)]
pub struct StepNode {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The machine reboots in it.
    pub reboot: bool,
    /// Its goals.
    pub goals: Vec<GoalNode>,
}

/// A goal and what it rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct GoalNode {
    /// Its id.
    pub id: String,
    /// It is to last.
    pub lasting: bool,
    /// The parts of the machine that its verdict rests on.
    pub grounds: BTreeSet<Ground>,
    /// The commands whose outcome it is about.
    pub commands: BTreeSet<String>,
    /// The goals, as step and goal, that remember something it compares with.
    pub remembers: Vec<(String, String)>,
}

/// The graph of a lesson.
pub fn graph(lesson: &Lesson) -> Graph {
    let mut remembered: Vec<(String, (String, String))> = Vec::new();
    let mut steps = Vec::with_capacity(lesson.steps.len());
    for step in &lesson.steps {
        let mut goals = Vec::with_capacity(step.goals.len());
        for goal in &step.goals {
            let compared = fields(&goal.check, "id-differs-from");
            let before = remembered.iter().filter(|(name, _)| compared.contains(name)).map(|(_, goal)| goal.clone());
            let before = before.collect();
            let own = (step.id.clone(), goal.id.clone());
            remembered.extend(fields(&goal.check, "remember-id").into_iter().map(|name| (name, own.clone())));
            goals.push(GoalNode {
                id: goal.id.clone(),
                lasting: goal.lasting,
                grounds: goal.check.rests_on(),
                commands: goal.check.singles().into_iter().filter_map(command).collect(),
                remembers: before,
            });
        }
        steps.push(StepNode { id: step.id.clone(), title: step.title.clone(), reboot: step.reboot, goals });
    }
    Graph { lesson: lesson.id.clone(), steps }
}

fn command(check: &Check) -> Option<String> {
    match check {
        Check::Command(command) => Some(command.run.clone()),
        _ => None,
    }
}

/// What the single checks say under this key.
fn fields(check: &Check, key: &str) -> BTreeSet<String> {
    let said = |single: &Check| {
        let value = serde_json::to_value(single).ok()?;
        value.as_object()?.values().find_map(|fields| fields.get(key).and_then(Value::as_str).map(str::to_owned))
    };
    check.singles().into_iter().filter_map(said).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_knows_its_grounds_its_commands_and_what_was_remembered_for_it() {
        let text = include_str!("../../lessons/rootless-containers/lesson.yaml");
        let graph = graph(&crate::lesson::read("rootless-containers/lesson.yaml", text).0.unwrap());
        let goal = |step: &str, goal: &str| {
            let step = graph.steps.iter().find(|one| one.id == step).unwrap();
            step.goals.iter().find(|one| one.id == goal).unwrap().clone()
        };
        assert_eq!(goal("restart", "new-id").remembers, [("linger".to_owned(), "seen".to_owned())]);
        assert!(goal("logout", "outlives").grounds.contains(&Ground::Containers("conuser1".into())));
        assert_eq!(goal("list", "listed").commands, BTreeSet::from(["podman ps".to_owned()]));
        assert!(goal("linger", "lingers").lasting);
    }
}

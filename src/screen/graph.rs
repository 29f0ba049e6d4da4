//! A lesson's graph in words, and in the language of Graphviz.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use checkers::Ground;

use super::clean::clean_line;
use super::ink::Ink;
use super::look::Look;
use super::page::Page;
use crate::author::Graph;

/// Steps, their goals, and under each goal what it rests on.
pub fn graph(graph: &Graph, look: &Look) -> String {
    let mut page = Page::new(look);
    page.inked("", &graph.lesson, Ink::Here);
    for (number, step) in graph.steps.iter().enumerate() {
        page.gap();
        let reboot = if step.reboot { " (the machine reboots)" } else { "" };
        page.inked("", &format!("{}. {}: {}{reboot}", number + 1, step.id, step.title), Ink::Strong);
        for goal in &step.goals {
            let lasting = if goal.lasting { " (lasting)" } else { "" };
            page.say("   ", &format!("{}{lasting}", goal.id));
            let grounds = goal.grounds.iter().map(name);
            let commands = goal.commands.iter().map(|command| format!("what `{command}` does"));
            let remembered = goal.remembers.iter().map(|(step, goal)| format!("what {step}/{goal} remembered"));
            for line in grounds.chain(commands).chain(remembered) {
                page.hanging(&format!("     {} ", look.either("←", "<-")), "        ", &line, Some(Ink::Faint));
            }
        }
    }
    page.done()
}

/// The same for `dot`: steps in a row, a box a goal, an ellipse a part of the machine.
pub fn dot(graph: &Graph) -> String {
    let mut out = String::from("digraph lesson {\n  rankdir=LR;\n  node [fontname=\"sans-serif\"];\n");
    let mut grounds: BTreeMap<String, usize> = BTreeMap::new();
    let mut edges = BTreeSet::new();
    for (number, step) in graph.steps.iter().enumerate() {
        let label = quoted(&format!("{}. {}", number + 1, step.title));
        // Writing to a text cannot fail.
        let _ = writeln!(out, "  subgraph cluster_{number} {{\n    label={label};");
        for goal in &step.goals {
            let _ = writeln!(out, "    {} [shape=box, label={}];", node(&step.id, &goal.id), quoted(&goal.id));
            let commands = goal.commands.iter().map(|command| format!("command {command}"));
            for ground in goal.grounds.iter().map(name).chain(commands) {
                let next = grounds.len();
                let nth = *grounds.entry(ground).or_insert(next);
                edges.insert(format!("  {} -> g{nth};", node(&step.id, &goal.id)));
            }
            for (before, remembered) in &goal.remembers {
                edges.insert(format!("  {} -> {} [style=dashed];", node(&step.id, &goal.id), node(before, remembered)));
            }
        }
        out.push_str("  }\n");
    }
    for (ground, nth) in &grounds {
        let _ = writeln!(out, "  g{nth} [shape=ellipse, label={}];", quoted(ground));
    }
    for edge in edges {
        let _ = writeln!(out, "{edge}");
    }
    out.push_str("}\n");
    out
}

fn node(step: &str, goal: &str) -> String {
    quoted(&format!("{step}/{goal}"))
}

/// A text as dot reads it: only quotes and backslashes mean something in it.
fn quoted(text: &str) -> String {
    let plain = Look { width: 80, colour: false, plain: true, unicode: false, elsewhere: false };
    format!("\"{}\"", clean_line(text, &plain).replace('\\', "\\\\").replace('"', "\\\""))
}

fn name(ground: &Ground) -> String {
    let of = |account: &Option<String>| account.as_ref().map(|account| format!(" of {account}")).unwrap_or_default();
    match ground {
        Ground::Path { path, account, .. } => {
            let eyes = account.as_ref().map(|account| format!(", as {account} sees it")).unwrap_or_default();
            format!("file {path}{eyes}")
        }
        Ground::Accounts => "accounts".into(),
        Ground::Unit { name, user } => format!("unit {name}{}", of(user)),
        Ground::SystemManager => "the system's manager".into(),
        Ground::UserManager(user) => format!("the user manager of {user}"),
        Ground::Logins => "logins and lingering".into(),
        Ground::Containers(user) => format!("containers and images of {user}"),
        Ground::Sockets => "listening ports".into(),
        Ground::Shell => "the shell in front".into(),
        Ground::Program => "a program of the lesson's own".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::author;

    const LESSON: &str = include_str!("../author/begin/lesson.yaml");
    const PLAIN: Look = Look { width: 80, colour: false, plain: true, unicode: false, elsewhere: false };

    fn small() -> Graph {
        author::graph(&crate::lesson::read("small/lesson.yaml", LESSON).0.unwrap())
    }

    #[test]
    fn a_graph_reads_as_text() {
        insta::assert_snapshot!(graph(&small(), &PLAIN), @"
        small

        1. write: Write it, and say who may read it
           private (lasting)
             <- file ~/note.txt, as lisa sees it
             <- accounts
           looked
             <- what `ls` does
        ");
    }

    #[test]
    fn a_graph_reads_as_dot_and_no_text_gets_out_of_its_quotes() {
        insta::assert_snapshot!(dot(&small()), @r#"
        digraph lesson {
          rankdir=LR;
          node [fontname="sans-serif"];
          subgraph cluster_0 {
            label="1. Write it, and say who may read it";
            "write/private" [shape=box, label="private"];
            "write/looked" [shape=box, label="looked"];
          }
          g1 [shape=ellipse, label="accounts"];
          g2 [shape=ellipse, label="command ls"];
          g0 [shape=ellipse, label="file ~/note.txt, as lisa sees it"];
          "write/looked" -> g2;
          "write/private" -> g0;
          "write/private" -> g1;
        }
        "#);
        assert_eq!(quoted("a\"]; b\\\n\u{1b}"), r#""a\"]; b\\ \\x1b""#);
    }
}

//! Where a lesson's goals stand in its file. Reads the tree only, never what it means.

use super::problem::Lines;
use super::tree::{Node, Value, parse};

/// The line of each goal, a list a step; none of a text that is no YAML.
pub fn goal_lines(text: &str) -> Vec<Vec<usize>> {
    let Ok(root) = parse(text) else { return Vec::new() };
    let lines = Lines::of(text);
    let line = |goal: &Node| lines.place(start(goal)).0;
    list(&root, "steps").iter().map(|step| list(step, "goals").iter().map(line).collect()).collect()
}

fn list<'n>(node: &'n Node, name: &str) -> &'n [Node] {
    let Value::Map(entries) = &node.value else { return &[] };
    match entries.iter().find(|(key, _)| key.name == name).map(|(_, node)| &node.value) {
        Some(Value::List(list)) => list,
        _ => &[],
    }
}

/// The span of a block map is empty: its first key says where it stands.
fn start(node: &Node) -> usize {
    match &node.value {
        Value::Map(entries) => entries.first().map_or(node.span.start, |(key, _)| key.span.start),
        _ => node.span.start,
    }
}

#[cfg(test)]
mod tests {
    use super::goal_lines;

    #[test]
    fn each_goal_has_its_line() {
        let text =
            "title: x\nsteps:\n  - id: a\n    goals:\n      - id: x\n        say: y\n      - {id: z}\n  - goals: []\n";
        assert_eq!(goal_lines(text), [vec![5, 7], vec![]]);
        assert!(goal_lines("a: [").is_empty());
    }
}

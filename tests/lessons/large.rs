//! Lessons of a size that nobody writes, and YAML that only wants to be in the way. For the tests of the limits and for measuring them.

/// A lesson of that many steps, each with what a step has to have.
pub fn lesson(whole: &str, steps: usize) -> String {
    let (head, _) = whole.split_once("steps:\n").unwrap();
    let mut text = head.replace("needs: {podman: \"4.4\"}\n", "");
    text.push_str("steps:\n");
    for step in 0..steps {
        text.push_str(&format!(
            "  - id: step-{step}\n    title: Step {step}\n    text: Make the file.\n    goals:\n      - id: there\n        say: It is there.\n        \
             check: {{path: {{path: \"~{{{{who}}}}/file-{step}\", mode: \"0640\"}}}}\n    hints: [Think., Try touch., \"Say what {{{{box}}}} is.\"]\n    \
             solution:\n      - lines: [\"touch ~/file-{step}\", \"chmod 640 ~/file-{step}\"]\n"
        ));
    }
    text
}

/// YAML that grows when it is read: aliases of aliases, merged keys, one large list many times.
pub fn bombs() -> [String; 3] {
    let mut nine = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
    for level in 1..40 {
        let below = format!("*a{},", level - 1).repeat(9);
        nine.push_str(&format!("a{level}: &a{level} [{below}]\n"));
    }
    let merged = "a: &a {x: 1}\n".to_owned() + &"b: {<<: *a}\n".repeat(10_000);
    let wide = format!("a: &a [{}]\nb: [{}]\n", "x,".repeat(4_000), "*a,".repeat(50));
    [nine, merged, wide]
}

//! The README's first command, run exactly as it stands there by somebody who has never run it: one question, then step 1.

use std::process::Command;
use std::time::Duration;

use crate::rig;
use terminal::Terminal;

const README: &str = include_str!("../../README.md");
const BUILD: Duration = Duration::from_secs(1800);
const PATIENCE: Duration = Duration::from_secs(120);

fn first_command() -> &'static str {
    let block = README.split("```console\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a console block");
    block.lines().next().and_then(|line| line.strip_prefix("$ ")).expect("a command")
}

fn run(state: &std::path::Path) -> Terminal {
    let mut command = Command::new("bash");
    command.args(["-c", &format!("exec {}", first_command())]);
    command.current_dir(env!("CARGO_MANIFEST_DIR")).env("ROOTLESS_LAB_STATE", state).env("LANG", "C.UTF-8");
    Terminal::start(command, 24, 80)
}

#[test]
fn the_first_command_of_the_readme_leads_to_step_1_and_the_second_time_to_the_prompt() {
    assert_eq!(first_command(), "cargo run --release -- start");
    let Some(machines) = rig::have(rig::machines()) else { return };
    if let Ok(left) = machines.find("practice") {
        left.cut_power().and_then(|()| left.remove()).expect("a machine of an earlier run goes");
    }
    let mut first = run(&rig::state());
    first.wait(r"Make it now\? \[Y/n\]", BUILD);
    first.line("y");
    first.wait("Step 1 of 20", PATIENCE);
    first.wait(r"\[1/20 login\] lisa@practice:~\$ $", PATIENCE);
    // All that a newcomer needs is on the screen, and not above it.
    for wanted in ["Type commands as in any terminal", ":help", "Step 1 of 20", ":hint"] {
        assert!(first.screen().contains(wanted), "{wanted}:\n{}", first.screen());
    }
    first.line(":quit");
    assert!(first.end(PATIENCE).success());
    let mut second = run(&rig::state());
    second.wait(r"\[1/20[^\]]*\] lisa@practice:~\$ $", PATIENCE);
    assert!(!second.all().contains("Make it now"), "asked twice:\n{}", second.all());
    second.line(":quit");
    assert!(second.end(PATIENCE).success());
    let machine = machines.find("practice").expect("it stays for the next time");
    machine.stop().expect("it stops");
    machine.remove().expect("it goes");
}

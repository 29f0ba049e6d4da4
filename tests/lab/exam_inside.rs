//! What is typed in shells inside a candidate's login: read off the terminal, never what is not shown, and nothing of it is in the way.

// A test's support may fail a test.
#![allow(clippy::expect_used, clippy::panic)]

use std::fs;
use std::process::Command;

use rootless_lab::exam::transcript::{between_looks, moments};
use rootless_lab::exam::{Answer, Attempt, Inside, Typed};
use terminal::Terminal;

use crate::exam_seat::{Alive, CLOCK, leave};
use crate::rig::{Learner, PATIENCE, PROGRAM, have_root, names};

/// The prompt of a bash inside.
const NESTED: &str = r"(^|\n)inside\$ $";

/// Each line with what led to the shell it was typed in; nothing for the login's own.
fn typed(attempt: &Attempt) -> Vec<(String, &str)> {
    let through = |typed: &Typed| typed.inside.as_ref().map_or_else(String::new, |inside| inside.through.join(" "));
    attempt.commands.iter().map(|one| (through(&one.typed), one.typed.line.as_str())).collect()
}

fn inside(login: &mut Terminal, line: &str, prompt: &str) {
    login.line(line);
    login.wait(prompt, PATIENCE);
}

#[test]
fn what_is_typed_in_a_shell_inside_is_on_record_in_its_order_with_where_it_was_typed() {
    let learner = Learner::new();
    let mut login = learner.sitting();
    learner.recorded("both goals were looked at", |attempt| attempt.turns.len() == 2);
    inside(&mut login, "bash --norc", r"bash-[0-9.]+[$#] $");
    inside(&mut login, "PS1='inside$ '", NESTED);
    inside(&mut login, &format!("touch '{}'", learner.goal(1).display()), NESTED);
    learner.recorded("a goal turns though nobody is back at the login", |attempt| {
        attempt.turns.iter().any(|turn| turn.answer == Answer::Pass)
    });
    // A list of completions, a line that is broken off, one that is edited, and one that spans several.
    login.keys("touch ~/one-a ~/one-b\recho ~/one-\t\t");
    login.wait(r"one-a +one-b\s+inside\$ echo \S+one-$", PATIENCE);
    login.keys("a\r");
    login.wait(r"/one-a\ninside\$ $", PATIENCE);
    login.keys("never run");
    login.wait(r"never run$", PATIENCE);
    // A line editor misses a ^C that comes in the very instant in which it begins to wait.
    let broken_off = (0..4).any(|_| {
        login.keys("\x03");
        login.sees(r"\^C\ninside\$ $", PATIENCE / 8)
    });
    assert!(broken_off, "{}", login.screen());
    login.keys("ecko x\x01\x1b[C\x1b[C\x04h\r");
    login.wait(r"\nx\ninside\$ $", PATIENCE);
    login.keys("for one in 1\rdo :\rdone\r");
    login.wait(r"> done\ninside\$ $", PATIENCE);
    inside(&mut login, "sh", r"\n[$#] $");
    inside(&mut login, "true bare", r"\n[$#] $");
    inside(&mut login, "exit", NESTED);
    inside(&mut login, "exit", CLOCK);
    leave(&mut login);
    let attempt = learner.attempt();
    let wanted = [
        ("bash", "PS1='inside$ '"),
        ("bash", &format!("touch '{}'", learner.goal(1).display())),
        ("bash", "touch ~/one-a ~/one-b"),
        ("bash", "echo ~/one-a"),
        ("bash", "echo x"),
        ("bash", "for one in 1"),
        ("bash", "do :"),
        ("bash", "done"),
        ("bash", "sh"),
        ("bash sh", "true bare"),
        ("bash sh", "exit"),
        ("bash", "exit"),
        ("", "bash --norc"),
    ];
    let found = typed(&attempt);
    assert_eq!(found.iter().map(|(way, line)| (way.as_str(), *line)).collect::<Vec<_>>(), wanted);
    let touch = &attempt.commands[1].typed;
    let account = nix::unistd::User::from_uid(nix::unistd::geteuid()).expect("accounts").expect("an account").name;
    assert_eq!((touch.status, touch.account.as_deref()), (None, Some(account.as_str())));
    assert_eq!(touch.inside, Some(Inside { through: vec!["bash".into()], prompt: "inside$".into() }));
    let own = attempt.commands.last().expect("a line");
    assert!(own.began() > 0 && own.began() < own.used, "{own:?}");
    assert!(own.typed.inside.is_none() && own.typed.status == Some(0), "{own:?}");
    let turn = attempt.turns.iter().find(|turn| turn.answer == Answer::Pass).expect("a goal that turned");
    let ran = between_looks(&moments(&attempt), turn).expect("an earlier look");
    assert!(ran.contains(&attempt.commands[1].n), "{ran:?}: {attempt:?}");
}

#[test]
fn what_is_typed_without_being_shown_or_into_a_program_with_the_whole_screen_is_on_no_record() {
    let learner = Learner::new();
    fs::write(learner.place("home/asks"), "#!/bin/bash\nread -rsp 'Password: ' x; echo; read -rsp '$ ' y\n")
        .expect("a file");
    fs::write(
        learner.place("home/draws"),
        "printf '\\e[?1049h\\e[?2004h$ '; read -r x; printf '\\e[?2004l\\e[?1049l'\n",
    )
    .expect("a file");
    let mut login = learner.sitting();
    for round in ["login", "inside"] {
        if round == "inside" {
            inside(&mut login, "bash --norc", r"bash-[0-9.]+[$#] $");
            inside(&mut login, "PS1='inside$ '", NESTED);
        }
        let (prompt, end) = if round == "login" { (CLOCK, "here>") } else { (NESTED, "inside$") };
        login.line("bash ~/asks");
        login.wait(r"Password: $", PATIENCE);
        login.line("geheim");
        login.wait(r"\n\$ $", PATIENCE);
        login.line("geheim");
        login.wait(prompt, PATIENCE);
        login.line("bash ~/draws");
        login.until("the whole screen", PATIENCE, |screen| screen.alternate_screen());
        login.line("geheim");
        // Typed ahead the next line could be taken for one of the program's: the prompt stands there first.
        login.until("the prompt on the screen as before", PATIENCE, |screen| {
            !screen.alternate_screen() && screen.contents().trim_end().ends_with(end)
        });
        inside(&mut login, "true", prompt);
    }
    inside(&mut login, "exit", CLOCK);
    leave(&mut login);
    let (attempt, found) = (learner.attempt(), learner.found());
    let lines: Vec<&str> = typed(&attempt).into_iter().map(|(_, line)| line).collect();
    let both = ["bash ~/asks", "bash ~/draws", "true"];
    assert_eq!(lines, [&both[..], &["PS1='inside$ '"], &both, &["exit", "bash --norc"]].concat());
    assert!(!format!("{found:?}").contains("geheim"), "{found:?}");
}

#[test]
fn a_password_of_the_candidates_own_is_in_no_file_and_one_of_the_sheet_is_on_record() {
    let learner = Learner::new();
    let mut login = learner.sitting();
    let drawn = learner.attempt().started.parameters["word"].clone();
    let both = |login: &mut Terminal, prompt: &str| {
        inside(login, "echo lisa:geheim | true chpasswd", prompt);
        inside(login, &format!("echo lisa:{drawn} | true chpasswd"), prompt);
        inside(login, "true chpasswd <<END", "> $");
        inside(login, "lisa:geheim", "> $");
        inside(login, "END", prompt);
    };
    both(&mut login, CLOCK);
    inside(&mut login, "bash --norc", r"bash-[0-9.]+[$#] $");
    inside(&mut login, "PS1='inside$ '", NESTED);
    both(&mut login, NESTED);
    inside(&mut login, "exit", CLOCK);
    leave(&mut login);
    let attempt = learner.attempt();
    let lines: Vec<&str> = typed(&attempt).into_iter().map(|(_, line)| line).collect();
    let shown = ["echo lisa:(hidden) | true chpasswd", &format!("echo lisa:{drawn} | true chpasswd")];
    assert_eq!(lines[..2], shown);
    assert_eq!(lines[2].lines().collect::<Vec<_>>(), ["true chpasswd <<END", "lisa:(hidden)", "END"]);
    assert_eq!(lines[4..9], [&shown[..], &["true chpasswd <<END", "lisa:(hidden)", "END"]].concat());
    for name in names(learner.folder().path()) {
        let text = fs::read_to_string(learner.folder().path().join(&name)).unwrap_or_default();
        assert!(!text.contains("geheim"), "{name}: {text}");
    }
}

#[test]
fn a_shell_of_another_account_is_named_with_it_and_what_replaces_the_login_is_no_login() {
    if !have_root() {
        return;
    }
    let learner = Learner::new();
    let mut login = learner.sitting();
    inside(&mut login, "su -s /bin/bash games", r"games@\S+[$#] $|bash-[0-9.]+[$#] $");
    inside(&mut login, "true of games", r"games@\S+[$#] $|bash-[0-9.]+[$#] $");
    inside(&mut login, "exit", CLOCK);
    inside(&mut login, "exec bash --norc", r"bash-[0-9.]+[$#] $");
    inside(&mut login, "true of no login", r"bash-[0-9.]+[$#] $");
    leave(&mut login);
    let attempt = learner.attempt();
    let all: Vec<(&str, Option<&str>, Vec<String>)> = attempt
        .commands
        .iter()
        .map(|command| {
            let typed = &command.typed;
            let through = typed.inside.as_ref().map(|inside| inside.through.clone()).unwrap_or_default();
            (typed.line.as_str(), typed.account.as_deref(), through)
        })
        .collect();
    assert!(all.contains(&("true of games", Some("games"), vec!["su".into(), "bash".into()])), "{all:?}");
    assert!(all.contains(&("true of no login", Some("root"), vec!["bash".into()])), "{all:?}");
}

#[test]
fn the_logins_terminal_is_as_large_as_the_candidates_and_has_its_modes() {
    let learner = Learner::new();
    let mut login = learner.sitting();
    inside(&mut login, "stty size; stty -a | tr ';' '\\n' | grep -c '^ *intr = ^C'", &format!("40 80\n1\n{CLOCK}"));
    login.resize(31, 97);
    login.line("until [ \"$(stty size)\" = '31 97' ]; do sleep .02; done; echo i'tis'");
    login.wait("itis\n", PATIENCE);
    login.wait(CLOCK, PATIENCE);
    login.line("bash -c 'echo it-$((1 + 1)) runs; exec sleep 1000'");
    login.wait("it-2 runs\n", PATIENCE);
    login.keys("\x1a");
    login.wait(r"Stopped +bash -c", PATIENCE);
    login.wait(CLOCK, PATIENCE);
    login.line("fg");
    login.wait(r"fg\nbash -c [^\n]*\n", PATIENCE);
    login.keys("\x03");
    login.wait(CLOCK, PATIENCE);
    leave(&mut login);
}

#[test]
fn a_shell_whose_exam_is_killed_has_its_terminal_as_before() {
    let learner = Learner::new();
    learner.exam("trial", 15);
    learner.profile("");
    let mut command = Command::new("bash");
    command.args(["--norc", "--noediting", "-i"]);
    learner.dress(&mut command);
    drop(learner.command(&[]));
    let mut shell = Terminal::start(command, 40, 80);
    shell.line("PS1='outside> '");
    shell.wait(r"outside> $", PATIENCE);
    let before = shell.modes();
    shell.line(&format!("'{PROGRAM}' exam start --here trial --yes"));
    shell.wait(CLOCK, PATIENCE);
    assert_ne!(shell.modes(), before, "no key means anything here now");
    shell.line("echo lab=$PPID.");
    let said = shell.wait(r"lab=(\d+)\.\n", PATIENCE);
    let lab: i32 =
        said.rsplit_once("lab=").and_then(|(_, rest)| rest.split('.').next()?.parse().ok()).expect("a number");
    let alive = Alive::now(lab);
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(lab), nix::sys::signal::Signal::SIGKILL).expect("it runs");
    shell.wait(r"Killed[^\n]*\noutside> $", PATIENCE);
    alive.ends();
    assert_eq!(shell.modes(), before);
}

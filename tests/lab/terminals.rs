//! Terminals that are not there, narrow, dumb or without colour; odd prompts; and whatever is typed or pasted.

// A test's support may fail a test.
#![allow(clippy::expect_used)]

use std::fs;
use std::process::Command;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use terminal::{Screen, Terminal};

use crate::bad_input::*;
use crate::rig::{Learner, PATIENCE, PROGRAM, PROMPT, refused};

#[test]
fn without_a_terminal_a_lab_says_so_and_looking_works() {
    let learner = learner();
    refused(&learner.run(&["start", "--here", "tale"]), 4, "needs a terminal.*rootless-lab check");
    // Only one of the two is a terminal.
    let mut half = Terminal::start(
        {
            let mut command = Command::new("sh");
            learner.dress(&mut command);
            command.args([
                "-c",
                r#""$0" start --here tale < /dev/null; echo "code $?"; "$0" start --here tale | cat; echo over"#,
                PROGRAM,
            ]);
            command
        },
        24,
        80,
    );
    half.wait("needs a terminal", PATIENCE);
    half.wait("code 4", PATIENCE);
    half.wait("needs a terminal", PATIENCE);
    half.wait("over", PATIENCE);
    let check = learner.run(&["check", "--lesson", "tale"]);
    assert_eq!(check.status.code(), Some(1), "{}", String::from_utf8_lossy(&check.stderr));
    let json = learner.run(&["check", "--lesson", "tale", "--all", "--json"]);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).expect("JSON");
    assert_eq!(json["goals"].as_array().map(Vec::len), Some(2));
    fs::write(learner.goal(1), "").expect("a file");
    assert_eq!(learner.run(&["check", "--lesson", "tale"]).status.code(), Some(0));
    refused(&learner.run(&["check", "--lesson", "tale", "--step", "7"]), 2, "no step `7`");
}

/// Plays a lab with this command to its end; everything that it printed.
fn played(learner: &Learner, mut command: Command, rows: u16, columns: u16) -> Vec<u8> {
    command.current_dir(learner.place("home"));
    let mut lab = Terminal::start(command, rows, columns);
    let prompt = r"here> $";
    lab.wait(prompt, PATIENCE);
    for line in [":help", ":hint", "echo a && \\", "echo b", ":why", ":chek", ":solution", ":status"] {
        lab.line(line);
        lab.wait(if line.ends_with('\\') { r"&& \\\s*\n(> )?$" } else { prompt }, PATIENCE);
    }
    lab.line(&format!("touch {}", learner.goal(1).display()));
    lab.wait(r"(?i)step 2 of 2", PATIENCE);
    lab.wait(prompt, PATIENCE);
    lab.keys("half a line\x03");
    lab.wait(prompt, PATIENCE);
    lab.keys("\x04");
    assert!(lab.end(PATIENCE).success(), "{}", lab.all());
    assert!(lab.all().contains(":check"), "{}", lab.all());
    lab.raw()
}

#[test]
fn plain_and_a_dumb_terminal_get_no_escape_sequence_at_all() {
    for (plain, term) in [(true, "xterm-256color"), (false, "dumb"), (false, "emacs"), (true, "")] {
        let learner = learner();
        let mut command =
            learner.command(if plain { &["--plain", "start", "--here", "tale"] } else { &["start", "--here", "tale"] });
        command.env("TERM", term);
        let raw = played(&learner, command, 24, 80);
        let text = String::from_utf8_lossy(&raw);
        assert!(!text.contains('\x1b'), "{term}: {text:?}");
        assert!(
            !text.replace("\r\n", "\n").contains('\r'),
            "{term}: a lone carriage return moves the cursor: {text:?}"
        );
        assert!(!text.chars().any(|c| ('\u{2500}'..='\u{25ff}').contains(&c)), "{term}: no boxes: {text}");
    }
}

#[test]
fn plain_gets_no_escape_sequence_when_it_is_ended_from_outside_either() {
    let learner = learner();
    for signal in [Signal::SIGTERM, Signal::SIGHUP] {
        let mut lab = Terminal::start(learner.command(&["start", "--here", "--plain", "tale"]), 24, 80);
        lab.wait(PROMPT, PATIENCE);
        kill(Pid::from_raw(lab.pid()), signal).expect("a process");
        lab.end(PATIENCE);
        assert!(!lab.raw().contains(&0x1b), "{signal:?}: {}", lab.raw().escape_ascii());
    }
}

#[test]
fn plain_gets_no_escape_sequence_in_a_shell_within_the_labs_either() {
    let learner = learner();
    let mut command = learner.command(&["--plain", "start", "--here", "tale"]);
    // Neither sh nor bash prints any by itself.
    command.env("TERM", "dumb");
    let mut lab = Terminal::start(command, 24, 80);
    lab.wait(PROMPT, PATIENCE);
    lab.line("PS1='N$ ' dash");
    lab.wait(r"\nN\$ $", PATIENCE);
    fs::write(learner.goal(1), "").expect("a file");
    lab.wait("Step 2 of 2", PATIENCE);
    lab.wait(r"\nN\$ $", PATIENCE);
    lab.line("exit");
    lab.wait(PROMPT, PATIENCE);
    // The line takes the lab's hook away: bash's own prompt is seen.
    lab.line("PROMPT_COMMAND=true");
    lab.wait(PROMPT, PATIENCE);
    lab.line("echo al''ive");
    lab.wait("\nalive\n", PATIENCE);
    let text = String::from_utf8_lossy(&lab.raw()).replace("\r\n", "\n");
    assert!(!text.contains(['\x1b', '\r']), "{text:?}");
}

#[test]
fn no_color_means_no_colour() {
    let learner = learner();
    let mut command = learner.command(&["start", "--here", "tale"]);
    command.env("NO_COLOR", "1");
    let raw = played(&learner, command, 24, 80);
    let colour = regex::bytes::Regex::new(r"\x1b\[[0-9;]*m").expect("a regular expression");
    let found = colour
        .find(&raw)
        .map(|found| String::from_utf8_lossy(&raw[found.start().saturating_sub(80)..found.end()]).into_owned());
    assert_eq!(found, None);
}

#[test]
fn a_terminal_of_twenty_columns_and_one_of_five_can_be_played_in() {
    for (rows, columns) in [(10, 20), (3, 5), (1, 1)] {
        let learner = learner();
        let command = learner.command(&["start", "--here", "tale"]);
        if columns == 20 {
            played(&learner, command, rows, columns);
        } else {
            let mut lab = Terminal::start(command, rows, columns);
            lab.wait(r"h\s*e\s*r\s*e\s*>", PATIENCE);
            lab.line(":quit");
            assert!(lab.end(PATIENCE).success());
        }
    }
}

#[test]
fn a_window_that_changes_its_size_under_the_lab_is_followed() {
    let learner = learner();
    let mut lab = learner.at_prompt("tale");
    for (rows, columns) in [(40, 132), (10, 30), (24, 80)] {
        lab.resize(rows, columns);
        lab.line("stty size");
        lab.wait(&format!("{rows} {columns}"), PATIENCE);
        lab.wait(PROMPT, PATIENCE);
    }
}

#[test]
fn the_prompt_that_waits_says_the_new_step_as_soon_as_the_news_does() {
    for plain in [false, true] {
        let learner = Learner::new();
        learner.files_lesson("tale", 10);
        let arguments = ["--plain", "start", "--here", "tale"];
        let mut lab = Terminal::start(learner.command(&arguments[usize::from(!plain)..]), 24, 80);
        lab.wait(PROMPT, PATIENCE);
        // What is typed stays, and so does its place: also from 9 to 10, which is wider, and to `done`.
        for (from, to) in [("8/10", "9/10"), ("9/10", "10/10"), ("10/10", "done")] {
            let step: usize = from.split('/').next().and_then(|step| step.parse().ok()).expect("a number");
            lab.line(&format!(":step {step}"));
            lab.wait(&format!("Step {step} of"), PATIENCE);
            lab.wait(PROMPT, PATIENCE);
            lab.keys("echo al''ive");
            let ends = |screen: &Screen, wanted: &str| {
                let shown = screen.contents();
                let last = shown.lines().last().unwrap_or_default();
                last.starts_with(&format!("[{wanted}")) && last.contains("here> ")
            };
            lab.until("a half line", PATIENCE, |screen| {
                ends(screen, from) && screen.contents().ends_with("echo al''ive")
            });
            fs::write(learner.goal(step), "").expect("a file");
            lab.until("the new step in the prompt", PATIENCE, |screen| ends(screen, to));
            // A terminal that edits the line itself does not show it again; it is there all the same.
            assert!(plain || lab.screen().ends_with("here> echo al''ive"), "{}", lab.screen());
            lab.keys("\r");
            lab.wait("(^|\n)alive\n", PATIENCE);
            lab.wait(PROMPT, PATIENCE);
        }
    }
}

#[test]
fn whatever_is_typed_or_pasted_the_lab_stays_itself() {
    let learner = learner();
    let mut lab = learner.at_prompt("tale");
    // Ten lines at once, as from a pointer, without and with the terminal's brackets around them.
    let lines: String = (0..10).map(|number| format!("echo row $(({number} + 100))\r")).collect();
    lab.keys(&lines);
    for number in 0..10 {
        lab.wait(&format!("row {}\n", number + 100), PATIENCE);
    }
    lab.wait(PROMPT, PATIENCE);
    let lines: String = (0..10).map(|number| format!("echo row $(({number} + 200))\n")).collect();
    lab.keys(&format!("\x1b[200~{lines}\x1b[201~\r"));
    for number in 0..10 {
        lab.wait(&format!("row {}\n", number + 200), PATIENCE);
    }
    lab.wait(PROMPT, PATIENCE);
    let all = lab.all();
    for row in (100..110).chain(200..210) {
        assert_eq!(all.matches(&format!("row {row}\n")).count(), 1, "row {row}: {all}");
    }
    // NUL, bytes that are no UTF-8, and keys that mean nothing.
    lab.bytes(b"echo st\0ill\xff\xfe he\x1b[99~re\r");
    lab.wait(PROMPT, PATIENCE);
    lab.line("echo al''ive");
    lab.wait("\nalive\n", PATIENCE);
    lab.wait(PROMPT, PATIENCE);
    let long = "x".repeat(20_000);
    lab.keys(&format!("\x1b[200~echo {long} | wc -c\x1b[201~"));
    lab.keys("\r");
    lab.wait("\n20001\n", PATIENCE);
    lab.wait(PROMPT, PATIENCE);
    lab.line(&format!("\x1b[200~:hint {}\x1b[201~", "y".repeat(3000)));
    lab.wait(PROMPT, PATIENCE);
    lab.line(":quit");
    assert!(lab.end(PATIENCE).success());
}

/// Types these keys while a command runs, which ends when all of them have come.
fn typed_ahead(learner: &Learner, lab: &mut Terminal, keys: &str) {
    let gate = learner.place("gate");
    let _ = fs::remove_file(&gate);
    nix::unistd::mkfifo(&gate, nix::sys::stat::Mode::S_IRWXU).expect("a fifo");
    lab.line(&format!("echo be''gun; cat {}", gate.display()));
    lab.wait("\nbegun\n", PATIENCE);
    lab.keys(keys);
    // The terminal of bash shows them: the lab has them.
    let last = keys.trim_end().rsplit('\r').next().unwrap_or_default();
    lab.wait(&regex::escape(last), PATIENCE);
    fs::write(&gate, "open\n").expect("a fifo");
    lab.wait("\nopen\n", PATIENCE);
}

#[test]
fn lines_pasted_while_a_command_runs_are_read_as_bash_reads_them() {
    let learner = learner();
    let mut lab = learner.at_prompt("tale");
    let lines =
        "for i in 1 2\rdo\recho x''$i\rdone\r:hint\rcat <<X\ron''e\r:status\rX\recho 'a\rb' c\\\rd\recho al''ive\r";
    typed_ahead(&learner, &mut lab, lines);
    for wanted in ["\nx1\nx2\n", "Look\\.", "\non''e\n:status\n", "\na\nb cd\n", "\nalive\n"] {
        let seen = lab.wait(wanted, PATIENCE);
        assert!(!seen.contains("syntax error") && !seen.contains("delimited"), "{seen}");
    }
    lab.wait(PROMPT, PATIENCE);
    assert_eq!(lab.all().matches("Step 1 of 2").count(), 1, "a lab word in a here document is text: {}", lab.all());
}

#[test]
fn as_many_lines_as_are_pasted_run_in_their_order_and_none_is_cut() {
    let learner = learner();
    let mut lab = learner.at_prompt("tale");
    let lines = |from: u32| -> String {
        (from..from + 40).map(|row| format!(": {}; echo row $(({row}))\r", "x".repeat(800))).collect()
    };
    let gate = learner.place("gate");
    nix::unistd::mkfifo(&gate, nix::sys::stat::Mode::S_IRWXU).expect("a fifo");
    // More than a terminal holds: while a command runs, and behind one in the same paste.
    lab.line(&format!("echo be''gun; cat {}", gate.display()));
    lab.wait("\nbegun\n", PATIENCE);
    lab.keys(&lines(100));
    lab.wait("echo row", PATIENCE);
    fs::write(&gate, "open\n").expect("a fifo");
    lab.wait("open\n", PATIENCE);
    for row in 100..140 {
        // Not at the beginning of a row: what is still being typed is shown by the terminal wherever the cursor stands.
        lab.wait(&format!("row {row}\n"), PATIENCE);
    }
    lab.wait(PROMPT, PATIENCE);
    lab.keys(&format!("\x1b[200~true\r{}\x1b[201~\r", lines(200)));
    for row in 200..240 {
        lab.wait(&format!("row {row}\n"), PATIENCE);
    }
    lab.wait(PROMPT, PATIENCE);
    let all = lab.all();
    assert!(!all.contains("not found"), "{all}");
    for row in (100..140).chain(200..240) {
        assert_eq!(all.matches(&format!("row {row}\n")).count(), 1, "row {row}: {all}");
    }
}

#[test]
fn lines_that_came_with_an_earlier_one_run_before_what_is_typed_while_that_runs() {
    let learner = learner();
    let mut lab = learner.at_prompt("tale");
    let gate = learner.place("gate");
    nix::unistd::mkfifo(&gate, nix::sys::stat::Mode::S_IRWXU).expect("a fifo");
    // At once, and so the line editor has read all of it when the first line runs.
    lab.keys(&format!("echo be''gun; cat {}\recho fir''st\recho x\x7fsec''ond\rth() {{\r", gate.display()));
    lab.wait("\nbegun\n", PATIENCE);
    lab.keys("echo thi''rd\r}; th\rhal");
    lab.wait("th\nhal", PATIENCE);
    fs::write(&gate, "open\n").expect("a fifo");
    lab.wait("^open\n(?s:.*)\nfirst\n(?s:.*)\nsecond\n(?s:.*)\nthird\n(?s:.*)here> hal$", PATIENCE);
    assert!(!lab.screen().contains("open\n\n"), "no row is left empty: {}", lab.screen());
    lab.keys("\x7f\x7f\x7fecho al''ive\r");
    lab.wait("\nalive\n", PATIENCE);
}

#[test]
fn a_line_that_came_with_one_that_reads_is_what_that_reads() {
    let learner = learner();
    let mut lab = learner.at_prompt("tale");
    // Without brackets, as from a terminal that knows none: all of it is there when the first line runs. Of the second paste the line
    // editor has read no more than the beginning then.
    let more = format!(": {}\r", "x".repeat(400)).repeat(4);
    for (name, more) in [("Ada", ""), ("Grace", more.as_str())] {
        lab.keys(&format!("read -rp 'Name? ' x; echo \"<$x>\"\r{name}\r{more}echo al''ive\r"));
        lab.wait(&format!("<{name}>\n"), PATIENCE);
        lab.wait("here> echo al''ive\nalive\n", PATIENCE);
        lab.wait(PROMPT, PATIENCE);
    }
    // Nothing of it is echoed before its turn.
    assert!(lab.all().contains("\nName? <Ada>\n"), "{}", lab.all());
    assert!(!lab.all().contains("not found"), "{}", lab.all());
}

#[test]
fn an_interrupt_that_came_with_a_line_ends_what_the_line_began() {
    let learner = learner();
    let mut lab = learner.at_prompt("tale");
    lab.keys("cat\rone\rtw\x7fo\x03");
    lab.wait("\\^C\n", PATIENCE);
    lab.wait(PROMPT, PATIENCE);
    lab.keys("echo ended with $?\r");
    lab.wait("\nended with 130\n", PATIENCE);
    // The end of the input, and a key that is no text.
    lab.keys("stty -icanon min 3; head -c 3 | od -An -tx1; stty icanon\r\x1b[A");
    lab.wait(" 1b 5b 41\n", PATIENCE);
    lab.wait(PROMPT, PATIENCE);
}

#[test]
fn the_beginning_of_a_key_that_came_with_a_line_keeps_nobody_waiting() {
    let learner = learner();
    let mut lab = learner.at_prompt("tale");
    for (key, sent) in [("\x1b", "1b"), ("\x1b[", ""), ("\x1b5", ""), ("\x1b:", "1b 3a"), ("\x1b[A", "1b 5b 41")] {
        lab.keys(&format!("stty -icanon min 0 time 3; od -An -tx1; stty icanon; echo se''en\r{key}"));
        let shown = lab.wait("\nseen\n", PATIENCE);
        assert!(shown.contains(&format!("{sent}\nseen")), "{key:?}: {shown}");
        lab.wait(PROMPT, PATIENCE);
        // A key that was cut off is no beginning of the next line.
        lab.keys("\x03");
        lab.wait(PROMPT, PATIENCE);
    }
}

#[test]
fn what_stands_behind_a_submission_comes_behind_all_of_its_lines() {
    let learner = learner();
    let mut lab = learner.at_prompt("tale");
    lab.keys("\x1b[200~echo o''ne\recho t''wo\x1b[201~\recho th''ree\r");
    lab.wait("\none\n(?s:.*)\ntwo\n(?s:.*)\nthree\n", PATIENCE);
    // A line that was typed ahead reads the next one, as in bash.
    lab.keys("\x1b[200~:hint\rread x; echo \"<$x>\"\x1b[201~\rAda\r");
    lab.wait("<Ada>\n", PATIENCE);
}

#[test]
fn a_secret_that_came_with_a_line_is_not_shown_before_somebody_asks_for_it() {
    let learner = learner();
    let mut lab = learner.at_prompt("tale");
    for typed in ["xyzzy", "xyzy\x7fzy"] {
        lab.keys(&format!("sleep 0.3; read -rsp 'Secr''et? ' p; echo \"<${{#p}}>\"\r{typed}"));
        lab.wait("\nSecret\\? $", PATIENCE);
        lab.keys("\r");
        lab.wait("<5>\n", PATIENCE);
        lab.wait(PROMPT, PATIENCE);
    }
    assert!(!lab.all().contains("xy"), "{}", lab.all());
}

#[test]
fn who_reads_beside_one_that_prints_without_end_gets_what_came_with_the_line() {
    let learner = learner();
    let mut lab = learner.at_prompt("tale");
    lab.keys("(while sleep 0.02; do printf .; done) & sleep 0; read x; echo \"<$x>\"; kill %1\rAda\r");
    lab.wait("<Ada>\n", PATIENCE);
}

#[test]
fn lines_pasted_behind_a_lab_word_are_run() {
    let learner = learner();
    let mut lab = learner.at_prompt("tale");
    lab.keys("\x1b[200~:hint\recho fir''st\r:hnit\recho sec''ond\x1b[201~\r");
    for wanted in ["Look\\.", "\nfirst\n", "did you mean|:hint", "\nsecond\n"] {
        lab.wait(wanted, PATIENCE);
    }
    lab.wait(PROMPT, PATIENCE);
}

#[test]
fn keys_that_are_no_text_are_nothing_when_they_are_typed_ahead() {
    let learner = learner();
    let mut lab = learner.at_prompt("tale");
    typed_ahead(&learner, &mut lab, "\x04\x1b[A\x1bOB\x1b[1;5Cecho on''e\x1b[D\x01\recho al''ive\r");
    lab.wait("\none\n", PATIENCE);
    lab.wait("\nalive\n", PATIENCE);
    lab.wait(PROMPT, PATIENCE);
    assert!(!lab.all().contains("not found"), "{}", lab.all());
}

#[test]
fn an_open_line_pasted_while_a_command_runs_waits_for_its_end_at_the_prompt() {
    for plain in [false, true] {
        let learner = learner();
        let arguments = ["--plain", "start", "--here", "tale"];
        let mut lab = Terminal::start(learner.command(&arguments[usize::from(!plain)..]), 24, 80);
        lab.wait(PROMPT, PATIENCE);
        typed_ahead(&learner, &mut lab, "echo on''e\recho it's\r:quit\rls nothing-here\r");
        lab.wait("\none\n", PATIENCE);
        lab.wait("here> echo it's\n:quit\nls nothing-here\n", PATIENCE);
        lab.line("clo''sed'");
        lab.wait("\nits\n:quit\nls nothing-here\nclosed\n", PATIENCE);
        lab.wait(PROMPT, PATIENCE);
        typed_ahead(&learner, &mut lab, "echo it's\r:quit\r");
        lab.wait("here> echo it's\n:quit\n", PATIENCE);
        lab.keys("\x03");
        lab.wait(PROMPT, PATIENCE);
        lab.line("echo al''ive");
        lab.wait("\nalive\n", PATIENCE);
    }
}

#[test]
fn a_huge_or_hostile_prompt_of_the_learners_own_does_no_harm() {
    let learner = learner();
    for ps1 in [
        "$(printf 'x%.0s' {1..5000}) here> ",
        "\\e]0;title\\a\\e[2J\\e[31m\\[\\e[0m\\] here> ",
        "$(printf '\\377\\000\\t') here> ",
        "a\\nb\\nc here> ",
    ] {
        learner.bashrc(format!("PS1='{ps1}'\n"));
        let mut lab = learner.start("tale");
        lab.wait("here> $", PATIENCE);
        assert!(!String::from_utf8_lossy(&lab.raw()).contains("\x1b[2J"), "{ps1}");
        lab.line("echo al''ive");
        lab.wait("\nalive\n", PATIENCE);
        lab.wait("here> $", PATIENCE);
        lab.line(":quit");
        assert!(lab.end(PATIENCE).success());
    }
    // What the learner's own file does when it is read must not stop the lab.
    for rc in
        ["exit 3\n", "exec false\n", "set -e; false\n", "if\n", "while :; do break; done; return 1\n", "kill -9 $$\n"]
    {
        learner.bashrc(rc);
        let mut lab = learner.start("tale");
        lab.wait(r"(?s)rootless-lab:.*→|\[1/2[^\]]*\] ", PATIENCE);
        lab.line(":quit");
        lab.end(PATIENCE);
    }
}

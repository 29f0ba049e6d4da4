//! The lab's bash asked directly: completion, facts, nested shells, type-ahead, and what it costs.

use std::io::Write;

use crate::rig;

use rootless_lab::bash::{Bash, Ended, How, NestedCommand, Next};

fn run(bash: &mut Bash, line: &str) -> Ended {
    match bash.run(line, b"", &mut rig::alone()).unwrap() {
        Next::Prompt(ended) => ended,
        Next::Gone { status } => panic!("{line}: bash ended with {status}"),
    }
}

#[test]
fn a_line_says_how_it_ended() {
    let (mut bash, _master, home) = rig::sit_down();
    let ended = run(&mut bash, "printf '\\033[31mred\\033[0m'; false");
    assert_eq!((ended.status, ended.output.as_str(), ended.ran, ended.open_line), (Some(1), "red", true, true));
    assert!(!run(&mut bash, "# nothing").ran);
    assert_eq!(bash.cwd(), home.path());
    run(&mut bash, "cd /");
    assert_eq!(bash.cwd().to_str(), Some("/"));
    assert_eq!(bash.prompt(), rig::PS1);
    run(&mut bash, "PS1='\\w> '");
    assert_eq!(bash.prompt(), "/> ");
    assert_eq!(bash.front().leader(), Some(bash.pid()));
}

#[test]
fn a_line_that_was_sent_runs_once_and_is_seen_from_its_beginning_to_its_end() {
    let (mut bash, _master, home) = rig::sit_down();
    let out = home.path().join("out");
    let line = "printf 'once\\n' | tee -a out; false";
    bash.send(line).unwrap();
    let begun = std::time::Instant::now();
    while !out.exists() {
        assert!(begun.elapsed() < std::time::Duration::from_secs(10), "bash waits until somebody looks");
        std::thread::yield_now();
    }
    let ended = run(&mut bash, line);
    assert_eq!((ended.line.as_str(), ended.output.as_str(), ended.status), (line, "once\n", Some(1)));
    assert_eq!(std::fs::read_to_string(out).unwrap(), "once\n");
    assert_eq!(run(&mut bash, "echo next").output, "next\n");
}

#[test]
fn what_comes_ahead_is_shown_before_output_and_after_a_moment_and_not_where_a_command_is_over_at_once() {
    let (mut bash, mut master, _home) = rig::sit_down();
    let mut seen = |line: &str| {
        bash.run(line, b"<ahead>", &mut rig::alone()).unwrap();
        let is_shown = bash.has_shown_ahead();
        // The end of what is to be read.
        bash.run("echo end", b"", &mut rig::alone()).unwrap();
        let (mut seen, mut buffer) = (String::new(), [0; 4096]);
        while !seen.ends_with("end\r\n") {
            let count = std::io::Read::read(&mut master, &mut buffer).unwrap();
            seen.push_str(&String::from_utf8_lossy(&buffer[..count]));
        }
        assert_eq!(is_shown, seen.contains("<ahead>"), "{line}");
        seen
    };
    assert_eq!(seen("echo out"), "<ahead>out\r\nend\r\n");
    assert_eq!(seen("sleep 0.5"), "<ahead>end\r\n");
    // On a busy machine even this takes a moment, but not each time.
    assert!((0..100).any(|_| seen("true") == "end\r\n"));
}

#[test]
fn completion_is_bashs_own_and_leaves_no_trace() {
    let (mut bash, _master, home) = rig::sit_down();
    std::fs::create_dir(home.path().join("a folder")).unwrap();
    std::fs::write(home.path().join("a file"), "").unwrap();
    run(&mut bash, "_f() { COMPREPLY=($(compgen -W 'start stop status' -- \"$2\")); }; complete -F _f svc");
    run(&mut bash, "alias zzalias=true; zzfunction() { :; }; zzvar=1");
    run(&mut bash, "echo one last; false | (exit 3)");
    let history = run(&mut bash, "history | wc -l; (exit 5)").output;
    let svc = bash.complete("svc st", 6);
    assert_eq!((svc.start, svc.candidates), (4, vec!["start".to_owned(), "status".into(), "stop".into()]));
    assert_eq!(bash.complete("echo x; zz", 10).candidates, ["zzalias", "zzfunction"]);
    assert_eq!(bash.complete("echo $zzv", 9).candidates, ["$zzvar"]);
    let files = bash.complete("cat a", 5);
    assert_eq!(files.how, How::Files);
    let items: Vec<_> = files.items(bash.cwd()).into_iter().map(|(_, put)| put).collect();
    assert_eq!(items, ["a\\ file ", "a\\ folder/"]);
    assert!(bash.complete("cat nothing-here-7f", 19).candidates.is_empty());
    assert_eq!(run(&mut bash, "echo \"$? ${PIPESTATUS[@]}\"").output, "5 5\n");
    let later: i32 = run(&mut bash, "history | wc -l").output.trim().parse().unwrap();
    assert_eq!(later, history.trim().parse::<i32>().unwrap() + 2);
    run(&mut bash, "echo a lastword");
    bash.complete("svc ", 4);
    assert_eq!(run(&mut bash, "echo $_").output, "lastword\n");

    // As the completions of podman and others do it.
    run(
        &mut bash,
        "_g() { [[ $(type -t compopt) == builtin ]] && compopt -o nospace; COMPREPLY=(--name=); }; complete -F _g pod",
    );
    run(&mut bash, "type() { echo mine; }");
    assert_eq!(bash.complete("pod --n", 7).how, How::NoSpace);
    assert_eq!(run(&mut bash, "type; unset -f type; type -t compopt type").output, "mine\nbuiltin\nbuiltin\n");
}

#[test]
fn a_name_that_would_write_to_the_terminal_is_listed_as_text_and_still_means_the_file() {
    let (mut bash, _master, home) = rig::sit_down();
    std::fs::write(home.path().join("evil-\u{1b}]0;title\u{7}one"), "").unwrap();
    run(&mut bash, "_f() { COMPREPLY=($'st\\eart' stop); }; complete -F _f svc");
    let files = bash.complete("cat ev", 6);
    let items = files.items(bash.cwd());
    assert_eq!(items.len(), 1);
    assert_eq!(items[0].0, "evil-?]0;title?one");
    assert!(!items[0].1.contains(char::is_control), "{items:?}");
    assert_eq!(run(&mut bash, &format!("cat {}; echo $?", items[0].1)).output, "0\n");
    let words: Vec<_> = bash.complete("svc s", 5).items(bash.cwd()).into_iter().map(|(listed, _)| listed).collect();
    assert_eq!(words, ["stop"]);
}

#[test]
fn a_bash_that_no_longer_listens_is_not_killed_by_a_question() {
    let (mut bash, _master, _home) = rig::sit_down();
    run(&mut bash, "trap - RTMIN+7");
    assert!(bash.complete("ls /", 4).candidates.is_empty());
    assert_eq!(run(&mut bash, "echo alive").output, "alive\n");
}

#[test]
fn what_is_typed_while_a_command_runs_is_the_beginning_of_the_next_line() {
    let (mut bash, mut master, _home) = rig::sit_down();
    master.write_all(b"echo ne").unwrap();
    run(&mut bash, "sh -c 'sleep 0.2'");
    assert_eq!(bash.typed_ahead(), b"echo ne");
    assert_eq!(run(&mut bash, "echo ok").output, "ok\n");
}

#[test]
fn a_nested_shell_is_seen_at_its_prompt_and_what_it_was_told() {
    let (mut bash, mut master, _home) = rig::sit_down();
    let mut keys = vec!["exit\r", "echo in side\r"];
    let mut seen = Vec::new();
    let next = bash
        .run(
            "PS1='N> ' bash --norc",
            b"",
            &mut rig::Nested(|commands: &[NestedCommand]| {
                seen.extend(commands.to_vec());
                if let Some(keys) = keys.pop() {
                    master.write_all(keys.as_bytes()).unwrap();
                }
                Some("said above".to_owned())
            }),
        )
        .unwrap();
    assert!(matches!(next, Next::Prompt(_)));
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert_eq!((seen[0].line.as_str(), seen[0].output.as_str()), ("echo in side", "in side\n"));
}

#[test]
fn a_nested_shell_that_does_not_say_that_it_waits_is_seen_too_and_a_script_is_not() {
    let (mut bash, mut master, _home) = rig::sit_down();
    let mut seen = 0;
    let mut on = rig::Nested(|_: &[NestedCommand]| {
        seen += 1;
        master.write_all(b"exit\n").unwrap();
        Some("said above".to_owned())
    });
    bash.run("sh -c \"printf 'not a prompt$ '; sleep 0.3\"", b"", &mut on).unwrap();
    bash.run("PS1='D$ ' dash", b"", &mut on).unwrap();
    assert_eq!(seen, 1);
    let mut shown = vec![0; 65536];
    let count = std::io::Read::read(&mut master, &mut shown).unwrap();
    let shown = String::from_utf8_lossy(&shown[..count]).into_owned();
    assert!(shown.contains("D$ \r\u{1b}[Ksaid above\r\nD$ "), "{shown:?}");
}

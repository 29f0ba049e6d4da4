//! The same typing before a plain bash and before the lab's: what is shown must agree byte for byte, the prompt taken off.

use crate::rig;
use crate::rig::Act::{self, Keys, Line};

type Case = (&'static str, &'static [Act]);

const CASES: &[Case] = &[
    ("nothing", &[Line("true")]),
    ("a status", &[Line("false"), Line("echo $?")]),
    ("cd stays", &[Line("mkdir d; cd d"), Line("basename \"$PWD\""), Line("cd -"), Line("cd .."), Line("dirs")]),
    ("export", &[Line("export A=b"), Line("env | grep ^A=")]),
    ("a variable that is not exported", &[Line("A='x  y'"), Line("echo \"$A\""), Line("env | grep ^A=; echo $?")]),
    ("a function", &[Line("f() { echo \"f $1\"; return 3; }"), Line("f x"), Line("echo $?")]),
    ("an alias", &[Line("alias hi='echo hello'"), Line("hi you"), Line("alias hi")]),
    ("history expansion", &[Line("echo one two"), Line("!!"), Line("echo !$"), Line("!nosuch")]),
    ("the history's list", &[Line("echo a"), Line("echo b"), Line("history | tail -n 2 | sed 's/^ *[0-9]* *//'")]),
    ("a pipe and its status", &[Line("false | true | (exit 4)"), Line("echo ${PIPESTATUS[@]}")]),
    ("the last argument", &[Line("echo a b"), Line("echo $_")]),
    ("the last argument after a builtin", &[Line("cd /tmp"), Line("echo \"$_\"")]),
    ("a here-document", &[Line("cat <<E\none $HOSTTYPE\n  two\nE")]),
    ("a here-string", &[Line("cat <<<'a b'")]),
    ("a loop on several lines", &[Line("for i in 1 2 3\ndo\n  echo $i\ndone")]),
    ("an if on several lines", &[Line("if true\nthen echo yes\nelse echo no\nfi")]),
    ("a quote over lines", &[Line("echo 'a\nb\nc'")]),
    ("a backslash at the end", &[Line("echo a \\\nb")]),
    ("a function on several lines", &[Line("g() {\necho in\n}\ng"), Line("declare -f g")]),
    ("three commands pasted", &[Line("echo a\necho b\necho c")]),
    ("a paste with an error in the middle", &[Line("echo a\nfalse\necho $?")]),
    ("an empty line", &[Line(""), Line("echo x")]),
    ("only blanks", &[Line("   "), Line("\t"), Line("echo x")]),
    ("a comment", &[Line("# nothing"), Line("echo $?")]),
    ("a syntax error", &[Line("echo )"), Line("echo $?")]),
    ("a lone fi", &[Line("fi"), Line("echo $?")]),
    ("a lone pipe", &[Line("| cat"), Line("echo $?")]),
    ("a command that is not there", &[Line("nosuchcommand-7f"), Line("echo $?")]),
    ("^C ends a sleep", &[Keys("sh -c 'echo go; exec sleep 30'", &[("go\r\n", "\x03")]), Line("echo $?")]),
    (
        "^Z stops, fg goes on",
        &[
            Keys("sh -c 'echo go; read x; echo end'", &[("go\r\n", "\x1a")]),
            Line("echo $?"),
            Line("jobs"),
            Keys("fg", &[("end'\r\n", "y\n")]),
        ],
    ),
    ("^\\ quits", &[Keys("ulimit -c 0; sh -c 'echo go; exec sleep 30'", &[("go\r\n", "\x1c")]), Line("echo $?")]),
    ("read", &[Keys("read -p 'name: ' x", &[("name: ", "ann\n")]), Line("echo \"$x\"")]),
    ("read in silence", &[Keys("read -s -p 'secret: ' x", &[("secret: ", "pw\n")]), Line("echo \"$x\"")]),
    ("cat from the keyboard", &[Keys("echo go; cat", &[("go\r\n", "line\n"), ("line\r\nline\r\n", "\x04")])]),
    ("^C in read", &[Keys("read -p 'name: ' x", &[("name: ", "a\x03")]), Line("echo $?")]),
    ("no newline at the end", &[Line("printf abc"), Line("echo d")]),
    ("bytes of any kind", &[Line("printf '\\000\\001\\033[31mred\\033[0m\\377\\200x\\n'")]),
    ("a lone escape", &[Line("printf '\\033'; sleep 0.1; printf '[0mx\\n'")]),
    ("our mark without the nonce", &[Line("printf '\\033]7741;0000;D;0\\0/\\0x\\0y\\0\\a\\033]7741;'; echo z")]),
    ("a background job ends", &[Keys("sleep 0.2 &", &[]), Line("wait"), Line("true")]),
    (
        "a background job is told at the next prompt",
        &[Line("set +m; sleep 0.1 & set -m"), Line("sleep 0.3"), Line("jobs")],
    ),
    (
        "jobs that stopped",
        &[
            Line("sleep 9 & kill -STOP $!; sleep 0.1"),
            Line("jobs | sed 's/[0-9]\\{3,\\}//'"),
            Line("kill -KILL %1; sleep 0.1"),
            Line("true"),
        ],
    ),
    ("a job killed", &[Line("sh -c 'kill -TERM $$'"), Line("echo $?")]),
    ("a segfault", &[Line("ulimit -c 0; sh -c 'kill -SEGV $$'"), Line("echo $?")]),
    ("set -u", &[Line("set -u"), Line("echo $nosuch"), Line("echo $?")]),
    ("set -x", &[Line("set -x"), Line("echo a"), Line("set +x"), Line("echo b")]),
    (
        "set -e and a success",
        &[Line("set -e"), Line("true"), Line("false || echo saved"), Line("set +e"), Line("false")],
    ),
    ("set -e ends bash", &[Line("set -e"), Line("false")]),
    ("set -T and -E", &[Line("set -TE"), Line("echo a")]),
    ("exit", &[Line("exit 7")]),
    ("exec", &[Line("exec sh -c 'echo new; exit 5'")]),
    ("a background job outlives bash", &[Line("sleep 2 >/dev/null 2>&1 & disown"), Line("exit")]),
    ("exit with stopped jobs", &[Line("sleep 9 & kill -STOP $!; sleep 0.1"), Line("exit"), Line("echo still")]),
    ("an EXIT trap", &[Line("trap 'echo bye' EXIT"), Line("exit 2")]),
    ("an ERR trap", &[Line("trap 'echo err' ERR"), Line("false"), Line("true"), Line("set -E"), Line("true")]),
    (
        "a DEBUG trap",
        &[Line("trap 'echo \"[$BASH_COMMAND]\"' DEBUG"), Line("echo a"), Line("trap - DEBUG"), Line("echo b")],
    ),
    (
        "a DEBUG trap with functrace",
        &[Line("set -T; trap 'echo \"[$BASH_COMMAND]\"' DEBUG"), Line("echo a"), Line("trap - DEBUG")],
    ),
    ("exec >file", &[Line("exec >out"), Line("echo a"), Line("exec >/dev/tty"), Line("cat out")]),
    ("line numbers", &[Line("echo $LINENO"), Line("echo $LINENO")]),
    ("stty is as it was", &[Line("stty -a | tr ';' '\\n' | grep -E 'rows|columns|echo|icanon|isig'")]),
    ("stty -echo", &[Line("stty -echo"), Line("echo a"), Line("stty echo"), Line("echo b")]),
    ("stty -icanon is kept", &[Line("stty -ixon"), Line("stty -a | grep -o -e '-ixon '")]),
    ("tty and test -t", &[Line("test -t 0 && test -t 1 && test -t 2 && echo terminal")]),
    ("a glob", &[Line("touch a1 a2 b1"), Line("echo a*"), Line("shopt -s failglob"), Line("echo zz*")]),
    ("brace and arithmetic", &[Line("echo {1..4} $((6*7))")]),
    ("a case", &[Line("case abc in a*) echo a;; *) echo other;; esac")]),
    ("an array", &[Line("a=(x 'y z')"), Line("echo ${#a[@]} \"${a[1]}\"")]),
    ("break outside of a loop", &[Line("break"), Line("echo $?")]),
    ("select", &[Keys("select x in aa bb; do echo \"got $x\"; break; done", &[("#? ", "2\n")])]),
    ("umask and ulimit", &[Line("umask 027"), Line("umask")]),
    ("a subshell", &[Line("(cd /; pwd; exit 3)"), Line("echo $?")]),
    ("a coloured listing", &[Line("mkdir x; ls --color=always | cat -v")]),
    ("unicode", &[Line("echo 'äöü € 漢字 🙂'")]),
    ("a tab in a line", &[Line("echo 'a\tb' | od -c | head -n 1")]),
    ("PS2 of another kind", &[Line("echo \"$PS2\"")]),
    ("IFS of another kind", &[Line("IFS=:,$'\\n'"), Line("x=a:b; echo $x"), Line("true")]),
    ("posix mode", &[Line("set -o posix"), Line("echo a"), Line("set +o posix")]),
    (
        "functions over builtins",
        &[
            Line("printf() { echo mine; }; read() { echo mine; }"),
            Line("printf x"),
            Line("true"),
            Line("unset -f printf read"),
        ],
    ),
    (
        "a nested bash",
        &[Keys("PS1='N> ' bash --norc --noediting", &[("N> ", "echo in\n"), ("\r\nN> ", "exit 4\n")]), Line("echo $?")],
    ),
];

#[test]
fn the_lab_shows_what_plain_bash_shows() {
    let wanted = std::env::var("CASE").unwrap_or_default();
    let next = std::sync::atomic::AtomicUsize::new(0);
    let wrong = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                while let Some((name, acts)) = CASES.get(next.fetch_add(1, std::sync::atomic::Ordering::SeqCst)) {
                    if !name.contains(&wanted) {
                        continue;
                    }
                    let both = std::panic::catch_unwind(|| (rig::plain(acts), rig::lab(acts)));
                    match both {
                        Ok((plain, lab)) if plain == lab => {}
                        Ok((plain, lab)) => {
                            wrong.lock().unwrap().push(format!("{name}:\n  plain {plain:?}\n  lab   {lab:?}"))
                        }
                        Err(_) => wrong.lock().unwrap().push(format!("{name}: did not come to an end")),
                    }
                }
            });
        }
    });
    assert!(CASES.len() >= 60 && CASES.iter().any(|(name, _)| name.contains(&wanted)), "no case {wanted}");
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), CASES.len(), wrong.join("\n"));
}

#[test]
fn readline_brought_back_by_the_learner_does_not_show() {
    let acts = &[
        Line("set -o vi"),
        Line("echo a"),
        Line("for i in 1 2\ndo echo $i\ndone"),
        Line("echo )"),
        Line("set +o vi"),
        Line("echo b"),
    ];
    let shown = rig::lab(acts).shown;
    assert_eq!(shown[1], "a\r\n");
    assert_eq!(shown[2], "1\r\n2\r\n");
    assert!(shown[3].starts_with("bash: syntax error"), "{shown:?}");
    assert_eq!(shown[5], "b\r\n");
}

#[test]
fn keys_of_the_terminal_in_a_line_are_only_text() {
    let acts = &[Line("printf %s '\u{1}\u{3}\u{4}\u{15}\u{7f}' | od -An -tx1"), Line("stty erase x"), Line("echo axb")];
    let shown = rig::lab(acts).shown;
    assert_eq!(shown, [" 01 03 04 15 7f\r\n", "", "axb\r\n"]);
}

#[test]
fn a_line_of_any_length_arrives_whole() {
    let line: &'static str = Box::leak(format!("echo {} | wc -c", "x".repeat(100_000)).into_boxed_str());
    assert_eq!(rig::lab(&[Line(line), Line("stty -a | grep -o ' icanon'")]).shown, ["100001\r\n", " icanon\r\n"]);
}

#[test]
fn the_hooks_come_back_after_they_were_taken_away() {
    let acts = &[
        Line("unset PROMPT_COMMAND"),
        Line("echo a"),
        Line("false"),
        Line("echo $?"),
        Line("unset PS0"),
        Line("echo b"),
        Line("PROMPT_COMMAND=true"),
        Line("PROMPT_COMMAND=(true true)"),
        Line("echo c"),
        Line("exec 2>errors"),
        Line("echo d; nosuch-7f"),
        Line("exec 2>/dev/tty"),
        Line("grep -c 7741 errors"),
        Line("rm -rf /tmp/none; echo $?"),
    ];
    // Where the very line takes the hook away, bash's prompt is seen for a moment and wiped.
    let shown: Vec<_> =
        rig::lab(acts).shown.iter().map(|shown| shown.replace(&format!("{}\r\u{1b}[K", rig::PS1), "WIPED")).collect();
    assert_eq!(
        shown,
        ["WIPED", "a\r\n", "", "1\r\n", "", "b\r\n", "", "WIPED", "c\r\n", "", "d\r\n", "", "0\r\n", "0\r\n"]
    );
}

#[test]
fn a_background_job_lives_on_when_bash_is_left_and_nobody_waits_for_it() {
    let shown = rig::lab(&[Line("sleep 60 >/dev/null 2>&1 & disown; echo \"pid $!\""), Line("exit")]).shown;
    let pid = shown[0].split_once("pid ").and_then(|(_, pid)| pid.trim().parse().ok()).map(nix::unistd::Pid::from_raw);
    let pid = pid.unwrap_or_else(|| panic!("no process: {shown:?}"));
    assert_eq!(nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL), Ok(()), "it still runs");
}

//! Programs that want the whole terminal, on a real machine: editors, pagers, passwords, shells in shells. They find what a plain login
//! gives them, and the lab speaks up only where a shell waits.

// the functions beside the tests are tests too
#![allow(clippy::panic, clippy::unwrap_used)]

use std::time::Instant;

use serde_json::{Value, json};

use crate::rich::{login, put, root};
use crate::rig::{self, Rig};
use crate::seat::{SIZE, SOON, Seat, bottom};
use terminal::Screen;

/// Where the goals of the lesson are made.
const MARKS: &str = "/opt/marks";
const LESSON: &str = "/usr/share/rootless-lab/lessons/terms/lesson.yaml";

/// dora's sudo asks for her password each time; root can be reached with `su`.
const ACCOUNTS: &str = "set -e
for name in conuser1 dora; do useradd -m -s /bin/bash $name; echo $name:$name-secret | chpasswd; done
echo root:root-secret | chpasswd
printf 'dora ALL=(ALL:ALL) ALL\nDefaults:dora timestamp_timeout=0\n' >/etc/sudoers.d/dora
install -d -m 1777 /opt/marks /usr/share/rootless-lab/lessons/terms /usr/share/rootless-lab/lessons/eyes
install -d -m 700 -o conuser1 ~conuser1/private";

/// A lesson whose steps each want one file.
fn marks(steps: usize) -> String {
    let step = |number: usize| {
        json!({"id": format!("mark-{number}"), "title": format!("Mark {number}"), "text": "Make it.",
            "goals": [{"id": "there", "say": format!("Mark {number} is there."), "check": {"path": {"path": format!("{MARKS}/{number}")}}}],
            "hints": ["Look.", "Look again.", "Touch it."], "solution": [{"lines": ["touch it"]}]})
    };
    lesson((1..=steps).map(step).collect())
}

fn lesson(steps: Vec<Value>) -> String {
    let accounts = json!([{"name": "lisa", "role": "administrator"}, {"name": "conuser1", "role": "created"}]);
    json!({"format": 1, "title": "Marks", "summary": "Files are made.", "accounts": accounts, "steps": steps})
        .to_string()
}

fn timed(what: &str, act: impl FnOnce()) {
    let begun = Instant::now();
    act();
    eprintln!("{what}: {:.1} s", begun.elapsed().as_secs_f64());
}

#[test]
fn whatever_wants_the_whole_terminal_gets_it_as_in_a_plain_shell() {
    let Some(rig) = rig::have(rig::started(rig::release())) else { return };
    timed("accounts", || {
        root(&rig, ACCOUNTS);
        put(&rig, LESSON, &marks(WAYS.len() * 2 + 1));
        // The container outlives the logins of the ways before its own, however long those take.
        login(&rig, "lisa", "sudo loginctl enable-linger conuser1");
        login(&rig, "conuser1", "podman run -dt --name box ubi8");
    });
    let mut lisa = Seat::login(&rig, "lisa");
    let before = lisa.shell_modes();
    let (mut plain, mut lab) = (Vec::new(), Vec::new());
    timed("programs in a plain shell", || plain = programs(&mut lisa));
    let outside = lisa.prompt.clone();
    lisa.open_lab(LESSON);
    assert_eq!(lisa.shell_modes(), before, "a shell in the lab has the modes of one outside");
    timed("programs in the lab", || lab = programs(&mut lisa));
    timed("completion", || completed(&mut lisa));
    for ((what, plain), (_, lab)) in plain.iter().zip(&lab) {
        assert_eq!(lab, plain, "{what}: the lab shows another screen than a plain shell");
    }
    for (nth, way) in WAYS.iter().enumerate() {
        timed(way.name, || nested(&rig, &mut lisa, way, nth * 2 + 1));
    }
    lisa.line(":quit");
    lisa.prompt = outside;
    lisa.at_prompt();
    assert_eq!(lisa.shell_modes(), before, "the lab leaves the terminal as it was");
    timed("passwords", || asked_for_a_password(&rig));
}

/// The machine's own completion knows its programs, units, accounts and files.
fn completed(seat: &mut Seat) {
    let prompt = seat.prompt.clone();
    for (typed, whole) in [
        ("systemctl daemon-rel", "systemctl daemon-reload "),
        ("systemctl --user is-active dbus.so", "systemctl --user is-active dbus.socket "),
        ("podman gener", "podman generate "),
        ("su conu", "su conuser1 "),
        ("ls ~conu", "ls ~conuser1/"),
    ] {
        seat.keys(&format!("{typed}\t"));
        seat.typed(&format!("{prompt}{}", regex::escape(whole)));
        seat.interrupt();
    }
}

/// dora, whose sudo asks each time: at a plain shell, in the lab, and when the lab itself needs it.
fn asked_for_a_password(rig: &Rig) {
    let goal = json!({"id": "mark", "say": "conuser1 has a mark.", "check": {"path": {"path": "~/private/mark", "as": "conuser1"}}});
    let step = json!({"id": "mark", "title": "A mark", "text": "Make it.", "goals": [goal],
        "hints": ["Look.", "Look again.", "Touch it."], "solution": [{"lines": ["touch it"]}]});
    let never = json!({"id": "never", "title": "Never", "text": "Wait.", "goals": [{"id": "never", "say": "It is there.",
        "check": {"path": {"path": "~/private/never", "as": "conuser1"}}}],
        "hints": ["Look.", "Look again.", "Wait."], "solution": [{"lines": ["true"]}]});
    put(rig, "/usr/share/rootless-lab/lessons/eyes/lesson.yaml", &lesson(vec![step, never]));
    let mut dora = Seat::login(rig, "dora");
    let before = dora.shell_modes();
    sudo_asks(&mut dora);
    dora.open_lab("/usr/share/rootless-lab/lessons/eyes/lesson.yaml");
    assert!(dora.all().contains("Goals about other accounts stay unknown"), "{}", dora.all());
    sudo_asks(&mut dora);

    // The lab's own question: ^C at it ends the question and not the lab, a wrong password is refused, the right one opens the eyes.
    dora.line(":check");
    dora.wait("so that the lab can look at other accounts: $", SOON);
    let said = dora.interrupt();
    assert!(said.contains("unknown"), "{said}");
    dora.line(":check");
    dora.wait("so that the lab can look at other accounts: $", SOON);
    dora.line("wrong");
    dora.wait("Sorry, try again", SOON);
    dora.wait("so that the lab can look at other accounts: $", SOON);
    dora.line("dora-secret");
    dora.wait(r"red\s+conuser1 has a mark", SOON);
    dora.at_prompt();
    assert_eq!(dora.shell_modes(), before, "after sudo asked for the lab");
    sudo_asks(&mut dora);
    root(rig, "touch ~conuser1/private/mark");
    dora.line("true");
    dora.wait(r"green\s+conuser1 has a mark", SOON);
    dora.at_prompt();
    dora.line(":check");
    let said = dora.at_prompt();
    assert!(!said.contains("so that the lab can look"), "asked once only:\n{said}");
    let outside = dora.prompt.split_off(dora.prompt.find("dora@").unwrap());
    dora.prompt = outside;
    dora.line(":quit");
    dora.wait("Saved at step 2", SOON);
    dora.at_prompt();
    assert_eq!(dora.shell_modes(), before, "after the lab");
    assert!(!dora.all().contains("secret"), "no password is shown");
    root(rig, "for n in $(seq 200); do pgrep -f '[r]ootless-lab observer' || exit 0; sleep .05; done; ps -ef; exit 1");
}

/// `sudo` in a shell: the password is not shown, a wrong one is refused, ^C leads back.
fn sudo_asks(seat: &mut Seat) {
    let question = r"\[sudo\] password for dora: $";
    for answers in [["wrong", "dora-secret"].as_slice(), &["dora-secret"]] {
        seat.line("sudo id -u");
        for answer in answers {
            seat.wait(question, SOON);
            seat.line(answer);
        }
        seat.wait(r"\n0\n", SOON);
        let seen = seat.at_prompt();
        assert!(!seen.contains("wrong") && !seen.contains("secret"), "{seen}");
        assert_eq!(seen.contains("Sorry, try again"), answers.len() == 2, "{seen}");
        seat.keys("\x0c");
        seat.at_prompt();
    }
    seat.line("sudo id -u");
    seat.wait(question, SOON);
    seat.interrupt();
    assert_eq!(seat.run("echo still''here"), "stillhere");
}

/// Uses programs that want the whole terminal; what each showed.
fn programs(seat: &mut Seat) -> Vec<(&'static str, String)> {
    let mut shown = Vec::new();
    let before = seat.shell_modes();
    seat.run("rm -f note; for n in $(seq 60); do printf '%03d %0140d\\n' $n $n; done >long");

    // An editor: what stood on the screen stands there again.
    seat.keys("\x0c");
    seat.at_prompt();
    seat.keys("vi note");
    let line = seat.typed(&format!("{}vi note", seat.prompt.clone()));
    seat.keys("\r");
    shown.push(("vi opens", seat.editor(r#"^"note" \[New"#)));
    seat.keys("iwritten in vi");
    let text = seat.until("what is typed", SOON, |screen| screen.contents().starts_with("written in vi\n~"));
    shown.push(("vi, typed", text));
    seat.keys("\x1b\x1a");
    seat.at_prompt();
    seat.line("fg");
    seat.until("vi again", SOON, |screen| {
        screen.alternate_screen() && screen.contents().starts_with("written in vi\n~")
    });
    seat.keys("\x1b:wq\r");
    let after = seat.at_prompt();
    assert!(after.starts_with(line.trim_end()), "what stood there is back:\n{after}");
    assert_eq!(seat.run("cat note"), "written in vi");
    assert_eq!(seat.shell_modes(), before, "after vi");

    // A pager on a manual page: scrolled, and drawn anew at another size.
    seat.line("man ls");
    shown.push(("less", seat.pager("Manual page ls.1. line 1")));
    seat.keys(" ");
    shown.push(("less, scrolled", seat.pager("Manual page ls.1. line 2[0-9]")));
    let status = |screen: &Screen| bottom(screen).starts_with(" Manual page ls(1) line 2");
    seat.drawn_anew("the pager, taller", (30, 60), status);
    seat.keys("q");
    seat.at_prompt();
    seat.resized(SIZE.0, SIZE.1);
    seat.line("less long");
    shown.push(("a long line", seat.pager("^long")));
    let rows =
        |screen: &Screen| screen.rows(0, 4).filter(|row| row.starts_with("0") && row.trim_end().len() == 3).count();
    let unfolded = |screen: &Screen| rows(screen) == 23 && bottom(screen).starts_with([':', 'l']);
    seat.drawn_anew("every line in one row", (24, 150), unfolded);
    seat.keys("q");
    seat.at_prompt();
    assert_eq!(seat.shell_modes(), before, "after less");

    // top: only the head of its table is the same in each run.
    seat.resized(24, 60);
    seat.line("top -d 60");
    let head = |screen: &Screen| screen.rows(0, 150).find(|row| row.contains("PID USER")).unwrap_or_default();
    seat.until("a table", SOON, |screen| head(screen).trim_end().ends_with("%CPU"));
    seat.drawn_anew("a wider table", (24, 120), |screen| head(screen).trim_end().ends_with("COMMAND"));
    seat.keys("q");
    seat.at_prompt();
    assert_eq!(seat.shell_modes(), before, "after top");

    // A size that changes under a command, and a command that is stopped.
    seat.line("bash -c 'trap \"stty size; exit\" WINCH; echo rea''dy; while :; do sleep .05; done'");
    seat.wait("\nready\n", SOON);
    seat.resize(SIZE.0, SIZE.1);
    seat.wait(r"(^|\n)24 80\n", SOON);
    seat.at_prompt();
    stop_and_go_on(seat);
    assert_eq!(seat.shell_modes(), before, "after ^Z and fg");
    shown
}

/// A command is stopped, fetched back, and interrupted.
fn stop_and_go_on(seat: &mut Seat) {
    // It has the terminal once it says so.
    seat.line("bash -c 'trap \"echo go''es on\" CONT; echo ru''ns; while :; do sleep .05; done'");
    seat.wait(r"\nruns\n", SOON);
    seat.keys("\x1a");
    seat.wait(r"\[1\]\+ +Stopped", SOON);
    seat.at_prompt();
    seat.line("fg");
    seat.wait(r"\ngoes on\n", SOON);
    seat.interrupt();
}

/// How somebody comes into a shell inside the lab's.
struct Way {
    name: &'static str,
    /// What is typed, and the password it asks for.
    lines: &'static [(&'static str, Option<&'static str>)],
    prompt: &'static str,
    /// A full-screen program there, and what its last row shows.
    program: (&'static str, &'static str, &'static str),
}

const LESS: (&str, &str, &str) = ("less /etc/login.defs", "^/etc/login.defs", "q");

const WAYS: [Way; 5] = [
    Way {
        name: "su conuser1",
        lines: &[("su conuser1", Some("conuser1-secret"))],
        prompt: r"conuser1@[^ ]*\$ ",
        program: LESS,
    },
    Way { name: "sudo -i", lines: &[("sudo -i", None)], prompt: r"root@[^ ]*# ", program: LESS },
    Way { name: "su -", lines: &[("su -", Some("root-secret"))], prompt: r"root@[^ ]*# ", program: LESS },
    Way {
        name: "ssh conuser1@localhost",
        lines: &[("ssh conuser1@localhost", Some("conuser1-secret"))],
        prompt: r"conuser1@[^ ]*\$ ",
        program: LESS,
    },
    Way {
        name: "podman exec -it",
        lines: &[("ssh conuser1@localhost", Some("conuser1-secret")), ("podman exec -it box bash", None)],
        prompt: r"(bash-[\d.]+|root@[^ ]*|\[[^\]]*\])[#$] ",
        program: ("vi /etc/passwd", "/etc/passwd", ":q!\r"),
    },
];

/// In a shell inside the lab's the keys are the shell's own, the size follows, and news is told where that shell waits.
fn nested(rig: &Rig, seat: &mut Seat, way: &Way, mark: usize) {
    let outer = seat.prompt.clone();
    let before = seat.shell_modes();
    for (line, password) in way.lines {
        seat.line(line);
        if let Some(password) = password {
            seat.wait("assword: ?$", SOON);
            seat.line(password);
        }
        seat.prompt = if line.starts_with("ssh") { r"conuser1@[^ ]*\$ ".into() } else { way.prompt.into() };
        seat.at_prompt();
    }
    keys(seat);
    seat.resized(30, 100);
    seat.resized(SIZE.0, SIZE.1);

    // Somebody else makes the first mark true while this shell waits.
    root(rig, &format!("touch {MARKS}/{mark}"));
    seat.wait(&format!(r"green\s+Mark {mark} is there"), SOON);
    seat.wait(&format!("Step {} of", mark + 1), SOON);
    seat.at_prompt();
    assert_eq!(seat.run("echo still''here"), "stillhere");

    // And the next one while a program has the whole screen: not a word until it ends.
    let (line, last, leave) = way.program;
    seat.line(line);
    let drawn = if line.starts_with("vi ") { seat.editor(last) } else { seat.pager(last) };
    root(
        rig,
        &format!(
            "touch {MARKS}/{}; for n in $(seq 600); do grep -q 'step\": *\"mark-{}\"' ~lisa/.local/state/rootless-lab/*/record.json && exit; sleep .05; done; exit 1",
            mark + 1,
            mark + 2
        ),
    );
    assert_eq!(seat.screen(), drawn, "nothing is painted over {line}");
    seat.keys(leave);
    seat.wait(&format!(r"green\s+Mark {} is there", mark + 1), SOON);
    seat.wait(&format!("Step {} of", mark + 2), SOON);
    seat.at_prompt();
    assert_eq!(seat.run("echo still''here"), "stillhere");

    for (left, _) in way.lines.iter().enumerate().rev() {
        seat.prompt = if left == 0 { outer.clone() } else { r"conuser1@[^ ]*\$ ".into() };
        seat.line("exit");
        seat.at_prompt();
    }
    let line = seat.at_prompt();
    assert!(line.lines().any(|line| line.contains(&format!("[{}/", mark + 2))), "{line}");
    assert_eq!(seat.shell_modes(), before, "after {}", way.name);
}

/// Keys that a line editor, or the terminal, understands.
fn keys(seat: &mut Seat) {
    let prompt = seat.prompt.clone();
    assert_eq!(seat.run("echo fir''st"), "first");
    seat.keys("\x1b[A\x1b[D\x1b[C\x01");
    seat.until("the line from the history, the cursor before it", SOON, |screen| {
        let (row, column) = screen.cursor_position();
        let at = screen.rows(0, column).nth(usize::from(row)).unwrap_or_default();
        let all = screen.rows(0, 80).nth(usize::from(row)).unwrap_or_default();
        all.contains("echo fir''st") && !at.contains("echo")
    });
    seat.keys("\x05; echo ar''row\r");
    seat.wait("\narrow\n", SOON);
    seat.at_prompt();
    seat.keys("\x12ar''r");
    seat.until("a line found by ^R", SOON, |screen| screen.contents().contains("(reverse-i-search)`ar''r': echo"));
    seat.keys("\r");
    seat.wait("\narrow\n", SOON);
    seat.at_prompt();
    seat.keys("echo /etc/hostn\t");
    seat.typed(&format!("{prompt}echo /etc/hostname "));
    seat.keys("half a line");
    seat.typed(&format!("{prompt}echo /etc/hostname half a line"));
    let seen = seat.interrupt();
    assert!(seen.contains("half a line^C"), "{seen}");
    stop_and_go_on(seat);
}

//! The live watch, as lisa in a true login: how long from a change of the machine to its verdict on the lab's screen, with nothing
//! typed; and what a lab costs that nobody uses.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::figures::Figures;
use super::terminal::Terminal;

/// The kinds of change, in the order of the table.
pub const KINDS: [&str; 5] = ["file written", "unit started", "linger enabled", "container started", "session ended"];
const ROUNDS: usize = 12;
const HOME: &str = "/home/lisa/measure/watch";
/// Between two changes: nobody makes them faster for long.
const REST: Duration = Duration::from_millis(1200);
const IDLE: Duration = Duration::from_secs(60);

pub fn measure() -> Figures {
    scene();
    let mut figures = Figures::default();
    let mut command = Command::new("rootless-lab");
    command.args(["start", "--here", "--yes", &format!("{HOME}/lesson.yaml")]).current_dir("/home/lisa");
    command.env("XDG_STATE_HOME", format!("{HOME}/state"));
    let (mut lab, _) = Terminal::start(command);
    lab.line("true");
    lab.quiet(Duration::from_secs(3));
    for _ in 0..ROUNDS {
        for kind in KINDS {
            lab.forget();
            // The other way round first, unmeasured.
            undo(kind);
            lab.until(say(kind).as_bytes());
            lab.quiet(REST);
            lab.forget();
            let making = std::thread::spawn(move || make(kind));
            lab.until(say(kind).as_bytes());
            let shown = now();
            let changed = making.join().expect("the change is made");
            figures.add(&format!("watch: {kind}"), (shown - changed) * 1000.0);
            lab.quiet(REST);
        }
    }
    lab.quiet(Duration::from_secs(31));
    idle(&lab, &mut figures);
    lab.leave(":quit");
    figures
}

/// The sentence of a kind's goal.
fn say(kind: &str) -> String {
    format!("{kind}: so it is.")
}

fn goal(kind: &str) -> Value {
    let check = match kind {
        "file written" => json!({"path": {"path": "~/measure/watch/file", "as": "lisa", "contains": ["hello"]}}),
        "unit started" => json!({"unit": {"name": "watched.service", "user": "lisa", "active": "active"}}),
        "linger enabled" => json!({"linger": {"account": "guest"}}),
        "container started" => json!({"container": {"account": "lisa", "name": "watched", "running": true}}),
        _ => json!({"session": {"account": "guest", "open": false}}),
    };
    let id: String = kind.chars().map(|c| if c == ' ' { '-' } else { c }).collect();
    json!({"id": id, "say": say(kind), "check": check})
}

/// All goals are green in the end but the last, which never is.
fn scene() {
    let never = json!({"id": "never", "say": "Never.", "check": {"path": {"path": "/run/never-there"}}});
    let goals: Vec<Value> = KINDS.iter().map(|kind| goal(kind)).chain([never]).collect();
    let step = json!({"id": "facts", "title": "Facts", "text": "What is so.", "goals": goals,
        "hints": ["Look.", "Look again.", "Look there."], "solution": [{"lines": ["true"]}]});
    let accounts =
        json!([{"name": "lisa", "role": "administrator", "password": "lisa"}, {"name": "guest", "role": "created"}]);
    let lesson = json!({"format": 1, "title": "Facts", "summary": "Facts.", "accounts": accounts, "steps": [step]});
    fs::create_dir_all(HOME).expect("a folder");
    fs::write(format!("{HOME}/lesson.yaml"), lesson.to_string()).expect("a lesson");
    let units = "/home/lisa/.config/systemd/user";
    fs::create_dir_all(units).expect("a folder for units");
    fs::write(format!("{units}/watched.service"), "[Service]\nExecStart=/bin/sleep infinity\n").expect("a unit");
    run("systemctl --user daemon-reload; sudo useradd -m guest 2>/dev/null; podman pull -q ubi8");
    // Undone, each thing must have been there before.
    for kind in KINDS {
        make(kind);
    }
}

/// Makes a change; the moment at which it was one, by the machine's own account, in seconds since 1970.
fn make(kind: &str) -> f64 {
    match kind {
        "file written" => {
            let begun = now();
            fs::write(format!("{HOME}/file"), "hello\n").expect("a file");
            begun
        }
        "unit started" => {
            run("systemctl --user start watched");
            let property = "org.freedesktop.systemd1.Unit ActiveEnterTimestamp";
            let said = run(&format!(
                "busctl --user get-property org.freedesktop.systemd1 /org/freedesktop/systemd1/unit/watched_2eservice {property}"
            ));
            number(&said) / 1e6
        }
        "linger enabled" => {
            run("sudo loginctl enable-linger guest");
            number(&run("stat -c %.6Y /var/lib/systemd/linger/guest"))
        }
        "container started" => {
            run("podman run -dt --name watched ubi8");
            number(&run("podman inspect -f '{{.State.StartedAt.UnixNano}}' watched")) / 1e9
        }
        _ => {
            let begun = now();
            run("sudo systemctl stop session-of-guest 2>/dev/null; :");
            begun
        }
    }
}

fn undo(kind: &str) {
    match kind {
        "file written" => fs::write(format!("{HOME}/file"), "other\n").expect("a file"),
        "unit started" => drop(run("systemctl --user stop watched")),
        "linger enabled" => drop(run("sudo loginctl disable-linger guest")),
        "container started" => drop(run("podman rm -f -t 0 watched")),
        // A login without anybody at a keyboard: PAM opens a session for this service, which ends when the service does.
        _ => drop(run(
            "sudo systemd-run -qG --unit session-of-guest -p User=guest -p PAMName=login -E XDG_SESSION_CLASS=user sleep infinity",
        )),
    }
}

/// The time that the lab and its observer were given while nobody did anything, and how many processes they are.
fn idle(lab: &Terminal, figures: &mut Figures) {
    let observers = run("pgrep -f '[r]ootless-lab observer'; :");
    let family: Vec<u32> = observers.lines().filter_map(|line| line.parse().ok()).chain([lab.child.id()]).collect();
    figures.add("watch: processes", family.len() as f64);
    let before = spent(&family);
    std::thread::sleep(IDLE);
    figures.add("watch: idle share", (spent(&family) - before) / IDLE.as_secs_f64() * 100.0);
}

/// Seconds of processor time so far.
fn spent(family: &[u32]) -> f64 {
    let tasks = family.iter().flat_map(|pid| fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten());
    let told = tasks.filter_map(|task| fs::read_to_string(task.path().join("schedstat")).ok());
    told.map(|line| number(&line)).sum::<f64>() / 1e9
}

fn run(script: &str) -> String {
    let output = Command::new("sh").args(["-c", script]).stdin(Stdio::null()).output().expect("a shell");
    assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The first number in it.
fn number(said: &str) -> f64 {
    let words = said.split_whitespace();
    words.filter_map(|word| word.parse().ok()).next().unwrap_or_else(|| panic!("no number: {said}"))
}

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs_f64()
}

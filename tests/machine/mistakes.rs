//! Every known mistake that a machine can be brought to make, made on one: what it says is fed to the program inside it, which must
//! name that mistake first. With `UPDATE_MISTAKES=1` what was said is kept, for `cargo test --test mistakes`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use rootless_lab::mistakes::{Catalogue, Entry, Provoke};
use rootless_lab::practice::Release;
use serde_json::Value;

use crate::rich::{rich, root};
use crate::rig::{self, Rig};

/// The longest that one line may take.
const PATIENCE: Duration = Duration::from_secs(100);
/// What every entry may rely on: the lesson's account, with its password, and the image of the lesson.
const BEFORE: &str = "useradd -m -s /bin/bash conuser1 && echo conuser1:conuser1 | chpasswd
systemctl mask --now podman.socket podman.service netavark-dhcp-proxy.socket netavark-dhcp-proxy.service 2>/dev/null; :";

/// What a mistake said, as it is kept.
struct Seen {
    id: String,
    typed: String,
    account: String,
    status: i32,
    said: String,
    confidence: String,
}

/// Machines that make mistakes side by side: much of the time of each is spent waiting.
const LANES: usize = 4;
/// A mistake that takes longer is named aloud.
const SLOW: Duration = Duration::from_secs(3);

#[test]
fn every_mistake_that_can_be_made_is_named_first() {
    let only = std::env::var("ROOTLESS_LAB_MISTAKE").ok();
    let is_meant = |id: &str| only.as_ref().is_none_or(|only| only.split(',').any(|one| one == id));
    let mut wrong = Vec::new();
    for release in rig::releases() {
        let begun = Instant::now();
        let can_be_made = |entry: &&Entry| {
            entry.provoke.as_ref().is_some_and(|one| one.on.contains(&release.to_string())) && is_meant(&entry.id)
        };
        let entries: Vec<&Entry> = Catalogue::builtin().entries().filter(can_be_made).collect();
        let next = AtomicUsize::new(0);
        let made = std::thread::scope(|scope| {
            let lane = || on_one_machine(release, || entries.get(next.fetch_add(1, Ordering::Relaxed)).copied());
            let lanes: Vec<_> = (0..LANES.min(entries.len())).map(|_| scope.spawn(lane)).collect();
            lanes.into_iter().map(|lane| lane.join().expect("a lane ends")).collect::<Option<Vec<_>>>()
        });
        let Some(made) = made else { return };
        let (seen, not): (Vec<_>, Vec<_>) = made.into_iter().flatten().partition(Result::is_ok);
        let seen: Vec<Seen> = seen.into_iter().flatten().collect();
        wrong.extend(not.into_iter().filter_map(Result::err));
        let took = begun.elapsed().as_secs_f64();
        eprintln!("{release}: {} of {} mistakes named first, {took:.0} s", seen.len(), entries.len());
        if std::env::var_os("UPDATE_MISTAKES").is_some() {
            keep(release, &seen, only.is_some());
        }
    }
    assert!(wrong.is_empty(), "{} mistakes are not named first:\n{}", wrong.len(), wrong.join("\n"));
}

/// Makes one mistake after the other, as long as there is a next one; none where no machine can be had.
fn on_one_machine<'e>(release: Release, next: impl Fn() -> Option<&'e Entry>) -> Option<Vec<Result<Seen, String>>> {
    let machine = rig::have(rig::started(release))?;
    let mut people = People::on(&machine);
    let mut all = Vec::new();
    while let Some(entry) = next() {
        let Some(provoke) = entry.provoke.as_ref() else { continue };
        let begun = Instant::now();
        let made = people.make(entry, provoke).map_err(|why| format!("{release}: {}: {why}", entry.id));
        if let Err(why) = &made {
            eprintln!("{why}");
        }
        if begun.elapsed() > SLOW {
            eprintln!("{release}: {} took {:.1} s", entry.id, begun.elapsed().as_secs_f64());
        }
        all.push(made);
    }
    Some(all)
}

/// Shells of true logins, one an account, that stay open: a line runs in a child of the account's.
struct People<'m> {
    machine: &'m Rig,
    open: BTreeMap<String, Shell>,
}

impl<'m> People<'m> {
    fn on(machine: &'m Rig) -> Self {
        root(machine, BEFORE);
        let mut people = Self { machine, open: BTreeMap::new() };
        let (status, said) = people.run("conuser1", "podman pull -q ubi8").expect("the image of the lesson");
        assert_eq!(status, 0, "{said}");
        people
    }

    /// Makes a mistake, has it explained, and puts everything back.
    fn make(&mut self, entry: &Entry, provoke: &Provoke) -> Result<Seen, String> {
        let found = self.said(entry, provoke);
        for line in &provoke.after {
            self.line(line)?;
        }
        // Who was made for this one mistake is gone, or was thrown out.
        self.open.retain(|name, shell| ["root", "lisa", "conuser1"].contains(&name.as_str()) && shell.is_alive());
        found
    }

    fn said(&mut self, entry: &Entry, provoke: &Provoke) -> Result<Seen, String> {
        for line in &provoke.given {
            self.line(line)?;
        }
        let (who, line) = prompt(&provoke.typed)?;
        let (status, said) = match &who {
            Who::Root => self.run("root", &in_a_terminal(line))?,
            Who::Login(name) => self.run(name, &in_a_terminal(line))?,
            Who::Su(name, other) => {
                let su = format!("echo {other} | su {other} -c {}", quote(line));
                self.run(name, &in_a_terminal(&su))?
            }
            Who::Sudo(name, other) => {
                let sudo = format!("sudo -u {other} bash -c {}", quote(line));
                self.run(name, &in_a_terminal(&sudo))?
            }
        };
        // At a prompt a shell names itself and no line of a script; the one that podman runs in a container does.
        let is_inside = ["podman run", "podman exec"].iter().any(|inside| line.contains(inside));
        let said = if is_inside { said } else { said.replace("bash: line 1: ", "-bash: ") };
        let account = if entry.is_silent() { "conuser1".to_owned() } else { who.account() };
        let heard = if entry.is_silent() { "" } else { &said };
        let answer = self.explained(&account, heard, line, status)?;
        let first = &answer["diagnoses"][0];
        if first["id"] != entry.id.as_str() {
            let ids: Vec<_> = answer["diagnoses"].as_array().into_iter().flatten().map(|one| &one["id"]).collect();
            return Err(format!("{ids:?} instead, status {status}, said: {}", said.trim()));
        }
        let confidence = first["confidence"].as_str().unwrap_or_default().to_owned();
        Ok(Seen { id: entry.id.clone(), typed: provoke.typed.clone(), account, status, said, confidence })
    }

    fn explained(&self, account: &str, said: &str, line: &str, status: i32) -> Result<Value, String> {
        crate::rich::put(self.machine, "/opt/said", said);
        let ask = format!(
            "rootless-lab explain --as {account} --line {} --status {status} --json - </opt/said 2>/opt/trouble",
            quote(line)
        );
        let output = self.machine.run_root(&["bash", "-c", &ask]).map_err(|error| error.to_string())?;
        let text = String::from_utf8_lossy(&output.stdout);
        serde_json::from_str(&text).map_err(|error| format!("{error}: {text}"))
    }

    /// A line of preparation or putting back; its outcome is not asked.
    fn line(&mut self, line: &str) -> Result<(), String> {
        match prompt(line)? {
            (Who::Root, line) => self.run("root", line).map(drop),
            (Who::Login(name), line) => self.run(&name, line).map(drop),
            (Who::Su(..) | Who::Sudo(..), _) => Err(format!("only a mistake is made there: {line}")),
        }
    }

    fn run(&mut self, name: &str, line: &str) -> Result<(i32, String), String> {
        if !self.open.get_mut(name).is_some_and(Shell::is_alive) {
            let shell = Shell::open(self.machine, name)?;
            self.open.insert(name.to_owned(), shell);
        }
        let shell = self.open.get_mut(name).ok_or("no shell")?;
        let answer = shell.run(line);
        if answer.is_err() {
            self.open.remove(name);
        }
        answer
    }
}

/// A shell of a login, held by its pipes.
struct Shell {
    child: Child,
    input: ChildStdin,
    lines: Receiver<Vec<u8>>,
    count: usize,
}

impl Shell {
    fn open(machine: &Rig, name: &str) -> Result<Self, String> {
        let words = ["bash".to_owned()];
        let mut command = machine.enter_command(name, &words).map_err(|error| error.to_string())?;
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|error| error.to_string())?;
        let (input, output) = (child.stdin.take().ok_or("no input")?, child.stdout.take().ok_or("no output")?);
        let (send, lines) = channel();
        std::thread::spawn(move || {
            let mut output = BufReader::new(output);
            loop {
                let mut line = Vec::new();
                match output.read_until(b'\n', &mut line) {
                    Ok(count) if count > 0 && send.send(line).is_ok() => {}
                    _ => return,
                }
            }
        });
        Ok(Self { child, input, lines, count: 0 })
    }

    fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    fn run(&mut self, line: &str) -> Result<(i32, String), String> {
        self.count += 1;
        let mark = format!("@@end-{}@@", self.count);
        let line = format!("timeout 60 bash -c {} </dev/null 2>&1; printf '\\n%s%d\\n' {mark} $?\n", quote(line));
        self.input.write_all(line.as_bytes()).map_err(|error| error.to_string())?;
        let mut said = Vec::new();
        loop {
            let line = self.lines.recv_timeout(PATIENCE).map_err(|error| format!("the shell is gone: {error}"))?;
            let text = String::from_utf8_lossy(&line);
            if let Some(status) = text.trim().strip_prefix(mark.as_str()) {
                // The newline before the mark is ours.
                said.pop();
                let status = status.parse().map_err(|_| format!("no status: {text}"))?;
                return Ok((status, String::from_utf8_lossy(&said).into_owned()));
            }
            said.extend(line);
        }
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whose prompt a line stands behind.
enum Who {
    Root,
    Login(String),
    Su(String, String),
    Sudo(String, String),
}

impl Who {
    fn account(&self) -> String {
        match self {
            Self::Root => "root".into(),
            Self::Login(name) | Self::Su(_, name) | Self::Sudo(_, name) => name.clone(),
        }
    }
}

fn prompt(line: &str) -> Result<(Who, &str), String> {
    if let Some(line) = line.strip_prefix("# ") {
        return Ok((Who::Root, line));
    }
    let (prompt, line) = line.split_once("$ ").ok_or_else(|| format!("no prompt: {line}"))?;
    let who = match prompt.split(' ').collect::<Vec<_>>()[..] {
        [name] => Who::Login(name.into()),
        [name, "su", other] => Who::Su(name.into(), other.into()),
        [name, "sudo", other] => Who::Sudo(name.into(), other.into()),
        _ => return Err(format!("no such prompt: {prompt}")),
    };
    Ok((who, line))
}

/// The line as it runs at a prompt: in a terminal, with nobody to answer.
fn in_a_terminal(line: &str) -> String {
    format!("SHELL=/bin/bash SYSTEMD_PAGER=cat PAGER=cat script -qec {} /dev/null", quote(line))
}

fn quote(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Keeps what was said, a mistake an item; those that were not tried now stay as they are.
fn keep(release: Release, seen: &[Seen], some: bool) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mistakes/seen");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join(format!("{release}.yaml"));
    let before = std::fs::read_to_string(&file).unwrap_or_default();
    let mut items: BTreeMap<String, String> = BTreeMap::new();
    for item in before.split("\n- ").filter(|_| some).map(|item| item.trim_start_matches("- ").trim_end()) {
        if let Some(id) = item.lines().next().and_then(|line| line.strip_prefix("id: ")) {
            items.insert(id.to_owned(), item.to_owned());
        }
    }
    for one in seen {
        let text = |text: &str| Value::from(text).to_string();
        let mut item = format!("id: {}\n", one.id);
        let _ = writeln!(item, "  typed: {}\n  account: {}", text(&one.typed), one.account);
        let _ = writeln!(item, "  status: {}\n  confidence: {}", one.status, one.confidence);
        let _ = write!(item, "  said: {}", text(&one.said));
        items.insert(one.id.clone(), item);
    }
    let text: String = items.values().map(|item| format!("- {item}\n")).collect();
    std::fs::write(file, text).unwrap();
}

#[test]
fn where_all_is_right_no_silent_mistake_is_named() {
    let Some(machine) = rig::have(rich()) else { return };
    for account in ["conuser1", "lingers", "lisa"] {
        let ask = format!("rootless-lab explain --as {account} --json </dev/null; :");
        let answer: Value = serde_json::from_str(&root(&machine, &ask)).unwrap();
        assert_eq!(answer["diagnoses"], serde_json::json!([]), "{account}");
    }
}

#[test]
fn a_lab_explains_a_failing_command_once_and_why_says_all_of_it() {
    let Some(machine) = rig::have(rig::started(rig::release())) else { return };
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_rootless-lab"));
    command.args(["start", "--machine", machine.name()]).env("ROOTLESS_LAB_STATE", rig::state());
    let mut lab = terminal::Terminal::start(command, 40, 80);
    let prompt = r"\[1/\d+[^\]]*\] [^\n]*\$ $";
    lab.wait(prompt, PATIENCE);
    let mut typed = |line: &str| {
        lab.line(line);
        // sudo reads ahead what is typed while it runs: nothing is typed before the prompt is back.
        let said = lab.wait(prompt, PATIENCE);
        // News may draw the prompt anew at any time: all that comes until the next line has run is the answer.
        lab.line("echo an''swered");
        let said = said + &lab.wait("\nanswered\n", PATIENCE);
        lab.wait(prompt, PATIENCE);
        said
    };
    let said = typed("sudo passwd bob");
    assert!(said.contains(":why"), "{said}");
    let told = said.lines().skip_while(|line| !line.starts_with(['✗', '?'])).take_while(|line| !line.contains(":why"));
    assert!((1..5).contains(&told.count()), "{said}");
    let said = typed("sudo passwd bob");
    assert!(said.contains("As before:") && !said.contains(":why"), "{said}");
    let said = typed(":why");
    assert!(said.contains("The way out:") && said.contains("seen:"), "{said}");
    let said = typed("ls /no-such-place --no-such-option");
    assert!(said.contains("no known mistake") || said.contains(":why"), "{said}");
    let said = typed("sudo --no-such-option true");
    assert!(said.contains("sudo refused (status 1), true did not run: no known mistake."), "{said}");
    for quiet in ["false", "grep x /dev/null", "diff /etc/passwd /etc/group", "systemctl is-active no-such.service"] {
        let said = typed(quiet);
        assert!(!said.contains("no known mistake") && !said.contains(":why"), "{quiet}: {said}");
    }
    // In a shell whose statuses nobody sees a complaint is heard, and ordinary output is none.
    let inside = r"root@[^\n]*# $";
    lab.line("sudo -i");
    lab.wait(inside, PATIENCE);
    lab.line("ls --no-such-option");
    lab.wait(r"\? ls complains: no known mistake\.", PATIENCE);
    lab.wait(inside, PATIENCE);
    lab.line("ls /etc");
    lab.wait(inside, PATIENCE);
    lab.line("wc --no-such-option");
    let said = lab.wait(r"\? wc complains: no known mistake\.", PATIENCE);
    assert!(!said.contains("ls complains"), "{said}");
}

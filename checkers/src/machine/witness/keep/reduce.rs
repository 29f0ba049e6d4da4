//! Files that hold secrets beside facts, and what of each is kept: what the checks read, and nothing beside it. What has not the form that
//! it should have is not kept at all.

use std::path::Path;

use serde_json::{Map, Value};

/// Gives what may be kept; none where it has not the form that it should have, or too much would be missing.
type Reduce = fn(&[u8]) -> Option<String>;

/// What stands in a file beside its facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// Secrets may.
    Secrets,
    /// Only what nobody needs.
    Ballast,
}

/// How a file at this place is reduced to its facts, and what else it holds; none where it has no facts apart from its text.
pub(super) fn by_path(path: &Path) -> Option<(Reduce, Holds)> {
    use Holds::{Ballast, Secrets};
    let name = path.file_name()?.to_str()?;
    let folder = path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
    let of_process = path.starts_with("/proc");
    let found: (Reduce, Holds) = match name {
        "environ" if of_process => (environ, Secrets),
        "cmdline" if of_process => (cmdline, Secrets),
        "status" if of_process => (status, Ballast),
        "stat" if of_process => (stat, Ballast),
        "passwd" if folder == "etc" => (passwd, Secrets),
        "fstab" if folder == "etc" => (fstab, Secrets),
        "status" if folder == "dpkg" => (packages, Ballast),
        "storage.conf" | "containers.conf" if folder == "containers" => (settings, Secrets),
        "containers.json" | "volatile-containers.json" if folder.ends_with("-containers") => (containers, Ballast),
        "images.json" if folder.ends_with("-images") => (images, Ballast),
        "secrets.json" if folder == "secrets" => (secrets, Secrets),
        "config.json" if folder == "userdata" => (bundle, Secrets),
        "healthcheck.log" => (health, Secrets),
        _ => return None,
    };
    Some(found)
}

fn text(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// Where the account's bus and its runtime directory are; no other variable.
fn environ(bytes: &[u8]) -> Option<String> {
    let kept =
        |line: &&str| ["XDG_RUNTIME_DIR=", "DBUS_SESSION_BUS_ADDRESS="].iter().any(|name| line.starts_with(name));
    Some(text(bytes).split('\0').filter(kept).map(|line| format!("{line}\0")).collect())
}

/// The program, what it does to a container, and which; every other word may be anything.
fn cmdline(bytes: &[u8]) -> Option<String> {
    const KEPT: [&str; 7] = ["-c", "-e", "--exec", "exec", "attach", "run", "start"];
    let line = text(bytes);
    let words: Vec<&str> = line.split_terminator('\0').collect();
    let is_id = |word: &str| word.chars().all(|c| c.is_ascii_hexdigit());
    let kept = words.iter().enumerate().map(|(at, word)| {
        let id = at > 0 && words[at - 1] == "-c" && words[0].ends_with("conmon") && is_id(word);
        if at == 0 || id || KEPT.contains(word) { format!("{word}\0") } else { "…\0".to_owned() }
    });
    Some(kept.collect())
}

/// Whose it is.
fn status(bytes: &[u8]) -> Option<String> {
    Some(text(bytes).lines().filter(|line| line.starts_with("Uid:")).map(|line| format!("{line}\n")).collect())
}

/// The fields up to the terminal's foreground: those after it change from moment to moment.
fn stat(bytes: &[u8]) -> Option<String> {
    let line = text(bytes);
    let end = line.rfind(')')?;
    let rest = line.get(end + 1..)?.split_whitespace().take(6).collect::<Vec<_>>().join(" ");
    Some(format!("{} {rest}", line.get(..=end)?))
}

/// Without the field that held the password before shadow(5), and without what a person wrote about themselves.
fn passwd(bytes: &[u8]) -> Option<String> {
    let line = |line: &str| match line.split(':').collect::<Vec<_>>()[..] {
        [name, _, uid, gid, _, home, shell] => format!("{name}:x:{uid}:{gid}::{home}:{shell}\n"),
        [name, ..] => format!("{name}:\n"),
        [] => String::new(),
    };
    Some(text(bytes).lines().map(line).collect())
}

/// All of it, unless a network's password stands in it: its options are judged one by one, so none may be missing.
fn fstab(bytes: &[u8]) -> Option<String> {
    let all = text(bytes).into_owned();
    let is_secret = |word: &str| {
        let word = word.to_lowercase();
        word.contains('=') && ["pass", "secret"].iter().any(|begin| word.starts_with(begin))
    };
    let secret = all.split(|c: char| c.is_whitespace() || c == ',').any(is_secret);
    (!secret).then_some(all)
}

/// What dpkg says of each package's state and version.
fn packages(bytes: &[u8]) -> Option<String> {
    const KEPT: [&str; 4] = ["Package:", "Status:", "Architecture:", "Version:"];
    let all = text(bytes);
    let paragraph = |paragraph: &str| {
        let lines = paragraph.lines().filter(|line| KEPT.iter().any(|key| line.starts_with(key)));
        lines.map(|line| format!("{line}\n")).collect::<String>()
    };
    Some(all.split("\n\n").map(paragraph).collect::<Vec<_>>().join("\n"))
}

/// Where things are kept. Variables for containers may stand there too.
fn settings(bytes: &[u8]) -> Option<String> {
    let all: toml::Table = toml::from_str(&text(bytes)).ok()?;
    let is_plain = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let mut kept = String::new();
    for (name, table) in all.iter().filter(|(name, _)| is_plain(name)) {
        let places = table.as_table().into_iter().flatten().filter_map(|(key, value)| {
            let is_place = ["_path", "_dir", "root", "driver"].iter().any(|end| key.ends_with(end));
            // A text of JSON is one of TOML too.
            let value = serde_json::to_string(value.as_str()?).ok()?;
            (is_place && is_plain(key)).then(|| format!("{key} = {value}\n"))
        });
        kept.push_str(&format!("[{name}]\n{}", places.collect::<String>()));
    }
    Some(kept)
}

fn containers(bytes: &[u8]) -> Option<String> {
    each(bytes, |one| {
        let mut kept = pick(one, &["id", "names", "image", "metadata", "created"]);
        if let Some(Value::String(metadata)) = kept.get_mut("metadata") {
            let image = serde_json::from_str::<Map<String, Value>>(metadata).ok();
            *metadata = image.map(|all| Value::Object(pick(&all, &["image-name"])).to_string()).unwrap_or_default();
        }
        kept
    })
}

fn images(bytes: &[u8]) -> Option<String> {
    each(bytes, |one| pick(one, &["id", "names"]))
}

fn secrets(bytes: &[u8]) -> Option<String> {
    let all: Map<String, Value> = serde_json::from_slice(bytes).ok()?;
    let mut kept = pick(&all, &["secrets"]);
    if let Some(Value::Object(list)) = kept.get_mut("secrets") {
        for one in list.values_mut() {
            *one = Value::Object(pick(one.as_object()?, &["name", "driver"]));
        }
    }
    Some(Value::Object(kept).to_string())
}

/// Its process's command and terminal, where it is mounted, and which pod it is of; not its variables.
fn bundle(bytes: &[u8]) -> Option<String> {
    let all: Map<String, Value> = serde_json::from_slice(bytes).ok()?;
    let mut kept = pick(&all, &["process", "hostname", "annotations", "mounts"]);
    for (key, keys) in
        [("process", ["terminal", "args"].as_slice()), ("annotations", &["io.kubernetes.cri-o.SandboxID"])]
    {
        if let Some(part) = kept.get_mut(key) {
            *part = Value::Object(pick(part.as_object()?, keys));
        }
    }
    if let Some(mounts) = kept.get_mut("mounts") {
        for one in mounts.as_array_mut()? {
            *one = Value::Object(pick(one.as_object()?, &["destination", "source"]));
        }
    }
    Some(Value::Object(kept).to_string())
}

/// How the last checks ended, not what they printed.
fn health(bytes: &[u8]) -> Option<String> {
    let all: Map<String, Value> = serde_json::from_slice(bytes).ok()?;
    let mut kept = pick(&all, &["Status", "FailingStreak", "Log"]);
    if let Some(Value::Array(log)) = kept.get_mut("Log") {
        for one in log {
            *one = Value::Object(pick(one.as_object()?, &["End", "ExitCode"]));
        }
    }
    Some(Value::Object(kept).to_string())
}

fn each(bytes: &[u8], reduce: impl Fn(&Map<String, Value>) -> Map<String, Value>) -> Option<String> {
    let all: Vec<Map<String, Value>> = serde_json::from_slice(bytes).ok()?;
    serde_json::to_string(&all.iter().map(reduce).collect::<Vec<_>>()).ok()
}

fn pick(all: &Map<String, Value>, keys: &[&str]) -> Map<String, Value> {
    keys.iter().filter_map(|key| Some(((*key).to_owned(), all.get(*key)?.clone()))).collect()
}

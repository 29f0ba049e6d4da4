//! What of an answer may be written down. A file's contents are left out unless the check is about them, or the file is known to hold no
//! secret; of those that hold secrets beside facts, the facts are kept. Whatever looks like a password's hash or a private key is left out
//! wherever it comes from. Pure.

mod reduce;

use std::path::{Component, Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;
use serde::{Deserialize, Serialize};

use self::reduce::Holds;
use super::answer::{Answer, Bytes, Form, Question};
use crate::catalogue::Judge;
use crate::{Evidence, Verdict};

/// Why an answer is not written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Left {
    /// It is a secret, or has one in it.
    Secret,
    /// It is what stands in a file, and the check is not about that.
    Contents,
    /// It is larger than what is kept.
    TooLarge,
    /// It has not the form from which what is secret can be taken out, or none that can be written.
    Odd,
}

/// What is never written: hashes of crypt(5), an entry of shadow(5) with a hash, a private key, what podman and its like remember of a
/// registry's password.
static SECRET: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let hash = r"\$(?:y|gy|7|6|5|1|2[abxy]?|sha1|md5|apr1|argon2[a-z]*)[$,][^\s:]{8,}";
    let entry = r"(?m)^[^:\s]+:!?[^:\s!*]{13,}:\d*:\d*:\d*:\d*:\d*:\d*:\d*$";
    let key = r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY|PuTTY-User-Key-File";
    let login = r#"["']?(?:auth|identitytoken)["']?\s*:\s*["'][A-Za-z0-9+/=_-]{6,}"#;
    Regex::new(&format!("(?:{hash})|(?:{entry})|(?:{key})|(?:{login})")).ok()
});

/// Whether a text has a secret in it: a password's hash, a private key, a registry's login.
pub fn is_secret(text: &str) -> bool {
    // Without a pattern to tell by nothing is known to be harmless.
    SECRET.as_ref().is_none_or(|secret| secret.is_match(text))
}

/// Variables that are named like a password and have a value, in a unit file, a shell's or one for `--env-file`; also as a difference shows
/// the line. Not `Secret=`, by which a Quadlet file names one.
static VARIABLE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let name = r"\w*(?:PASSW|PASSPHRASE|SECRET|TOKEN|API_?KEY)\w*";
    Regex::new(&format!(
        r#"(?m)^[-+ \t]*(?:(?:Environment|DefaultEnvironment)=.*?|export\s+)?["']?\b{name}=["']?[^\s"']"#
    ))
    .ok()
});

/// Whether a text of a file's gives a password to whoever reads it.
fn has_password(text: &str) -> bool {
    VARIABLE.as_ref().is_none_or(|variable| variable.is_match(text))
}

/// What may be written of this question and answer; none where even the question gives something away, or there is no room left. `fits`
/// is asked for room, in bytes.
pub(super) fn weighed(
    question: Question,
    answer: Answer,
    fits: &mut dyn FnMut(usize) -> bool,
) -> Option<(Question, Answer)> {
    let asked = serde_json::to_string(&question).ok().filter(|asked| !is_secret(asked))?;
    let left = if reveals(&answer) {
        Left::Secret
    } else {
        match serde_json::to_string(&answer) {
            // A home whose name is no text.
            Err(_) => Left::Odd,
            Ok(text) if is_secret(&text) => Left::Secret,
            Ok(text) if fits(asked.len() + text.len()) => return Some((question, answer)),
            Ok(_) => Left::TooLarge,
        }
    };
    fits(asked.len() + 24).then_some((question, Answer::Left(left)))
}

/// Bytes are looked at as the text that they are; JSON would hide where their lines end.
fn reveals(answer: &Answer) -> bool {
    let secret = |bytes: &Bytes| match bytes {
        Bytes::Text(text) => is_secret(text),
        Bytes::Hex(_) => is_secret(&String::from_utf8_lossy(&bytes.bytes())),
    };
    match answer {
        Answer::Contents { bytes, .. } | Answer::Target(bytes) => secret(bytes),
        Answer::Ran { output, errors, .. } => secret(output) || secret(errors),
        Answer::Names(names) => names.iter().any(secret),
        _ => false,
    }
}

/// In which form a check needs a file's contents. One that is known to hold no secret has but one form.
pub(super) fn form(path: &Path, check: &dyn Judge) -> Form {
    if check.is_about_text(path) && !is_harmless(&plain(path)) { Form::Text } else { Form::Facts }
}

/// What may be written of a file's contents.
pub(super) fn contents(path: &Path, bytes: &[u8], most: Option<u64>, form: Form) -> Answer {
    let path = plain(path);
    if is_place_of_secrets(&path) {
        return Answer::Left(Left::Secret);
    }
    let kept = match (reduce::by_path(&path), form) {
        (Some((_, Holds::Secrets)), Form::Text) => return Answer::Left(Left::Secret),
        // Left out as a whole: with a part of it gone it would be judged again as another file.
        (_, Form::Text) if has_password(&String::from_utf8_lossy(bytes)) => return Answer::Left(Left::Secret),
        (_, Form::Text) => bytes.into(),
        (Some((reduce, _)), Form::Facts) => match reduce(bytes) {
            Some(reduced) => reduced.as_bytes().into(),
            None => return Answer::Left(Left::Odd),
        },
        (None, Form::Facts) if is_harmless(&path) => bytes.into(),
        (None, Form::Facts) => return Answer::Left(Left::Contents),
    };
    Answer::Contents { bytes: kept, most }
}

/// The path without the ways round that lead to the same file.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::from("/");
    for part in path.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            Component::Normal(name) => plain.push(name),
            _ => {}
        }
    }
    let parts: Vec<_> = plain.iter().collect();
    match parts.as_slice() {
        // The whole machine stands once more below each process.
        [_, proc, _, root, rest @ ..] if *proc == "proc" && *root == "root" => {
            self::plain(&Path::new("/").join(rest.iter().collect::<PathBuf>()))
        }
        _ => plain,
    }
}

/// Files that hold secrets and nothing else that a check needs.
fn is_place_of_secrets(path: &Path) -> bool {
    const FILES: [&str; 12] = [
        "opasswd",
        "sudo-ldap.conf",
        "krb5.keytab",
        ".netrc",
        ".pgpass",
        ".my.cnf",
        ".git-credentials",
        ".htpasswd",
        "auth.json",
        ".dockercfg",
        "stable_secret",
        "tcp_fastopen_key",
    ];
    const FOLDERS: [&str; 9] =
        ["secrets", "credentials", ".gnupg", ".password-store", ".docker", ".aws", ".kube", "sssd", "credstore"];
    /// What stands beside keys and is none.
    const BESIDE_KEYS: [&str; 5] = ["authorized_keys", "authorized_keys2", "known_hosts", "config", "sshd_config"];
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let text = path.to_string_lossy();
    let within = |folder: &str| path.parent().is_some_and(|above| above.iter().any(|part| part == folder));
    text.starts_with("/etc/shadow")
        || text.starts_with("/etc/gshadow")
        || FILES.contains(&&*name)
        || name.ends_with(".key")
        || name.ends_with(".keytab")
        || (name.starts_with("ssh_host_") && name.ends_with("_key"))
        || (within(".ssh") && !name.ends_with(".pub") && !BESIDE_KEYS.contains(&&*name))
        || (FOLDERS.iter().any(|folder| within(folder)) && name != "secrets.json")
}

/// Files that are known to hold no secret.
fn is_harmless(path: &Path) -> bool {
    const FILES: [&str; 12] = [
        "/etc/nsswitch.conf",
        "/etc/subuid",
        "/etc/subgid",
        "/etc/group",
        "/etc/hostname",
        "/etc/localtime",
        "/etc/selinux/config",
        "/sys/fs/selinux/enforce",
        "/proc/modules",
        "/proc/sys/kernel/hostname",
        "/proc/sys/kernel/osrelease",
        "/proc/self/mountinfo",
    ];
    const FOLDERS: [&str; 5] =
        ["/proc/net", "/usr/share/zoneinfo", "/etc/firewalld", "/usr/lib/firewalld", "/lib/modules"];
    const BESIDE_CONTAINERS: [&str; 3] = ["pidfile", "conmon.pid", "defaultNetworkBackend"];
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let of_process = match path.strip_prefix("/proc").map(|rest| rest.iter().collect::<Vec<_>>()).as_deref() {
        Ok([_, file]) => *file == "comm" || *file == "cgroup",
        Ok([_, folder, _]) => *folder == "net" || *folder == "fdinfo",
        _ => false,
    };
    of_process
        || FILES.iter().any(|file| path == Path::new(file))
        || FOLDERS.iter().any(|folder| path.starts_with(folder))
        || BESIDE_CONTAINERS.contains(&&*name)
}

/// The verdict without what looks like a secret in what was seen: a file's difference or a command's output may show one.
#[must_use]
pub fn without_secrets(verdict: Verdict) -> Verdict {
    const WITHHELD: &str = "withheld: it has a secret in it";
    let clean = |text: String| if is_secret(&text) { WITHHELD.to_owned() } else { text };
    // What was wanted stands in the exam or lesson; what was found may be anything.
    let clean_found = |text: String| if has_password(&text) { WITHHELD.to_owned() } else { clean(text) };
    let seen = |evidence: Vec<Evidence>| -> Vec<Evidence> {
        evidence
            .into_iter()
            .map(|one| match serde_json::to_string(&one.source) {
                Ok(source) if !is_secret(&source) => Evidence { said: clean_found(one.said), ..one },
                _ => Evidence::new(crate::Source::Lab, WITHHELD),
            })
            .collect()
    };
    match verdict {
        Verdict::Pass { evidence, remember } => Verdict::Pass {
            evidence: seen(evidence),
            remember: remember.into_iter().map(|(name, value)| (name, clean(value))).collect(),
        },
        Verdict::Fail { wanted, found, evidence, see } => Verdict::Fail {
            wanted: clean(wanted),
            found: clean_found(found),
            evidence: seen(evidence),
            see: see.map(clean),
        },
        Verdict::Unknown { why, grant } => Verdict::Unknown { why: clean(why), grant: grant.map(clean) },
    }
}

#[cfg(test)]
mod tests;

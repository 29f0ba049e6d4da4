//! The learner's own line put right: a word in place of the one that was mistyped, `sudo` or `--user` where it is missing. Pure: it
//! reads a line as bash would, and runs nothing.

use std::cmp::Ordering;
use std::ops::Range;

use checkers::facts::podman;

/// Words that may stand before a command and belong to the shell, and programs that run what stands behind them.
const BEFORE: &[&str] = &[
    "!", "time", "{", "(", "if", "then", "else", "do", "while", "until", "env", "command", "exec", "nohup", "builtin",
];
/// What podman can be told to do.
const OF_PODMAN: &[&str] = &[
    "attach",
    "auto-update",
    "build",
    "commit",
    "container",
    "cp",
    "create",
    "diff",
    "events",
    "exec",
    "export",
    "generate",
    "healthcheck",
    "history",
    "image",
    "images",
    "import",
    "info",
    "init",
    "inspect",
    "kill",
    "kube",
    "load",
    "login",
    "logout",
    "logs",
    "manifest",
    "mount",
    "network",
    "pause",
    "pod",
    "port",
    "ps",
    "pull",
    "push",
    "rename",
    "restart",
    "rm",
    "rmi",
    "run",
    "save",
    "search",
    "secret",
    "start",
    "stats",
    "stop",
    "system",
    "tag",
    "top",
    "unmount",
    "unpause",
    "unshare",
    "untag",
    "update",
    "version",
    "volume",
    "wait",
];
/// The same behind `podman generate`.
const OF_GENERATE: &[&str] = &["kube", "spec", "systemd"];
/// What systemctl can be told to do.
const OF_SYSTEMCTL: &[&str] = &[
    "cat",
    "daemon-reexec",
    "daemon-reload",
    "disable",
    "edit",
    "enable",
    "get-default",
    "halt",
    "help",
    "is-active",
    "is-enabled",
    "is-failed",
    "isolate",
    "kill",
    "list-dependencies",
    "list-jobs",
    "list-sockets",
    "list-timers",
    "list-unit-files",
    "list-units",
    "mask",
    "poweroff",
    "preset",
    "reboot",
    "reenable",
    "reload",
    "reload-or-restart",
    "reset-failed",
    "restart",
    "revert",
    "set-default",
    "show",
    "start",
    "status",
    "stop",
    "try-restart",
    "unmask",
];

/// A word of a line.
struct Word {
    /// Where it stands, quotes included.
    at: Range<usize>,
    /// It without its quotes.
    text: String,
    /// It names the program of a simple command, `sudo` before it or not.
    begins: bool,
    /// `sudo` stands before it.
    rooted: bool,
}

impl Word {
    fn program(&self) -> &str {
        self.text.rsplit('/').next().unwrap_or(&self.text)
    }
}

/// The words of a line. What stands behind a `>` or `<` is none.
fn words(line: &str) -> Vec<Word> {
    let mut found: Vec<Word> = Vec::new();
    let (mut begins, mut rooted, mut skipped) = (true, false, false);
    let mut letters = line.char_indices().peekable();
    while let Some(&(start, letter)) = letters.peek() {
        match letter {
            ';' | '|' | '&' | '\n' | '(' | ')' => {
                (begins, rooted, skipped) = (true, false, false);
                letters.next();
            }
            '<' | '>' => {
                skipped = true;
                letters.next();
                // `2>&1`: that is no end of a command.
                letters.next_if(|(_, next)| matches!(next, '&' | '>' | '<'));
            }
            _ if letter.is_whitespace() => drop(letters.next()),
            _ => {
                let (mut text, mut quote, mut end) = (String::new(), None, start);
                while let Some((at, letter)) =
                    letters.next_if(|(_, next)| quote.is_some() || !next.is_whitespace() && !";|&()<>".contains(*next))
                {
                    end = at + letter.len_utf8();
                    match (quote, letter) {
                        (Some(open), letter) if letter == open => quote = None,
                        (None, '\'' | '"') => quote = Some(letter),
                        (None | Some('"'), '\\') => {
                            if let Some((at, next)) = letters.next() {
                                (end, text) = (at + next.len_utf8(), text + next.encode_utf8(&mut [0; 4]));
                            }
                        }
                        _ => text.push(letter),
                    }
                }
                if std::mem::take(&mut skipped) {
                    continue;
                }
                let is_sudo = begins && text == "sudo";
                let stays =
                    BEFORE.contains(&text.as_str()) || text.split_once('=').is_some_and(|(name, _)| is_name(name));
                found.push(Word { at: start..end, begins: begins && !stays && !is_sudo, rooted, text });
                rooted |= is_sudo;
                begins &= stays || is_sudo;
            }
        }
    }
    found
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

/// With sudo before each of these programs, wherever in the line it stands; before the last command where it is none of them. None
/// where sudo stands there already.
pub(super) fn as_root(line: &str, speakers: &[&str]) -> Option<String> {
    let words = words(line);
    let commands: Vec<&Word> = words.iter().filter(|word| word.begins).collect();
    let spoke: Vec<&&Word> = commands.iter().filter(|word| speakers.contains(&word.program())).collect();
    let spoke = if spoke.is_empty() { commands.last().into_iter().collect() } else { spoke };
    let mut out = line.to_owned();
    for word in spoke.iter().rev().filter(|word| !word.rooted) {
        out.insert_str(word.at.start, "sudo ");
    }
    (out != line).then_some(out)
}

/// To the learner's own manager: `--user` behind systemctl, and no sudo.
pub(super) fn as_user(line: &str) -> Option<String> {
    let words = words(line);
    let at = words.iter().position(|word| word.begins && word.program() == "systemctl")?;
    let behind = words.get(at + 1..)?.iter().take_while(|word| !word.begins);
    if behind.clone().any(|word| word.text == "--user") {
        return None;
    }
    let from = if words[at].rooted { words.get(at.checked_sub(1)?)?.at.start } else { words[at].at.start };
    Some(format!("{}systemctl --user{}", &line[..from], &line[words[at].at.end..]))
}

/// With this word in the place of that, wherever it stands as a word, as an option with its value, or as a unit without its ending.
pub(super) fn replaced(line: &str, wrong: &str, right: &str) -> Option<String> {
    let bare = |name: &str| name.strip_suffix(".service").map(str::to_owned);
    let mut out = line.to_owned();
    for word in words(line).iter().rev() {
        let begun = word.text.strip_prefix(wrong).filter(|rest| rest.starts_with('=') && wrong.starts_with('-'));
        let right = match begun {
            Some(rest) => format!("{right}{rest}"),
            None if word.text == wrong => right.to_owned(),
            None if bare(wrong).is_some_and(|bare| bare == word.text) => bare(right)?,
            None => continue,
        };
        out.replace_range(word.at.clone(), &right);
    }
    (out != line).then_some(out)
}

/// Whom or what the command of this program is about: the last of its words that is no option.
pub(super) fn operand(line: &str, program: &str) -> Option<String> {
    let words = words(line);
    let at = words.iter().position(|word| word.begins && word.program() == program)?;
    let own = words.get(at + 1..)?.iter().take_while(|word| !word.begins);
    own.filter(|word| !word.text.starts_with('-')).last().map(|word| word.text.clone())
}

/// The words that podman was given, without `podman`.
fn of_podman(line: &str) -> Option<Vec<String>> {
    let words = words(line);
    let at = words.iter().position(|word| word.begins && word.program() == "podman")?;
    Some(words.get(at + 1..)?.iter().take_while(|word| !word.begins).map(|word| word.text.clone()).collect())
}

/// What podman was told to do: `run`, `generate systemd`.
pub(super) fn verb(line: &str) -> Option<String> {
    podman::read(&of_podman(line)?).map(|podman| podman.verb)
}

/// The container that podman was told of, where it was only one.
pub(super) fn container(line: &str) -> Option<String> {
    let operands = podman::read(&of_podman(line)?)?.parsed.operands;
    let [container] = operands.as_slice() else { return None };
    Some(container.clone())
}

/// The option of podman that was meant. Where what stands before it is no command, that is put right in its place: the option may be.
pub(super) fn option(line: &str, wrong: &str) -> Option<(String, String)> {
    let verb = verb(line)?;
    let Some(options) = podman::options(&verb) else {
        let (group, word) = verb.split_once(' ').unwrap_or(("", &verb));
        let known = if group == "generate" { OF_GENERATE } else { OF_PODMAN };
        return slip(word, known.iter().copied()).map(|right| (word.to_owned(), right.to_owned()));
    };
    let long = wrong.strip_prefix("--")?;
    slip(long, options.longs.iter().map(String::as_str)).map(|right| (wrong.to_owned(), format!("--{right}")))
}

/// The command of podman or systemctl that was meant.
pub(super) fn command(line: &str, wrong: &str) -> Option<&'static str> {
    let is_podman = of_podman(line).is_some();
    slip(wrong, if is_podman { OF_PODMAN } else { OF_SYSTEMCTL }.iter().copied())
}

/// Whoever types one of these means it, though it is not installed here and another program's name is near.
const MEANT: [&str; 18] = [
    "podman",
    "buildah",
    "skopeo",
    "docker",
    "systemctl",
    "loginctl",
    "journalctl",
    "machinectl",
    "run0",
    "ssh",
    "sudo",
    "su",
    "passwd",
    "useradd",
    "usermod",
    "chpasswd",
    "man",
    "bash",
];

/// The program that was meant.
pub(super) fn program<'n>(wrong: &str, installed: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    if MEANT.contains(&wrong) { None } else { slip(wrong, installed) }
}

/// The name that was meant: one slip of the finger in a short one, two in a longer one; never the name itself.
pub(super) fn slip<'n>(wrong: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let most = if wrong.chars().count() < 5 { 1 } else { 2 };
    let sorted = |name: &str| {
        let mut letters: Vec<char> = name.chars().collect();
        letters.sort_unstable();
        letters
    };
    let near = names.into_iter().filter(|name| *name != wrong && name.len().abs_diff(wrong.len()) <= most);
    // Of two that are as near the one with the same letters, then the one that begins alike.
    let rank = |name: &str| {
        let far = strsim::damerau_levenshtein(wrong, name);
        (far, sorted(name) != sorted(wrong), 1.0 - strsim::jaro_winkler(wrong, name))
    };
    let near = near.map(|name| (rank(name), name)).filter(|((far, ..), _)| *far <= most);
    near.min_by(|(one, _), (other, _)| one.partial_cmp(other).unwrap_or(Ordering::Equal)).map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sudo_stands_before_the_word_that_needs_it() {
        for (line, program, wanted) in [
            ("useradd bob", "useradd", Some("sudo useradd bob")),
            ("echo a:b | chpasswd", "chpasswd", Some("echo a:b | sudo chpasswd")),
            (
                "echo 'a | chpasswd' | /usr/sbin/chpasswd -e",
                "chpasswd",
                Some("echo 'a | chpasswd' | sudo /usr/sbin/chpasswd -e"),
            ),
            ("useradd a && useradd b; id", "useradd", Some("sudo useradd a && sudo useradd b; id")),
            ("LANG=C time usermod -L bob 2>&1", "usermod", Some("LANG=C time sudo usermod -L bob 2>&1")),
            ("sudo useradd bob", "useradd", None),
            ("cd /; tool", "other", Some("cd /; sudo tool")),
            ("", "useradd", None),
        ] {
            assert_eq!(as_root(line, &[program]).as_deref(), wanted, "{line}");
        }
    }

    #[test]
    fn the_own_manager_is_asked_without_sudo() {
        for (line, wanted) in [
            ("systemctl status web1", Some("systemctl --user status web1")),
            ("sudo systemctl --no-pager start web1", Some("systemctl --user --no-pager start web1")),
            ("cd; systemctl cat web1 | head", Some("cd; systemctl --user cat web1 | head")),
            ("systemctl --user start web1", None),
            ("podman ps", None),
        ] {
            assert_eq!(as_user(line).as_deref(), wanted, "{line}");
        }
    }

    #[test]
    fn a_word_is_exchanged_where_it_stands_as_a_word() {
        for (line, wrong, right, wanted) in [
            ("podman run --nmae web1 x", "--nmae", "--name", Some("podman run --name web1 x")),
            ("podman run --nmae=web1 x", "--nmae", "--name", Some("podman run --name=web1 x")),
            ("systemctl --user enable web", "web.service", "web1.service", Some("systemctl --user enable web1")),
            ("systemctl start 'web.service'", "web.service", "web1.service", Some("systemctl start web1.service")),
            ("podmn ps; podmn-x", "podmn", "podman", Some("podman ps; podmn-x")),
            ("echo", "podmn", "podman", None),
        ] {
            assert_eq!(replaced(line, wrong, right).as_deref(), wanted, "{line}");
        }
    }

    #[test]
    fn a_program_that_is_not_installed_is_no_slip_of_another() {
        assert_eq!(program("podman", ["pod2man"]), None);
        assert_eq!(program("podmam", ["pod2man", "podman"]), Some("podman"));
    }

    #[test]
    fn what_was_meant_is_found_where_it_is_near() {
        assert_eq!(slip("podmn", ["podman", "pod", "postman"]), Some("podman"));
        assert_eq!(slip("sl", ["ls", "ss", "podman"]), Some("ls"));
        assert_eq!(slip("frobnicate", ["podman"]), None);
        assert_eq!(command("systemctl --user daemon-relaod", "daemon-relaod"), Some("daemon-reload"));
        assert_eq!(command("podman rnu", "rnu"), Some("run"));
        let wrong = |line| option(line, "--new").map(|(wrong, right)| format!("{wrong} {right}"));
        assert_eq!(wrong("podman generate system --new x").as_deref(), Some("system systemd"));
        assert_eq!(option("podman run --nmae x", "--nmae"), Some(("--nmae".into(), "--name".into())));
        assert_eq!(option("podman run --frobnicate x", "--frobnicate"), None);
    }

    #[test]
    fn the_operand_of_a_command_is_its_last_word_that_is_no_option() {
        for (line, program, wanted) in [
            ("su conuser1", "su", Some("conuser1")),
            ("echo x | su - conuser1", "su", Some("conuser1")),
            ("su -", "su", None),
            ("podman rm -f web1; ls", "podman", Some("web1")),
        ] {
            assert_eq!(operand(line, program).as_deref(), wanted, "{line}");
        }
    }
}

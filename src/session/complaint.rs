//! Whether what a command printed is a complaint of the program that was typed, and whether it was sudo that spoke. For shells whose exit
//! statuses nobody sees. Pure; it decides nothing about what is said of it.

use checkers::CommandFact;
use checkers::facts::command_line;

use crate::mistakes::cleaned;

/// Programs that show what others said: an error in what they print is somebody else's.
const RELAYS: &[&str] = &[
    "awk",
    "cat",
    "echo",
    "git",
    "head",
    "journalctl",
    "less",
    "man",
    "more",
    "printf",
    "sed",
    "sort",
    "tail",
    "tee",
    "tree",
    "watch",
];
/// Programs of systemd, which do not name themselves.
const OF_SYSTEMD: &[&str] = &[
    "busctl",
    "hostnamectl",
    "journalctl",
    "localectl",
    "loginctl",
    "machinectl",
    "resolvectl",
    "run0",
    "systemctl",
    "systemd-run",
    "timedatectl",
];
const SHELLS: &[&str] = &["bash", "dash", "rbash", "sh"];
/// How programs begin a line that says why they stopped, where they do not name themselves.
const BEGINNINGS: &[&str] = &["e: ", "erro[", "error: ", "failed to ", "fatal error: ", "fatal: "];
/// The same of systemd's, which speak of what they were asked for.
const OF_SYSTEMD_BEGINNINGS: &[&str] = &["could not ", "job for ", "unit "];
/// What is said of a failing, and hardly ever of anything else.
const FAILING: &[&str] = &[
    "can't",
    "cannot",
    "command not found",
    "could not",
    "currently",
    "denied",
    "does not exist",
    "error",
    "exists",
    "fail",
    "illegal",
    "incorrect",
    "invalid",
    "is not ",
    "missing",
    "must ",
    "no such",
    "not a ",
    "not an ",
    "not allowed",
    "not found",
    "not in ",
    "not known",
    "not permitted",
    "not recognized",
    "not supported",
    "only root",
    "refused",
    "required",
    "requires",
    "timed out",
    "too few",
    "too long",
    "too many",
    "unable",
    "unexpected",
    "unknown",
    "unrecognised",
    "unrecognized",
    "unsupported",
    "usage: ",
];

/// Whether a program that was typed complains. Nothing is sure without a status: a line has to name the program or begin as
/// only complaints do, and has to speak of a failing.
pub(super) fn complains(command: &CommandFact) -> bool {
    let commands = command_line::read(&command.line);
    let Some(last) = commands.last() else { return false };
    let names: Vec<&str> = commands.iter().filter_map(|one| one.words.first()).map(|word| name(word)).collect();
    let program = last.words.first().map_or("", |word| name(word));
    let relays = RELAYS.contains(&program) || last.words.iter().any(|word| word == "logs");
    let text = cleaned(command.output.as_bytes());
    let lines: Vec<&str> = text.lines().map(str::trim_end).filter(|line| !line.trim().is_empty()).collect();
    let names_itself = |line: &&str| {
        let Some((speaker, said)) = line.split_once(": ") else { return false };
        let speaker = name(speaker);
        let shell = SHELLS.contains(&speaker.trim_start_matches('-')) && !relays;
        let is_it = names.contains(&speaker) || speaker == "sudo" && has_sudo(&command.line) || shell;
        is_it && is_failing(said)
    };
    // Where a program says what stopped it, that is the first or the last that it says.
    let ends = [lines.first(), lines.last()];
    let begins_so = |line: &&str| {
        let line = line.to_ascii_lowercase();
        !relays && BEGINNINGS.iter().any(|start| line.starts_with(start))
            || OF_SYSTEMD.contains(&program)
                && OF_SYSTEMD_BEGINNINGS.iter().any(|start| line.starts_with(start))
                && is_failing(&line)
    };
    sudo_refused(command) || lines.iter().any(names_itself) || ends.into_iter().flatten().any(begins_so)
}

/// Whether sudo itself had the last word: what stands behind it did not run.
pub fn sudo_refused(command: &CommandFact) -> bool {
    let text = cleaned(command.output.as_bytes());
    let last = text.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default();
    let usage = text.lines().any(|line| line.starts_with("usage: sudo "));
    let is_its = last.starts_with("sudo: ") || last.starts_with("Sorry, ") || last.contains("sudoers");
    has_sudo(&command.line) && (usage || is_its)
}

fn has_sudo(line: &str) -> bool {
    line.split_whitespace().any(|word| name(word) == "sudo")
}

fn is_failing(said: &str) -> bool {
    let said = said.to_ascii_lowercase();
    !said.starts_with("warning") && !said.starts_with("note: ") && FAILING.iter().any(|word| said.contains(word))
}

/// A program without its folder.
fn name(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(line: &str, output: &str) -> CommandFact {
        CommandFact { line: line.into(), status: None, output: output.into(), account: None }
    }

    #[test]
    fn a_program_that_says_why_it_stopped_complains() {
        for (line, output) in [
            ("ls /nowhere", "ls: cannot access '/nowhere': No such file or directory\r\n"),
            ("/usr/bin/ls /a /b", "/usr/bin/ls: cannot access '/a': No such file or directory\n/b\n"),
            ("podman rm x", "\x1b[31mError: something nobody knows\x1b[0m\n"),
            ("podmann ps", "-bash: podmann: command not found\n"),
            ("podman ps | wc -x", "wc: invalid option -- 'x'\nTry 'wc --help' for more information.\n"),
            ("loginctl frob", "Failed to frob: no\n"),
            ("sudo -u nosuch ls", "sudo: unknown user nosuch\n"),
        ] {
            assert!(complains(&command(line, output)), "{line}: {output}");
        }
    }

    #[test]
    fn what_others_said_warnings_and_good_news_are_no_complaints() {
        for (line, output) in [
            ("cat log", "Error: it failed\nbash: x: command not found\n"),
            ("podman logs web1", "Error: of the program inside\n"),
            ("sudo passwd bob", "passwd: password updated successfully\n"),
            ("sudo useradd -m bob", "useradd: warning: the home directory /home/bob already exists.\n"),
            ("mkdir -v x", "mkdir: created directory 'x'\n"),
            ("ls", "error-log\nfailed: not me\n"),
            ("make", "make: 'all' is up to date.\n"),
            ("sudo ls", "sudo: unable to resolve host vm: Name or service not known\nfile\n"),
        ] {
            assert!(!complains(&command(line, output)), "{line}: {output}");
        }
    }

    #[test]
    fn sudo_that_has_the_last_word_let_nothing_run() {
        for output in [
            "sudo: unknown user nosuch\nsudo: error initializing audit plugin sudoers_audit\n",
            "bob is not in the sudoers file.\n",
            "sudo: unrecognized option '--frob'\nusage: sudo -h | -K | -k | -V\nusage: sudo -e [-AknS] file ...\n",
            "[sudo] password for bob: \nSorry, user bob is not allowed to execute '/bin/ls' as root on vm.\n",
        ] {
            assert!(sudo_refused(&command("sudo ls", output)), "{output}");
        }
        assert!(!sudo_refused(&command("sudo ls /x", "sudo: unable to resolve host vm: x\nls: cannot access '/x'\n")));
        assert!(!sudo_refused(&command("cat notes", "sudo: x\n")));
    }
}

//! The cut, on recorded pages of two releases, and on anything at all.

use insta::assert_snapshot;
use proptest::prelude::*;

use super::recorded;
use crate::manual::cut;

/// Page, entry, the head, how the text begins, how it ends.
const ENTRIES: &[(&str, &str, &str, &str, &str)] = &[
    ("trixie-passwd.1", "--stdin", "**-s**, **--stdin**", "This option is used to indicate", "which can be a pipe."),
    ("trixie-mkdir.1", "-p", "**-p**, **--parents**", "no error if existing", "unaffected by any **-m** option"),
    ("bookworm-mkdir.1", "-p", "**-p**, **--parents**", "no error if existing", "unaffected by any **-m** option."),
    ("trixie-mkdir.1", "--help", "**--help**", "display this help", "and exit"),
    ("trixie-mkdir.1", "-Z", "**-Z**", "set SELinux", "default type"),
    ("trixie-mkdir.1", "--context", "**--context**[=*CTX*]", "like **-Z**", "context to CTX"),
    (
        "trixie-podman-generate-systemd.1",
        "--new",
        "**--new**",
        "This option yields unit files",
        "**podman-kube@.service** systemd template instead.",
    ),
    ("bookworm-podman-generate-systemd.1", "--new", "**--new**", "Using this flag will yield", "**podman kube play**."),
    (
        "trixie-systemctl.1",
        "daemon-reload",
        "**daemon-reload**",
        "Reload the systemd manager",
        "with the **reload** command.",
    ),
    (
        "bookworm-systemctl.1",
        "daemon-reload",
        "**daemon-reload**",
        "Reload the systemd manager",
        "with the **reload** command.",
    ),
    (
        "trixie-systemctl.1",
        "reload",
        "**reload** *PATTERN***...**",
        "Asks all units",
        "with the **daemon-reload** command.",
    ),
    (
        "bookworm-systemctl.1",
        "reload",
        "**reload** *PATTERN***...**",
        "Asks all units",
        "with the **daemon-reload** command.",
    ),
    ("trixie-systemctl.1", "--user", "**--user**", "Talk to the service manager", "of the system."),
    ("bookworm-systemctl.1", "--user", "**--user**", "Talk to the service manager", "of the system."),
    (
        "trixie-loginctl.1",
        "enable-linger",
        "**enable-linger** [*USER*...], **disable-linger** [*USER*...]",
        "Enable/disable user lingering",
        "version 233.",
    ),
    (
        "bookworm-loginctl.1",
        "disable-linger",
        "**enable-linger** [*USER*...], **disable-linger** [*USER*...]",
        "Enable/disable user lingering",
        "**logind.conf**(5).",
    ),
    (
        "trixie-loginctl.1",
        "show-user",
        "**show-user** [*USER*...]",
        "Show properties of one or more users",
        "version 233.",
    ),
    (
        "bookworm-loginctl.1",
        "show-user",
        "**show-user** [*USER*...]",
        "Show properties of one or more users",
        "human-readable output.",
    ),
    (
        "trixie-podman-run.1",
        "--detach",
        "**--detach, -d**",
        "Detached mode",
        "**containers.conf(5)** for more information.",
    ),
    (
        "bookworm-podman-run.1",
        "-d",
        "**--detach, -d**",
        "Detached mode",
        "**containers.conf(5)** for more information.",
    ),
    ("trixie-podman-run.1", "--tty", "**--tty, -t**", "Allocate a pseudo-TTY", "someimage /bin/cat"),
    ("bookworm-podman-run.1", "-t", "**--tty, -t**", "Allocate a pseudo-TTY", "someimage /bin/cat\n```"),
    (
        "trixie-podman-run.1",
        "--name",
        "**--name=***name*",
        "Assign a name to the container.",
        "(also see the **--add-host** option).",
    ),
    (
        "bookworm-podman-run.1",
        "--name",
        "**--name=***name*",
        "Assign a name to the container.",
        "both background and foreground containers.",
    ),
    ("trixie-podman-run.1", "--replace", "**--replace**", "If another container", "The default is **false**."),
    ("bookworm-podman-run.1", "--replace", "**--replace**", "If another container", "The default is **false**."),
    ("trixie-su.1", "-", "**-**, **-l**, **--login**", "Start the shell as a login shell", "a login shell"),
    ("bookworm-su.1", "--login", "**-**, **-l**, **--login**", "Start the shell as a login shell", "a login shell"),
    ("trixie-useradd.8", "-m", "**-m**, **--create-home**", "Create the user's home directory", "created or accessed."),
    (
        "bookworm-useradd.8",
        "--create-home",
        "**-m**, **--create-home**",
        "Create the user's home directory",
        "created or accessed.",
    ),
];

#[test]
fn an_entry_is_its_head_and_its_whole_text_and_nothing_else() {
    for (page, entry, head, begins, ends) in ENTRIES {
        let text = recorded(page);
        let cut = cut::entry(&text, entry).unwrap_or_else(|| panic!("{page} {entry}: nothing"));
        let (found, body) = cut.split_once("\n\n").unwrap();
        assert_eq!(&found, head, "{page} {entry}");
        assert!(body.starts_with(begins), "{page} {entry}: {body}");
        assert!(body.ends_with(ends), "{page} {entry}: {body}");
        assert!(!cut.contains('\x08'), "{page} {entry}");
    }
}

#[test]
fn an_entry_that_an_older_release_lacks_is_not_found() {
    assert_eq!(cut::entry(&recorded("bookworm-passwd.1"), "--stdin"), None);
}

#[test]
fn a_part_of_a_word_and_an_unmarked_word_are_no_entry() {
    let page = recorded("trixie-systemctl.1");
    for word in ["daemon", "reloa", "--use", "Reload", "PATTERNS", ""] {
        assert_eq!(cut::entry(&page, word), None, "{word}");
    }
}

#[test]
fn a_synopsis_holds_no_entries() {
    let page = "X(1)\n\nS\x08SY\x08YN\x08NO\x08OP\x08PS\x08SI\x08IS\x08S\n       -\x08-x\x08x\n           not this\n\nO\x08OP\x08PT\x08T\n       -\x08-x\x08x\n           this\n";
    assert_eq!(cut::entry(page, "-x").as_deref(), Some("**-x**\n\nthis"));
}

#[test]
fn heads_that_share_a_text_stay_together_and_prose_that_begins_marked_is_passed_over() {
    let page = "X(1)\n\nD\x08D\n       -\x08-q\x08q and -\x08-b\x08b differ.\n\n       -\x08-a\x08a\n       -\x08-b\x08b _\x08N\n           The *text*.\n\n               $ x\n                 y\n\n       -\x08-c\x08c\n";
    let wanted = "**-a**, **-b** *N*\n\nThe \\*text\\*.\n\n```\n$ x\n  y\n```";
    assert_eq!(cut::entry(page, "-b").as_deref(), Some(wanted));
    assert_eq!(cut::entry(page, "-a").as_deref(), Some(wanted));
}

#[test]
fn lists_stay_lists() {
    assert_snapshot!(cut::entry(&recorded("bookworm-su.1"), "-").unwrap(), @r"
    **-**, **-l**, **--login**

    Start the shell as a login shell with an environment similar to a real login:

    - clears all the environment variables except **TERM** and variables specified by **--whitelist-environment**
    - initializes the environment variables **HOME**, **SHELL**, **USER**, **LOGNAME**, and **PATH**
    - changes to the target user’s home directory
    - sets argv[0] of the shell to '**-**' in order to make the shell a login shell
    ");
    let name = cut::entry(&recorded("trixie-podman-run.1"), "--name").unwrap();
    assert_eq!(name.lines().filter(|line| line.starts_with("- ")).count(), 3, "{name}");
}

#[test]
fn the_beginning_is_the_name_and_the_synopsis() {
    assert_snapshot!(cut::beginning(&recorded("trixie-mkdir.1")).unwrap(), @r"
    mkdir - make directories

    **mkdir** [*OPTION*]... *DIRECTORY*...
    ");
    assert_eq!(cut::section(&recorded("trixie-useradd.8")).as_deref(), Some("8"));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn cutting_takes_any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..400), token in ".{0,6}") {
        let page = String::from_utf8_lossy(&bytes);
        let _ = (cut::entry(&page, &token), cut::beginning(&page), cut::section(&page), cut::names(&page));
    }

    #[test]
    fn cutting_takes_anything_like_a_page(
        lines in proptest::collection::vec((0usize..12, "(-\u{8}-x\u{8}x|_\u{8}N|[a-z•*`|_\\- ]{0,9}|N\u{8}NA\u{8}A|\u{8}|\u{8}é\u{8}){0,4}"), 0..30),
    ) {
        let page: String = lines.iter().map(|(indent, text)| format!("{}{text}\n", " ".repeat(*indent))).collect();
        for token in ["-x", "x", "-", "N"] {
            if let Some(cut) = cut::entry(&page, token) {
                prop_assert!(!cut.contains('\u{8}') || page.contains("\u{8}\u{8}"), "{cut:?}");
                prop_assert_eq!(cut.matches("\n```").count() % 2, 0, "{}", cut);
            }
        }
    }
}

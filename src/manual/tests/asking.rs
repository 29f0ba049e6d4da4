//! Asking `man`: one that answers, and ones that are absent, minimized, endless or silent.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::lesson::ManualEntry;
use crate::manual::{From, Manuals, Missing};

/// A folder with a `man` of our own in it.
struct Fake(TempDir);

impl Fake {
    fn new(script: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let man = concat!(env!("CARGO_MANIFEST_DIR"), "/src/manual/tests/fake-man");
        symlink(man, folder.path().join("man")).unwrap();
        fs::write(folder.path().join("behaviour"), script).unwrap();
        Self(folder)
    }

    /// One that has these recorded pages, as `page.section`, and counts how often it prints one.
    fn with_pages(names: &[&str]) -> Self {
        let fake = Self::new(
            r#"
            if [ "$1" = -w ]; then look=yes; shift; else shift 2; fi
            case $# in 1) file=$(ls -d "$1".? 2>/dev/null | head -n 1);; *) file=$2.$1;; esac
            [ -n "$file" ] && [ -e "$file" ] || exit 16
            if [ "$look" ]; then echo "$PWD/$file"; else echo x >> count; cat "$file"; fi
            "#,
        );
        for name in names {
            let page = name.split_once('-').unwrap().1;
            fs::write(fake.path(page), super::recorded(name)).unwrap();
        }
        fake
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn manuals(&self) -> Manuals {
        Manuals::asking(self.path("man"))
    }

    fn count(&self) -> usize {
        fs::read_to_string(self.path("count")).unwrap_or_default().lines().count()
    }
}

fn entry(page: &str, section: &str, entry: &str) -> ManualEntry {
    ManualEntry {
        page: page.into(),
        section: section.into(),
        entry: entry.into(),
        otherwise: "In other words.".into(),
        package: Some("passwd".into()),
    }
}

fn why(from: &From) -> Option<Missing> {
    match from {
        From::Machine(_) => None,
        From::Ourselves { why, .. } | From::Nothing { why, .. } => Some(*why),
    }
}

#[test]
fn an_entry_of_the_machines_own_page_is_shown_in_its_words() {
    let manuals = Fake::with_pages(&["trixie-passwd.1"]);
    let excerpt = manuals.manuals().excerpt(&entry("passwd", "1", "--stdin"));
    assert!(matches!(&excerpt.from, From::Machine(text) if text.starts_with("**-s**, **--stdin**")), "{excerpt:?}");
}

#[test]
fn what_is_not_there_comes_in_our_own_words_with_the_reason() {
    let fake = Fake::with_pages(&["bookworm-passwd.1"]);
    let lacks = fake.manuals().excerpt(&entry("passwd", "1", "--stdin")).from;
    assert_eq!(
        lacks,
        From::Ourselves { text: "In other words.".into(), why: Missing::NoEntry, package: Some("passwd".into()) }
    );
    assert_eq!(why(&fake.manuals().excerpt(&entry("podman-run", "1", "-d")).from), Some(Missing::NoPage));
    let none = Manuals::asking(fake.path("no-man-here"));
    assert_eq!(why(&none.excerpt(&entry("passwd", "1", "-S")).from), Some(Missing::NoMan));
}

#[test]
fn offers_is_yes_no_or_nobody_could_look() {
    let new = Fake::with_pages(&["trixie-passwd.1"]);
    let old = Fake::with_pages(&["bookworm-passwd.1"]);
    let stdin = entry("passwd", "1", "--stdin");
    assert_eq!(new.manuals().offers(&stdin), Some(true));
    assert_eq!(old.manuals().offers(&stdin), Some(false));
    assert_eq!(old.manuals().offers(&entry("chpasswd", "8", "-e")), None);
    assert_eq!(Manuals::asking(old.path("no-man-here")).offers(&stdin), None);
}

#[test]
fn a_minimized_machines_man_is_no_man() {
    let wrapper = Fake::new("echo 'This system has been minimized by removing packages and content'\nexit 0");
    assert_eq!(why(&wrapper.manuals().excerpt(&entry("passwd", "1", "-S")).from), Some(Missing::NoMan));
    assert_eq!(wrapper.manuals().offers(&entry("passwd", "1", "-S")), None);
}

#[test]
fn a_man_that_hangs_is_ended_with_its_children() {
    let fake = Fake::new("echo $$ > pid; sleep 600 & echo $! >> pid; wait");
    let began = Instant::now();
    let manuals = fake.manuals().with_patience(Duration::from_secs(2));
    assert_eq!(why(&manuals.excerpt(&entry("passwd", "1", "-S")).from), Some(Missing::Unreadable));
    assert!(began.elapsed() < Duration::from_secs(60));
    let deadline = Instant::now() + Duration::from_secs(60);
    for pid in fs::read_to_string(fake.path("pid")).unwrap().lines() {
        while lives(pid) {
            assert!(Instant::now() < deadline, "process {pid} is left");
            std::thread::yield_now();
        }
    }
}

/// Is a process and not a dead one that nobody has waited for.
fn lives(pid: &str) -> bool {
    let stat = fs::read_to_string(Path::new("/proc").join(pid).join("stat")).unwrap_or_default();
    stat.rsplit(") ").next().and_then(|rest| rest.chars().next()).is_some_and(|state| state != 'Z')
}

#[test]
fn a_page_without_an_end_is_refused() {
    let fake = Fake::new("if [ \"$1\" = -w ]; then echo \"$PWD/man\"; else exec cat /dev/zero; fi");
    assert_eq!(why(&fake.manuals().excerpt(&entry("passwd", "1", "-S")).from), Some(Missing::Unreadable));
}

#[test]
fn a_name_that_is_an_option_or_a_path_is_never_handed_to_man() {
    let fake = Fake::new("echo \"$@\" >> asked; exit 16");
    for (page, section) in [("-Hxterm", "1"), ("../../etc/passwd", "1"), ("a b", "1"), ("", "1"), ("a;b", "1")] {
        assert_eq!(why(&fake.manuals().excerpt(&entry(page, section, "-S")).from), Some(Missing::NoPage), "{page}");
        fake.manuals().page(page, &[]);
        fake.manuals().page(page, &["-S"]);
    }
    assert!(!fake.path("asked").exists(), "{:?}", fs::read_to_string(fake.path("asked")));
}

#[test]
fn the_words_of_a_learner_find_page_section_and_entry() {
    let fake = Fake::with_pages(&["trixie-systemctl.1", "trixie-podman-run.1", "trixie-mkdir.1", "trixie-useradd.8"]);
    let manuals = fake.manuals();
    for (words, page, section, entry, begins) in [
        ("systemctl daemon-reload", "systemctl", "1", "daemon-reload", "**daemon-reload**"),
        ("systemctl --user daemon-reload", "systemctl", "1", "daemon-reload", "**daemon-reload**"),
        ("podman run --name", "podman-run", "1", "--name", "**--name=**"),
        ("8 useradd -m", "useradd", "8", "-m", "**-m**"),
        ("useradd -m", "useradd", "8", "-m", "**-m**"),
        ("mkdir", "mkdir", "1", "", "mkdir - make directories\n\n**mkdir**"),
    ] {
        let words: Vec<&str> = words.split(' ').collect();
        let excerpt = manuals.page(words[0], &words[1..]);
        assert_eq!((&*excerpt.page, &*excerpt.section, &*excerpt.entry), (page, section, entry), "{words:?}");
        assert!(matches!(&excerpt.from, From::Machine(text) if text.starts_with(begins)), "{excerpt:?}");
    }
}

#[test]
fn an_entry_that_is_not_there_is_answered_with_the_nearest() {
    let fake = Fake::with_pages(&["trixie-systemctl.1"]);
    let excerpt = fake.manuals().page("systemctl", &["deamon-reload"]);
    assert_eq!(excerpt.from, From::Nothing { why: Missing::NoEntry, nearest: Some("daemon-reload".into()) });
    let far = fake.manuals().page("systemctl", &["zzz"]);
    assert_eq!(far.from, From::Nothing { why: Missing::NoEntry, nearest: None });
    assert_eq!(why(&fake.manuals().page("nosuch", &["x"]).from), Some(Missing::NoPage));
}

#[test]
fn a_page_is_read_once_and_again_when_it_changes_and_a_folder_keeps_it_for_the_next_start() {
    let fake = Fake::with_pages(&["trixie-passwd.1"]);
    let kept = fake.path("kept");
    let stdin = entry("passwd", "1", "--stdin");
    let first = fake.manuals().keeping_in(&kept);
    assert_eq!((first.offers(&stdin), first.offers(&stdin), fake.count()), (Some(true), Some(true), 1));
    let second = fake.manuals().keeping_in(&kept);
    assert_eq!((second.offers(&stdin), fake.count()), (Some(true), 1));
    let page = fs::File::options().write(true).open(fake.path("passwd.1")).unwrap();
    page.set_modified(std::time::SystemTime::now() + Duration::from_secs(60)).unwrap();
    assert_eq!((second.offers(&stdin), fake.count()), (Some(true), 2));
}

#[test]
fn the_environment_of_the_learner_does_not_bend_the_answer() {
    let fake = Fake::new(
        "if [ \"$1\" = -w ]; then echo \"$PWD/man\"; else env > env; printf '%s\\n' \"$@\" > args; echo 'X(1)'; fi",
    );
    fake.manuals().excerpt(&entry("passwd", "1", "-S"));
    let environment = fs::read_to_string(fake.path("env")).unwrap();
    for line in ["LC_ALL=C.UTF-8", "MANWIDTH=2000", "MAN_KEEP_FORMATTING=1", "GROFF_NO_SGR=1", "MANPAGER=cat"] {
        assert!(environment.lines().any(|set| set == line), "{line}: {environment}");
    }
    assert_eq!(fs::read_to_string(fake.path("args")).unwrap(), "--nh\n--nj\n1\npasswd\n");
}

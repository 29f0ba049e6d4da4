//! A first-run learner is never lost: what to type and how to get help stand on the first screen.

use insta::assert_snapshot;

use super::*;
use crate::screen::text;

const SUMMARY: &str = "\
You make an account, run a container in it without root, hand the container
over to systemd, and end with a service that survives logging out and a
reboot. Two things go wrong on the way, on purpose.
";

const TEXT: &str = "\
A container is a process with a fence around it. When an ordinary account
puts up that fence, nobody needs root: the container is **rootless**. If it
breaks out, it has that account's rights and no more.

Everything it needs belongs to the account: images, containers, services.

First look who you are, and that podman is here. Type:

    id
    podman --version
";

fn first_screen(look: &Look) -> String {
    let welcome = Show::Welcome { title: "A rootless container that outlives you".into(), summary: SUMMARY.into() };
    let step = Show::Step {
        progress: Progress { step: 1, of: 20 },
        title: "What rootless means".into(),
        text: TEXT.into(),
        goals: vec![
            goal("You have seen that you are not root.", None),
            goal("You have seen which podman this machine has.", None),
        ],
        manual: vec![Excerpt {
            page: "id".into(),
            section: "1".into(),
            entry: "-u".into(),
            from: From::Machine("**-u**, **--user**\n\nprint only the effective user ID".into()),
        }],
    };
    text(&welcome, look) + &text(&step, look)
}

#[test]
fn the_first_screen_and_a_prompt_of_two_lines_fit_in_24_lines_of_80_columns() {
    for look in [at(80), plain(80), coloured(80)] {
        let screen = first_screen(&look);
        assert!(screen.lines().count() + 2 <= 24, "{} lines:\n{screen}", screen.lines().count());
    }
}

#[test]
fn the_first_screen_says_what_to_type_and_how_to_get_help_at_any_width() {
    for width in [80, 40, 20] {
        let screen = first_screen(&at(width));
        let words = screen.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("podman --version"), "{screen}");
        assert!(words.contains("Type commands as in any terminal"), "{screen}");
        assert!(words.contains(":help") && words.contains(":hint"), "{screen}");
    }
}

#[test]
fn the_first_screen_as_it_is() {
    assert_snapshot!(first_screen(&at(80)), @r"
    A rootless container that outlives you
    You make an account, run a container in it without root, hand the container over
    to systemd, and end with a service that survives logging out and a reboot. Two
    things go wrong on the way, on purpose.
    Type commands as in any terminal; the lab looks at the machine. Lost? :help

    Step 1 of 20 · What rootless means                          ────────────────────
    A container is a process with a fence around it. When an ordinary account puts
    up that fence, nobody needs root: the container is rootless. If it breaks out,
    it has that account's rights and no more.

    Everything it needs belongs to the account: images, containers, services.

    First look who you are, and that podman is here. Type:

        id
        podman --version

    · open     You have seen that you are not root.
    · open     You have seen which podman this machine has.

    :man the manual · :hint a nudge · :check what is missing · :help all words
    ");
}

#[test]
fn a_longer_excerpt_takes_what_is_left_of_a_screen_and_says_where_the_rest_is() {
    let long = machine_page(&format!("**daemon-reload**\n\n{}", "Many words. ".repeat(200)));
    let Show::Step { progress, title, goals, .. } = step("") else { panic!("a step") };
    for lines in 1..20 {
        let body = "A line.\n\n".repeat(lines);
        let manual = vec![long.clone(), long.clone(), long.clone()];
        let show = Show::Step { progress, title: title.clone(), text: body, goals: goals.clone(), manual };
        let shown = text(&show, &at(80));
        let own = 2 + (2 * lines - 1) + 1 + goals.len() + 2;
        assert!(shown.lines().count() <= own.max(23), "{lines}: {shown}");
        let all = shown.matches(":man systemctl daemon-reload shows all").count();
        assert_eq!(all < 3, shown.contains(":man the manual"), "{lines}: {shown}");
    }
}

//! A first-run learner is never lost: what to type and how to get help stand on the first screen.

use super::*;
use crate::screen::text;

fn first_screen(look: &Look) -> String {
    let welcome = Show::Welcome {
        title: "Rootless containers as systemd services".into(),
        summary: "You make an account that runs a container of its own, hand the container to that account's systemd, \
                  and see it outlive the logout and the reboot. Twenty steps, about an hour; some are there to see \
                  something fail."
            .into(),
    };
    let step = Show::Step {
        progress: Progress { step: 1, of: 20 },
        title: "What rootless means".into(),
        text: "A rootless container is started by an ordinary account and has no more rights than that account. \
               Root inside it is that account outside; the other users inside come from a range that the account is \
               lent in `/etc/subuid`.\n\nLook at your own range:\n\n```\ngrep lisa /etc/subuid\n```\n"
            .into(),
        goals: vec![goal("You have seen which range lisa is lent.", None)],
        manual: vec![Excerpt {
            page: "podman-run".into(),
            section: "1".into(),
            entry: "--subuidname".into(),
            from: From::Machine("**--subuidname**=*name*\n\nRun the container in a new user namespace using the map with name in the /etc/subuid file. If running rootless, the user needs to have the right to use the mapping. See subuid(5). This flag conflicts with **--userns** and **--uidmap**.".into()),
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
        assert!(words.contains("grep lisa /etc/subuid"), "{screen}");
        assert!(words.contains("Type commands"), "{screen}");
        assert!(words.contains(":help") && words.contains(":hint"), "{screen}");
    }
}

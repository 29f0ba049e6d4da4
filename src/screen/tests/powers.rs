//! What is shown of a lesson from elsewhere before it runs.

use std::path::Path;
use std::time::Duration;

use checkers::time::Span;
use insta::assert_snapshot;

use super::*;
use crate::lesson::{AccountRole, Declared, OwnProgram, Powers};
use crate::screen::powers;

fn all() -> Powers {
    let account = |name: &str, role| Declared { name: name.into(), role, password: None };
    Powers {
        accounts: vec![account("lisa", AccountRole::Administrator), account("ada", AccountRole::Created)],
        looks_as_root: true,
        looks_as: vec!["ada".into()],
        programs: vec![OwnProgram {
            file: "programs/lo\u{1b}[31mok".into(),
            account: "ada".into(),
            time: Span(Duration::from_secs(5)),
        }],
        reboots: true,
        clean_up: vec!["sudo userdel -r ada".into()],
    }
}

#[test]
fn a_lesson_from_elsewhere_says_all_that_it_may_do_as_text() {
    let shown = powers("A \u{1b}[2Jtitle", Path::new("/home/lisa/tale"), &all(), true, &at(80));
    assert_snapshot!(shown, @r"
    A ␛[2Jtitle
    A lesson from /home/lisa/tale.
    Its files are not the ones that you agreed to.
    What you type in it runs for real. Beside that, this lesson:
      accounts  lisa (sits at the lab and may use sudo), ada (is made by you)
      looks     at the machine with the eyes of root, ada, and changes nothing by it
      programs  runs programs/lo␛[31mok as ada, without new privileges, at most 5s
                each time
      reboot    asks you to reboot the machine
      clean-up  asks the administrator to run, in the end:
          sudo userdel -r ada
    ");
    let shown = powers("Tale", Path::new("/t"), &Powers::default(), false, &at(30));
    assert_snapshot!(shown, @r"
    Tale
    A lesson from /t.
    What you type in it runs for
    real. Beside that, this
    lesson:
    - accounts: names none
    - looks: at what every account
      may see, and changes nothing
      by it
    - programs: brings none
    ");
}

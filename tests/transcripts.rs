//! The same typing before a plain bash and before the lab's: what is shown must agree byte for byte, the prompt taken off.

#[path = "rig/shells.rs"]
mod rig;

use rig::Act::{self, Keys, Line};

type Case = (&'static str, &'static [Act]);

const CASES: &[Case] = &[
    ("nothing", &[Line("true")]),
    ("a status", &[Line("false"), Line("echo $?")]),
    ("cd stays", &[Line("mkdir d; cd d"), Line("basename \"$PWD\"")]),
    ("^C ends a sleep", &[Keys("echo go; sleep 30", &[("go\r\n", "\x03")]), Line("echo $?")]),
];

#[test]
fn the_lab_shows_what_plain_bash_shows() {
    let wanted = std::env::var("CASE").unwrap_or_default();
    let next = std::sync::atomic::AtomicUsize::new(0);
    let wrong = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                while let Some((name, acts)) = CASES.get(next.fetch_add(1, std::sync::atomic::Ordering::SeqCst)) {
                    if !name.contains(&wanted) {
                        continue;
                    }
                    let both = std::panic::catch_unwind(|| (rig::plain(acts), rig::lab(acts)));
                    match both {
                        Ok((plain, lab)) if plain == lab => {}
                        Ok((plain, lab)) => wrong.lock().unwrap().push(format!("{name}:\n  plain {plain:?}\n  lab   {lab:?}")),
                        Err(_) => wrong.lock().unwrap().push(format!("{name}: did not come to an end")),
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), CASES.len(), wrong.join("\n"));
}

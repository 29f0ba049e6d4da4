//! Looking again and again with the same eyes, as a lab does: lisa's, through sudo. No prompt and no terminal in it.

use checkers::{Check, Context};
use rootless_lab::observer::{Observer, Route};
use serde_json::json;

use super::figures::{Figures, time};
use super::lessons::facts;

const ROUNDS: usize = 200;

pub fn measure() -> Figures {
    let binary = "/usr/local/bin/rootless-lab".into();
    let mut observer = Observer::start(Route::Sudo { binary }).unwrap_or_else(|error| panic!("{error}"));
    let wishes = [("18 facts", facts()), ("1 file", files(1)), ("1001 files", files(1001))];
    for (name, wishes) in &wishes {
        let verdicts = observer.judge(wishes, &Context::default());
        assert!(verdicts.iter().all(checkers::Verdict::is_pass), "{name}: {verdicts:#?}");
    }
    let mut figures = Figures::default();
    for _ in 0..ROUNDS {
        for (name, wishes) in &wishes {
            figures.add(name, time(|| drop(observer.judge(wishes, &Context::default()))));
        }
    }
    figures
}

/// Wishes about so many files.
fn files(count: usize) -> Vec<Check> {
    let wish = |number: usize| {
        let path = ["/etc/passwd", "/etc/group", "/usr/bin/podman", "/usr/bin/bash"][number % 4];
        serde_json::from_value(json!({"path": {"path": path, "kind": "file", "owner": "root"}})).expect("a wish")
    };
    (0..count).map(wish).collect()
}

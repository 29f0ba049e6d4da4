//! Judges checks from a JSON file as `rootless-lab check` will: `eyes ROUTE FILE TIMES`. For figures and for proofs by hand.
#![allow(clippy::unwrap_used, clippy::panic, clippy::field_reassign_with_default)] // run by hand; a broken precondition may end it
use rootless_lab::observer::{Observer, Route, serve, serve_as};
fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["observer"] => serve().unwrap(),
        ["observer", "--account", name] => serve_as(name).unwrap(),
        ["front", pid] => println!("{:#?}", Observer::start(Route::Root).unwrap().front(pid.parse().unwrap())),
        [route, file, times] => {
            let route = match *route {
                "root" => Route::Root,
                "own" => Route::Own,
                _ => Route::Sudo { binary: std::env::current_exe().unwrap() },
            };
            let start = std::time::Instant::now();
            let checks: Vec<checkers::Check> = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
            let mut observer = Observer::start(route).unwrap();
            let mut context = checkers::Context::default();
            context.step_began = 1;
            let mut took = Vec::new();
            for nth in 0..times.parse::<usize>().unwrap() {
                let start = std::time::Instant::now();
                let verdicts = observer.judge(&checks, &context);
                took.push(start.elapsed());
                if nth == 0 {
                    for (check, verdict) in checks.iter().zip(verdicts) {
                        let full = std::env::var_os("FULL").is_some();
                        if full { println!("{check:?}\n  {verdict:?}") } else { println!("{verdict:.60?}") }
                    }
                }
            }
            println!("first {:?}", took[0]);
            took.sort();
            println!(
                "median {:?} p99 {:?}; all {:?}",
                took[took.len() / 2],
                took[took.len() * 99 / 100],
                start.elapsed()
            );
        }
        _ => panic!("eyes ROUTE FILE TIMES"),
    }
}

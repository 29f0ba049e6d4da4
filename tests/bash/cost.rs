//! What a line costs when nothing is due: in the lab, in the lab's bash alone, and in a plain bash at the same kind of terminal, taken in turns.

use std::io::Read;
use std::time::Instant;

use crate::rig::{self, Seat};

/// Run with `cargo test --release --test bash -- --nocapture cost`; asserts nothing that depends on the machine's load.
#[test]
fn the_cost_of_a_line_is_measured_beside_plain_bash() {
    for (line, times) in [("true", 400), ("/bin/true", 200), ("seq 300000", 11)] {
        let [readline, noediting, hosted, lab] = cost(line, if cfg!(debug_assertions) { 3 } else { times });
        let micros = |seconds: f64| format!("{:.1} µs", seconds * 1e6);
        println!("{line}: bash {}, bash --noediting {}", micros(readline), micros(noediting));
        println!("  hosted bash {} ({:.2} of --noediting)", micros(hosted), hosted / noediting);
        println!("  lab {} ({:.2} of bash, {:.2} of --noediting)", micros(lab), lab / readline, lab / noediting);
        assert!(readline > 0.0 && hosted > 0.0);
    }
}

/// Medians in seconds.
fn cost(line: &str, times: usize) -> [f64; 4] {
    let (mut bash, mut master, _home) = rig::sit_down();
    std::thread::spawn(move || {
        let mut buffer = vec![0; 65536];
        while master.read(&mut buffer).is_ok_and(|count| count > 0) {}
    });
    let (mut readline, mut noediting, mut lab) = (Seat::readline(), Seat::noediting(), Seat::lab());
    let mut taken: [Vec<f64>; 4] = Default::default();
    for _ in 0..times {
        let mut take = |at: usize, run: &mut dyn FnMut()| {
            let start = Instant::now();
            run();
            taken[at].push(start.elapsed().as_secs_f64());
        };
        take(0, &mut || readline.line(line));
        take(1, &mut || noediting.line(line));
        take(2, &mut || drop(bash.run(line, b"", &mut rig::alone()).unwrap()));
        take(3, &mut || lab.line(line));
    }
    taken.map(|mut all| {
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    })
}

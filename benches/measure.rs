//! Measures the lab against its peers on a practice machine, and writes the table. `cargo bench --bench measure` as root does all of it.
//! The same program runs outside (it makes the machine and the table) and inside (it measures, always two things in turn).

// a measurement that cannot be had ends the run: a table with holes would be read as a whole one
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "measure/bed.rs"]
mod bed;
#[path = "measure/figures.rs"]
mod figures;
#[path = "measure/grade.rs"]
mod grade;
#[path = "measure/lessons.rs"]
mod lessons;
#[path = "measure/looks.rs"]
mod looks;
#[path = "measure/once.rs"]
mod once;
#[path = "measure/practice.rs"]
mod practice;
#[path = "measure/prompts.rs"]
mod prompts;
#[path = "measure/regrade.rs"]
mod regrade;
#[path = "measure/rows.rs"]
mod rows;
#[path = "measure/terminal.rs"]
mod terminal;
#[path = "measure/trace.rs"]
mod trace;
#[path = "measure/watch.rs"]
mod watch;

use figures::Figures;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    match words.first().map(String::as_str) {
        // the observer starts its children from its own program, which is this one here
        Some("observer") => drop(rootless_lab::cli::main()),
        Some("inside") => inside(&words[1], &words[2]),
        Some(only) => conduct(&[only]),
        None => {
            conduct(&["once", "prompts", "start", "memory", "looks", "regrade", "grade", "watch", "trace", "practice"])
        }
    }
}

/// Makes the machine, has everything measured in it, and writes the table.
fn conduct(parts: &[&str]) {
    let bed = bed::Bed::make();
    let mut figures = Figures::default();
    for part in parts {
        eprintln!("measuring: {part}");
        figures.join(match *part {
            "practice" => practice::measure(&bed),
            "once" | "trace" => bed.inside("root", part),
            _ => bed.inside("lisa", part),
        });
    }
    let table = rows::table(&figures, &bed.about());
    print!("{table}");
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/measure.md");
    std::fs::write(&path, table).expect("target/ can be written");
}

/// Measures one part; the figures go into a file, because a terminal may stand between.
fn inside(part: &str, to: &str) {
    let figures = match part {
        "once" => once::measure(),
        "prompts" => prompts::lines(),
        "start" => prompts::starts(),
        "memory" => prompts::memory(),
        "looks" => looks::measure(),
        "grade" => grade::measure(),
        "regrade" => regrade::measure(),
        "trace" => trace::measure(),
        "watch" => watch::measure(),
        other => panic!("there is no part `{other}`"),
    };
    std::fs::write(to, serde_json::to_vec(&figures).expect("figures are plain")).expect("the answer can be written");
}

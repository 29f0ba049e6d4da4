//! Data → text: the only room that knows termimad, colour, width and `similar` diffs. It decides nothing and writes nowhere.
//!
//! Everything that comes from a lesson, a man page or the machine passes through [`clean`] first, so that no
//! foreign text reaches the terminal as anything but text.

mod clean;
mod command;
mod counted;
mod diagnosis;
mod difference;
mod doctor;
mod error;
mod exam;
mod excerpt;
mod fold;
mod goals;
mod graph;
mod ink;
mod junit;
mod look;
mod markdown;
mod notes;
mod page;
mod pane;
mod powers;
mod print;
mod problem;
mod prompt;
mod proof;
mod report;
mod shelf;
mod show;
mod status;
mod step;
mod surroundings;

pub use clean::{clean, clean_line, clean_lines};
pub use counted::counted;
pub use doctor::{Ability, doctor, lacks};
pub use error::error;
pub use exam::{
    Cover, Said, Stand, Tried, cover, exams, given_up, goes_on, handed_in, left_open, said, sheet, stand, ways,
};
pub use fold::bare;
pub use goals::place;
pub use graph::{dot, graph};
pub use junit::junit;
pub use look::{Look, Wish};
pub use pane::{Aside, Drawn, Frame, logged, news, pane};
pub use powers::powers;
pub use print::print;
pub use problem::{expected, problem, warning};
pub use prompt::{prompt, prompt_again};
pub use proof::proofs;
pub use report::{Format, Reviewed, Taught, history, json, report, review};
pub use shelf::{OnShelf, shelf};
pub use show::{markdown, text};

#[cfg(test)]
mod tests;

//! Known mistakes: what a command printed, its exit status and what the machine says → which mistake this is, why, and the way out.
//! Pure: it judges no fact and opens no file; it says which facts are to be judged, and weighs the verdicts.

mod catalogue;
mod cleaned;
mod correction;
mod diagnosis;
mod document;
mod model;
mod pattern;
mod read;
mod suspect;
mod values;

#[cfg(test)]
mod tests;

pub use catalogue::Catalogue;
pub use cleaned::cleaned;
pub use diagnosis::{Confidence, Diagnosis, diagnose};
pub use model::{Asks, Entry, Person, Provoke, Setting, Subjects, Told};
pub use suspect::Suspect;

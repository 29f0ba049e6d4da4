//! The line editor: history, completion, highlighting, and when a line is whole. It runs nothing and knows no lesson.

mod above;
mod behind;
mod editor;
mod open;
mod paint;
mod simple;

pub use above::Above;
pub use editor::{Error, Offer, Prompt, Read, Setup};
pub use open::{is_open, is_word, refused};

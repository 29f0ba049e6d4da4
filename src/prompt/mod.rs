//! The line editor: history, completion, highlighting, and when a line is whole. It runs nothing and knows no lesson.

mod above;
mod behind;
mod editor;
mod error;
mod open;
mod paint;
mod simple;

pub use above::Above;
pub use editor::{Offer, Prompt, Read, Setup};
pub use error::Error;
pub use open::{is_open, is_word, refused};

//! Keeps a learner's progress on disk, and what was agreed to: versioned, atomic, private, and by one lab at a time. Never decides
//! what progress is.

mod agreed;
mod file;

pub use agreed::{Agreed, Standing};
pub use file::{Error, Found, Store, claim, write_whole};

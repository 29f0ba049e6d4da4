//! Keeps a learner's progress on disk: versioned, atomic, private, and by one lab at a time. Never decides what progress is.

mod file;

pub use file::{Error, Found, Store, write_whole};

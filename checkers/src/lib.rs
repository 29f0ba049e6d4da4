//! Wishes about a Linux machine, and verdicts that come from looking at it.
//!
//! A [`Check`] is what somebody wishes to be true, typed in YAML or JSON. It is judged against a
//! [`Machine`](machine::Machine), which is asked a few typed questions and is never changed by them.
//! The answer is a [`Verdict`]: pass, fail with what was wanted and what was found, or unknown with
//! the reason why nobody could look.
//!
//! This crate knows no lesson, no terminal and no learner.

pub mod catalogue;
pub mod checks;
mod combine;
pub mod context;
pub mod facts;
mod ground;
pub mod machine;
pub mod time;
pub mod verdict;

pub use catalogue::Check;
pub use combine::{Ask, judge, judge_with, sure_looks};
pub use context::{CommandFact, Context, Seal};
pub use ground::Ground;
pub use machine::Eyes;
pub use verdict::{Evidence, Source, Verdict};

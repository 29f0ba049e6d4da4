//! Grades an attempt: looks at the machine, keeps what was seen, and later judges, checks, signs and bundles what was kept. What anything is
//! worth is decided in `exam`; wording is the command line's.
//!
//! Only `look` sees a machine. All else works on an attempt's folder anywhere: on another machine, years later.

mod bundle;
mod copies;
mod inspect;
mod look;
mod rejudge;
mod signature;
#[cfg(test)]
mod stand_in;

pub use bundle::{BundleError, dispute};
pub use copies::{Alike, Copied, alike};
pub use inspect::{Finding, Inspected, inspect};
pub use look::{Due, Eyes, GradeError, Looked, due, look, reboot, settle};
pub use rejudge::{Again, RejudgeError, Rejudged, Source, rejudge, rejudge_all};
pub use signature::{Key, KeyError, Signature, Signed, make_key, sign};

/// The folder, in an attempt's, that holds what was seen.
pub const TESTIMONY: &str = "testimony";

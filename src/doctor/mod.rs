//! What this host can do for the lab: each answer with how to mend it. Looks only; starts nothing but `podman --version`.

mod facts;
mod findings;

pub use facts::{Ask, Facts, look, podman_version};
pub use findings::{Answer, Finding, judge};

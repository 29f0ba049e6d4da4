//! How verdicts combine: all, any, not, within a time, for a time. Zero checks is never green; unknown never turns into pass or fail.

use crate::catalogue::Check;
use crate::context::Context;
use crate::machine::Machine;
use crate::verdict::Verdict;

/// Judges a wish, single or combined.
pub fn judge(check: &Check, machine: &dyn Machine, context: &Context) -> Verdict {
    match check.single() {
        Some(single) => single.judge(machine, context),
        None => Verdict::unknown("combinations are not written yet"),
    }
}

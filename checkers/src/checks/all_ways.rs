//! Judges a recorded case as it is, through a witness, and once more from what the witness wrote: all of them say the same. Tests only.

use crate::catalogue::{Check, Judge};
use crate::combine::with_whose_eyes;
use crate::machine::Machine;
use crate::machine::witness::{Gap, Left, Replay, Testimony, testify};
use crate::{Context, Verdict};

/// What a check's cases call instead of `judge`.
pub(crate) trait AllWays {
    /// The verdict, which is the same in all ways.
    fn judge_in_all_ways(&self, machine: &dyn Machine, context: &Context) -> Verdict;
}

impl<T: Judge + Clone + Into<Check>> AllWays for T {
    #[track_caller]
    fn judge_in_all_ways(&self, machine: &dyn Machine, context: &Context) -> Verdict {
        let check = self.clone().into();
        let verdict = judge(&check, machine, context);
        assert_eq!(with_whose_eyes(&check, self.judge(machine, context)), verdict);
        verdict
    }
}

/// Judges a wish, single or combined, in all ways.
#[track_caller]
pub(crate) fn judge(check: &Check, machine: &dyn Machine, context: &Context) -> Verdict {
    let verdict = crate::judge(check, machine, context);
    assert!(verdict.is_unknown() || !verdict.evidence().is_empty(), "nothing was seen for it: {verdict:?}");
    let (seen, testimony) = testify(std::slice::from_ref(check), machine, context);
    assert_eq!(seen, std::slice::from_ref(&verdict), "through a witness");
    let json = serde_json::to_vec(&testimony).unwrap();
    let again = Testimony::read(&json).unwrap();
    assert_eq!(again, testimony);
    let rejudged = Replay::new(&again).judge(Some(0), check);
    let left = |gap: &Gap| matches!(gap, Gap::Left(left, _) if may_be_left(check, &verdict, *left));
    assert!(rejudged.gaps.iter().all(left), "on record: {:?}", rejudged.gaps);
    if rejudged.gaps.is_empty() {
        assert_eq!(rejudged.verdict, verdict, "on record");
    }
    verdict
}

/// What is never written: the shadow database, a container's variables, podman's database; and a file that nobody understood, or that is too large for anybody.
fn may_be_left(check: &Check, verdict: &Verdict, left: Left) -> bool {
    match left {
        Left::Secret => match check {
            Check::Container(container) => !container.environment.is_empty(),
            check => matches!(check, Check::Password(_)),
        },
        Left::Contents => matches!(check, Check::Pod(_)),
        Left::TooLarge | Left::Odd => verdict.is_unknown(),
    }
}

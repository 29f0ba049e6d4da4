//! Judges wishes on a machine from outside the lab, with root's eyes: one observer that reads its questions and ends.

use checkers::{Check, Context, Verdict};
use serde_json::{Value, json};

use crate::author::report::Fault;
use crate::practice::Machine;

/// Wishes in one question: a question with what was typed in it has to stay within an observer's bounds.
const AT_ONCE: usize = 16;
/// What was printed, in bytes, that goes with a question.
const OUTPUT: usize = 200 * 1024;

/// An observer ends its looks when whoever asks is gone, and the end of a pipe says that: a file stays.
const OBSERVE: &str = "asked=$(mktemp) && cat >$asked && rootless-lab observer <$asked; rm -f $asked";

/// One verdict a wish, in their order.
pub(super) fn judge(machine: &Machine, wishes: &[Check], context: &Context) -> Result<Vec<Verdict>, Fault> {
    if wishes.is_empty() {
        return Ok(Vec::new());
    }
    let mut context = context.clone();
    while context.commands.iter().map(|one| one.output.len()).sum::<usize>() > OUTPUT {
        context.commands.remove(0);
    }
    let question = |checks: &[Check]| format!("{}\n", json!({"judge": {"checks": checks, "context": context}}));
    let input: String = wishes.chunks(AT_ONCE).map(question).collect();
    let output = machine.ask_root(&["sh", "-c", OBSERVE], input.as_bytes());
    let output = output.map_err(|error| Fault::Failed(error.to_string()))?;
    let mut verdicts = Vec::with_capacity(wishes.len());
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let mut answer: Value = serde_json::from_str(line).map_err(|error| Fault::Failed(error.to_string()))?;
        let some: Result<Vec<Verdict>, _> = serde_json::from_value(answer["verdicts"].take());
        verdicts.extend(some.map_err(|_| Fault::Failed(format!("the observer answered {line}")))?);
    }
    if verdicts.len() == wishes.len() {
        return Ok(verdicts);
    }
    Err(Fault::Failed(format!("the observer answered {} of {} questions", verdicts.len(), wishes.len())))
}

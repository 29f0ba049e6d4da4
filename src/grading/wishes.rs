//! What a grade asks of the machine for a goal. Pure.

use checkers::Check;
use checkers::checks::account::Account;
use serde_json::Value;

use crate::exam::{Exam, Goal, GradeKind};
use crate::lesson::AccountRole;

/// Where a check names an account.
const KEYS: &[&str] = &["account", "user", "as", "owner"];

/// The wish of such a grade. What belongs to an account that the candidate is to make is not so while there is no such account; without
/// that, nobody could look with its eyes, and a candidate who did nothing would leave everything open.
pub(super) fn wish(exam: &Exam, goal: &Goal, kind: GradeKind) -> Check {
    let check = goal.check_for(kind);
    let singles: Vec<Value> = check
        .singles()
        .into_iter()
        .filter(|single| !matches!(single, Check::Account(_)))
        .filter_map(|single| serde_json::to_value(single).ok())
        .collect();
    let created = exam.accounts.iter().filter(|account| account.role == AccountRole::Created);
    let named = created.filter(|account| singles.iter().any(|single| names(single, &account.name)));
    let mut parts: Vec<Check> = named.map(|account| there_is(&account.name)).collect();
    if parts.is_empty() {
        return check.clone();
    }
    parts.push(check.clone());
    Check::All(parts)
}

fn there_is(name: &str) -> Check {
    let name = name.to_owned();
    Check::Account(Account {
        name,
        exists: true,
        uid: None,
        home: None,
        shell: None,
        groups: Vec::new(),
        sub_ids: None,
    })
}

fn names(value: &Value, account: &str) -> bool {
    let is_home = |text: &str| {
        text.strip_prefix('~')
            .and_then(|rest| rest.strip_prefix(account))
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    match value {
        Value::Object(fields) => fields.iter().any(|(key, value)| {
            KEYS.contains(&key.as_str()) && value.as_str() == Some(account) || names(value, account)
        }),
        Value::Array(values) => values.iter().any(|value| names(value, account)),
        Value::String(text) => is_home(text),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use checkers::Verdict;
    use checkers::machine::Recorded;
    use serde_json::json;

    use super::super::stand_in::exam;
    use super::*;
    use crate::lesson::Declared;

    /// What is asked for a wish in an exam in which anna is to be made and lisa is there.
    fn asked(check: Value) -> Check {
        let mut exam = exam();
        let anna = Declared { name: "anna".into(), role: AccountRole::Created, password: None };
        exam.accounts.push(anna);
        exam.tasks[0].goals[0].check = serde_json::from_value(check).unwrap();
        wish(&exam, &exam.tasks[0].goals[0], GradeKind::Proven)
    }

    #[test]
    fn what_belongs_to_an_account_that_was_not_made_is_not_so() {
        for check in [
            json!({"container": {"account": "anna", "name": "web"}}),
            json!({"unit": {"name": "web.service", "user": "anna", "active": "active"}}),
            json!({"path": {"path": "~anna/x"}}),
            json!({"path": {"path": "~", "as": "anna"}}),
            json!({"within": {"time": "5s", "check": {"path": {"path": "/srv/x", "owner": "anna"}}}}),
        ] {
            let asked = asked(check.clone());
            let verdict = checkers::judge(&asked, &Recorded::new(), &checkers::Context::default());
            let Verdict::Fail { wanted, .. } = &verdict else { panic!("{check}: {verdict:?}") };
            assert!(wanted.contains("anna"), "{check}: {wanted}");
        }
    }

    #[test]
    fn other_wishes_are_asked_as_they_stand() {
        for check in [
            json!({"account": {"name": "anna", "uid": 7}}),
            json!({"container": {"account": "lisa", "name": "anna"}}),
            json!({"path": {"path": "/home/anna"}}),
            json!({"path": {"path": "~annabel/x"}}),
        ] {
            let check: Check = serde_json::from_value(check).unwrap();
            assert_eq!(asked(serde_json::to_value(&check).unwrap()), check);
        }
    }

    #[test]
    fn whoever_did_nothing_has_no_point_and_nothing_open() {
        let shelf = crate::exam::Shelf::default();
        let (source, _) = shelf.find("rootless-sprint").unwrap();
        let exam = shelf.drawn(&source, 7).unwrap();
        let machine = Recorded::new().account("lisa", 1000);
        for kind in [GradeKind::Predicted, GradeKind::Proven] {
            let judged = |(task, goal): (&crate::exam::Task, &Goal)| {
                (task.id_of(goal), checkers::judge(&wish(&exam, goal, kind), &machine, &checkers::Context::default()))
            };
            let score = crate::exam::score(&exam, kind, &exam.goals().map(judged).collect());
            assert_eq!((score.total.points(), score.standing()), (Some((0, 0)), crate::exam::Standing::NotPassed));
        }
    }
}

//! Cases of handing wishes out. Nobody is looked at as another account here: that needs root.

use super::*;

fn whose(json: &str) -> String {
    super::whose(&serde_json::from_str(json).unwrap()).unwrap_or_else(|| "here".into())
}

#[test]
fn a_place_of_the_lesson_s_choice_is_never_looked_at_as_root() {
    assert_eq!(whose(r#"{"path":{"path":"/root/secret"}}"#), "nobody");
    assert_eq!(whose(r#"{"unit-file":{"path":"/root/x.service"}}"#), "nobody");
    assert_eq!(whose(r#"{"path":{"path":"~/x","as":"conuser1"}}"#), "conuser1");
    assert_eq!(whose(r#"{"linger":{"account":"conuser1"}}"#), "here");
    assert_eq!(whose(r#"{"password":{"account":"conuser1"}}"#), "here");
    for wish in [
        r#"{"selinux":{"path":"/root/x","type":"x_t"}}"#,
        r#"{"sysctl":{"key":"kernel.x","now":"1"}}"#,
        r#"{"mount":{"at":"/x","source":"LABEL=x"}}"#,
        r#"{"package":{"name":"x"}}"#,
    ] {
        assert_eq!(whose(wish), "nobody", "{wish}");
    }
    assert_eq!(whose(r#"{"timer":{"name":"x.timer","user":"conuser1"}}"#), "conuser1");
}

#[test]
fn nobody_looks_as_root_nor_as_an_account_that_is_not_there() {
    let wishes = [r#"{"path":{"path":"/etc/shadow","as":"root"}}"#, r#"{"path":{"path":"~","as":"no-such-account"}}"#];
    let wishes = wishes.map(|json| serde_json::from_str(json).unwrap());
    let verdicts = Desk::default().judge(&wishes, &Context::default());
    assert!(verdicts.iter().all(Verdict::is_unknown), "{verdicts:?}");
}

#[test]
fn verdicts_keep_the_order_of_the_wishes_and_combinations_are_judged_by_their_parts() {
    let wishes = [
        r#"{"account":{"name":"no-such-account","exists":false}}"#,
        r#"{"all":[{"account":{"name":"root"}},{"not":{"account":{"name":"no-such-account"}}}]}"#,
        r#"{"all":[]}"#,
        r#"{"account":{"name":"no-such-account"}}"#,
    ];
    let verdicts = Desk::default().judge(&wishes.map(|json| serde_json::from_str(json).unwrap()), &Context::default());
    assert!(verdicts[0].is_pass() && verdicts[1].is_pass(), "{verdicts:?}");
    assert!(verdicts[2].is_unknown() && verdicts[3].is_fail(), "{verdicts:?}");
}

#[test]
fn an_account_named_strangely_is_no_account_and_ends_nothing() {
    for name in ["", "-x", "--account=lisa", "0", "../root", "a/b", "a\0b", "root\n", "%s", "a b", &"x".repeat(100_000)]
    {
        let about = |kind: &str| serde_json::json!({kind: {"account": name, "name": "x"}});
        let wishes = [
            about("container"),
            about("image"),
            serde_json::json!({"linger": {"account": name}}),
            serde_json::json!({"session": {"account": name}}),
            serde_json::json!({"manager": {"user": name, "running": true}}),
            serde_json::json!({"unit": {"name": "x.service", "user": name}}),
            serde_json::json!({"path": {"path": "/etc/passwd", "as": name}}),
        ];
        let wishes: Vec<Check> = wishes.into_iter().map(|json| serde_json::from_value(json).unwrap()).collect();
        let verdicts = Desk::default().judge(&wishes, &Context::default());
        assert!(verdicts.iter().all(Verdict::is_unknown), "{:?}: {verdicts:?}", name.get(..9));
    }
}

#[test]
fn a_lesson_s_programs_have_a_minute_each_at_the_most() {
    let program = serde_json::json!({"program": {"file": "x", "as": "lisa", "time": "1000m"}});
    let check: Check = serde_json::from_value(serde_json::json!({"all": [{"not": program}, program]})).unwrap();
    assert_eq!(running_time(&check), Duration::from_secs(120));
}

#[test]
fn verdicts_with_what_was_seen_are_the_same_and_the_record_says_them_again() {
    let wishes = [
        r#"{"account":{"name":"no-such-account","exists":false}}"#,
        r#"{"all":[{"account":{"name":"root"}},{"not":{"account":{"name":"no-such-account"}}}]}"#,
        r#"{"all":[]}"#,
        r#"{"container":{"account":"no-such-account","name":"x"}}"#,
        r#"{"not":{"container":{"account":"no-such-account","name":"x"}}}"#,
        r#"{"within":{"time":"10ms","check":{"account":{"name":"no-such-account"}}}}"#,
    ];
    let wishes: Vec<Check> = wishes.iter().map(|json| serde_json::from_str(json).unwrap()).collect();
    let verdicts = Desk::default().judge(&wishes, &Context::default());
    let (seen, testimony) = Desk::default().testify(&wishes, &Context::default());
    assert_eq!(seen, verdicts);
    assert!(verdicts[3].is_unknown(), "{verdicts:?}");
    let replay = witness::Replay::new(&testimony);
    for (nth, (wish, verdict)) in wishes.iter().zip(verdicts).enumerate() {
        assert_eq!(replay.judge(Some(nth), wish), witness::Rejudged { verdict, gaps: vec![] }, "{wish:?}");
    }
}

//! Cases of what is understood, and what is not.

use super::*;

#[test]
fn what_is_not_written_down_is_not_understood() {
    let read = |json: &str| super::super::line::read::<Request>(json.as_bytes());
    assert!(read(r#"{"judge":{"checks":[],"context":{}}}"#).is_ok());
    assert!(read(r#"{"testify":{"checks":[],"context":{}}}"#).is_ok());
    for odd in [
        r#"{"run":"id"}"#,
        r#"{"judge":{"checks":[],"context":{},"as":"root"}}"#,
        "{}",
        "judge",
        "testify",
        r#"{"room":"/etc"}"#,
    ] {
        assert!(read(odd).is_err(), "{odd}");
    }
}

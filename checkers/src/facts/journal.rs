//! Entries of the journal as `journalctl --output=json` writes them, one a line. Pure.

use serde_json::Value;

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Microseconds since 1970.
    pub at: u64,
    /// What was said; none where the journal left it out for its length.
    pub message: Option<String>,
}

/// The entries; none for an output that is not journalctl's.
pub fn entries(output: &str) -> Option<Vec<Entry>> {
    output.lines().filter(|line| !line.trim().is_empty()).map(entry).collect()
}

fn entry(line: &str) -> Option<Entry> {
    let value: Value = serde_json::from_str(line).ok()?;
    let at = value.get("__REALTIME_TIMESTAMP")?.as_str()?.parse().ok()?;
    let message = match value.get("MESSAGE") {
        Some(Value::String(text)) => Some(text.clone()),
        // What is no plain text comes as numbers, one a byte.
        Some(Value::Array(list)) if list.iter().all(Value::is_u64) => {
            let bytes = list.iter().filter_map(Value::as_u64).filter_map(|byte| u8::try_from(byte).ok());
            Some(String::from_utf8_lossy(&bytes.collect::<Vec<u8>>()).into_owned())
        }
        // A field that was given several times.
        Some(Value::Array(list)) => Some(list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n")),
        _ => None,
    };
    Some(Entry { at, message })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_texts_bytes_or_left_out() {
        let output = r#"{"__CURSOR":"s=1","__REALTIME_TIMESTAMP":"1767225600000001","MESSAGE":"hello"}
{"__REALTIME_TIMESTAMP":"2","MESSAGE":[104,105,27]}
{"__REALTIME_TIMESTAMP":"3","MESSAGE":null}
{"__REALTIME_TIMESTAMP":"4","MESSAGE":["a","b"]}
"#;
        let found = entries(output).unwrap();
        let said: Vec<_> = found.iter().map(|entry| entry.message.as_deref()).collect();
        assert_eq!(said, [Some("hello"), Some("hi\u{1b}"), None, Some("a\nb")]);
        assert_eq!(found[0].at, 1_767_225_600_000_001);
        assert_eq!(entries(""), Some(vec![]));
        assert_eq!(entries("-- No entries --\n"), None);
    }
}

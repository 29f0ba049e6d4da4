//! The record of a container's health checks (`healthcheck.log`, JSON), one form from podman 3.0 to 5.8. Pure; runs no health check.

use serde::Deserialize;

/// What podman wrote down after the last check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// `healthy`, `unhealthy`, `starting`. podman 5 also writes `reset` for containers without a check.
    pub status: String,
    /// How many in a row failed.
    pub failing: u64,
    /// When the last one ended and with which status.
    pub last: Option<(String, i64)>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Record {
    status: String,
    #[serde(default)]
    failing_streak: u64,
    #[serde(default)]
    log: Option<Vec<Entry>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    end: String,
    exit_code: i64,
}

/// Reads the record.
pub fn read(json: &[u8]) -> Result<Health, String> {
    let record: Record = serde_json::from_slice(json).map_err(|error| error.to_string())?;
    let last = record.log.unwrap_or_default().pop().map(|entry| (entry.end, entry.exit_code));
    Ok(Health { status: record.status, failing: record.failing_streak, last })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_check_and_the_status_are_read_as_podman_writes_them() {
        let json = br#"{"Status":"unhealthy","FailingStreak":3,"Log":[{"Start":"a","End":"b","ExitCode":0,"Output":""},{"Start":"c","End":"2026-11-25T23:55:59.9Z","ExitCode":1,"Output":"x"}]}"#;
        let health = read(json).unwrap();
        assert_eq!((health.status.as_str(), health.failing), ("unhealthy", 3));
        assert_eq!(health.last, Some(("2026-11-25T23:55:59.9Z".into(), 1)));
        assert_eq!(read(br#"{"Status":"reset","FailingStreak":0,"Log":null}"#).unwrap().last, None);
        assert!(read(b"").is_err());
    }
}

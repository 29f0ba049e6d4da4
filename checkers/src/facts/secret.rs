//! The list of an account's podman secrets: their names and drivers. Never opens the file in which their contents lie.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A secret, without what it keeps.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Secret {
    /// Its name.
    pub name: String,
    /// `file`, `pass`, `shell`.
    #[serde(default)]
    pub driver: String,
}

#[derive(Deserialize)]
struct List {
    #[serde(default)]
    secrets: Option<BTreeMap<String, Secret>>,
}

/// Reads podman's `secrets.json`.
pub fn read(json: &[u8]) -> Result<Vec<Secret>, String> {
    let list: List = serde_json::from_slice(json).map_err(|error| error.to_string())?;
    Ok(list.secrets.unwrap_or_default().into_values().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_says_names_and_drivers() {
        let json = br#"{"secrets":{"fe49":{"name":"tok","id":"fe49","driver":"file","driverOptions":{"path":"/x"}}},"nameToID":{"tok":"fe49"}}"#;
        assert_eq!(read(json), Ok(vec![Secret { name: "tok".into(), driver: "file".into() }]));
        assert_eq!(read(br#"{"secrets":null}"#), Ok(vec![]));
        assert!(read(b"[").is_err());
    }
}

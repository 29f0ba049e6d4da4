//! Entries of dpkg's database (`/var/lib/dpkg/status`, dpkg-query(1)) and answers of `rpm -q`. Pure.

/// A package in dpkg's database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its version.
    pub version: String,
    /// Its architecture.
    pub architecture: String,
    /// The third word of its state: `installed`, `config-files`, `half-installed` …
    pub state: String,
}

/// The entries of a package, one for each architecture.
pub fn entries(status: &str, name: &str) -> Vec<Entry> {
    let (name, wanted) = name.split_once(':').map_or((name, None), |(name, architecture)| (name, Some(architecture)));
    let mut found = Vec::new();
    for paragraph in status.split("\n\n") {
        let field = |key: &str| paragraph.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(": "));
        if field("Package") != Some(name) {
            continue;
        }
        let architecture = field("Architecture").unwrap_or_default().trim().to_owned();
        if wanted.is_some_and(|wanted| wanted != architecture) {
            continue;
        }
        let state = field("Status").and_then(|state| state.split_whitespace().nth(2)).unwrap_or_default().to_owned();
        found.push(Entry { version: field("Version").unwrap_or_default().trim().to_owned(), architecture, state });
    }
    found
}

/// Whether this database is the machine's own: dpkg stands in it then. A machine of rpm's may have dpkg as a mere tool.
pub fn is_own(status: &str) -> bool {
    entries(status, "dpkg").iter().any(|entry| entry.state == "installed")
}

/// What `rpm -q` said of one package: its versions, none where it is not installed. No answer where it said something else.
pub fn rpm_versions(status: Option<i32>, output: &str, name: &str) -> Option<Vec<String>> {
    match status {
        Some(0) => Some(output.lines().map(|line| line.trim_start_matches("0:").to_owned()).collect()),
        Some(1) if output.trim() == format!("package {name} is not installed") => Some(Vec::new()),
        _ => None,
    }
}

/// A name that a package can have.
pub fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "+._:-".contains(c);
    name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATUS: &str = "Package: dpkg\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.22.21\n\n\
        Package: nano\nStatus: deinstall ok config-files\nArchitecture: amd64\nVersion: 8.4-1\nConffiles:\n /etc/nanorc 1\n\n\
        Package: libc6\nStatus: install ok installed\nArchitecture: amd64\nVersion: 2.41-12\nDescription: Package: nano\n\n\
        Package: libc6\nStatus: install ok installed\nArchitecture: i386\nVersion: 2.41-11\n";

    #[test]
    fn entries_are_found_by_name_and_architecture() {
        let states = |name| entries(STATUS, name).into_iter().map(|e| (e.version, e.state)).collect::<Vec<_>>();
        assert_eq!(states("nano"), [("8.4-1".to_owned(), "config-files".to_owned())]);
        assert_eq!(states("libc6").len(), 2);
        assert_eq!(states("libc6:i386"), [("2.41-11".to_owned(), "installed".to_owned())]);
        assert!(states("libc").is_empty() && states("dpkg:arm64").is_empty());
        assert!(is_own(STATUS) && !is_own("") && !is_own("Package: rpm\nStatus: install ok installed\n"));
    }

    #[test]
    fn rpm_answers_with_versions_or_says_that_there_are_none() {
        let lines = "0:5.14.0-1.el9\n0:5.14.0-2.el9\n";
        assert_eq!(rpm_versions(Some(0), lines, "kernel").unwrap(), ["5.14.0-1.el9", "5.14.0-2.el9"]);
        assert_eq!(rpm_versions(Some(0), "2:4.9-1\n", "podman").unwrap(), ["2:4.9-1"]);
        assert_eq!(rpm_versions(Some(1), "package x is not installed\n", "x"), Some(vec![]));
        assert_eq!(rpm_versions(Some(1), "error: cannot open Packages database\n", "x"), None);
        assert_eq!(rpm_versions(None, "", "x"), None);
    }

    #[test]
    fn a_name_is_no_option_and_no_pattern() {
        for (name, is) in
            [("nano", true), ("g++-12", true), ("libc6:i386", true), ("-e", false), ("a*", false), ("", false)]
        {
            assert_eq!(is_name(name), is, "{name}");
        }
    }
}

//! What a wish rests on: the parts of the machine whose change may change its verdict. Names them, and never looks at them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::catalogue::Check;

/// A part of the machine. A wish that rests on nothing (a command's outcome) has none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum Ground {
    /// What stands at a path.
    Path {
        /// As in a lesson: `~`, `~name` and `{uid}` are filled in where it is looked at.
        path: String,
        /// The account whose eyes and home are meant.
        #[serde(default, rename = "as", skip_serializing_if = "Option::is_none")]
        account: Option<String>,
        /// What stands directly in the directory there, too.
        #[serde(default)]
        inside: bool,
    },
    /// The account database: accounts, groups, passwords, subordinate ids.
    Accounts,
    /// A unit, as its manager has it.
    Unit {
        /// Its name.
        name: String,
        /// The account whose manager is meant; the system's where none is named.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user: Option<String>,
    },
    /// The system's service manager itself.
    SystemManager,
    /// The service manager of this account itself.
    UserManager(String),
    /// What logind knows: who is logged in, who lingers.
    Logins,
    /// The containers and images of this account, and the processes of its containers.
    Containers(String),
    /// Who listens on which port. The kernel tells nobody when that changes.
    Sockets,
    /// What changes without anybody being told: mounts and settings of the kernel, the journal, files that only root may see.
    Untold,
    /// The shell in front of the lab's terminal. The lab itself knows when that changes.
    Shell,
    /// Whatever a lesson's own program looks at. Nobody knows when that changes.
    Program,
}

impl Ground {
    /// What stands at a path, with these eyes.
    pub(crate) fn path(path: impl Into<String>, account: Option<&String>) -> Self {
        Self::Path { path: path.into(), account: account.cloned(), inside: false }
    }

    /// What stands at a path and directly in it, with these eyes.
    pub(crate) fn inside(path: impl Into<String>, account: Option<&String>) -> Self {
        Self::Path { path: path.into(), account: account.cloned(), inside: true }
    }
}

impl Check {
    /// Everything that the verdict of this wish rests on, each once; of a combination, all that its parts rest on.
    pub fn rests_on(&self) -> BTreeSet<Ground> {
        self.singles().into_iter().filter_map(Self::single).flat_map(|single| single.rests_on()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rests_on(json: &str) -> Vec<Ground> {
        serde_json::from_str::<Check>(json).unwrap().rests_on().into_iter().collect()
    }

    #[test]
    fn every_check_of_the_catalogue_rests_on_something_but_the_one_about_commands() {
        // The compiler asks each check; this asks for an example of each, so that none answers without thought.
        let examples = [
            ("account", r#"{"name":"a"}"#, 1),
            ("password", r#"{"account":"a","set":true}"#, 1),
            ("group", r#"{"name":"a"}"#, 1),
            ("package", r#"{"name":"a"}"#, 3),
            ("path", r#"{"path":"/x"}"#, 1),
            ("unit-file", r#"{"path":"~/x","as":"a"}"#, 2),
            ("unit", r#"{"name":"x.service","user":"a","needs-daemon-reload":false}"#, 5),
            ("timer", r#"{"name":"x.timer"}"#, 3),
            ("manager", r#"{"user":"a","running":true}"#, 2),
            ("linger", r#"{"account":"a"}"#, 2),
            ("session", r#"{"account":"a"}"#, 2),
            ("shell", r#"{"account":"a"}"#, 1),
            ("container", r#"{"account":"a","name":"x"}"#, 2),
            ("image", r#"{"account":"a","name":"x"}"#, 2),
            ("command", r#"{"run":"id"}"#, 0),
            ("port", r#"{"number":80}"#, 1),
            ("http", r#"{"url":"http://localhost/"}"#, 1),
            ("firewall", r#"{"port":"80/tcp","now":true}"#, 1),
            ("cron", r#"{"account":"a"}"#, 4),
            ("journal", r#"{"user":"a"}"#, 2),
            ("sudo-rule", r#"{"account":"a","runs":"ALL"}"#, 3),
            ("selinux", r#"{"now":"enforcing","after-boot":"enforcing","path":"/x","type":"x_t"}"#, 4),
            ("sysctl", r#"{"key":"kernel.x","now":"1","after-boot":"1"}"#, 6),
            ("mount", r#"{"at":"/x","mounted":true,"in-fstab":true}"#, 2),
            ("host-name", r#"{"now":"a","after-boot":"a"}"#, 2),
            ("time-zone", r#"{"zone":"UTC"}"#, 1),
            ("program", r#"{"file":"/x","as":"a"}"#, 1),
            ("quadlet", r#"{"file":"x.container","user":"a","generated":true}"#, 4),
            ("volume", r#"{"account":"a","name":"x","holds":"y"}"#, 4),
            ("network", r#"{"account":"a","name":"x"}"#, 4),
            ("secret", r#"{"account":"a","name":"x"}"#, 2),
            ("pod", r#"{"account":"a","name":"x"}"#, 2),
            ("healthcheck", r#"{"account":"a","container":"x"}"#, 2),
            ("auto-update", r#"{"user":"a","unit":"x.service","timer":true}"#, 5),
        ];
        let names: Vec<&str> = Check::PAGES.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, examples.map(|(name, ..)| name));
        for (name, wish, count) in examples {
            let found = rests_on(&format!(r#"{{"{name}":{wish}}}"#));
            assert_eq!(found.len(), count, "{name}: {found:?}");
        }
    }

    #[test]
    fn a_combination_rests_on_all_that_its_parts_rest_on_each_once() {
        let parts = r#"{"linger":{"account":"a"}},{"not":{"session":{"account":"a"}}},{"within":{"time":"1s","check":{"port":{"number":80}}}}"#;
        let found = rests_on(&format!(r#"{{"any":[{{"all":[{parts}]}}]}}"#));
        assert_eq!(found, [Ground::Accounts, Ground::Logins, Ground::Sockets]);
    }

    #[test]
    fn a_path_rests_on_accounts_only_where_it_names_one() {
        assert_eq!(rests_on(r#"{"path":{"path":"/etc/hosts"}}"#).len(), 1);
        for wish in [r#""path":"~a/x""#, r#""path":"/x","owner":"a""#, r#""path":"/run/user/{uid}","as":"a""#] {
            assert!(rests_on(&format!(r#"{{"path":{{{wish}}}}}"#)).contains(&Ground::Accounts), "{wish}");
        }
    }
}

//! The plain programs of the system that only tell what is so, each as a typed question. No lesson writes a word of their command
//! lines beyond the names that are filled in here, and none of them starts or changes anything.

use serde::{Deserialize, Serialize};

/// A question to a plain program.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Plain {
    /// `rpm -q`: the versions of an installed package. A name with other characters than packages have is refused.
    Package(String),
    /// `nft -j list ruleset`: the rules of nftables.
    Ruleset,
    /// `journalctl`: entries of the journal that fit one of these lists of `FIELD=value`, since a time (microseconds since 1970), the newest
    /// first.
    Journal {
        /// An entry fits when it has every field of one list.
        any: Vec<Vec<String>>,
        /// From then on, in whole seconds rounded down.
        since: u64,
    },
}

/// No question to the journal is answered with more entries.
pub const MOST_ENTRIES: usize = 500;

impl Plain {
    /// The program's name. It is looked for in the system's own folders alone.
    pub fn program(&self) -> &'static str {
        match self {
            Self::Package(_) => "rpm",
            Self::Ruleset => "nft",
            Self::Journal { .. } => "journalctl",
        }
    }

    /// Only root is told all of it; another would take a part for the whole.
    pub fn needs_root(&self) -> bool {
        matches!(self, Self::Journal { .. } | Self::Ruleset)
    }

    /// Its words.
    pub fn arguments(&self) -> Vec<String> {
        match self {
            Self::Package(name) => {
                let form = r"%{EPOCHNUM}:%{VERSION}-%{RELEASE}\n";
                ["-q", "--queryformat", form, "--", name].map(str::to_owned).into()
            }
            Self::Ruleset => ["-j", "list", "ruleset"].map(str::to_owned).into(),
            Self::Journal { any, since } => {
                let mut words: Vec<String> = vec![
                    "--quiet".into(),
                    "--no-pager".into(),
                    "--reverse".into(),
                    "--output=json".into(),
                    "--output-fields=MESSAGE".into(),
                    format!("--lines={MOST_ENTRIES}"),
                    format!("--since=@{}", since / 1_000_000),
                    "--".into(),
                ];
                for (nth, all) in any.iter().enumerate() {
                    words.extend((nth > 0).then(|| "+".to_owned()));
                    words.extend(all.iter().cloned());
                }
                words
            }
        }
    }

    /// The command line, as a person would see it.
    pub fn line(&self) -> String {
        match self {
            Self::Package(name) => format!("rpm -q {name}"),
            Self::Ruleset => "nft list ruleset".into(),
            Self::Journal { any, .. } => {
                format!("journalctl {}", any.iter().map(|all| all.join(" ")).collect::<Vec<_>>().join(" + "))
            }
        }
    }
}

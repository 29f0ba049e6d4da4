//! The plain programs of the system that only tell what is so, each as a typed question. No lesson writes a word of their command
//! lines beyond the names that are filled in here, and none of them starts or changes anything.

use serde::{Deserialize, Serialize};

/// A question to a plain program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Plain {
    /// `rpm -q`: the versions of an installed package. A name with other characters than packages have is refused.
    Package(String),
}

impl Plain {
    /// The program's name. It is looked for in the system's own folders alone.
    pub fn program(&self) -> &'static str {
        match self {
            Self::Package(_) => "rpm",
        }
    }

    /// Its words.
    pub fn arguments(&self) -> Vec<String> {
        match self {
            Self::Package(name) => {
                let form = r"%{EPOCHNUM}:%{VERSION}-%{RELEASE}\n";
                ["-q", "--queryformat", form, "--", name].map(str::to_owned).into()
            }
        }
    }

    /// The command line, as a person would see it.
    pub fn line(&self) -> String {
        match self {
            Self::Package(name) => format!("rpm -q {name}"),
        }
    }
}

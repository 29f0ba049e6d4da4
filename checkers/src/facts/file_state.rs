//! The state of a unit's file, in systemd's own words (`systemctl list-unit-files`): it is no yes or no.

use serde::{Deserialize, Serialize};

/// What systemd says of a unit's file. See systemctl(1), `is-enabled`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FileState {
    /// A link in `.wants/` or `.requires/` starts it.
    Enabled,
    /// The same, until the next boot.
    EnabledRuntime,
    /// The file lies elsewhere, and a link makes it known.
    Linked,
    /// The same, until the next boot.
    LinkedRuntime,
    /// Another name of a unit.
    Alias,
    /// It cannot be started at all.
    Masked,
    /// The same, until the next boot.
    MaskedRuntime,
    /// It has no `[Install]` section, and others start it.
    Static,
    /// Not enabled itself, but another unit named in its `[Install]` section may be.
    Indirect,
    /// Nothing starts it.
    Disabled,
    /// A generator made it.
    Generated,
    /// A program made it, and it is gone with its unit.
    Transient,
    /// The file is not valid.
    Bad,
}

impl FileState {
    /// As systemd spells it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::EnabledRuntime => "enabled-runtime",
            Self::Linked => "linked",
            Self::LinkedRuntime => "linked-runtime",
            Self::Alias => "alias",
            Self::Masked => "masked",
            Self::MaskedRuntime => "masked-runtime",
            Self::Static => "static",
            Self::Indirect => "indirect",
            Self::Disabled => "disabled",
            Self::Generated => "generated",
            Self::Transient => "transient",
            Self::Bad => "bad",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::FileState;

    #[test]
    fn a_state_is_read_and_written_as_systemd_spells_it_and_a_slip_is_none() {
        for word in "enabled enabled-runtime linked linked-runtime alias masked masked-runtime static indirect disabled generated \
                     transient bad"
            .split(' ')
        {
            let state: FileState = serde_json::from_value(word.into()).unwrap();
            assert_eq!(state.word(), word);
        }
        assert!(serde_json::from_value::<FileState>("enabeld".into()).is_err());
    }
}

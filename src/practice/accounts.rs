//! The accounts a machine has from the start. Never reads a password from anywhere but the recipe.

use super::Error;

/// An account that is made with the machine.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Account {
    /// Its name.
    pub name: String,
    /// Its password; none locks it.
    pub password: Option<String>,
    /// May use sudo for everything, without a password.
    pub sudo: bool,
}

impl Account {
    /// The lesson's administrator.
    pub fn lisa() -> Account {
        Account { name: "lisa".into(), password: Some("lisa".into()), sudo: true }
    }

    /// Refuses what could be anything else than a name to the programs that make accounts.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
        let named = self.name.len() <= 31
            && self.name.chars().all(plain)
            && self.name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
        let one_line = self.password.iter().all(|password| !password.contains(['\n', '\0', '\r']));
        if named && one_line { Ok(()) } else { Err(Error::BadAccount(self.name.clone())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_name_cannot_be_an_option_or_a_path() {
        for bad in ["", "-m", "a b", "../x", "Root", "a:b", "a\nb"] {
            assert!(Account { name: bad.into(), password: None, sudo: false }.check().is_err(), "{bad:?}");
        }
        assert!(Account::lisa().check().is_ok());
    }
}

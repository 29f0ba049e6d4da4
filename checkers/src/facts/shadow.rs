//! An entry of /etc/shadow (shadow(5)). Pure. The hash never leaves this file, not even in Debug.

use sha_crypt::{PasswordVerifier, ShaCrypt};
use yescrypt::Yescrypt;

/// One account's entry.
pub struct Shadow {
    hash: String,
    /// Day of the last change; 0: has to be changed at the next login.
    last_change: Option<i64>,
    /// Days after which it has to be changed.
    most_days: Option<i64>,
    /// Day from which on the account is expired.
    expires: Option<i64>,
}

impl std::fmt::Debug for Shadow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shadow").field("hash", &self.scheme()).finish_non_exhaustive()
    }
}

/// What comparing with a given password came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compared {
    /// It is the one.
    Same,
    /// It is not.
    Other,
    /// There is none to compare with.
    None,
    /// Its scheme, named here, is not one that can be compared.
    Scheme(&'static str),
}

impl Shadow {
    /// The entry of `name`.
    pub fn find(table: &str, name: &str) -> Option<Self> {
        let line = table.lines().find(|line| line.split(':').next() == Some(name))?;
        let fields: Vec<&str> = line.split(':').collect();
        let day = |n: usize| fields.get(n).and_then(|f| f.trim().parse::<i64>().ok()).filter(|d| *d >= 0);
        Some(Self { hash: (*fields.get(1)?).to_owned(), last_change: day(2), most_days: day(4), expires: day(7) })
    }
    fn bare(&self) -> &str {
        self.hash.trim_start_matches('!')
    }
    /// A password is set, locked or not.
    pub fn is_set(&self) -> bool {
        self.bare().starts_with('$') || (self.bare().len() >= 13 && !self.bare().contains('*'))
    }
    /// No password can open the account: `!` in front, or `*`.
    pub fn is_locked(&self) -> bool {
        self.hash.starts_with(['!', '*'])
    }
    /// Anybody may enter without one.
    pub fn is_empty(&self) -> bool {
        self.hash.is_empty()
    }
    /// Why it is expired on this day (days since 1970), if it is.
    pub fn expired(&self, today: i64) -> Option<&'static str> {
        match self {
            Self { expires: Some(day), .. } if today >= *day => Some("the account's expiry date is past"),
            Self { last_change: Some(0), .. } => Some("the password has to be changed at the next login"),
            Self { last_change: Some(day), most_days: Some(most), .. } if today - day > *most => {
                Some("the password is older than it may be")
            }
            _ => None,
        }
    }
    /// The scheme of the hash, in words.
    pub fn scheme(&self) -> &'static str {
        let hash = self.bare();
        let known = [
            ("$y$", "yescrypt"),
            ("$gy$", "gost-yescrypt"),
            ("$7$", "scrypt"),
            ("$6$", "sha512crypt"),
            ("$5$", "sha256crypt"),
            ("$2", "bcrypt"),
            ("$1$", "md5crypt"),
        ];
        match known.iter().find(|(prefix, _)| hash.starts_with(prefix)) {
            Some((_, name)) => name,
            None if self.is_set() => "an unknown scheme",
            None => "none",
        }
    }
    /// Whether the password is this one.
    pub fn compare(&self, password: &str) -> Compared {
        if !self.is_set() {
            return Compared::None;
        }
        let same = match self.scheme() {
            "yescrypt" => Yescrypt::default().verify_password(password.as_bytes(), self.bare()),
            "sha512crypt" | "sha256crypt" => ShaCrypt::default().verify_password(password.as_bytes(), self.bare()),
            other => return Compared::Scheme(other),
        };
        match same {
            Ok(()) => Compared::Same,
            Err(sha_crypt::password_hash::Error::PasswordInvalid) => Compared::Other,
            Err(_) => Compared::Scheme("a form of its scheme that is not known here"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by libxcrypt 4.4 through crypt(3), the password `conuser1` each.
    pub(crate) const HASHES: [&str; 3] = [
        "$y$j9T$abcdefghijklmnop$Qnqnb9TM8w/vo9ztBoRDg09Zl4x.Iindhg/.zM6DI//",
        "$6$saltsaltsalt$x49rFN6fV2xUyay4m9XNEOQijhFg17mWn4UOeK7EKX8YYjF8rk3PphDYPR/HltHvxI7mKJwCIO88Xrqn9eMEN.",
        "$5$rounds=6000$saltsalt$8hf8BckaEw99jIAQxiAt8CioBnn.PnxLv.lT9c3UTG4",
    ];

    fn entry(hash: &str, rest: &str) -> Shadow {
        Shadow::find(&format!("root:*:1::::::\nada:{hash}:{rest}\n"), "ada").unwrap()
    }

    #[test]
    fn real_hashes_are_compared() {
        for hash in HASHES {
            assert_eq!(entry(hash, "20000:0:99999:7:::").compare("conuser1"), Compared::Same, "{hash}");
            assert_eq!(entry(hash, "20000:0:99999:7:::").compare("conuser2"), Compared::Other, "{hash}");
        }
        assert_eq!(entry("$1$a$b", "1::::::").compare("x"), Compared::Scheme("md5crypt"));
        assert_eq!(entry("!", "1::::::").compare("x"), Compared::None);
    }

    #[test]
    fn set_and_locked_are_two_things() {
        for (hash, set, locked) in [
            ("!", false, true),
            ("!!", false, true),
            ("*", false, true),
            ("!*", false, true),
            ("", false, false),
            (HASHES[1], true, false),
            ("!$6$a$b", true, true),
        ] {
            let entry = entry(hash, "1::::::");
            assert_eq!((entry.is_set(), entry.is_locked()), (set, locked), "{hash}");
        }
    }

    #[test]
    fn three_ways_to_be_expired() {
        for (rest, expired) in [
            ("20000:0:99999:7:::", false),
            ("0:0:99999:7:::", true),
            ("20000:0:30:7:::", true),
            ("20000:0:100:7:::", false),
            ("20000:0:99999:7::20050:", true),
            ("20000:0:99999:7::20051:", false),
            ("20000:0:-1:7::-1:", false),
            ("::::::", false),
        ] {
            assert_eq!(entry(HASHES[0], rest).expired(20050).is_some(), expired, "{rest}");
        }
    }

    #[test]
    fn debug_never_shows_a_hash() {
        for hash in HASHES {
            let text = format!("{:?}", entry(hash, "1::::::"));
            assert!(!text.contains("salt") && !text.contains("abcdef"), "{text}");
        }
    }
}

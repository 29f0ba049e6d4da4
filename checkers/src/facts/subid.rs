//! Subordinate ids (subuid(5), subgid(5)): how many an account has. Pure.

/// How many ids the ranges of an account hold together; a line names the account or its uid. Lines that cannot be read count nothing.
pub fn count(table: &str, name: &str, uid: u32) -> u64 {
    let uid = uid.to_string();
    let ranges = table.lines().filter_map(|line| {
        let mut fields = line.trim().split(':');
        let whose = fields.next()?;
        let _first: u32 = fields.next()?.parse().ok()?;
        let number: u32 = fields.next()?.parse().ok()?;
        (fields.next().is_none() && (whose == name || whose == uid)).then_some(u64::from(number))
    });
    ranges.sum()
}

/// Which id an id of the machine is inside the containers of an account: the account itself is 0, its subordinate ids follow, in the
/// order of their lines. None for an id that is not among them: inside it looks like nobody's.
pub fn inside(table: &str, name: &str, uid: u32, outside: u32) -> Option<u32> {
    if outside == uid {
        return Some(0);
    }
    let own = uid.to_string();
    let mut before: u64 = 1;
    for line in table.lines() {
        let mut fields = line.trim().split(':');
        let (Some(whose), Some(first), Some(number), None) =
            (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            continue;
        };
        let (Ok(first), Ok(number)) = (first.parse::<u32>(), number.parse::<u32>()) else { continue };
        if whose != name && whose != own {
            continue;
        }
        if let Some(nth) = outside.checked_sub(first).filter(|nth| *nth < number) {
            return u32::try_from(before + u64::from(nth)).ok();
        }
        before += u64::from(number);
    }
    None
}

/// Where else than in the two files subordinate ids are kept, after nsswitch.conf(5); none when it is the files.
pub fn kept_elsewhere(nsswitch: &str) -> Option<&str> {
    let line = nsswitch.lines().filter_map(|l| l.trim().strip_prefix("subid:")).next()?;
    let sources = line.split('#').next().unwrap_or(line).trim();
    (!sources.is_empty() && sources != "files").then_some(sources)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_root_inside_and_its_ranges_follow_in_their_order() {
        let table = "lisa:100000:65536\nconuser1:165536:65536\n1001:300000:10\n";
        let inside = |outside| inside(table, "conuser1", 1001, outside);
        assert_eq!([1001, 165_536, 166_535, 231_071].map(inside), [Some(0), Some(1), Some(1000), Some(65536)]);
        assert_eq!([300_000, 300_009].map(inside), [Some(65537), Some(65546)]);
        assert_eq!([0, 1000, 100_000, 231_072, 300_010].map(inside), [None; 5]);
    }

    #[test]
    fn ranges_of_the_name_and_of_the_uid_are_summed() {
        let table =
            "lisa:100000:65536\nconuser1:165536:65536\n1001:300000:10\n# conuser1:1:1\nconuser1:x:5\nconuser1:1\n";
        assert_eq!(count(table, "conuser1", 1001), 65546);
        assert_eq!(count(table, "conuser", 100), 0);
    }

    #[test]
    fn another_source_than_the_files_is_said() {
        assert_eq!(kept_elsewhere("passwd: files\n"), None);
        assert_eq!(kept_elsewhere("subid: files # local\n"), None);
        assert_eq!(kept_elsewhere("passwd: files\nsubid:   sss\n"), Some("sss"));
    }
}

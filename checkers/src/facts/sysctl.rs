//! Settings of the kernel: their names, and what the files of sysctl.d(5) set at boot. Pure.

use std::path::PathBuf;

/// The folders, the weightiest first: a file there hides those of the same name in the later ones.
pub const FOLDERS: [&str; 5] =
    ["/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d", "/lib/sysctl.d"];

/// The path of a setting below `/proc/sys`; none for a name that leads elsewhere. Where the first separator is a dot, dots part the
/// name and slashes stand for dots in it (`net.ipv4.conf.eth0/1.forwarding`); else it is the path itself.
pub fn path(key: &str) -> Option<PathBuf> {
    let path = slashed(key);
    let plain = path.split('/').all(|part| !matches!(part, "" | "." | ".."));
    (plain && !path.contains('\0')).then(|| PathBuf::from("/proc/sys").join(path))
}

fn slashed(key: &str) -> String {
    match key.find(['.', '/']) {
        Some(at) if key.as_bytes().get(at) == Some(&b'.') => key
            .chars()
            .map(|c| {
                if c == '.' {
                    '/'
                } else if c == '/' {
                    '.'
                } else {
                    c
                }
            })
            .collect(),
        _ => key.to_owned(),
    }
}

/// Words with one blank between them: the kernel parts them with tabs.
pub fn settled(value: &str) -> String {
    value.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a file says about a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// Sets it by its own name.
    Sets(String),
    /// Sets whatever fits a pattern, and it fits.
    SetsAll(String),
    /// `-NAME`: patterns do not reach it.
    Spares,
}

/// The lines of one file that concern the setting at `path` (below `/proc/sys`, no slash in front), in their order.
pub fn lines(text: &str, key: &str) -> Vec<Line> {
    let key = slashed(key);
    let mut found = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', ';'])) {
        let Some((name, value)) = line.split_once('=') else {
            if line.strip_prefix('-').is_some_and(|name| slashed(name.trim()) == key) {
                found.push(Line::Spares);
            }
            continue;
        };
        // A dash in front of an assignment only means that its failing is no matter.
        let name = name.trim();
        let name = slashed(name.strip_prefix('-').unwrap_or(name).trim());
        if name == key {
            found.push(Line::Sets(settled(value)));
        } else if name.contains(['*', '?', '[']) && fits(&name, &key) {
            found.push(Line::SetsAll(settled(value)));
        }
    }
    found
}

/// What holds after all files: the last that names the setting, else the last pattern that reaches it.
pub fn after_boot<'l, S: Copy>(all: impl IntoIterator<Item = (S, &'l Line)>) -> Option<(S, &'l str)> {
    let (mut own, mut pattern, mut spared) = (None, None, false);
    for (source, line) in all {
        match line {
            Line::Sets(value) => own = Some((source, value.as_str())),
            Line::SetsAll(value) => pattern = Some((source, value.as_str())),
            Line::Spares => spared = true,
        }
    }
    own.or(pattern.filter(|_| !spared))
}

/// glob(7) on paths: `*` and `?` stop at a slash.
fn fits(pattern: &str, path: &str) -> bool {
    let mut regex = String::from("^");
    let mut open = false;
    for c in pattern.chars() {
        match c {
            '[' if !open => (open, regex) = (true, regex + "["),
            ']' if open => (open, regex) = (false, regex + "]"),
            '!' if open && regex.ends_with('[') => regex.push('^'),
            '*' if !open => regex.push_str("[^/]*"),
            '?' if !open => regex.push_str("[^/]"),
            c if c.is_ascii_alphanumeric() || matches!(c, '/' | '_') || (open && c == '-') => regex.push(c),
            c => regex.push_str(&format!("\\x{{{:x}}}", u32::from(c))),
        }
    }
    regex::Regex::new(&(regex + "$")).is_ok_and(|regex| regex.is_match(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_path_whichever_way_it_is_written() {
        for (key, wanted) in [
            ("net.ipv4.ip_forward", Some("/proc/sys/net/ipv4/ip_forward")),
            ("net/ipv4/conf/eth0.1/forwarding", Some("/proc/sys/net/ipv4/conf/eth0.1/forwarding")),
            ("net.ipv4.conf.eth0/1.forwarding", Some("/proc/sys/net/ipv4/conf/eth0.1/forwarding")),
            ("kernel/../../etc/shadow", None),
            ("kernel.//.//.x", Some("/proc/sys/kernel/../../x")),
            ("/etc/shadow", None),
            ("", None),
        ] {
            // Two dots that come from slashes are a way out, too.
            let wanted = wanted.filter(|path| !path.contains("..")).map(PathBuf::from);
            assert_eq!(path(key), wanted, "{key}");
        }
    }

    #[test]
    fn a_setting_s_own_line_beats_any_pattern_and_the_last_one_counts() {
        let text =
            "# a comment\nnet.ipv4.conf.*.rp_filter = 2\n; one more\n-net/ipv4/conf/all/rp_filter=1\nkernel.x=3\n";
        let found = lines(text, "net.ipv4.conf.all.rp_filter");
        assert_eq!(found, [Line::SetsAll("2".into()), Line::Sets("1".into())]);
        assert_eq!(after_boot(found.iter().map(|l| ((), l))), Some(((), "1")));
        let found = lines(text, "net.ipv4.conf.eth0.rp_filter");
        assert_eq!(after_boot(found.iter().map(|l| ((), l))), Some(((), "2")));
        assert!(lines(text, "net.ipv4.conf.rp_filter").is_empty());
        let spared = [Line::SetsAll("2".into()), Line::Spares];
        assert_eq!(after_boot(spared.iter().map(|l| ((), l))), None);
        assert_eq!(
            lines("- kernel.x\nkernel.x = 4096\t131072  6\n", "kernel.x"),
            [Line::Spares, Line::Sets("4096 131072 6".into())]
        );
    }

    #[test]
    fn patterns_are_those_of_a_shell() {
        for (pattern, path, fit) in [
            ("net/*/conf/e?h[0-9]/x", "net/ipv4/conf/eth0/x", true),
            ("net/*/x", "net/a/b/x", false),
            ("net/[!a]/x", "net/a/x", false),
            ("net/(a+)/*", "net/a/x", false),
        ] {
            assert_eq!(fits(pattern, path), fit, "{pattern} {path}");
        }
    }
}

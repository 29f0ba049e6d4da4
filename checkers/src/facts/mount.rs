//! Mounts: lines of /proc/self/mountinfo (proc(5)) and of fstab(5), and what their options mean. Pure.

use std::collections::BTreeSet;

/// A mount, now or as a line of fstab wishes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// What is mounted, as it is written there.
    pub source: String,
    /// Where.
    pub at: String,
    /// The type of filesystem.
    pub kind: String,
    /// The options.
    pub options: BTreeSet<String>,
}

/// The mounts of this moment, in their order: a later one at the same place covers an earlier one.
pub fn mounted(mountinfo: &str) -> Vec<Mount> {
    let line = |line: &str| {
        let (head, tail) = line.split_once(" - ")?;
        let head: Vec<&str> = head.split(' ').collect();
        let [kind, source, own] = tail.splitn(3, ' ').collect::<Vec<_>>()[..] else { return None };
        let mut options: BTreeSet<String> = head.get(5)?.split(',').map(str::to_owned).collect();
        // What the filesystem itself says; a mount may be read-only although its filesystem is not, and the other way round.
        options.extend(own.split(',').map(str::to_owned));
        if options.contains("ro") {
            options.remove("rw");
        }
        Some(Mount { source: unescaped(source), at: unescaped(head.get(4)?), kind: kind.to_owned(), options })
    };
    mountinfo.lines().filter_map(line).collect()
}

/// The lines of an fstab; a line that is none is told by its number.
pub fn fstab(text: &str) -> Result<Vec<Mount>, usize> {
    let lines = text.lines().enumerate().map(|(nth, line)| (nth + 1, line.trim()));
    let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let read = |(nth, line): (usize, &str)| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [source, at, kind, ..] = fields[..] else { return Err(nth) };
        let options = fields.get(3).unwrap_or(&"defaults").split(',').map(str::to_owned).collect();
        let at = unescaped(at);
        let at = if at.len() > 1 { at.trim_end_matches('/').to_owned() } else { at };
        Ok(Mount { source: unescaped(source), at, kind: kind.to_owned(), options })
    };
    lines.map(read).collect()
}

/// Options that are so unless their opposite is named.
const USUAL: [(&str, &str); 6] =
    [("rw", "ro"), ("suid", "nosuid"), ("dev", "nodev"), ("exec", "noexec"), ("async", "sync"), ("auto", "noauto")];

impl Mount {
    /// Whether an option is in effect.
    pub fn has(&self, option: &str) -> bool {
        let usual = USUAL.iter().find(|(usual, _)| *usual == option);
        self.options.contains(option)
            || usual.is_some_and(|(_, opposite)| !self.options.contains(*opposite))
            || (option == "defaults" && USUAL.iter().all(|(_, opposite)| !self.options.contains(*opposite)))
    }
    /// The options in a row.
    pub fn row(&self) -> String {
        self.options.iter().cloned().collect::<Vec<_>>().join(",")
    }
}

/// Options that only fstab's readers know: no mount ever shows them.
pub fn is_for_fstab(option: &str) -> bool {
    let words = ["defaults", "auto", "noauto", "nofail", "user", "users", "nouser", "owner", "group", "_netdev"];
    words.contains(&option) || option.starts_with("x-") || option.starts_with("comment=")
}

/// The device link behind a tag such as `UUID=…`; none for what is no tag.
pub fn link_of(source: &str) -> Option<String> {
    let (tag, value) = source.split_once('=')?;
    let folder = match tag {
        "UUID" => "by-uuid",
        "LABEL" => "by-label",
        "PARTUUID" => "by-partuuid",
        "PARTLABEL" => "by-partlabel",
        _ => return None,
    };
    let value = value.trim_matches('"');
    let plain = !value.is_empty() && !value.contains(['/', '\0']) && value != "." && value != "..";
    plain.then(|| format!("/dev/disk/{folder}/{value}"))
}

/// `\040` is a blank, and so on: three octal digits.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..3).filter(|three| *first == b'\\' && three.iter().all(|b| (b'0'..=b'7').contains(b)));
        let code = digits.and_then(|three| u8::from_str_radix(std::str::from_utf8(three).ok()?, 8).ok());
        match code {
            Some(code) => {
                bytes.push(code);
                rest = after.get(3..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mountinfo_is_read_as_proc_writes_it() {
        let text = "25 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw,errors=remount-ro\n\
            36 25 0:33 / /mnt/a\\040b ro,nosuid - tmpfs tmpfs rw,size=1024k\n\
            40 25 0:34 /x /srv rw shared:2 master:1 - nfs4 host:/export rw\nrubbish\n";
        let found = mounted(text);
        assert_eq!(found.len(), 3);
        assert_eq!(
            (found[0].source.as_str(), found[0].at.as_str(), found[0].kind.as_str()),
            ("/dev/vda1", "/", "ext4")
        );
        assert_eq!(found[1].at, "/mnt/a b");
        assert!(found[1].has("ro") && !found[1].has("rw") && found[1].has("nosuid") && !found[1].has("suid"));
        assert!(found[0].has("rw") && found[0].has("exec") && found[0].has("errors=remount-ro"));
        assert_eq!((found[2].source.as_str(), found[2].kind.as_str()), ("host:/export", "nfs4"));
    }

    #[test]
    fn fstab_is_read_and_a_bad_line_is_named() {
        let text = "# a comment\n\nUUID=ab-c / ext4 errors=remount-ro 0 1\n/dev/b  /mnt/a\\040b/\txfs  defaults,nofail\n/c /d auto\n";
        let found = fstab(text).unwrap();
        assert_eq!(found.len(), 3);
        assert_eq!((found[1].at.as_str(), found[1].row().as_str()), ("/mnt/a b", "defaults,nofail"));
        assert!(found[2].has("defaults") && found[2].has("auto") && !found[2].has("noauto"));
        assert_eq!(fstab("/a /b ext4\n\n/mnt\n"), Err(3));
    }

    #[test]
    fn a_tag_is_a_link_and_never_leads_out_of_its_folder() {
        assert_eq!(link_of("UUID=ab-c").as_deref(), Some("/dev/disk/by-uuid/ab-c"));
        assert_eq!(link_of("LABEL=\"data\"").as_deref(), Some("/dev/disk/by-label/data"));
        for source in ["/dev/sda1", "UUID=", "UUID=../../x", "UUID=..", "ID=x"] {
            assert_eq!(link_of(source), None, "{source}");
        }
    }
}

//! The words of shell lines, for comparing names. Knows no shell: quotes and operators only part words.

use crate::lesson::reading::nearest;

/// So many names are looked for among others: no lesson by hand has more that are wrong, and each takes time.
const MOST_SOUGHT: usize = 300;

/// Finds the nearest of some names, a number of times.
#[derive(Default)]
pub(super) struct Near {
    sought: usize,
}

impl Near {
    pub(super) fn to<'a>(&mut self, name: &str, names: impl IntoIterator<Item = &'a str>) -> Option<String> {
        self.sought += 1;
        if self.sought > MOST_SOUGHT { None } else { nearest(name, names) }
    }
}

/// The words of a line: options stay as they are (`--name`), values after `=` are words of their own.
pub(super) fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| c.is_whitespace() || "'\"=,;|&<>()`".contains(c)).filter(|word| !word.is_empty())
}

/// The names in a word: `web.service` out of `~/.config/systemd/user/web.service`, `ubi8` out of `registry/ubi8:latest`.
pub(super) fn names(word: &str) -> impl Iterator<Item = &str> {
    let word = if word.starts_with('-') { "" } else { word };
    word.split(['/', ':', '~', '@', '$', '{', '}'])
        .map(|name| name.trim_end_matches('.'))
        .filter(|name| !name.is_empty())
}

/// A name without the ending of a unit or quadlet file.
pub(super) fn stem(name: &str) -> &str {
    const ENDINGS: &[&str] =
        &[".service", ".timer", ".socket", ".path", ".container", ".volume", ".network", ".pod", ".kube", ".target"];
    ENDINGS.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name)
}

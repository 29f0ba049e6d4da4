//! The words of which names are drawn, and what makes a name safe on every release. The list never changes: seeds rest on it.

/// A name that Debian, Fedora and their kin take for an account, podman for a container, volume or image, and systemd for a unit: letters,
/// digits and single dashes, a letter first, no dash last, at most 31 bytes (systemd's limit for accounts).
pub(super) fn is_safe(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    name.len() <= 31
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-')
        && !name.contains("--")
        && name.chars().all(plain)
}

/// Animals, plants, stones and weather: none is a command, an account or a group of a system, or a word of podman or systemd.
pub(super) const WORDS: &[&str; 128] = &[
    "acorn",
    "agate",
    "alder",
    "amber",
    "anchovy",
    "apricot",
    "aspen",
    "aurora",
    "badger",
    "bamboo",
    "basalt",
    "beaver",
    "beech",
    "birch",
    "bison",
    "bramble",
    "breeze",
    "brook",
    "buzzard",
    "cactus",
    "camel",
    "canyon",
    "carp",
    "cedar",
    "cherry",
    "chestnut",
    "cicada",
    "clover",
    "cobalt",
    "condor",
    "coral",
    "cormorant",
    "cricket",
    "crocus",
    "curlew",
    "cypress",
    "dahlia",
    "daisy",
    "dolphin",
    "drizzle",
    "dune",
    "eagle",
    "elder",
    "ermine",
    "falcon",
    "fennel",
    "ferret",
    "fjord",
    "flint",
    "foxglove",
    "garnet",
    "gecko",
    "geyser",
    "ginger",
    "glacier",
    "granite",
    "grouse",
    "hail",
    "hazel",
    "heather",
    "hedgehog",
    "heron",
    "hickory",
    "hornet",
    "ibex",
    "iris",
    "ivy",
    "jackdaw",
    "jasmine",
    "jasper",
    "juniper",
    "kestrel",
    "kiwi",
    "lagoon",
    "larch",
    "laurel",
    "lemur",
    "lichen",
    "lilac",
    "linden",
    "lotus",
    "lynx",
    "magpie",
    "mallow",
    "maple",
    "marble",
    "marmot",
    "meadow",
    "mimosa",
    "monsoon",
    "moose",
    "moss",
    "nettle",
    "newt",
    "nutmeg",
    "oasis",
    "olive",
    "onyx",
    "opal",
    "orchid",
    "osprey",
    "otter",
    "owl",
    "pebble",
    "pelican",
    "pepper",
    "plover",
    "poppy",
    "prairie",
    "quail",
    "quartz",
    "raven",
    "reed",
    "robin",
    "saffron",
    "salmon",
    "sedge",
    "shale",
    "sparrow",
    "spruce",
    "stork",
    "thistle",
    "thrush",
    "topaz",
    "tulip",
    "walnut",
    "willow",
    "yarrow",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_the_one_that_seeds_rest_on() {
        assert_eq!(
            super::super::digest(WORDS.join(" ").as_bytes()),
            "9c418c2773c8950b4c2ec13ebdc28cd3db72df6d13d25591b0ee1ad8311ca808"
        );
        assert!(WORDS.is_sorted_by(|a, b| a < b), "sorted, and none twice");
    }

    #[test]
    fn every_word_is_a_safe_name_and_so_are_three_of_the_longest() {
        assert!(WORDS.iter().all(|word| is_safe(word)));
        let longest = WORDS.iter().map(|word| word.len()).max().unwrap();
        assert!(longest * 3 + 2 <= 31, "{longest}");
    }

    #[test]
    fn what_a_release_would_refuse_is_not_safe() {
        for name in ["", "1st", "-a", "a-", "a--b", "Anna", "anna_b", "a.b", "a b", "é", &"a".repeat(32)] {
            assert!(!is_safe(name), "{name}");
        }
        assert!(is_safe(&"a".repeat(31)) && is_safe("web-1"));
    }
}

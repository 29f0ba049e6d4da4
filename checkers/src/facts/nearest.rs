//! The name that was probably meant, for a name that is not there. Pure.

/// The nearest of these names, when it is near enough to have been meant.
pub fn nearest<'a>(meant: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let near = names.into_iter().map(|name| (strsim::jaro_winkler(meant, name), name)).filter(|(near, _)| *near > 0.75);
    near.max_by(|(one, _), (other, _)| one.total_cmp(other)).map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_finds_its_name_and_a_stranger_finds_none() {
        let names = ["default.target", "rootless-container.service"];
        assert_eq!(nearest("root-container.service", names), Some("rootless-container.service"));
        assert_eq!(nearest("xyz", names), None);
    }
}

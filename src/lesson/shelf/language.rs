//! Which language the learner's surroundings ask for, and the file that a translation into it lies in. Opens nothing.

/// The lab's own variable for it, stronger than those of the locale.
pub const LANGUAGE: &str = "ROOTLESS_LAB_LANGUAGE";
/// The variables that say so, the first that is set wins. The lab's own is for a practice machine, which has few locales.
const VARIABLES: [&str; 4] = [LANGUAGE, "LC_ALL", "LC_MESSAGES", "LANG"];

/// The language of a locale: `de_AT` of `de_AT.UTF-8@euro`; none of `C`, `POSIX` and what is no locale.
pub fn wished(variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    let locale = VARIABLES.iter().filter_map(|name| variable(name)).find(|value| !value.is_empty())?;
    let language = locale.split(['.', '@']).next().unwrap_or_default();
    is_language(language).then(|| language.to_owned())
}

/// The language, and the wider one that does as well: `de_AT`, `de`.
pub(super) fn and_wider(language: &str) -> Vec<String> {
    let wider = language.split_once('_').map(|(wider, _)| wider);
    [language].into_iter().chain(wider).filter(|one| is_language(one)).map(str::to_owned).collect()
}

/// The name of a translation's file, beside `lesson.yaml`.
pub(super) fn file(language: &str) -> String {
    format!("lesson.{language}.yaml")
}

/// The language of a translation's file.
pub(super) fn of_file(name: &str) -> Option<String> {
    let language = name.strip_prefix("lesson.")?.strip_suffix(".yaml")?;
    is_language(language).then(|| language.to_owned())
}

/// Two or three small letters, and perhaps a country or a script. Never a path.
fn is_language(word: &str) -> bool {
    let (language, country) =
        word.split_once('_').map_or((word, None), |(language, country)| (language, Some(country)));
    let short = |part: &str, most| (2..=most).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric());
    short(language, 3) && language.chars().all(|c| c.is_ascii_lowercase()) && country.is_none_or(|part| short(part, 4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locale_picks_the_language_and_the_strongest_variable_wins() {
        let picked = |set: &[(&str, &str)]| {
            wished(|name| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
        };
        assert_eq!(picked(&[("LANG", "de_AT.UTF-8@euro")]).as_deref(), Some("de_AT"));
        assert_eq!(picked(&[("LANG", "de_DE.UTF-8"), ("LC_MESSAGES", "fr"), ("LC_ALL", "")]).as_deref(), Some("fr"));
        assert_eq!(picked(&[("LANG", "de"), ("LC_ALL", "C.UTF-8")]), None);
        assert_eq!(picked(&[("LC_ALL", "fr"), ("ROOTLESS_LAB_LANGUAGE", "de")]).as_deref(), Some("de"));
        for none in ["C", "POSIX", "../../etc", "d", "", "DE", "de_", "de_A/"] {
            assert_eq!(picked(&[("LANG", none)]), None, "{none}");
        }
        assert_eq!(and_wider("de_AT"), ["de_AT", "de"]);
        assert_eq!(of_file(&file("pt_BR")).as_deref(), Some("pt_BR"));
        assert_eq!(of_file("lesson.yaml"), None);
    }
}

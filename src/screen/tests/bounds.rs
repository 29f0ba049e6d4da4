//! What no text from a stranger can do: be wider than the screen, or be anything but text.

use proptest::prelude::*;
use unicode_width::UnicodeWidthStr;

use super::*;
use crate::screen::{Ability, bare, clean_lines, doctor, error, markdown, problem, prompt, text};
use crate::session::{Badge, PromptFacts};

fn check(out: &str, look: &Look) -> Result<(), TestCaseError> {
    prop_assert!(out.ends_with('\n'), "no newline at the end: {out:?}");
    for line in out.lines() {
        let seen = bare(line);
        prop_assert!(!seen.contains(char::is_control), "control character left: {line:?}");
        prop_assert!(seen.width() <= look.width, "{} > {}: {line:?}", seen.width(), look.width);
        prop_assert!(!seen.ends_with(' '), "space at the end: {line:?}");
        prop_assert!(look.colour && !look.plain || !line.contains('\x1b'), "colour where none is wanted: {line:?}");
    }
    Ok(())
}

fn looks() -> impl Strategy<Value = Look> {
    (20usize..130, any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>())
        .prop_map(|(width, colour, plain, unicode, elsewhere)| Look { width, colour, plain, unicode, elsewhere })
}

/// Texts that lean towards what Markdown, terminals and tables take for their own.
fn foreign() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-z]{1,12}",
        1 => "[a-z]{30,150}",
        4 => Just(" ".to_owned()),
        3 => Just("\n".to_owned()),
        1 => Just("\n\n".to_owned()),
        2 => Just("\n| a | b |\n|:-:|--|\n| ".to_owned()),
        1 => Just("\n```\n".to_owned()),
        1 => Just("\n    ".to_owned()),
        1 => Just("\n> ".to_owned()),
        1 => Just("\n- ".to_owned()),
        1 => Just("\n12. ".to_owned()),
        1 => Just("\n## ".to_owned()),
        1 => Just("\n---\n".to_owned()),
        3 => "[*`~|\\\\_#>]{1,3}",
        2 => Just("\x1b[2J\x1b]0;title\x07".to_owned()),
        1 => Just("\x1b[31m".to_owned()),
        1 => Just("\t\r\n\r\u{9b}1m".to_owned()),
        1 => Just("\u{202e}\u{e002}\u{feff}".to_owned()),
        2 => Just("日本語🙂👩‍👩‍👧⚠️e\u{301}".to_owned()),
        1 => any::<String>(),
    ];
    proptest::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_picture_is_wider_than_the_look_or_holds_a_control_character(foreign in foreign(), look in looks()) {
        for show in all(&foreign) {
            check(&text(&show, &look), &look)?;
        }
    }

    #[test]
    fn no_error_problem_or_ability_is_wider_than_the_look(foreign in foreign(), look in looks(), a in 0usize..200, b in 0usize..200) {
        check(&error(&foreign, Some(&foreign), &look), &look)?;
        check(&markdown(&format!("x\n\n{foreign}"), &look), &look)?;
        check(&problem(&foreign, &foreign, a..b, &foreign, Some(&foreign), &look), &look)?;
        let ability = Ability { name: foreign.clone(), verdict: fail(), fix: Some(foreign) };
        check(&doctor(&[ability], &look), &look)?;
    }

    #[test]
    fn what_another_lab_laid_out_keeps_its_colours_and_nothing_else(foreign in foreign()) {
        let out = clean_lines(&format!("\x1b[1;36m{foreign}\x1b[0m"));
        prop_assert!(out.starts_with("\x1b[1;36m") && out.ends_with("\x1b[0m"), "{out:?}");
        prop_assert!(!bare(&out).contains(|c: char| c.is_control() && c != '\n'), "{out:?}");
    }

    #[test]
    fn a_prompt_holds_nothing_but_text_and_colours(own in foreign(), look in looks()) {
        let facts = PromptFacts { progress: None, badge: Badge::Su, play: true };
        let line = prompt(&facts, &own, &look);
        prop_assert!(!bare(&line).replace('\n', "").contains(char::is_control), "{line:?}");
    }
}

#[test]
fn a_text_that_is_made_to_take_long_does_not() {
    let began = std::time::Instant::now();
    for piece in [
        "a",
        "a ",
        "`",
        "*",
        "|",
        "|a",
        "\u{301}",
        "\x1b",
        "\\",
        "\n- ",
        "\n|a|b|\n|-|-|",
        "~~",
        "> ",
        "\n\n",
        "🙂",
        "```\n",
    ] {
        let text_of = piece.repeat(50_000 / piece.len());
        text(&Show::Hint { number: 1, of: 1, text: text_of.clone() }, &at(20));
        text(&Show::Solution { lines: vec![text_of.clone()], because: None }, &at(20));
        text(&Show::Difference(OtherWay { typed: text_of.clone(), solution: text_of.replace('a', "b") }), &at(20));
    }
    assert!(began.elapsed() < std::time::Duration::from_secs(60));
}

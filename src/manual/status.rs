//! What a page says about exit statuses and messages: the section of that name, or the lines about one status. Pure; takes any page.

use super::glyph::{Line, lines};
use super::markdown;

/// The names that pages give it, the most telling first.
const NAMES: [&str; 6] = ["DIAGNOSTICS", "EXIT STATUS", "EXIT CODES", "EXIT VALUES", "EXIT CODE", "RETURN VALUE"];
/// The lines about one status are no more than these.
const FEW: usize = 4;

/// The section, as Markdown: its name, an empty line, its text. With a status only the lines about it, where there are any.
pub(super) fn section(page: &str, status: Option<i32>) -> Option<(String, String)> {
    let lines = lines(page);
    let sections = NAMES.iter().filter_map(|name| {
        let at = lines.iter().position(|line| line.indent == 0 && line.text().eq_ignore_ascii_case(name))?;
        let body = &lines[at + 1..];
        let end = body.iter().position(|line| line.indent == 0 && !line.is_blank()).unwrap_or(body.len());
        Some((at, &body[..end]))
    });
    let sections: Vec<_> = sections.collect();
    let about = |(at, body): &(usize, &[Line])| Some((*at, about(body, status?)?));
    let found = sections.iter().find_map(about);
    let (at, body) = found.or_else(|| {
        let (at, body) = sections.first()?;
        Some((*at, if status.is_some() { first(body) } else { body.to_vec() }))
    })?;
    let body = trimmed(&body);
    (!body.is_empty()).then(|| (lines[at].text(), markdown::entry(&[lines[at].glyphs.clone()], body)))
}

/// The lines about one status: the one that begins with it, and what belongs to it.
fn about(body: &[Line], status: i32) -> Option<Vec<Line>> {
    let number = status.to_string();
    let begins =
        |line: &Line| line.text().split(|c: char| !c.is_alphanumeric()).find(|word| !word.is_empty()) == Some(&number);
    let at = body.iter().position(begins)?;
    let indent = body[at].indent;
    let more = body[at + 1..].iter().skip_while(|line| line.is_blank());
    let more = more.take_while(|line| !line.is_blank() && (line.indent > indent));
    let mut lines = vec![body[at].clone()];
    lines.extend(more.take(FEW - 1).cloned());
    Some(lines)
}

/// Its first paragraph.
fn first(body: &[Line]) -> Vec<Line> {
    let words = body.iter().skip_while(|line| line.is_blank());
    words.take_while(|line| !line.is_blank()).take(FEW).cloned().collect()
}

fn trimmed(lines: &[Line]) -> &[Line] {
    let Some(start) = lines.iter().position(|line| !line.is_blank()) else { return &[] };
    let end = lines.iter().rposition(|line| !line.is_blank()).map_or(start, |last| last + 1);
    &lines[start..end]
}

#[cfg(test)]
mod tests {
    use super::section;

    const PAGE: &str = "podman-run(1)\n\nNAME\n       podman-run\n\nEXIT STATUS\n       The exit code tells what failed.\n\n\
                        \x20      125 The error is with podman itself\n           $ podman run --foo\n\n       126 The command cannot be run\n\n\
                        SEE ALSO\n       podman(1)\n";

    #[test]
    fn the_lines_about_a_status_are_found_and_otherwise_the_beginning() {
        let (name, text) = section(PAGE, Some(125)).unwrap();
        assert_eq!(name, "EXIT STATUS");
        assert!(text.contains("125 The error is with podman itself") && !text.contains("126"), "{text}");
        let (_, text) = section(PAGE, Some(7)).unwrap();
        assert!(text.contains("The exit code tells") && !text.contains("125"), "{text}");
        let (_, all) = section(PAGE, None).unwrap();
        assert!(all.contains("125") && all.contains("126") && !all.contains("podman(1)"), "{all}");
        assert_eq!(section("ls(1)\n\nNAME\n       ls\n", None), None);
    }
}

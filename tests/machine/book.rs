//! What a page of the book shows of a terminal, compared with what somebody was really shown.

/// The lines of each block of the page that are printed whole: no command that is typed, and nothing that is left out.
pub fn shown(page: &str) -> Vec<Vec<String>> {
    let blocks = page.split("```").skip(1).step_by(2);
    let is_whole = |line: &&str| !line.contains('…') && !line.contains("$ ") && !line.trim().is_empty();
    blocks.map(|block| block.lines().skip(1).filter(is_whole).map(str::to_owned).collect()).collect()
}

/// The lines that were not shown. Those of a block stand in its order, each behind the one before.
pub fn missing(blocks: &[Vec<String>], all: &str) -> Vec<String> {
    let all = plain(all);
    let missing_in = |lines: &Vec<String>| {
        let mut from = 0;
        let mut comes = |line: &String| {
            let line = plain(line);
            let at = (!line.is_empty()).then(|| all[from..].find(&line)).flatten();
            from += at.map_or(0, |at| at + line.len());
            at.is_some()
        };
        lines.iter().filter(|line| !comes(line)).cloned().collect::<Vec<_>>()
    };
    blocks.iter().flat_map(missing_in).collect()
}

/// What differs from run to run has a mark in its place: ids, times, and names of machines. Where a terminal breaks a line is nobody's matter.
fn plain(text: &str) -> String {
    const DIFFERS: [(&str, &str); 5] = [
        (r"\b[0-9a-f]{10,64}\b", "<id>"),
        (r"since \w{3} [0-9: -]+UTC; .* ago", "<since>"),
        (r"\b[0-9]+ \w{3} [0-9]+ [0-9]{2}:[0-9]{2}\b", "<size and time>"),
        (r"@(?:rig-[0-9-]+|play|lesson)\b|(?:rig-[0-9-]+|play)( is going down| has rebooted)", "<host>$1"),
        (r"\s+", ""),
    ];
    let marked = |text: String, (differs, mark): (&str, &str)| {
        regex::Regex::new(differs).expect("a pattern").replace_all(&text, mark).into_owned()
    };
    DIFFERS.into_iter().fold(text.to_owned(), marked)
}

#[test]
fn a_page_that_shows_what_nobody_was_shown_is_found_out() {
    let all = "podman version 5.4.2\r\nStep 1 of 20\r\n0123456789ab  ubi8\r\nlisa@rig-1-2:~$ ";
    let missing = |page: &str| missing(&shown(page), all);
    assert_eq!(missing("```text\npodman version 5.4.2\nabcdef012345  ubi8\nlisa@play:~$\n```"), Vec::<String>::new());
    for wrong in ["podman version 9.9", "Step 3 of 20", "ubi9", "lisa@other:~$", "a line of nobody's"] {
        assert_eq!(missing(&format!("```text\n{wrong}\n```")), [wrong]);
    }
    let swapped = "```text\nStep 1 of 20\npodman version 5.4.2\n```";
    assert_eq!(missing(swapped), ["podman version 5.4.2"]);
}

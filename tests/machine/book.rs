//! What a page of the book shows of a terminal, to be compared with what somebody was really shown.

/// The lines in the page's blocks that are whole: no command that was typed, and nothing that is left out.
pub fn shown(page: &str) -> Vec<String> {
    let blocks = page.split("```").skip(1).step_by(2);
    let lines = blocks.flat_map(|block| block.lines().skip(1));
    lines
        .filter(|line| !line.contains('…') && !line.contains("$ ") && !line.trim().is_empty())
        .map(str::to_owned)
        .collect()
}

/// Without what differs from run to run: ids, times, numbers, names of machines, and where a terminal breaks a line.
pub fn plain(text: &str) -> String {
    const DIFFERS: &str =
        r"\b[0-9a-f]{10,64}\b|\b(?:rig[0-9-]+|play|lesson)\b|since \w{3} [0-9: -]+UTC; .* ago|[0-9]+|\s+";
    regex::Regex::new(DIFFERS).expect("a pattern").replace_all(text, "").into_owned()
}

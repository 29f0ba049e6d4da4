//! Whether bash would ask for more after a line. Pure; in doubt a line is whole, so that nothing bash would run is swallowed.

/// Whether `text` is the beginning of a command that bash would go on reading (open quote, here-document, pipe, `if` …).
pub fn is_open(text: &str) -> bool {
    if is_word(text)
        || text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" -_./:=,@%+".contains(&byte)) && !has_keyword(text)
    {
        return false;
    }
    if continues(text) {
        return true;
    }
    let end = text.trim_end().chars().count();
    match rable::parse(text, true) {
        // An open here-document swallows whatever follows; anywhere else a lone parenthesis is an error.
        Ok(_) if names_function(text) => true,
        Ok(_) => text.contains("<<") && rable::parse(&format!("{text}\n)\n"), true).is_ok(),
        Err(rable::RableError::MatchedPair { .. }) => true,
        Err(error) => error.pos() >= end && !stray_parenthesis(text),
    }
}

/// Why bash would refuse `text`, and behind how many of its characters. None for what is open: bash would ask for more.
pub fn refused(text: &str) -> Option<(usize, String)> {
    if is_word(text) || is_open(text) {
        return None;
    }
    match rable::parse(text, true) {
        Ok(_) => None,
        Err(rable::RableError::Parse { message, pos, .. } | rable::RableError::MatchedPair { message, pos, .. }) => {
            Some((pos, message))
        }
    }
}

/// A function's name, whose body is still to come; rable takes it for whole.
fn names_function(text: &str) -> bool {
    let last = text.trim_end().rsplit([';', '\n', '&', '|']).next().unwrap_or("").trim();
    let words: Vec<_> = last.split_whitespace().collect();
    match words.as_slice() {
        ["function", _] => true,
        [name] => {
            name.strip_suffix("()").is_some_and(|name| !name.is_empty() && !name.contains(['$', '\'', '"', '=', '(']))
        }
        [_, "()"] => true,
        _ => false,
    }
}

/// `word (` and nothing behind it: bash says at once that the line's end is wrong there.
fn stray_parenthesis(text: &str) -> bool {
    let Some(before) = text.trim_end().strip_suffix(" (") else { return false };
    let word = before.trim_end().rsplit(|c: char| c.is_whitespace() || ";|&(".contains(c)).next().unwrap_or("");
    !word.is_empty() && !has_keyword(word) && !matches!(word, "in" | "!" | "{" | "[[")
}

/// A lab word: a colon followed at once by a letter. Whole as it stands.
pub fn is_word(text: &str) -> bool {
    let mut letters = text.trim_start().chars();
    letters.next() == Some(':') && letters.next().is_some_and(char::is_alphabetic)
}

fn has_keyword(text: &str) -> bool {
    text.split_whitespace().any(|word| {
        matches!(
            word,
            "if" | "then"
                | "elif"
                | "else"
                | "for"
                | "while"
                | "until"
                | "do"
                | "case"
                | "select"
                | "function"
                | "time"
                | "coproc"
        )
    })
}

/// A backslash that is not itself quoted stands at the very end.
fn continues(text: &str) -> bool {
    let (mut single, mut double, mut escaped, mut comment, mut before) = (false, false, false, false, ' ');
    for c in text.chars() {
        if comment {
            comment = c != '\n';
        } else if escaped {
            escaped = false;
        } else if single {
            single = c != '\'';
        } else {
            match c {
                '\\' => escaped = true,
                '"' => double = !double,
                '\'' if !double => single = true,
                '#' if !double && (before.is_whitespace() || ";|&()".contains(before)) => comment = true,
                _ => {}
            }
        }
        before = c;
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::is_open;

    /// What bash says; the only difference to the prompt is that a lone backslash at the end goes on.
    fn bash_goes_on(text: &str) -> bool {
        let run = std::process::Command::new("bash")
            .args(["--norc", "-O", "extglob", "-n", "-c", text])
            .env("LC_ALL", "C")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&run.stderr).into_owned();
        ["unexpected EOF", "unexpected end of file", "unexpected token `EOF'", "delimited by end-of-file"]
            .iter()
            .any(|open| said.contains(open))
    }

    const TEXTS: &[&str] = &[
        "true",
        "echo a b",
        "ls -l /tmp",
        "",
        "  ",
        "# a comment",
        "echo a # b'",
        "echo 'a",
        "echo \"a",
        "echo 'a'",
        "echo \"a 'b\"",
        "echo 'a \"b'",
        "cat <<E",
        "cat <<E\na",
        "cat <<E\na\nE",
        "cat <<-E\n\tE",
        "cat <<'E'\n$(\nE",
        "cat <<<word",
        "cat <<A <<B\n1\nA",
        "cat <<A <<B\n1\nA\n2\nB",
        "echo a |",
        "echo a | cat",
        "true &&",
        "true ||",
        "true && echo b",
        "| cat",
        "&& x",
        "echo a &",
        "echo a;",
        ";",
        ";;",
        "if true",
        "if true; then",
        "if true; then echo; fi",
        "if true; then echo; else",
        "fi",
        "done",
        "then",
        "esac",
        "}",
        ")",
        "echo )",
        "echo (",
        "for i in 1 2",
        "for i in 1 2; do",
        "for i in 1; do echo $i; done",
        "for ((i=0;i<3;i++))",
        "for ((i=0;i<3;i++)); do echo; done",
        "for ((i=0;",
        "while true; do",
        "while true; do break; done",
        "until false",
        "case x in",
        "case x in a) echo;;",
        "case x in a) echo;; esac",
        "select x in a b; do",
        "echo $(",
        "echo $(date",
        "echo $(date)",
        "echo `date",
        "echo `date`",
        "echo ${x",
        "echo ${x}",
        "echo $((1+",
        "echo $((1+2))",
        "((1+2))",
        "((1+",
        "[[ -f x",
        "[[ -f x ]]",
        "[[ -f x && ",
        "[ -f x",
        "a=(1 2",
        "a=(1 2)",
        "a=(1\n2)",
        "f() {",
        "f() { echo; }",
        "f()",
        "function f",
        "{ echo a",
        "{ echo a; }",
        "( echo a",
        "( echo a )",
        "echo a >",
        "echo a > b",
        "echo a 2>&1",
        "echo \\$",
        "echo 'a\\'",
        "time",
        "! true",
        "echo ! a",
        "x=1 y=2 env",
        "echo {1..3}",
        "echo $'a\\'b'",
        "echo $'a",
        "podman run -dt --name x ubi8",
        "sudo useradd conuser1",
        "echo conuser1 | sudo passwd --stdin conuser1",
        "echo if",
        "echo done; do",
        "!!",
        "echo \"$(echo \"a\")\"",
        "echo \"$(echo \"a\"",
        "echo ?(a|b)",
        "coproc cat",
        "diff <(ls) <(ls",
        "diff <(ls) <(ls)",
        "alias x='",
        "printf '%s\\n' \"$x\"",
    ];

    #[test]
    fn a_line_is_open_exactly_when_bash_would_go_on_reading() {
        let differ: Vec<_> =
            TEXTS.iter().filter(|text| is_open(text) != bash_goes_on(text)).map(|text| (text, is_open(text))).collect();
        assert!(differ.is_empty(), "{} of {} differ (text, ours): {differ:?}", differ.len(), TEXTS.len());
    }

    #[test]
    fn a_backslash_at_the_end_goes_on_unless_it_is_quoted() {
        assert!(is_open("echo a \\") && is_open("echo \"a \\"));
        assert!(!is_open("echo a \\\\") && !is_open("echo 'a \\'") && !is_open("# a \\"));
    }

    #[test]
    fn a_lab_word_is_whole_whatever_follows() {
        assert!(!is_open(":man bash '") && !is_open(":hint"));
        assert!(is_open(": 'a"));
    }
}

//! The command lines of `ExecStart=` (systemd.service(5), "Command lines"): prefixes, quotes, escapes, several commands. Specifiers and variables stay as they are. Pure.

/// One command of an `Exec…=` line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecLine {
    /// The program, without its prefixes.
    pub program: String,
    /// Its arguments (without the name that `@` gives it).
    pub arguments: Vec<String>,
}

/// The commands of one value; an error names what cannot be read.
pub fn read(value: &str) -> Result<Vec<ExecLine>, String> {
    let mut commands: Vec<Vec<String>> = vec![Vec::new()];
    for (word, bare) in words(value)? {
        match (word.as_str(), commands.last_mut()) {
            (";", _) if bare => commands.push(Vec::new()),
            (_, Some(command)) => command.push(word),
            (_, None) => {}
        }
    }
    Ok(commands.into_iter().filter_map(exec).collect())
}

fn exec(words: Vec<String>) -> Option<ExecLine> {
    let mut words = words.into_iter();
    let first = words.next()?;
    let program = first.trim_start_matches(['@', '-', ':', '+', '!', '|']);
    let named = first[..first.len() - program.len()].contains('@');
    Some(ExecLine { program: program.into(), arguments: words.skip(usize::from(named)).collect() })
}

/// The words, and whether each stood there without quotes or escapes.
pub fn words(value: &str) -> Result<Vec<(String, bool)>, String> {
    let mut words = Vec::new();
    let mut word: Option<(String, bool)> = None;
    let mut quote = None;
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (None, c) if c.is_ascii_whitespace() => words.extend(word.take()),
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default().1 = false;
            }
            (Some(q), c) if q == c => quote = None,
            (_, '\\') => {
                let word = word.get_or_insert((String::new(), true));
                word.0.push(escaped(&mut chars)?);
                word.1 = false;
            }
            (_, c) => word.get_or_insert((String::new(), true)).0.push(c),
        }
    }
    if let Some(quote) = quote {
        return Err(format!("a {quote} is never closed"));
    }
    words.extend(word);
    Ok(words)
}

fn escaped(chars: &mut std::str::Chars<'_>) -> Result<char, String> {
    let next = chars.next().ok_or("a backslash at the end")?;
    let mut number = |digits: usize, radix: u32| {
        let text: String = chars.by_ref().take(digits).collect();
        let code = u32::from_str_radix(&text, radix).ok().and_then(char::from_u32);
        code.ok_or_else(|| format!("`\\{next}{text}` is no character"))
    };
    Ok(match next {
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        's' => ' ',
        '\\' | '"' | '\'' | ';' => next,
        'x' => number(2, 16)?,
        'u' => number(4, 16)?,
        'U' => number(8, 16)?,
        other => return Err(format!("`\\{other}` means nothing")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_command_lines() {
        for (value, program, arguments) in [
            ("/bin/a b c", "/bin/a", vec!["b", "c"]),
            ("-/bin/a", "/bin/a", vec![]),
            ("@-/bin/a name b", "/bin/a", vec!["b"]),
            ("!!+:/bin/a %t/%n $X", "/bin/a", vec!["%t/%n", "$X"]),
            (r#"/bin/a "b c" 'd "e"' f"g h"i"#, "/bin/a", vec!["b c", "d \"e\"", "fg hi"]),
            (r"/bin/a b\x20c \; \s", "/bin/a", vec!["b c", ";", " "]),
            (r#"/bin/a """#, "/bin/a", vec![""]),
        ] {
            let read = read(value).unwrap();
            assert_eq!(
                (read[0].program.as_str(), &read[0].arguments),
                (program, &arguments.iter().map(|a| (*a).into()).collect::<Vec<String>>()),
                "{value}"
            );
        }
    }

    #[test]
    fn a_semicolon_alone_parts_two_commands_and_an_open_quote_is_said() {
        assert_eq!(read("/bin/a b ; /bin/c").unwrap()[1].program, "/bin/c");
        assert_eq!(read("/bin/a ';' /bin/c").unwrap().len(), 1);
        assert!(read("/bin/a 'b").unwrap_err().contains("never closed"));
        assert!(read(r"/bin/a \q").is_err());
        assert_eq!(read("").unwrap(), []);
    }
}

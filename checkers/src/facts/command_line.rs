//! A line as it was typed to a shell, split into its simple commands. Pure; nothing is expanded, nothing is run.

/// One simple command of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Simple {
    /// Its words without quotes; `sudo`, `env` and their like, assignments and redirections are left out.
    pub words: Vec<String>,
    /// The account that `sudo` runs it as; none where whoever typed it runs it.
    pub by: Option<String>,
    /// What the exit status of the whole line says about this command.
    pub status: StatusIs,
}

/// What a line's exit status says about one of its commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusIs {
    /// It is this command's own.
    Its,
    /// 0 is this command's own; another may be of a command before it (`a && b`).
    ItsWhenZero,
    /// Nothing.
    Nothing,
}

/// Words that may stand before a command and belong to the shell.
const SHELL: [&str; 9] = ["!", "time", "{", "if", "then", "else", "do", "while", "until"];
/// Programs that run the command named after their own options, and those of their options that take a value.
const WRAPPERS: [(&str, &str); 7] = [
    ("sudo", "ugpChrtTRDU"),
    ("env", "uCS"),
    ("command", ""),
    ("exec", "a"),
    ("builtin", ""),
    ("nohup", ""),
    ("nice", "n"),
];

#[derive(Debug, PartialEq)]
enum Token {
    Word(String, bool),
    Between(&'static str),
    Redirect,
}

/// The simple commands of a line, in their order.
pub fn read(line: &str) -> Vec<Simple> {
    let mut found: Vec<(Vec<(String, bool)>, &'static str)> = vec![(Vec::new(), ";")];
    let mut skip = false;
    let mut background = false;
    for token in tokens(line) {
        match token {
            Token::Between(between) => {
                background = between == "&";
                found.push((Vec::new(), between));
                skip = false;
            }
            Token::Redirect => skip = true,
            Token::Word(..) if skip => skip = false,
            Token::Word(word, bare) => {
                background = false;
                if let Some(last) = found.last_mut() {
                    last.0.push((word, bare));
                }
            }
        }
    }
    found.retain(|(words, _)| !words.is_empty());
    let last = found.len().saturating_sub(1);
    let compound = found.iter().any(|(words, _)| {
        words
            .first()
            .is_some_and(|(w, bare)| *bare && ["if", "while", "until", "for", "case", "!", "{"].contains(&w.as_str()))
    });
    let simple = found.into_iter().enumerate().filter_map(|(at, (words, before))| {
        let status = match before {
            _ if at != last || background || compound => StatusIs::Nothing,
            "&&" => StatusIs::ItsWhenZero,
            "||" => StatusIs::Nothing,
            _ => StatusIs::Its,
        };
        let (words, by) = unwrapped(words);
        (!words.is_empty()).then_some(Simple { words, by, status })
    });
    simple.collect()
}

/// The words of the command itself, and the account that `sudo` runs it as.
fn unwrapped(words: Vec<(String, bool)>) -> (Vec<String>, Option<String>) {
    let shell = words.iter().take_while(|(w, bare)| *bare && SHELL.contains(&w.as_str())).count();
    let mut words: Vec<String> = words.into_iter().skip(shell).map(|(word, _)| word).collect();
    let mut by = None;
    loop {
        let assigned = words.iter().take_while(|w| assignment(w)).count();
        words.drain(..assigned);
        let Some((wrapper, valued)) = words.first().and_then(|w| WRAPPERS.iter().find(|(name, _)| name == w)) else {
            return (words, by);
        };
        let mut at = 1;
        let mut user = "root".to_owned();
        while let Some(option) = words.get(at).filter(|w| w.starts_with('-') && w.len() > 1) {
            let letters = option.trim_start_matches('-');
            at += 1;
            if option == "--" {
                break;
            }
            let takes = if option.starts_with("--") {
                ["user", "group", "host", "prompt", "unset", "chdir"].contains(&letters)
            } else {
                letters.ends_with(|c| valued.contains(c))
            };
            let value = || words.get(at).cloned().unwrap_or_default();
            match letters.split_once('=') {
                Some(("user", name)) => user = name.to_owned(),
                _ if takes && (letters == "user" || !option.starts_with("--") && letters.ends_with('u')) => {
                    user = value();
                }
                _ => {}
            }
            at += usize::from(takes);
        }
        // `sudo -i`, `exec -a`: no command behind it, so the wrapper is the command.
        if at >= words.len() {
            return (words, by);
        }
        if *wrapper == "sudo" {
            by = Some(user);
        }
        words.drain(..at);
    }
}

fn assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        let name = name.trim_end_matches('+');
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

fn tokens(line: &str) -> Vec<Token> {
    let chars: Vec<char> = line.chars().collect();
    let mut tokens = Vec::new();
    let mut word: Option<(String, bool)> = None;
    let mut at = 0;
    let mut here: Vec<usize> = Vec::new();
    while at < chars.len() {
        let c = chars[at];
        let next = chars.get(at + 1).copied();
        let operator = match (c, next) {
            ('&', Some('&')) => Some(("&&", 2)),
            ('|', Some('|')) => Some(("||", 2)),
            ('|', Some('&')) => Some(("|", 2)),
            ('&', Some('>')) => None,
            ('|', _) => Some(("|", 1)),
            ('&', _) => Some(("&", 1)),
            (';' | '\n' | '(' | ')', _) => Some((";", 1)),
            _ => None,
        };
        if let Some((operator, length)) = operator {
            tokens.extend(word.take().map(|(w, b)| Token::Word(w, b)));
            tokens.push(Token::Between(operator));
            at += length;
            if c == '\n' && !here.is_empty() {
                at = after_here_documents(&chars, at, &tokens, &here);
                here.clear();
            }
            continue;
        }
        match c {
            // A line that goes on.
            '\\' if next == Some('\n') => at += 2,
            c if c.is_whitespace() => {
                tokens.extend(word.take().map(|(w, b)| Token::Word(w, b)));
                at += 1;
            }
            '#' if word.is_none() => at = chars[at..].iter().position(|c| *c == '\n').map_or(chars.len(), |n| at + n),
            '>' | '<' | '&' => {
                // `2>`: the number belongs to the redirection.
                if let Some((w, bare)) = word.take().filter(|(w, _)| !w.chars().all(|c| c.is_ascii_digit())) {
                    tokens.push(Token::Word(w, bare));
                }
                let length = chars[at..].iter().take_while(|c| "<>&|-".contains(**c)).count();
                let operator: String = chars[at..at + length].iter().collect();
                tokens.push(Token::Redirect);
                if operator == "<<" || operator == "<<-" {
                    here.push(tokens.len());
                }
                at += length;
            }
            _ => {
                let word = word.get_or_insert((String::new(), true));
                at = piece(&chars, at, word);
            }
        }
    }
    tokens.extend(word.map(|(w, b)| Token::Word(w, b)));
    tokens
}

/// Takes one character, one quoted piece or one substitution into the word; gives the place behind it.
fn piece(chars: &[char], at: usize, word: &mut (String, bool)) -> usize {
    let until = |from: usize, end: char| chars[from..].iter().position(|c| *c == end).map_or(chars.len(), |n| from + n);
    match (chars[at], chars.get(at + 1)) {
        ('\\', Some(c)) => {
            word.0.push(*c);
            word.1 = false;
            at + 2
        }
        ('\'', _) => {
            let end = until(at + 1, '\'');
            word.0.extend(&chars[at + 1..end]);
            word.1 = false;
            end + 1
        }
        ('"', _) => {
            word.1 = false;
            let mut at = at + 1;
            while at < chars.len() && chars[at] != '"' {
                if chars[at] == '\\' && chars.get(at + 1).is_some_and(|c| "$`\"\\\n".contains(*c)) {
                    at += 1;
                }
                word.0.push(chars[at]);
                at += 1;
            }
            at + 1
        }
        ('`', _) => {
            let end = (until(at + 1, '`') + 1).min(chars.len());
            word.0.extend(&chars[at..end]);
            end
        }
        ('$', Some('(')) => {
            let mut depth = 0;
            let mut end = at + 1;
            while end < chars.len() {
                depth += i32::from(chars[end] == '(') - i32::from(chars[end] == ')');
                end += 1;
                if depth == 0 {
                    break;
                }
            }
            word.0.extend(&chars[at..end]);
            end
        }
        (c, _) => {
            word.0.push(c);
            at + 1
        }
    }
}

/// The place behind the here-documents whose delimiters are the words at `here`.
fn after_here_documents(chars: &[char], mut at: usize, tokens: &[Token], here: &[usize]) -> usize {
    for delimiter in here.iter().filter_map(|n| tokens.get(*n)) {
        let Token::Word(delimiter, _) = delimiter else { continue };
        while at < chars.len() {
            let end = chars[at..].iter().position(|c| *c == '\n').map_or(chars.len(), |n| at + n);
            let line: String = chars[at..end].iter().collect();
            at = (end + 1).min(chars.len());
            if line.trim_start_matches('\t') == delimiter {
                break;
            }
        }
    }
    at
}

#[cfg(test)]
mod tests;

//! The common forms of sudoers(5): who may run what as whom, on which host, with or without a password. Pure. What is not understood
//! is kept with its place, never passed over.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// No alias leads through more aliases.
const DEPTH: usize = 8;
/// The setting of the account as whom a rule means that names none.
pub const RUNAS_DEFAULT: &str = "runas_default";

/// A line, with its continuations, and where it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The file.
    pub file: PathBuf,
    /// The number of its first line.
    pub number: usize,
    /// What stands there.
    pub text: String,
}

impl Line {
    /// `/etc/sudoers:12`.
    pub fn place(&self) -> String {
        format!("{}:{}", self.file.display(), self.number)
    }
}

/// Whom it is about.
#[derive(Debug, Clone)]
pub struct Who<'w> {
    /// The account's name.
    pub name: &'w str,
    /// Its uid.
    pub uid: u32,
    /// The names of its groups.
    pub groups: &'w [String],
    /// The machine's name.
    pub host: &'w str,
    /// The name of the account as whom it would run.
    pub target: &'w str,
    /// That account's uid.
    pub target_uid: u32,
}

/// What the rules say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// The rule that decides, and whether it grants. None where no rule is about it.
    pub decided: Option<(Line, bool)>,
    /// No password is asked for.
    pub no_password: bool,
    /// A rule takes something away from what `ALL` grants.
    pub but: Option<String>,
    /// The lines that could be about it and are not understood.
    pub open: Vec<Line>,
}

/// Whether a list is about something; none where that is not understood.
type Fits = Option<bool>;

struct Rules {
    aliases: BTreeMap<(Kind, String), Vec<String>>,
    /// The target of a rule that names none is the one that is meant; the line that says something of it which is not understood.
    usual: Result<bool, Line>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    User,
    Runas,
    Host,
    Command,
}

/// A line's name of another file, and whether that is a folder.
pub fn included(text: &str) -> Option<(String, bool)> {
    let (word, path) = text.trim().split_once([' ', '\t'])?;
    let folder = match word {
        "@include" | "#include" => false,
        "@includedir" | "#includedir" => true,
        _ => return None,
    };
    Some((path.trim().trim_matches('"').replace("\\ ", " "), folder))
}

/// A file's lines with continuations joined, without comments and empty ones. A comment ends with its line, also where that ends in `\`.
pub fn lines(file: &std::path::Path, text: &str) -> Vec<Line> {
    let mut found: Vec<Line> = Vec::new();
    let mut open = false;
    for (number, line) in text.lines().enumerate().map(|(nth, line)| (nth + 1, line)) {
        let bare = if !open && included(line).is_some() { line } else { uncommented(line) };
        let more = bare.strip_suffix('\\').filter(|_| bare.len() == line.len());
        match found.last_mut().filter(|_| open) {
            Some(last) => last.text.push_str(more.unwrap_or(bare)),
            None => found.push(Line { file: file.to_owned(), number, text: more.unwrap_or(bare).to_owned() }),
        }
        open = more.is_some();
    }
    for line in &mut found {
        line.text = line.text.trim().to_owned();
    }
    found.retain(|line| !line.text.is_empty());
    found
}

/// Without a comment: `#` begins one unless a number follows, which is a uid.
fn uncommented(text: &str) -> &str {
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let number = text.get(at + 1..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        if c == '#' && before != '\\' && !number {
            return text.get(..at).unwrap_or(text);
        }
        before = c;
    }
    text
}

/// What all rules together say about a command (`ALL` for every one) under all the names that it has, the last that fits deciding.
pub fn ask(lines: &[Line], who: &Who<'_>, commands: &[String]) -> Answer {
    let mut rules = Rules { aliases: BTreeMap::new(), usual: usual(lines, who) };
    let mut answer = Answer::default();
    for line in lines {
        if let Some((kind, rest)) = alias(&line.text)
            && rules.define(kind, rest).is_none()
        {
            answer.open.push(line.clone());
        }
    }
    for line in lines.iter().filter(|line| alias(&line.text).is_none()) {
        if line.text.starts_with("Defaults") {
            // Whether a password is asked for may depend on these; nothing else that is asked here does but the usual target.
            if ["authenticate", "exempt_group"].iter().any(|word| line.text.contains(word)) {
                answer.open.push(line.clone());
            }
        } else if rules.rule(line, who, commands, &mut answer).is_none() {
            answer.open.push(line.clone());
        }
    }
    answer
}

/// Whether `runas_default`, which is root unless said, is the target: the last line that sets it decides, wherever the rules stand.
fn usual(lines: &[Line], who: &Who<'_>) -> Result<bool, Line> {
    let mut usual = Ok(who.target_uid == 0);
    for line in lines.iter().filter(|line| line.text.starts_with("Defaults") && line.text.contains(RUNAS_DEFAULT)) {
        // For everybody and everything: other scopes have a mark behind the word.
        let all = line.text.strip_prefix("Defaults").filter(|rest| rest.starts_with([' ', '\t']));
        for one in all.map_or_else(|| vec![String::new()], |all| split(all, ',')) {
            let value = one.split_once('=').filter(|(name, _)| name.trim() == RUNAS_DEFAULT);
            match value.map(|(_, value)| value.trim().trim_matches('"')) {
                Some(name) => usual = Ok(named(name, who.target, who.target_uid)),
                None if one.is_empty() || one.contains(RUNAS_DEFAULT) => usual = Err(line.clone()),
                None => {}
            }
        }
    }
    usual
}

/// Whether an account is meant by its name, or by `#` and its uid.
fn named(member: &str, name: &str, uid: u32) -> bool {
    member.strip_prefix('#').map_or(member == name, |number| number == uid.to_string())
}

fn alias(text: &str) -> Option<(Kind, &str)> {
    let (word, rest) = text.split_once([' ', '\t'])?;
    let kind = match word {
        "User_Alias" => Kind::User,
        "Runas_Alias" => Kind::Runas,
        "Host_Alias" => Kind::Host,
        "Cmnd_Alias" | "Cmd_Alias" => Kind::Command,
        _ => return None,
    };
    Some((kind, rest))
}

impl Rules {
    fn define(&mut self, kind: Kind, text: &str) -> Option<()> {
        for one in split(text, ':') {
            let [name, list] = split(&one, '=').try_into().ok()?;
            self.aliases.insert((kind, name.trim().to_owned()), split(&list, ','));
        }
        Some(())
    }

    /// One rule. None where it is not understood and may be about this account.
    fn rule(&self, line: &Line, who: &Who<'_>, named: &[String], answer: &mut Answer) -> Option<()> {
        let mut parts = split(&line.text, '=').into_iter();
        let left = joined(&parts.next()?);
        let (users, hosts) = left.rsplit_once([' ', '\t'])?;
        if !self.list(Kind::User, &split(users, ','), who, 0)? {
            return Some(());
        }
        // Options of a command, and a second host behind a colon, bring a further `=`.
        let [commands] = <[String; 1]>::try_from(parts.collect::<Vec<_>>()).ok()?;
        if !self.list(Kind::Host, &split(hosts, ','), who, 0)? {
            return Some(());
        }
        let (mut as_whom, mut no_password) = (self.usual.as_ref().ok().copied(), false);
        if let (Err(line), false) = (&self.usual, commands.trim_start().starts_with('(')) {
            answer.open.push(line.clone());
            return Some(());
        }
        for one in split(&commands, ',') {
            let mut rest = one.trim();
            if let Some((list, behind)) = rest.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
                let (list, _) = list.split_once(':').unwrap_or((list, ""));
                let list = split(list, ',');
                // Nobody named: as oneself, with another group.
                as_whom =
                    if list.is_empty() { Some(who.target == who.name) } else { self.list(Kind::Runas, &list, who, 0) };
                rest = behind.trim();
            }
            while let Some((tag, behind)) = rest.split_once(':').filter(|(tag, _)| is_tag(tag)) {
                match tag.trim() {
                    "NOPASSWD" => no_password = true,
                    "PASSWD" => no_password = false,
                    _ => {}
                }
                rest = behind.trim();
            }
            if !as_whom? {
                continue;
            }
            let (takes, name) = rest.strip_prefix('!').map_or((false, rest), |rest| (true, rest.trim()));
            if named.iter().any(|command| command == "ALL") && takes {
                answer.but = Some(name.to_owned());
            } else if self.command(name, named, 0)? {
                answer.decided = Some((line.clone(), !takes));
                answer.no_password = no_password;
                answer.but = None;
            }
        }
        Some(())
    }

    /// Whether a list is about this account, host or target: its last member that fits decides.
    fn list(&self, kind: Kind, list: &[String], who: &Who<'_>, depth: usize) -> Fits {
        let mut fits = false;
        for member in list {
            let (takes, member) =
                member.trim().strip_prefix('!').map_or((false, member.trim()), |rest| (true, rest.trim()));
            if self.member(kind, member.trim_matches('"'), who, depth)? {
                fits = !takes;
            }
        }
        Some(fits)
    }

    fn member(&self, kind: Kind, member: &str, who: &Who<'_>, depth: usize) -> Fits {
        if member == "ALL" {
            return Some(true);
        }
        if let Some(list) = self.aliases.get(&(kind, member.to_owned())) {
            return if depth < DEPTH { self.list(kind, list, who, depth + 1) } else { None };
        }
        if kind == Kind::Host {
            let plain = |c: char| c.is_ascii_alphanumeric() || "-.".contains(c);
            let is_address = member.starts_with(|c: char| c.is_ascii_digit()) || member.contains(['/', ':']);
            let short = who.host.split('.').next().unwrap_or_default();
            return (!is_address && !member.is_empty() && member.chars().all(plain))
                .then(|| member.eq_ignore_ascii_case(who.host) || member.eq_ignore_ascii_case(short));
        }
        let (name, uid) = if kind == Kind::Runas { (who.target, who.target_uid) } else { (who.name, who.uid) };
        match member.strip_prefix('%') {
            Some(group) if group.starts_with([':', '#']) || kind == Kind::Runas => None,
            Some(group) => Some(who.groups.iter().any(|own| own == group)),
            None if member.starts_with('+') || member.is_empty() => None,
            None => Some(named(member, name, uid)),
        }
    }

    fn command(&self, pattern: &str, named: &[String], depth: usize) -> Fits {
        if pattern == "ALL" {
            return Some(true);
        }
        if let Some(list) = self.aliases.get(&(Kind::Command, pattern.to_owned())) {
            if depth >= DEPTH {
                return None;
            }
            let mut fits = false;
            for member in list {
                let member = member.trim();
                let (takes, member) = member.strip_prefix('!').map_or((false, member), |rest| (true, rest.trim()));
                if self.command(member, named, depth + 1)? {
                    fits = !takes;
                }
            }
            return Some(fits);
        }
        if !pattern.starts_with('/') && !pattern.starts_with("sudoedit ") {
            // A digest, a regular expression, an option: they are not read here.
            return None;
        }
        let mut fits = false;
        for command in named {
            fits |= is_command(pattern, command)?;
        }
        Some(fits)
    }
}

/// Whether a rule's command is this one.
fn is_command(pattern: &str, command: &str) -> Fits {
    let (program, words) = pattern.split_once([' ', '\t']).map_or((pattern, None), |(p, w)| (p, Some(w.trim())));
    let (wished, with) = command.split_once(' ').map_or((command, ""), |(p, w)| (p, w.trim()));
    let in_folder = program.ends_with('/') && wished.strip_prefix(program).is_some_and(|name| !name.contains('/'));
    if !in_folder && !glob(program, wished, true)? {
        return Some(false);
    }
    match words {
        None => Some(true),
        Some("\"\"") => Some(with.is_empty()),
        Some(words) if words.starts_with('^') => None,
        Some(words) => glob(words, with, false),
    }
}

fn is_tag(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_uppercase() || c == '_')
}

/// The parts between separators that are neither escaped, quoted nor in brackets, without blanks around them.
fn split(text: &str, at: char) -> Vec<String> {
    let (mut parts, mut part) = (Vec::new(), String::new());
    let (mut quoted, mut depth, mut escaped) = (false, 0_i32, false);
    for c in text.chars() {
        match c {
            _ if escaped => {}
            '"' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth -= 1,
            c if c == at && !quoted && depth == 0 => {
                parts.push(std::mem::take(&mut part).trim().to_owned());
                continue;
            }
            _ => {}
        }
        escaped = c == '\\' && !escaped;
        part.push(c);
    }
    parts.push(part.trim().to_owned());
    if parts.len() == 1 && parts.first().is_some_and(String::is_empty) { Vec::new() } else { parts }
}

/// A list without blanks beside its commas, so that blanks part lists.
fn joined(text: &str) -> String {
    split(text, ',').join(",")
}

/// Patterns of a shell; in a path nothing but a slash stands for a slash.
fn glob(pattern: &str, text: &str, path: bool) -> Fits {
    let any = if path { "[^/]" } else { "." };
    let (mut regex, mut open) = (String::from("(?s)^"), false);
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => regex.push_str(&regex::escape(&chars.next().map(String::from).unwrap_or_default())),
            '[' if !open => (open, regex) = (true, regex + "["),
            ']' if open => (open, regex) = (false, regex + "]"),
            '!' if open && regex.ends_with('[') => regex.push('^'),
            '-' if open => regex.push('-'),
            '*' if !open => regex.push_str(&format!("{any}*")),
            '?' if !open => regex.push_str(any),
            c => regex.push_str(&regex::escape(&c.to_string())),
        }
    }
    regex::Regex::new(&(regex + "$")).ok().map(|regex| regex.is_match(text))
}

#[cfg(test)]
mod tests;

//! Passwords in command lines: what is not on the sheet is nobody's business, and is hidden before a line is written down. Pure.
//!
//! Hidden is what is fed to a program that sets or asks for a password (`echo … | chpasswd`, `passwd --stdin <<<…`, a here-document), the value
//! of an option or a variable that is named like one, and a hash or a private key wherever it stands. It knows such places by their look, so it can hide too much, and
//! a password in a place of another look it does not find.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use checkers::machine::witness;
use regex::{Captures, Regex};

use super::sheet::Exam;

/// What stands for what is hidden.
pub const HIDDEN: &str = "(hidden)";

/// A word of a shell, quoted or not; `'a b'"c"` is one.
const WORD: &str = r#"(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s|;&<>()'"\\])+"#;
/// Words and what stands between them, up to the end of a command.
const REST: &str = r#"(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^|;&\n'"\\])*"#;
/// What reads a password from its input.
const READERS: &str =
    r"(?:\bpasswd\b|\bchpasswd\b|\bsecret\s+create\b|--password-stdin|\bsudo\s+(?:-\w+\s+)*-S\b|\bsu\b|\bcryptsetup\b)";

struct Places {
    piped: Regex,
    here: Regex,
    document: Regex,
    values: Vec<Regex>,
    word: Regex,
}

static PLACES: LazyLock<Option<Places>> = LazyLock::new(|| {
    let values = [
        // A variable, also in `-e NAME=…`, `--env=NAME=…` and `Environment=NAME=…`.
        format!(
            r#"(?i)(?:^|[\s'";&|(=]|-e)\w*(?:passw|passphrase|pass\b|_pass|secret|token|api_?key)\w*=(?P<v>{WORD})"#
        ),
        format!(r"(?i)--(?:password|passphrase|token)(?:=|\s+)(?P<v>{WORD})"),
        format!(r"\b(?:sshpass|login|useradd|usermod)\b{REST}\s-p\s*(?P<v>{WORD})"),
        format!(r"\b(?:mysql|mysqladmin|mysqldump|mariadb)\b{REST}\s-p(?P<v>{WORD})"),
        format!(r"\bopenssl\s+passwd(?:\s+-(?:salt\s+{WORD}|\w+))*\s+(?P<v>[^\s-]{WORD})"),
        format!(r"\bcurl\b{REST}\s(?:-u|--user)\s*[^\s:]+:(?P<v>{WORD})"),
        r"\w://[^\s/:@]+:(?P<v>[^\s/@]+)@".to_owned(),
        r#"(?P<v>\$(?:y|gy|7|6|5|1|2[abxy]?)\$[^\s:'"]{8,})"#.to_owned(),
    ];
    Some(Places {
        piped: Regex::new(&format!(r"\b(?:echo|printf)\b(?P<v>{REST})\|[^\n;]*?{READERS}")).ok()?,
        here: Regex::new(&format!(r"{READERS}{REST}<<<\s*(?P<v>{WORD})")).ok()?,
        document: Regex::new(&format!(r#"{READERS}[^\n]*<<-?\s*['"\\]?(?P<end>\w+)"#)).ok()?,
        values: values.iter().map(|value| Regex::new(value).ok()).collect::<Option<_>>()?,
        word: Regex::new(WORD).ok()?,
    })
});

/// What hides passwords, line by line.
#[derive(Debug, Default)]
pub struct Discretion {
    on_sheet: BTreeSet<String>,
    /// A here-document is open that is read as a password, up to this line.
    document: Option<String>,
}

impl Discretion {
    /// What stands on the sheet is no secret: drawn values, passwords of accounts, and what is marked as code.
    pub fn of(exam: &Exam) -> Self {
        let drawn = exam.parameters.values().cloned();
        let accounts = exam.accounts.iter().filter_map(|account| account.password.clone());
        let code = exam.tasks.iter().flat_map(|task| task.text.split('`').skip(1).step_by(2)).map(str::to_owned);
        Self { on_sheet: drawn.chain(accounts).chain(code).collect(), document: None }
    }

    /// The line as it may be written down.
    pub fn hide(&mut self, text: &str) -> String {
        let Some(places) = PLACES.as_ref() else { return HIDDEN.to_owned() };
        let mut lines = Vec::new();
        for line in text.split('\n') {
            let shown = match self.document.take_if(|end| line.trim() == *end) {
                Some(end) => end,
                None if self.document.is_some() => self.words(line, places),
                None => {
                    self.document = places.document.captures(line).map(|found| found["end"].to_owned());
                    line.to_owned()
                }
            };
            lines.push(shown);
        }
        // What is quoted may go on over several lines.
        let mut text = lines.join("\n");
        for place in [&places.piped, &places.here] {
            text = replaced(place, &text, |value| self.words(value, places));
        }
        for place in &places.values {
            text = replaced(place, &text, |value| self.word(value));
        }
        without_secrets(&text)
    }

    /// A prompt that asks for no more of the line before: what was open is not any more.
    pub fn begin(&mut self) {
        self.document = None;
    }

    /// Each word, or what stands behind `name:` in it.
    fn words(&self, text: &str, places: &Places) -> String {
        let word = |found: &Captures<'_>| {
            let word = &found[0];
            match word.split_once(':') {
                Some((name, password)) => format!("{name}:{}", self.word(password)),
                None => self.word(word),
            }
        };
        places.word.replace_all(text, word).into_owned()
    }

    fn word(&self, word: &str) -> String {
        let bare = word.trim_matches(['"', '\'']);
        let is_name = |rest: &str| rest.chars().all(|c| c.is_alphanumeric() || "_{}".contains(c));
        let parts = || bare.split("\\n").filter(|part| !part.is_empty());
        let is_harmless = |part: &str| {
            let part = part.rsplit_once(':').map_or(part, |(_, behind)| behind);
            self.on_sheet.contains(part)
                || part.starts_with('-')
                || part == HIDDEN
                || part.contains('%') && part.len() <= 4
                || part.strip_prefix('$').is_some_and(is_name)
        };
        if parts().all(is_harmless) { word.to_owned() } else { HIDDEN.to_owned() }
    }
}

/// The text without its words that have a hash or a key in them; nothing of it where the secret is in no word alone.
fn without_secrets(text: &str) -> String {
    // To a shell `"\$6\$…"` is the same hash.
    let is_secret = |text: &str| witness::is_secret(text) || witness::is_secret(&text.replace('\\', ""));
    let word = |word: &str| {
        let bare = word.trim_end();
        let secret = is_secret(bare.trim_matches(['\'', '"']));
        if secret { format!("{HIDDEN}{}", &word[bare.len()..]) } else { word.to_owned() }
    };
    let rest: String = text.split_inclusive(char::is_whitespace).map(word).collect();
    if is_secret(&rest) { HIDDEN.to_owned() } else { rest }
}

/// Every `v` of the pattern, as it is to be.
fn replaced(place: &Regex, text: &str, with: impl Fn(&str) -> String) -> String {
    let replace = |found: &Captures<'_>| {
        let (all, value) = (found.get(0), found.name("v"));
        let (Some(all), Some(value)) = (all, value) else { return String::new() };
        format!("{}{}{}", &text[all.start()..value.start()], with(value.as_str()), &text[value.end()..all.end()])
    };
    place.replace_all(text, replace).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exam::Shelf;

    fn discretion() -> Discretion {
        Discretion { on_sheet: ["ferret".to_owned(), "drawn-pw".to_owned()].into(), document: None }
    }

    #[test]
    fn a_password_of_the_candidates_own_is_hidden_wherever_a_program_is_given_one() {
        for line in [
            "echo geheim | sudo passwd --stdin ferret",
            "echo 'geheim; |x' | sudo passwd --stdin ferret",
            "echo ferret:geheim | sudo chpasswd",
            "echo \"ferret:geheim\"|sudo chpasswd -c SHA512",
            "printf 'ferret:%s\\n' geheim | tee /dev/null | chpasswd",
            "echo -e 'geheim\\ngeheim' | sudo passwd ferret",
            "sudo chpasswd <<< ferret:geheim",
            "sudo chpasswd <<<'ferret:geheim'",
            "sudo passwd --stdin ferret <<< \"geheim und mehr\"",
            "sudo chpasswd <<EOF\nferret:geheim\nlisa:geheim\nEOF",
            "sudo useradd -m -p geheim ferret",
            "sudo usermod --password \"$(openssl passwd -6 geheim)\" ferret",
            "openssl passwd -6 -salt abc geheim",
            "sudo usermod -p '$6$saltsalt$geheimgeheimgeheim' ferret",
            "sshpass -p geheim ssh ferret@localhost",
            "podman login -u me -p geheim localhost:5000",
            "echo geheim | podman login -u me --password-stdin localhost:5000",
            "printf geheim | podman secret create db -",
            "podman run -d -e MYSQL_ROOT_PASSWORD=geheim --name db ubi8",
            "podman run -eDB_PASS=geheim --env=API_TOKEN=geheim ubi8",
            "export DB_PASSWORD='geheim'",
            "echo 'Environment=DB_PASSWORD=geheim' >> web.service",
            "mysql -u root -pgeheim",
            "curl -u me:geheim http://localhost",
            "git clone https://me:geheim@host/x",
            "echo geheim | sudo -S true",
        ] {
            let hidden = discretion().hide(line);
            assert!(!hidden.contains("geheim") && hidden.contains(HIDDEN), "{line}\n{hidden}");
        }
        let line = discretion().hide("echo ferret:geheim | sudo chpasswd && id ferret");
        assert_eq!(line, "echo ferret:(hidden) | sudo chpasswd && id ferret", "and nothing else is");
    }

    #[test]
    fn of_a_line_with_a_hash_or_a_key_the_other_words_stay() {
        let hash = "$y$j9T$abcdefghijklmnop$Qnqnb9TM8w/vo9ztBoRDg09Zl4x";
        let bare = hash.replace('$', "\\$");
        for (line, kept) in [
            (format!(": '{hash}' bob\n"), ": '(hidden)' bob\n"),
            (format!("echo \"bob:{bare}\" >>file"), "echo (hidden) >>file"),
            ("echo 'bob:Ep6mckrOLChF.:18:0:99999:7:::' >>file".to_owned(), "echo (hidden) >>file"),
            ("cat <<E\n-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQ\nE".to_owned(), "(hidden)"),
            (r#"echo '{"auth": "bGlzYTpsaXNh"}' >auth.json"#.to_owned(), "(hidden)"),
        ] {
            assert_eq!(discretion().hide(&line), kept, "{line}");
        }
    }

    #[test]
    fn what_stands_on_the_sheet_and_what_is_no_password_stays() {
        for line in [
            "echo ferret | sudo passwd --stdin ferret",
            "echo ferret:drawn-pw | sudo chpasswd",
            "echo \"ferret:$pw\" | sudo chpasswd",
            "sudo chpasswd <<< 'ferret:drawn-pw'",
            "sudo chpasswd <<EOF\nferret:drawn-pw\nEOF\nid anna",
            "sudo passwd ferret",
            "echo good | tee /srv/plum; sudo passwd ferret",
            "podman run -d --secret=db,type=env -p 8080:80 --name web ubi8",
            "podman login localhost:5000",
            "grep pass /etc/passwd",
            "podman secret create db ./file",
            "su - ferret",
        ] {
            assert_eq!(discretion().hide(line), line);
        }
        let shelf = Shelf::default();
        let (source, _) = shelf.find("rootless-sprint").unwrap();
        let exam = shelf.drawn(&source, 7).unwrap();
        assert!(Discretion::of(&exam).on_sheet.contains(&exam.parameters["user"]), "{:?}", exam.parameters);
    }

    #[test]
    fn a_here_document_that_is_typed_line_by_line_is_hidden_up_to_its_end() {
        let mut discretion = discretion();
        let typed = ["sudo chpasswd <<-'END'", "ferret:geheim", "END", "echo hello:world"];
        let hidden: Vec<String> = typed.iter().map(|line| discretion.hide(line)).collect();
        assert_eq!(hidden, ["sudo chpasswd <<-'END'", "ferret:(hidden)", "END", "echo hello:world"]);
        discretion.hide("sudo chpasswd <<END");
        discretion.begin();
        assert_eq!(discretion.hide("id ferret"), "id ferret", "it was broken off");
    }
}

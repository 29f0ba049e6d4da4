//! What a lesson from elsewhere may do, before anybody agrees to it. Decides nothing.

use std::path::Path;

use super::clean::clean_line;
use super::ink::Ink;
use super::look::Look;
use super::page::Page;
use crate::lesson::{AccountRole, Powers};

/// What the lesson may do; `changed` where other files of it were agreed to before.
pub fn powers(title: &str, folder: &Path, powers: &Powers, changed: bool, look: &Look) -> String {
    let mut page = Page::new(look);
    page.inked("", title, Ink::Here);
    page.say("", &format!("A lesson from {}.", folder.display()));
    if changed {
        page.inked("", "Its files are not the ones that you agreed to.", Ink::Unsure);
    }
    page.say("", "What you type in it runs for real. Beside that, this lesson:");
    let mut row = |word: &str, text: &str| {
        if look.columns() < 40 {
            page.say("- ", &format!("{word}: {text}"));
        } else {
            let first = format!("  {}{}", Ink::Strong.on(word, look), " ".repeat(10_usize.saturating_sub(word.len())));
            page.say(&first, text);
        }
    };
    let accounts: Vec<String> = powers.accounts.iter().map(account).collect();
    row("accounts", &if accounts.is_empty() { "names none".to_owned() } else { accounts.join(", ") });
    row("looks", &eyes(powers));
    if powers.programs.is_empty() {
        row("programs", "brings none");
    }
    for program in &powers.programs {
        let (file, who, time) = (program.file.display(), &program.account, program.time);
        row("programs", &format!("runs {file} as {who}, without new privileges, at most {time} each time"));
    }
    if powers.reboots {
        row("reboot", "asks you to reboot the machine");
    }
    if !powers.clean_up.is_empty() {
        row("clean-up", "asks the administrator to run, in the end:");
        for line in &powers.clean_up {
            page.ours("      ", &Ink::Strong.on(&clean_line(line, look), look));
        }
    }
    page.done()
}

fn account(account: &crate::lesson::Declared) -> String {
    let role = match account.role {
        AccountRole::Administrator => "sits at the lab and may use sudo",
        AccountRole::Member => "is there from the start",
        AccountRole::Created => "is made by you",
    };
    format!("{} ({role})", account.name)
}

fn eyes(powers: &Powers) -> String {
    let root = powers.looks_as_root.then(|| "root".to_owned());
    let names: Vec<String> = root.into_iter().chain(powers.looks_as.iter().cloned()).collect();
    match names.as_slice() {
        [] => "at what every account may see, and changes nothing by it".to_owned(),
        names => format!("at the machine with the eyes of {}, and changes nothing by it", names.join(", ")),
    }
}

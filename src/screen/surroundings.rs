//! The way from the login to a shell, drawn: one block a link, and in it what fits together and what is somebody else's.

use checkers::facts::chain::{Link, Told};
use checkers::facts::front::By;

use super::clean::clean_line;
use super::ink::Ink;
use super::page::Page;

/// Draws the way; the last link is the shell that asked.
pub(super) fn show(page: &mut Page<'_>, links: &[Link]) {
    let last = links.len().saturating_sub(1);
    for (number, link) in links.iter().enumerate() {
        let here = number == last;
        head(page, number, link, here);
        let frame = if here { "   " } else { page.look.either("│  ", "   ") };
        row(page, frame, link, ("session", "session"), &link.session);
        row(page, frame, link, ("runtime", "XDG_RUNTIME_DIR"), &link.runtime_dir);
        row(page, frame, link, ("bus", "bus"), &link.bus);
        if !here {
            page.line(page.look.either("│", ""));
        }
    }
    if let Some(link) = links.last() {
        page.gap();
        for sentence in sentences(page, link) {
            page.say("", &sentence);
        }
    }
}

fn head(page: &mut Page<'_>, number: usize, link: &Link, here: bool) {
    let look = page.look;
    let dot = if look.symbols() { "● ".to_owned() } else { format!("{}. ", number + 1) };
    let account = Ink::Strong.on(&clean_line(&link.account, look), look);
    let shell = clean_line(&link.program, look);
    let process = if look.columns() < 60 { String::new() } else { format!(", process {}", link.pid) };
    let mut text = format!("{account}, {} ({shell}{process})", entered(link, number));
    if here {
        let arrow = look.either("◀", "<-");
        text.push_str(&format!(" {}", Ink::Here.on(&format!("{arrow} you are here"), look)));
    }
    page.ours(&dot, &text);
}

fn entered(link: &Link, number: usize) -> String {
    let by = |by: &By| match by {
        By::Login => "a login",
        By::Ssh => "a login by ssh",
        By::Su => "su",
        By::Sudo => "sudo",
        By::Container => "a container",
        By::Elsewhere => "ssh to another machine",
    };
    match link.by.as_slice() {
        [] if matches!(link.session, Told::Is { own: true, .. }) => "a login".to_owned(),
        [] if number > 0 => "by a way that is not known".to_owned(),
        [] => "where it begins".to_owned(),
        [By::Login | By::Ssh, ..] => link.by.iter().map(by).collect::<Vec<_>>().join(", then "),
        all => format!("by {}", all.iter().map(by).collect::<Vec<_>>().join(", then ")),
    }
}

/// One thing of the surroundings, with its mark: its own, somebody else's, none, unknown.
fn row(page: &mut Page<'_>, frame: &str, link: &Link, (short, long): (&str, &str), told: &Told) {
    let look = page.look;
    let (ink, symbol, ascii) = match told {
        Told::Is { own: true, .. } => (Ink::Good, "✓", "[ok]"),
        Told::Is { .. } => (Ink::Bad, "✗", "[no]"),
        Told::Unset => (Ink::Faint, "·", "[--]"),
        Told::Unknown(_) => (Ink::Unsure, "?", "[??]"),
    };
    let mark = ink.on(look.either(symbol, ascii), look);
    let label = if look.columns() < 60 { format!("{short}: ") } else { format!("{long:<15}  ") };
    let said = match told {
        Told::Is { what, own: true, .. } => format!("{what}, its own"),
        Told::Is { what, whose: Some(whose), .. } => format!("{what}, which is {}", possessive(whose)),
        Told::Is { what, whose: None, .. } => format!("{what}, which {} cannot reach", link.account),
        Told::Unset => "none".to_owned(),
        Told::Unknown(why) => format!("unknown: {why}"),
    };
    let before = format!("{frame}{mark} {label}");
    let after = format!("{frame}  {}", " ".repeat(mark_width(look.either(symbol, ascii)) - 1));
    page.hanging(&before, &after, &said, None);
}

fn mark_width(mark: &str) -> usize {
    mark.chars().count()
}

fn possessive(name: &str) -> String {
    if name.ends_with('s') { format!("{name}'") } else { format!("{name}'s") }
}

/// What it all comes to, and the way out.
fn sentences(page: &Page<'_>, link: &Link) -> Vec<String> {
    let all = [&link.session, &link.runtime_dir, &link.bus];
    let account = &link.account;
    let foreign = |told: &Told| matches!(told, Told::Is { own: false, .. });
    let other = all.iter().find_map(|told| match told {
        Told::Is { whose: Some(whose), own: false, .. } => Some(whose),
        _ => None,
    });
    let login = if page.look.elsewhere { format!("ssh {account}@localhost") } else { format!(":login {account}") };
    if all.iter().all(|told| matches!(told, Told::Is { own: true, .. })) {
        return vec![format!("It all fits together: a true login of {account}.")];
    }
    if account == "root" {
        return vec![
            "This is root, not a login of root: enough for commands that change the machine.".into(),
            "Containers and user services that are started here are root's.".into(),
        ];
    }
    if let Some(whose) = other.filter(|_| foreign(&link.runtime_dir) || foreign(&link.bus)) {
        return vec![
            format!("You are {account}, and what is around you is {}.", possessive(whose)),
            "podman and systemctl --user look there, and are refused.".into(),
            format!("Out: exit, then a true login: {login}"),
        ];
    }
    if all.iter().any(|told| matches!(told, Told::Unknown(_))) {
        return vec!["What is unknown here the lab sees with root's eyes: rootless-lab doctor says how.".into()];
    }
    vec![
        format!("Not everything is there: podman and systemctl --user have no place of {account} to work in."),
        format!("A true login brings all of it: {login}"),
    ]
}

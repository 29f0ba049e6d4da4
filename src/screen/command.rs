//! A command line to be copied: folded so that what is pasted is still that command.

use super::fold;
use super::ink::Ink;
use super::page::Page;

/// Where it is folded it gets bash's own mark for that; never within quotes, comments or here-documents, where the mark would
/// mean something else.
pub(super) fn show(page: &mut Page<'_>, line: &str) {
    let columns = page.look.columns() - 4;
    let held = quotes_held(line);
    let fits = held.split(' ').all(|word| fold::width(word) <= columns - 2);
    let foldable = fold::width(line) > columns && fits && !line.contains(['#', '\\']) && !line.contains("<<");
    let pieces = fold::fold(&held, if foldable { columns - 2 } else { columns }, "", "");
    let last = pieces.len().saturating_sub(1);
    for (number, piece) in pieces.iter().enumerate() {
        let mark = if foldable && number < last { " \\" } else { "" };
        let piece = Ink::Strong.on(&format!("{}{mark}", piece.replace(HELD, " ")), page.look);
        page.line(&format!("    {piece}"));
    }
}

/// Stands for a space within quotes while a command is folded; `clean` lets none through.
const HELD: char = '\u{e010}';

fn quotes_held(line: &str) -> String {
    let mut open = None;
    let hold = |letter| match (open, letter) {
        (None, '\'' | '"') => {
            open = Some(letter);
            letter
        }
        (Some(quote), letter) if letter == quote => {
            open = None;
            letter
        }
        (Some(_), ' ') => HELD,
        (_, letter) => letter,
    };
    line.chars().map(hold).collect()
}

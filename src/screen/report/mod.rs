//! The report of an exam, in a form for each reader: people at a terminal, programs, test servers, spreadsheets, browsers and printers.

mod history;
mod human;
mod junit;
mod page;
mod review;
mod sheet;
mod words;

use clap::ValueEnum;
use serde::Serialize;

pub use history::history;
pub use review::{Reviewed, Taught, review};
pub(super) use words::clock;

use super::clean::is_hidden;
use super::look::Look;
use crate::exam::report::Report;

/// A form of a report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people, at this terminal.
    #[default]
    Human,
    /// For programs: JSON with a version. `rootless-lab exam schema` is its schema.
    Json,
    /// For servers that show test results: JUnit's XML, a case a goal. What nobody could look at is skipped.
    Junit,
    /// For browsers and printers: one HTML file that needs nothing else.
    Html,
    /// For spreadsheets: a row a goal.
    Csv,
}

/// The report in that form; why there is none. The look is for people's alone.
pub fn report(report: &Report, format: Format, look: &Look) -> Result<String, String> {
    match format {
        Format::Human => Ok(human::human(report, look)),
        Format::Json => json(report).map_err(|error| error.to_string()),
        Format::Junit => junit::junit(report),
        Format::Html => page::page(report),
        Format::Csv => sheet::sheet(report),
    }
}

/// JSON in which nothing is left that a terminal would obey or that a reader could not see. Such characters stand in texts only, and there
/// JSON has a spelling for each.
pub fn json(what: &impl Serialize) -> Result<String, serde_json::Error> {
    let plain = serde_json::to_string_pretty(what)?;
    let mut text = String::with_capacity(plain.len() + 1);
    for letter in plain.chars() {
        if matches!(letter, '\u{7f}'..='\u{9f}') || is_hidden(letter) {
            letter.encode_utf16(&mut [0; 2]).iter().for_each(|unit| text.push_str(&format!("\\u{unit:04x}")));
        } else {
            text.push(letter);
        }
    }
    text.push('\n');
    Ok(text)
}

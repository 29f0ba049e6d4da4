//! Whether this machine's man pages have the entries that a lesson names. Asks the machine's own `man`.

use std::collections::{BTreeMap, BTreeSet};

use super::doubt::Doubt;
use super::finding::{Finding, doubt, in_order};
use super::rules::Page;
use crate::lesson::reading::{manual, open};
use crate::manual::{From, Manuals, Missing};

/// Asking a page takes a moment; no lesson by hand names more.
const MOST_PAGES: usize = 200;

/// Pages and entries that this machine lacks; none where it has no `man` at all.
pub fn pages(file_name: &str, text: &str, manuals: &Manuals) -> Vec<Finding> {
    let opened = open(file_name, text, &BTreeMap::new());
    let Some(document) = &opened.document else { return Vec::new() };
    let page = Page { text, document };
    let mut found = Vec::new();
    let mut missing = BTreeSet::new();
    let mut asked = BTreeSet::new();
    for entry in page.steps().iter().flat_map(|step| &step.value.manual) {
        let wanted = manual(crate::lesson::reading::EntryForm {
            page: entry.value.page.clone(),
            section: entry.value.section.clone(),
            entry: entry.value.entry.clone(),
            ..Default::default()
        });
        let key = (wanted.page.clone(), wanted.section.clone());
        asked.insert(key.clone());
        if asked.len() > MOST_PAGES || wanted.page.is_empty() || wanted.entry.is_empty() {
            continue;
        }
        let place = |text: &crate::lesson::reading::Text| text.as_ref().map_or(entry.span(), |text| text.span());
        let From::Ourselves { why, .. } = manuals.excerpt(&wanted).from else { continue };
        match why {
            Missing::NoMan => return Vec::new(),
            Missing::NoPage if missing.insert(key) => {
                let lacks = Doubt::NoPage { page: wanted.page, section: wanted.section };
                found.push(doubt(place(&entry.value.page), lacks));
            }
            Missing::NoEntry => {
                let lacks = Doubt::NoEntry { page: wanted.page, section: wanted.section, entry: wanted.entry };
                found.push(doubt(place(&entry.value.entry), lacks));
            }
            Missing::NoPage | Missing::Unreadable => {}
        }
    }
    in_order(text, found)
}

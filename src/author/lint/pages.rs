//! Whether this machine's man pages have the entries that a lesson names. Asks the machine's own `man`.

use std::collections::BTreeSet;

use super::doubt::Doubt;
use super::finding::{Finding, doubt, in_order};
use super::rules::Sheet;
use crate::lesson::reading::manual;
use crate::manual::{From, Manuals, Missing};

/// Asking a page takes a moment; no lesson by hand names more.
const MOST_PAGES: usize = 200;

impl Sheet<'_> {
    /// Pages and entries that this machine lacks; none where it has no `man` at all.
    pub fn pages(&self, manuals: &Manuals) -> Vec<Finding> {
        let Some(page) = self.page() else { return Vec::new() };
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
            if asked.len() > MOST_PAGES || missing.contains(&key) || wanted.page.is_empty() || wanted.entry.is_empty() {
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
        in_order(self.text, found)
    }
}

//! Suspects and the verdicts on their facts → what the mistake is, the surest first. Judges nothing itself.

use checkers::{Check, Evidence, Source, Verdict};

use super::suspect::Suspect;
use crate::lesson::ManualEntry;

/// How sure a diagnosis is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// The message, and all facts that confirm it; for a silent mistake all its facts.
    Certain,
    /// The message alone, and no other entry fits.
    Likely,
    /// One of several that fit.
    Possible,
}

/// What the mistake is.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnosis {
    /// The entry's id.
    pub id: String,
    /// One line.
    pub title: String,
    /// How sure it is.
    pub confidence: Confidence,
    /// The cause, in two or three sentences.
    pub cause: String,
    /// What to type; a line that begins with `#` is a remark.
    pub fix: Vec<String>,
    /// What was seen: the message, then the facts.
    pub evidence: Vec<Evidence>,
    /// Why a fact could not be looked at.
    pub unseen: Vec<String>,
    /// The manual's own words on it.
    pub manual: Option<ManualEntry>,
    /// Where upstream speaks of it.
    pub link: Option<String>,
    /// What would tell it from the others that fit.
    pub tell_apart: Vec<String>,
    /// It may be work under way: the next command may complete it.
    pub half_done: bool,
}

/// Weighs the suspects: `verdicts` are those of each suspect's facts, in the same order; none where nobody looked.
pub fn diagnose(suspects: &[Suspect], verdicts: &[Vec<Verdict>]) -> Vec<Diagnosis> {
    let mut weighed: Vec<(Option<Confidence>, Diagnosis, &Suspect)> = Vec::new();
    for (nth, suspect) in suspects.iter().enumerate() {
        let verdicts = verdicts.get(nth).map(Vec::as_slice).unwrap_or_default();
        // A silent mistake is told once, for the first name that it is true of.
        if suspect.said.is_none() && weighed.iter().any(|(_, diagnosis, _)| diagnosis.id == suspect.entry.id) {
            continue;
        }
        if let Some((confidence, diagnosis)) = weigh(suspect, verdicts) {
            weighed.push((confidence, diagnosis, suspect));
        }
    }
    let alone = weighed.len() == 1;
    let many = weighed.len() > 1;
    for (confidence, diagnosis, suspect) in &mut weighed {
        let open = if alone { Confidence::Likely } else { Confidence::Possible };
        diagnosis.confidence = confidence.unwrap_or(open);
        if many && confidence.is_none() {
            diagnosis.tell_apart = suspect.when.iter().flatten().flat_map(ways_to_tell).collect();
            diagnosis.tell_apart.dedup();
        }
    }
    weighed.sort_by_key(|(_, diagnosis, suspect)| (diagnosis.confidence, std::cmp::Reverse(suspect.weight)));
    weighed.into_iter().map(|(_, diagnosis, _)| diagnosis).collect()
}

/// None for a suspect that is out; with `Certain` for one whose facts speak for it.
fn weigh(suspect: &Suspect, verdicts: &[Verdict]) -> Option<(Option<Confidence>, Diagnosis)> {
    let unseen = Verdict::unknown("nobody looked");
    let mut rest = verdicts.iter();
    let mut verdict_of = |fact: &Option<Check>| match fact {
        Some(_) => rest.next().unwrap_or(&unseen).clone(),
        None => Verdict::unknown("a name that it needs is not known"),
    };
    let when: Vec<Verdict> = suspect.when.iter().map(&mut verdict_of).collect();
    let unless: Vec<Verdict> = suspect.unless.iter().map(&mut verdict_of).collect();
    if when.iter().any(Verdict::is_fail) || unless.iter().any(Verdict::is_pass) {
        return None;
    }
    let seen = when.iter().any(Verdict::is_pass);
    let silent = suspect.said.is_none();
    if silent && (!seen || when.iter().chain(&unless).any(Verdict::is_unknown)) {
        return None;
    }
    // What a fact was asked to remember is a value of the way out.
    let mut suspect = suspect.clone();
    for verdict in &when {
        if let Verdict::Pass { remember, .. } = verdict {
            suspect.values.extend(remember.clone());
        }
    }
    let mut diagnosis = described(&suspect);
    for verdict in when.iter().chain(&unless) {
        for evidence in verdict.evidence() {
            if !diagnosis.evidence.contains(evidence) {
                diagnosis.evidence.push(evidence.clone());
            }
        }
        if let (Verdict::Unknown { why, .. }, false) = (verdict, verdicts.is_empty())
            && !diagnosis.unseen.contains(why)
        {
            diagnosis.unseen.push(why.clone());
        }
    }
    // A fact that nobody could look at may be the very one that decides.
    let certain = seen && !when.iter().any(Verdict::is_unknown);
    Some((certain.then_some(Confidence::Certain), diagnosis))
}

fn described(suspect: &Suspect) -> Diagnosis {
    let entry = &suspect.entry;
    let said = suspect.said.as_ref();
    let said = said.map(|(said, line)| Evidence::new(Source::Command(line.clone()), said.clone()));
    Diagnosis {
        id: entry.id.clone(),
        title: suspect.words(&entry.title),
        confidence: Confidence::Possible,
        cause: suspect.words(&entry.why),
        fix: way_out(suspect),
        evidence: said.into_iter().collect(),
        unseen: Vec::new(),
        manual: entry.manual.clone(),
        link: entry.link.clone(),
        tell_apart: Vec::new(),
        half_done: entry.half_done,
    }
}

/// What to type, as far as its values are known. A remark whose commands are all left out goes with them.
fn way_out(suspect: &Suspect) -> Vec<String> {
    let is_remark = |line: &str| line.trim_start().starts_with('#');
    let lines: Vec<(&String, Option<String>)> =
        suspect.entry.fix.iter().map(|line| (line, suspect.command(line))).collect();
    let stays = |nth: usize| {
        let mut own = lines[nth + 1..].iter().take_while(|(line, _)| !is_remark(line)).peekable();
        !is_remark(lines[nth].0) || own.peek().is_none() || own.any(|(_, command)| command.is_some())
    };
    (0..lines.len()).filter(|nth| stays(*nth)).filter_map(|nth| lines[nth].1.clone()).collect()
}

/// How a learner sees for himself whether a fact is so: what the pages of its checks say, with what the fact is about.
fn ways_to_tell(check: &Check) -> Vec<String> {
    check.singles().into_iter().map(way_to_tell).collect()
}

fn way_to_tell(single: &Check) -> String {
    let tagged = serde_json::to_value(single).ok();
    let keys = tagged.as_ref().and_then(|value| value.as_object()?.iter().next());
    let page = keys.and_then(|(name, _)| Check::PAGES.iter().find(|(known, _)| known == name));
    let see = page.and_then(|(_, page)| page.split("See it yourself: ").nth(1)).map(str::trim);
    let see = see
        .map_or_else(|| "look at the machine".to_owned(), |see| see.split_whitespace().collect::<Vec<_>>().join(" "));
    // The first command of the page is enough to tell.
    let end = see.match_indices('`').nth(1).map_or(see.len(), |(end, _)| end + 1);
    let see = see[..end].to_owned();
    let path = keys.and_then(|(_, keys)| keys.get("path")?.as_str());
    path.map_or(see.clone(), |path| see.replace("PATH", path))
}

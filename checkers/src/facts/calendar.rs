//! Calendar events of systemd.time(7), far enough to tell whether two ways to write one mean the same. Pure.

use std::collections::BTreeSet;

/// An event in its parts, each in the form that systemd itself writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Monday is 0. None named: every day.
    days: BTreeSet<usize>,
    date: String,
    time: String,
    zone: String,
}

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const FULL: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const WORDS: [(&str, &str); 10] = [
    ("minutely", "*-*-* *:*:00"),
    ("hourly", "*-*-* *:00:00"),
    ("daily", "*-*-* 00:00:00"),
    ("midnight", "*-*-* 00:00:00"),
    ("weekly", "Mon *-*-* 00:00:00"),
    ("monthly", "*-*-01 00:00:00"),
    ("quarterly", "*-01,04,07,10-01 00:00:00"),
    ("semiannually", "*-01,07-01 00:00:00"),
    ("yearly", "*-01-01 00:00:00"),
    ("annually", "*-01-01 00:00:00"),
];

/// Reads an event; none for what is not understood here.
pub fn read(text: &str) -> Option<Event> {
    let text = text.trim();
    let text = WORDS.iter().find(|(word, _)| text.eq_ignore_ascii_case(word)).map_or(text, |(_, event)| event);
    let mut event = Event { days: BTreeSet::new(), date: "*-*-*".into(), time: "00:00:00".into(), zone: String::new() };
    let mut words = text.split_whitespace().peekable();
    if let Some(days) = words.next_if(|word| word.starts_with(|c: char| c.is_ascii_alphabetic())) {
        event.days = weekdays(days)?;
    }
    if let Some(date) = words.next_if(|word| word.contains(['-', '~'])) {
        event.date = dated(date)?;
    }
    if let Some(time) = words.next_if(|word| word.contains(':')) {
        event.time = timed(time)?;
    }
    if let Some(zone) = words.next_if(|word| word.starts_with(|c: char| c.is_ascii_alphabetic())) {
        event.zone = zone.to_owned();
    }
    (!text.is_empty() && words.next().is_none()).then_some(event)
}

fn weekdays(text: &str) -> Option<BTreeSet<usize>> {
    let day = |name: &str| {
        let name = name.to_ascii_lowercase();
        DAYS.iter().chain(&FULL).position(|day| *day == name).map(|at| at % 7)
    };
    let mut days = BTreeSet::new();
    for part in text.split(',').filter(|part| !part.is_empty()) {
        match part.split_once("..") {
            // systemd refuses a range that goes backwards.
            Some((first, last)) => days.extend(Some(day(first)?..=day(last)?).filter(|range| !range.is_empty())?),
            None => drop(days.insert(day(part)?)),
        }
    }
    // Every day of the week is no limit.
    Some(if days.len() == 7 { BTreeSet::new() } else { days }).filter(|_| !text.is_empty())
}

fn dated(text: &str) -> Option<String> {
    let at = text.rfind(['-', '~'])?;
    let (before, mark, day) = (text.get(..at)?, text.get(at..=at)?, text.get(at + 1..)?);
    let (year, month) = match before.split_once('-') {
        Some((year, month)) => (chain(year, 4)?, month),
        None => ("*".into(), before),
    };
    Some(format!("{year}-{}{mark}{}", chain(month, 2)?, chain(day, 2)?))
}

fn timed(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split(':').collect();
    let [hour, minute, second] = match parts[..] {
        [hour, minute] => [hour, minute, "00"],
        [hour, minute, second] => [hour, minute, second],
        _ => return None,
    };
    Some(format!("{}:{}:{}", chain(hour, 2)?, chain(minute, 2)?, chain(second, 2)?))
}

/// `1,6..9/2`: each number as long as systemd writes it, the end of a range with steps where the last step falls.
fn chain(text: &str, length: usize) -> Option<String> {
    if text == "*" {
        return Some(text.into());
    }
    let number = |text: &str| text.parse::<u32>().ok();
    let part = |part: &str| {
        let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
        let step = step.map(number).map_or(Some(None), |step| step.filter(|step| *step > 0).map(Some))?;
        let (first, last) = range.split_once("..").map_or((range, None), |(first, last)| (first, Some(last)));
        let first = number(first)?;
        let last = last.map(number).map_or(Some(None), |last| last.filter(|last| *last >= first).map(Some))?;
        let last = last.map(|last| step.map_or(last, |step| first + (last - first) / step * step));
        let mut said = format!("{first:0length$}");
        said.extend(last.map(|last| format!("..{last:0length$}")));
        said.extend(step.map(|step| format!("/{step}")));
        Some((first, said))
    };
    let mut parts: Vec<(u32, String)> = text.split(',').map(part).collect::<Option<_>>()?;
    parts.sort();
    Some(parts.into_iter().map(|(_, said)| said).collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `systemd-analyze calendar` of systemd 257 writes for each.
    #[test]
    fn an_event_is_the_same_in_the_author_s_form_and_in_systemd_s() {
        for (written, normal) in [
            ("minutely", "*-*-* *:*:00"),
            ("Weekly", "Mon *-*-* 00:00:00"),
            ("quarterly", "*-01,04,07,10-01 00:00:00"),
            ("*:0/15", "*-*-* *:00/15:00"),
            ("Mon,Tue,Wed 10:00", "Mon..Wed *-*-* 10:00:00"),
            ("Mon..Fri *-*-* 2:5:7", "Mon..Fri *-*-* 02:05:07"),
            ("2026-1-2", "2026-01-02 00:00:00"),
            ("Sat,Sun 08:05", "Sat,Sun *-*-* 08:05:00"),
            ("*-1,6-1 00:00", "*-01,06-01 00:00:00"),
            ("monday", "Mon *-*-* 00:00:00"),
            ("02:00 Europe/Paris", "*-*-* 02:00:00 Europe/Paris"),
            ("10:00..30:00", "*-*-* 10:00..30:00"),
            ("*-*~1", "*-*~01 00:00:00"),
            ("*:*:*", "*-*-* *:*:*"),
            ("0..9/2:00", "*-*-* 00..08/2:00:00"),
        ] {
            assert!(read(written).is_some(), "{written}");
            assert_eq!(read(written), read(normal), "{written}");
        }
    }

    #[test]
    fn another_event_is_another_and_what_is_not_understood_is_none() {
        let events = ["02:00", "03:00", "Mon 02:00", "*-*-01 02:00", "02:00 UTC", "02:00:30", "*:00/2:00"];
        for (nth, one) in events.iter().enumerate() {
            for other in &events[nth + 1..] {
                assert_ne!(read(one), read(other), "{one} {other}");
            }
        }
        for text in [
            "",
            "*/15",
            "10",
            "Fun 02:00",
            "*-*-*/2 3:00",
            "23:59:59.5",
            "02:00 UTC again",
            "9..1:00",
            "1/0:00",
            "Fri..Mon 02:00",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}

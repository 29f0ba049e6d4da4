//! Lines of a crontab (crontab(5)): when, as whom, what. Two schedules are the same when they name the same times. Pure.

use std::collections::BTreeSet;

/// A line that runs something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// When.
    pub schedule: Schedule,
    /// The line's own words for it.
    pub written: String,
    /// The account, in a table that has a column for it.
    pub account: Option<String>,
    /// What is run, as it stands there.
    pub command: String,
}

/// When a job is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Schedule {
    /// When the daemon starts, as a rule once a boot.
    Reboot,
    /// At these times.
    Times {
        /// Minutes, hours, days of the month, months, days of the week (0 is Sunday).
        fields: [BTreeSet<u8>; 5],
        /// Either of the two kinds of day will do: both are named, and neither begins with `*`.
        either: bool,
    },
}

const LIMITS: [(u8, u8); 5] = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)];
const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const WORDS: [(&str, &str); 7] = [
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
    ("@monthly", "0 0 1 * *"),
    ("@weekly", "0 0 * * 0"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@hourly", "0 * * * *"),
];

/// The jobs of a table; a line that is none, and no setting of the environment, is told by its number.
pub fn jobs(text: &str, has_account: bool) -> Result<Vec<Job>, usize> {
    let mut found = Vec::new();
    for (nth, line) in text.lines().enumerate().map(|(nth, line)| (nth + 1, line.trim_start())) {
        if line.is_empty() || line.starts_with('#') || is_setting(line) {
            continue;
        }
        found.push(job(line, has_account).ok_or(nth)?);
    }
    Ok(found)
}

/// `NAME = value`, before anything that could be a time.
fn is_setting(line: &str) -> bool {
    let name = line.split_once('=').map(|(name, _)| name.trim().trim_matches(['"', '\'']));
    name.is_some_and(|name| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && !name.contains(char::is_whitespace)
    })
}

fn job(line: &str, has_account: bool) -> Option<Job> {
    // A dash in front only keeps the daemon from writing a log (SUSE).
    let line = line.strip_prefix('-').unwrap_or(line);
    let count = if line.starts_with('@') { 1 } else { 5 };
    let (mut rest, mut words) = (line, Vec::new());
    for _ in 0..count + usize::from(has_account) {
        let end = rest.find([' ', '\t'])?;
        let (word, after) = rest.split_at(end);
        words.push(word);
        rest = after.trim_start();
    }
    let account = if has_account { words.pop().map(str::to_owned) } else { None };
    let written = words.join(" ");
    let command = rest.trim_end().to_owned();
    (!command.is_empty()).then_some(())?;
    Some(Job { schedule: schedule(&written)?, written, account, command })
}

/// Reads a schedule: five fields, or `@daily` and its kin.
pub fn schedule(text: &str) -> Option<Schedule> {
    let text = text.trim();
    if text == "@reboot" {
        return Some(Schedule::Reboot);
    }
    let text = WORDS.iter().find(|(word, _)| *word == text).map_or(text, |(_, fields)| fields);
    let words: Vec<&str> = text.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = words[..] else { return None };
    let read = |at: usize, word: &str| field(word, LIMITS[at], at);
    let mut weekdays = read(4, weekday)?;
    if weekdays.remove(&7) {
        weekdays.insert(0);
    }
    let fields = [read(0, minute)?, read(1, hour)?, read(2, day)?, read(3, month)?, weekdays];
    Some(Schedule::Times { fields, either: !day.starts_with('*') && !weekday.starts_with('*') })
}

fn field(text: &str, (least, most): (u8, u8), at: usize) -> Option<BTreeSet<u8>> {
    let names: &[&str] = match at {
        3 => &MONTHS,
        4 => &DAYS,
        _ => &[],
    };
    let number = |word: &str| {
        let by_name = names.iter().position(|name| name.eq_ignore_ascii_case(word));
        let number = match by_name {
            Some(nth) => u8::try_from(nth).ok()? + if at == 3 { 1 } else { 0 },
            None => word.parse().ok()?,
        };
        (least..=most).contains(&number).then_some(number)
    };
    let mut found = BTreeSet::new();
    for part in text.split(',') {
        let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
        let step = step.map_or(Some(1), |step| step.parse::<usize>().ok().filter(|step| *step > 0))?;
        let (first, last) = match range.split_once('-') {
            _ if range == "*" => (least, if at == 4 { 6 } else { most }),
            Some((first, last)) => (number(first)?, number(last)?),
            // A step without a range is not said to be anything.
            None if step > 1 => return None,
            None => (number(range)?, number(range)?),
        };
        (first <= last).then_some(())?;
        found.extend((first..=last).step_by(step));
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_that_name_the_same_times_are_the_same() {
        for (one, other) in [
            ("*/15 * * * *", "0,15,30,45 0-23 1-31 1-12 0-7"),
            ("0 0 * * *", "@daily"),
            ("30 4 1 jan Mon", "30 4 1 1 1"),
            ("0 9 * * 1-5", "0 9 * * mon-fri"),
            ("0 9 * * 7", "0 9 * * sun"),
            ("00 09 * * *", "0 9 * * *"),
        ] {
            let (one, other) = (schedule(one), schedule(other));
            let (Some(Schedule::Times { fields: one, .. }), Some(Schedule::Times { fields: other, .. })) = (one, other)
            else {
                panic!()
            };
            assert_eq!(one, other);
        }
        assert_ne!(schedule("0 2 1 * 1"), schedule("0 2 1 * *"));
        assert_ne!(schedule("0 2 1-31 * 1"), schedule("0 2 * * 1"), "either day will do when both are named");
        for text in [
            "",
            "60 * * * *",
            "* * * *",
            "5-1 * * * *",
            "*/0 * * * *",
            "@often",
            "x * * * *",
            "* * 0 * *",
            "5/2 * * * *",
        ] {
            assert_eq!(schedule(text), None, "{text}");
        }
    }

    #[test]
    fn a_table_is_read_with_its_settings_and_accounts() {
        let own = "# mine\nMAILTO=\"\"\nSHELL = /bin/sh\n\n30  2 * * *\t/usr/bin/logger \"a b\"  \n@reboot /x=1 %in\n";
        let found = jobs(own, false).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].written.as_str(), found[0].command.as_str()), ("30 2 * * *", "/usr/bin/logger \"a b\""));
        assert_eq!((&found[1].schedule, found[1].command.as_str()), (&Schedule::Reboot, "/x=1 %in"));
        let system = jobs("17 * * * * root cd / && run-parts /etc/cron.hourly\n", true).unwrap();
        assert_eq!(
            (system[0].account.as_deref(), system[0].command.as_str()),
            (Some("root"), "cd / && run-parts /etc/cron.hourly")
        );
        assert_eq!(jobs("* * * * * x\n\n* * * *\n", false), Err(3));
        assert_eq!(jobs("* * * * * root\n", true), Err(1));
    }
}

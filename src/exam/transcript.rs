//! What happened in an attempt in the order in which it began: command lines, and goals that turned. Pure.
//!
//! Exact are the order, the times, and between which two looks a goal turned. Which of the lines that ran in between turned it, or
//! whether one did, nobody can see: where only one ran, it stands to reason.

use super::attempt::{Attempt, Command, GoalTurn};

/// One thing that happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment<'a> {
    /// A command line was begun.
    Line(&'a Command),
    /// A goal's answer was seen to be another one.
    Turn(&'a GoalTurn),
}

impl Moment<'_> {
    /// Microseconds of the exam's time that were used.
    pub fn at(&self) -> u64 {
        match self {
            Self::Line(command) => command.began(),
            Self::Turn(turn) => turn.used,
        }
    }

    /// The number of its line in the record.
    pub fn n(&self) -> u64 {
        match self {
            Self::Line(command) => command.n,
            Self::Turn(turn) => turn.n,
        }
    }
}

/// All of it.
pub fn moments(attempt: &Attempt) -> Vec<Moment<'_>> {
    let lines = attempt.commands.iter().map(Moment::Line);
    let mut all: Vec<Moment<'_>> = lines.chain(attempt.turns.iter().map(Moment::Turn)).collect();
    all.sort_by_key(|moment| (moment.at(), moment.n()));
    all
}

/// The lines that ran, as far as was seen, between the last look that saw a goal otherwise and the one that saw it turned, by their
/// numbers in the record; none where no earlier look is known. A line that led to a shell in which others were typed is none of them.
pub fn between_looks(moments: &[Moment<'_>], turn: &GoalTurn) -> Option<Vec<u64>> {
    let from = turn.used.saturating_sub(turn.within?);
    let lines: Vec<&Command> = moments.iter().filter_map(line).collect();
    let ran = |(nth, command): &(usize, &&Command)| {
        let next = lines.get(nth + 1).map_or(u64::MAX, |next| next.began());
        let inside = command.typed.inside.is_some();
        let leads_inside =
            !inside && lines[nth + 1..].iter().any(|other| other.typed.inside.is_some() && other.used < command.used);
        // How long a line ran that was read off the terminal is not known: until the next one at the most.
        let end = if inside { next } else { command.used };
        !leads_inside && command.began() <= turn.used && end >= from
    };
    Some(lines.iter().enumerate().filter(ran).map(|(_, command)| command.n).collect())
}

/// The lines that were begun between a turn, with those that came together with it, and the turns before, by their numbers in the record.
pub fn since_the_last_turn(moments: &[Moment<'_>], turn: &GoalTurn) -> Vec<u64> {
    let before = moments.iter().rev().skip_while(|moment| moment.n() != turn.n || line(moment).is_some());
    let lines = before.skip_while(|moment| line(moment).is_none()).map_while(line);
    let mut numbers: Vec<u64> = lines.map(|command| command.n).collect();
    numbers.reverse();
    numbers
}

fn line<'a>(moment: &Moment<'a>) -> Option<&'a Command> {
    match moment {
        Moment::Line(command) => Some(command),
        Moment::Turn(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::attempt::tests::{at, started};
    use super::super::attempt::{Answer, Event, Inside, Typed};
    use super::super::chain::Entry;
    use super::*;

    fn own(line: &str, took: u64) -> Event {
        let (status, took) = (Some(0), Some(took * 1_000_000));
        Event::Command(Box::new(Typed { line: line.into(), status, cwd: None, account: None, took, inside: None }))
    }

    fn inside(line: &str) -> Event {
        let inside = Some(Inside { through: vec!["ssh anna@localhost".into()], prompt: "anna$".into() });
        Event::Command(Box::new(Typed {
            line: line.into(),
            status: None,
            cwd: None,
            account: None,
            took: None,
            inside,
        }))
    }

    fn turned(goal: &str, within: Option<u64>) -> Event {
        let within = within.map(|seconds| seconds * 1_000_000);
        Event::Turned { goal: goal.parse().unwrap(), answer: Answer::Pass, within }
    }

    /// Of events with the second at which each is written down.
    fn attempt(events: Vec<(u64, Event)>) -> Attempt {
        let begin = (0, Event::Started(Box::new(started())));
        let entry = |(n, (second, event))| Entry { n, at: at(second), event, hash: String::new() };
        Attempt::of(&(1..).zip(std::iter::once(begin).chain(events)).map(entry).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn lines_stand_where_they_were_begun_also_one_that_led_to_a_shell_inside_or_ran_for_long() {
        let attempt = attempt(vec![
            (10, own("useradd anna", 1)),
            (20, inside("podman build")),
            (30, turned("image/built", Some(5))),
            (40, inside("exit")),
            (41, own("ssh anna@localhost", 25)),
            (70, turned("unit/active", Some(3))),
            (80, own("podman pull", 20)),
        ]);
        let moments = moments(&attempt);
        assert_eq!(moments.iter().map(Moment::n).collect::<Vec<_>>(), [2, 6, 3, 4, 5, 8, 7]);
        let [built, active] = &attempt.turns[..] else { panic!("{:?}", attempt.turns) };
        assert_eq!(between_looks(&moments, built), Some(vec![3]), "the ssh is only the way there");
        assert_eq!(between_looks(&moments, active), Some(vec![8]), "it ran, though it ended later");
        assert_eq!(since_the_last_turn(&moments, built), [2, 6, 3]);
        assert_eq!(since_the_last_turn(&moments, active), [5, 8]);
    }

    #[test]
    fn of_goals_that_turned_together_each_has_the_same_lines_and_without_an_earlier_look_nobody_knows() {
        let attempt = attempt(vec![
            (1, turned("a/a", None)),
            (10, own("one", 1)),
            (11, own("two", 1)),
            (12, turned("a/a", Some(4))),
            (12, turned("b/b", None)),
            (50, turned("c/c", Some(2))),
        ]);
        let moments = moments(&attempt);
        let turns = &attempt.turns;
        assert_eq!(since_the_last_turn(&moments, &turns[0]), [0_u64; 0]);
        assert_eq!((between_looks(&moments, &turns[1]), between_looks(&moments, &turns[2])), (Some(vec![3, 4]), None));
        assert_eq!(since_the_last_turn(&moments, &turns[2]), [3, 4]);
        assert_eq!(between_looks(&moments, &turns[3]), Some(vec![]), "it changed by itself");
    }
}

//! A report as one HTML file that needs nothing else: no script, nothing from outside. Whatever a candidate can name is only ever text: the
//! template escapes it, and what a browser would hide or obey is spelled out before.

use std::collections::BTreeMap;

use minijinja::{Environment, Value, context};

use super::super::clean::{clean, clean_line};
use super::super::goals::place;
use super::super::look::Look;
use super::words;
use crate::exam::Answer;
use crate::exam::report::{GoalReport, Marks, Outcome, Points, Report, Standing, TaskReport};

const PAGE: &str = include_str!("page.html");
/// The file; why there is none.
pub(super) fn page(report: &Report) -> Result<String, String> {
    let mut environment = Environment::new();
    // A name that ends in .html has what is filled in escaped.
    environment.add_template("page.html", PAGE).map_err(|error| error.to_string())?;
    let template = environment.get_template("page.html").map_err(|error| error.to_string())?;
    let mut clock: Vec<String> = report.time.notes.iter().map(words::clock).collect();
    clock.extend([words::vouched(report), words::late(report)].into_iter().flatten());
    let page = template.render(context! {
        title => line(&report.exam.title),
        attempt => line(&report.attempt),
        candidate => line(&words::candidate(report)),
        machine => line(&words::machine(report)),
        began => words::moment(report.time.began),
        time => words::time(report),
        state => words::state(report.state),
        looks => words::looks(report),
        tracks => report.exam.tracks.iter().map(|track| line(track)).collect::<Vec<_>>(),
        clock,
        score => report.counts().map(|marks| score(report, marks)),
        tasks => (1..).zip(&report.tasks).map(|(number, it)| task(number, it)).collect::<Vec<_>>(),
        seed => report.seed.as_str(),
        parameters => pairs(&report.parameters),
        versions => pairs(&report.versions),
        exam => line(&report.exam.id),
        digest => line(&report.exam.digest),
        record => words::record(report).iter().map(|says| line(says)).collect::<Vec<_>>(),
        whole => [&report.record.breaks, &report.record.foreign].iter().all(|says| says.is_empty())
            && report.record.misplaced.is_empty(),
        head => line(&report.record.head),
    });
    page.map_err(|error| error.to_string())
}

fn score(report: &Report, marks: &Marks) -> Value {
    let (class, symbol) = match marks.verdict {
        Standing::Passed => ("pass", "✓"),
        Standing::NotPassed => ("fail", "✗"),
        Standing::NoScore | Standing::Open => ("unknown", "?"),
    };
    let side = |marks: &Option<Marks>| marks.as_ref().map(|marks| words::total(marks.total));
    let objectives = marks.objectives.iter().map(|it| {
        context! { name => line(&it.objective), points => words::points(it.points), bar => bar(it.points) }
    });
    context! {
        class, symbol,
        standing => words::standing(marks, report.exam.pass_mark),
        proven => side(&report.proven),
        predicted => side(&report.predicted),
        unknown => marks.total.unknown,
        turned => words::turned(report).iter().map(|says| line(says)).collect::<Vec<_>>(),
        goals => marks.total.unknown + marks.total.judged,
        objectives => objectives.collect::<Vec<_>>(),
    }
}

/// How far a bar is filled for certain, and how much further it may be, in per cent.
fn bar(points: Points) -> Value {
    let range = points.per_cent.map(|part| (part.lowest, part.highest)).unwrap_or_default();
    context! { lowest => range.0, open => range.1.saturating_sub(range.0) }
}

fn task(number: usize, task: &TaskReport) -> Value {
    let differs = task.predicted.zip(task.proven).filter(|(before, after)| before != after);
    context! {
        number,
        title => line(&task.title),
        objective => line(&task.objective),
        points => task.counts().map_or_else(|| format!("{} points", task.points), words::points),
        predicted => differs.map(|(before, _)| words::points(before)),
        whole => !task.partial_credit && task.goals.len() > 1,
        goals => task.goals.iter().map(goal).collect::<Vec<_>>(),
    }
}

fn goal(goal: &GoalReport) -> Value {
    let counts = goal.counts();
    let answer = counts.map(|outcome| outcome.answer);
    let before =
        goal.predicted.as_ref().zip(goal.proven.as_ref()).filter(|(before, after)| before.answer != after.answer);
    let of = |text: fn(&Outcome) -> &Option<String>| counts.and_then(|one| text(one).as_deref().map(lines));
    let seen = counts.map(|one| one.evidence.as_slice()).unwrap_or_default();
    let seen = seen.iter().map(|one| context! { place => line(&place(&one.source)), said => lines(one.said.trim()) });
    context! {
        id => line(&goal.id),
        say => line(&goal.say),
        answer => words::answer(answer),
        class => match answer {
            Some(Answer::Pass) => "pass",
            Some(Answer::Fail) => "fail",
            Some(Answer::Unknown) | None => "unknown",
        },
        symbol => match answer {
            Some(Answer::Pass) => "✓",
            Some(Answer::Fail) => "✗",
            Some(Answer::Unknown) => "?",
            None => "·",
        },
        adds => counts.map(|one| words::range(one.adds)),
        points => goal.points,
        before => before.map(|(before, _)| words::answer(Some(before.answer))),
        wanted => of(|one| &one.wanted),
        found => of(|one| &one.found),
        why => of(|one| &one.why),
        grant => of(|one| &one.grant),
        see => of(|one| &one.see),
        seen => seen.collect::<Vec<_>>(),
    }
}

fn pairs(pairs: &BTreeMap<String, String>) -> Vec<Value> {
    pairs.iter().map(|(name, value)| context! { name => line(name), value => lines(value) }).collect()
}

fn line(text: &str) -> String {
    clean_line(text, &Look::FILE)
}

fn lines(text: &str) -> String {
    clean(text, &Look::FILE)
}

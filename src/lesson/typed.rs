//! A lesson as a person types it (`solutions/*.txt`, `wrong/*.txt`), read into turns. Types nothing itself; `solutions/typed.txt` of the
//! first lesson says the form at its top.

/// What is typed or awaited in one step, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedStep {
    /// The step's id.
    pub id: String,
    /// The turns, in order.
    pub turns: Vec<Turn>,
}

/// One thing that is typed or awaited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// Wait for the prompt of that shell, then type the line and Enter.
    Line {
        /// Whose prompt.
        at: Prompt,
        /// The line.
        line: String,
    },
    /// Wait for a question, then type the answer and Enter.
    Answer {
        /// A text that the question has in it.
        question: String,
        /// The answer.
        answer: String,
        /// The question need not come.
        perhaps: bool,
    },
    /// One of these texts must come on the screen.
    Sees(Vec<String>),
    /// This goal must become green.
    Goal {
        /// Its id.
        id: String,
        /// What is typed at the lab's prompt where it does not become so by itself in 40 seconds.
        otherwise: Option<String>,
    },
    /// The machine reboots, and the lab comes back.
    Reboot,
}

/// A wrong answer, and what is to come of it (`wrong/NAME.txt`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongAnswer {
    /// The goals that are red in the end, as step and goal. Never empty.
    pub fails: Vec<(String, String)>,
    /// The known mistake that is recognised.
    pub mistake: Option<String>,
    /// What is typed. It stops at the step that it spoils.
    pub steps: Vec<TypedStep>,
}

/// Whose prompt is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prompt {
    /// The lab's own.
    Lab,
    /// That of the shell which su opened.
    Su,
    /// That of the shell which ssh opened.
    Ssh,
}

/// Reads the file. The error is the number of the first line that has another form.
pub fn read_typed(text: &str) -> Result<Vec<TypedStep>, usize> {
    let mut steps: Vec<TypedStep> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        if word == "step" && !rest.is_empty() {
            steps.push(TypedStep { id: rest.to_owned(), turns: Vec::new() });
        } else {
            let turn = turn(word, rest.trim()).ok_or(number + 1)?;
            steps.last_mut().ok_or(number + 1)?.turns.push(turn);
        }
    }
    Ok(steps)
}

/// Reads a wrong answer: lines `fails STEP/GOAL …` and perhaps `mistake ID`, then the same form. The error is the number of the first
/// line that has another form; the line after the last where a `fails` is missing.
pub fn read_wrong(text: &str) -> Result<WrongAnswer, usize> {
    let (mut fails, mut mistake) = (Vec::new(), None);
    let mut rest = String::with_capacity(text.len());
    let mut head = true;
    for (number, line) in text.lines().enumerate() {
        let (word, said) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        head &= word != "step";
        let is_head = head && ["fails", "mistake"].contains(&word);
        match word {
            "fails" if is_head => {
                for goal in said.split_whitespace() {
                    let (step, goal) = goal.split_once('/').ok_or(number + 1)?;
                    fails.push((step.to_owned(), goal.to_owned()));
                }
            }
            "mistake" if is_head && mistake.is_none() && !said.trim().is_empty() => {
                mistake = Some(said.trim().to_owned())
            }
            _ => rest.push_str(line),
        }
        // Each line stays at its number.
        rest.push('\n');
    }
    let steps = read_typed(&rest)?;
    if fails.is_empty() || steps.is_empty() {
        return Err(text.lines().count() + 1);
    }
    Ok(WrongAnswer { fails, mistake, steps })
}

/// What one line says, a word and what it takes; none where it has no form that is known.
pub(crate) fn turn(word: &str, rest: &str) -> Option<Turn> {
    let line = |at| Turn::Line { at, line: rest.to_owned() };
    let answer = |perhaps| {
        let (question, answer) = rest.split_once(" = ")?;
        Some(Turn::Answer { question: question.to_owned(), answer: answer.to_owned(), perhaps })
    };
    match word {
        "reboot" if rest.is_empty() => Some(Turn::Reboot),
        _ if rest.is_empty() => None,
        "lab" => Some(line(Prompt::Lab)),
        "su" => Some(line(Prompt::Su)),
        "ssh" => Some(line(Prompt::Ssh)),
        "asks" => answer(false),
        "may-ask" => answer(true),
        "sees" => Some(Turn::Sees(rest.split(" | ").map(str::to_owned).collect())),
        "goal" => {
            let (id, otherwise) =
                rest.split_once(" else ").map_or((rest, None), |(id, line)| (id, Some(line.to_owned())));
            Some(Turn::Goal { id: id.to_owned(), otherwise })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_line_is_read() {
        let text = "# note\nstep a\nlab id\nsu x y\nssh z\nasks P: = p\nmay-ask q = a = b\nsees a | b c\ngoal g\ngoal h else do x\nreboot\n";
        let line = |at, line: &str| Turn::Line { at, line: line.to_owned() };
        let answer = |question: &str, answer: &str, perhaps| Turn::Answer {
            question: question.to_owned(),
            answer: answer.to_owned(),
            perhaps,
        };
        let turns = vec![
            line(Prompt::Lab, "id"),
            line(Prompt::Su, "x y"),
            line(Prompt::Ssh, "z"),
            answer("P:", "p", false),
            answer("q", "a = b", true),
            Turn::Sees(vec!["a".to_owned(), "b c".to_owned()]),
            Turn::Goal { id: "g".to_owned(), otherwise: None },
            Turn::Goal { id: "h".to_owned(), otherwise: Some("do x".to_owned()) },
            Turn::Reboot,
        ];
        assert_eq!(read_typed(text), Ok(vec![TypedStep { id: "a".to_owned(), turns }]));
    }

    #[test]
    fn a_wrong_answer_names_the_goals_that_it_spoils_before_its_first_step() {
        let text = "# why\nfails b/x b/y\nfails b/z\nmistake run-as-root\nstep a\nlab id\n";
        let goal = |goal: &str| ("b".to_owned(), goal.to_owned());
        let wrong = read_wrong(text).unwrap();
        assert_eq!(
            (wrong.fails, wrong.mistake.as_deref()),
            (vec![goal("x"), goal("y"), goal("z")], Some("run-as-root"))
        );
        assert_eq!(wrong.steps, read_typed("step a\nlab id\n").unwrap());
        for (text, line) in [
            ("step a\nlab id\n", 3),
            ("fails x\nstep a\nlab id\n", 1),
            ("fails a/x\nstep a\nfails a/y\n", 3),
            ("mistake a\nmistake b\nfails a/x\nstep a\nlab id\n", 2),
            ("fails a/x\n", 2),
        ] {
            assert_eq!(read_wrong(text), Err(line), "{text}");
        }
    }

    #[test]
    fn a_line_of_another_form_is_named() {
        for (text, line) in
            [("lab id\n", 1), ("step a\n\ntypo x\n", 3), ("step a\nasks nothing\n", 2), ("step a\nlab\n", 2)]
        {
            assert_eq!(read_typed(text), Err(line), "{text}");
        }
    }
}

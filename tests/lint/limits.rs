//! Lessons that are too large, too deep or too wrong cost no more than a second, and are told of.

use super::*;

#[path = "../lessons/large.rs"]
mod large;

/// Code that is not optimised takes some five to eight times as long as what learners run. Optimised, the limits hold as they are said.
const PATIENCE: u128 = if cfg!(debug_assertions) { 8 } else { 1 };

/// Processor time of this thread: a busy machine is not the lesson's fault.
fn spent() -> std::time::Duration {
    nix::time::clock_gettime(nix::time::ClockId::CLOCK_THREAD_CPUTIME_ID).unwrap().into()
}

#[test]
fn a_lesson_of_ten_thousand_steps_is_linted_within_a_second() {
    let text = large::lesson(WHOLE, 10_000);
    let began = spent();
    let found = linted(&text);
    let took = spent() - began;
    assert_eq!(found, [], "{} bytes", text.len());
    println!("{} bytes, {took:?}", text.len());
    assert!(took.as_millis() < 1000 * PATIENCE, "{took:?}");
}

#[test]
fn a_bomb_is_refused_within_fifty_milliseconds() {
    for bomb in large::bombs() {
        let began = spent();
        let found = linted(&bomb);
        let took = spent() - began;
        assert_eq!(found[0].what.code(), "not-yaml", "{}", found[0].what);
        println!("{took:?} {}", found[0].what);
        assert!(took.as_millis() < 50 * PATIENCE, "{took:?} for {}", found[0].what);
    }
}

/// Floods that do not need many bytes for each problem, or that stand on one line, or in which everything has to be compared.
fn wide_floods() -> Vec<String> {
    let (head, _) = WHOLE.split_once("steps:\n").unwrap();
    let list = |piece: &dyn Fn(usize) -> String, times: usize| (0..times).map(piece).collect::<Vec<_>>().join(", ");
    let goal =
        |nth: usize| format!("{{id: g{nth}, say: It is., check: {{path: {{path: /a{nth}, owner: nobody{nth}}}}}}}");
    let step = |goals: &str, lines: &str| {
        format!(
            "steps: [{{id: a, title: T, text: x, hints: [a, b, c], goals: [{goals}], solution: [{{lines: [{lines}]}}]}}]\n"
        )
    };
    let goals = list(&goal, 20_000);
    let accounts = list(&|nth| format!("{{name: a{nth}, role: member}}"), 20_000);
    let unknown =
        list(&|nth| format!("{{id: g{nth}, say: It is., check: {{linger: {{account: nobody{nth}}}}}}}"), 20_000);
    let parameters = list(&|nth| format!("p{nth}: {{value: v{nth}, says: s}}"), 20_000);
    let wanted = list(&|nth| format!("\"{{{{q{nth}}}}}\""), 100_000);
    let same = "{id: g, say: It is., check: {linger: {account: anna}}}".to_owned();
    let head_of = |more: &str| format!("format: 1\ntitle: T\nsummary: S\n{more}\n");
    vec![
        large::lesson(WHOLE, 10_000).replace("id: step-", "id: same #"),
        large::lesson(WHOLE, 10_000).replace(" ~/file-", " ~/fiel-"),
        format!("{head}{}", step(&goals, "touch x")),
        format!("{head}{}", step(&goals, &list(&|nth| format!("chmod 640 b{nth}"), 40_000))),
        format!("{head}{}", step(&vec![same; 30_000].join(", "), "touch x")),
        head_of(&format!("accounts: [{accounts}]\n{}", step(&unknown, "touch x"))),
        head_of(&format!("parameters: {{{parameters}}}\n{}", step(&goals, &wanted))),
        format!("{WHOLE}{}", (0..150_000).map(|nth| format!("titl{nth}: x\n")).collect::<String>()),
        format!("{WHOLE}{}more: {{{}}}\n", "# remark\n".repeat(200_000), "same: x, ".repeat(100_000)),
        format!("{WHOLE}{}", "#\t\n".repeat(1 << 20)),
        format!("{WHOLE}more: [{}]\n", "{mode: 1}, ".repeat(70_000)),
        format!("{WHOLE}more: [{}]\n", "\"\\e\", ".repeat(300_000)),
        format!("{WHOLE}more: \"{}}}}}\"\n", "{{".repeat(500_000)),
    ]
}

#[test]
fn a_flood_of_anything_ends_within_a_second() {
    let filled = WHOLE.replacen("format: 1", "format: [", 1);
    let mut late = Vec::new();
    for flood in wide_floods().into_iter().chain([
        "[".repeat(4 << 20),
        "- a\n".repeat(1 << 20),
        "&a ".repeat(1 << 20),
        format!("{WHOLE}{}", "nonsense: x\n".repeat(100_000)),
        format!("{WHOLE}{}", " \t \n".repeat(500_000)),
        filled,
        large::lesson(WHOLE, 1_500).replace("mode:", "made:"),
        large::lesson(WHOLE, 1_500).replace("path: {path:", "pth: {path:"),
        large::lesson(WHOLE, 1_500).replace("mode: \"0640\"", "mode: [x]"),
    ]) {
        let began = spent();
        let found = linted(&flood);
        let took = spent() - began;
        let what: String = found.iter().take(1).map(|one| one.what.to_string()).collect();
        println!("{took:?} {} {:.80}", found.len(), what);
        late.extend((found.is_empty() || took.as_millis() >= 1000 * PATIENCE).then(|| format!("{took:?} {what:.80}")));
    }
    assert!(late.is_empty(), "{late:#?}");
}

#[test]
fn a_flood_in_a_translation_ends_within_a_second_too() {
    let lesson = large::lesson(WHOLE, 3_000);
    let titles: String = (0..3_000).map(|step| format!("  step-{step}: {{title: T, hints: [a, b, c]}}\n")).collect();
    let keys = |key: &dyn Fn(usize) -> String| (0..120_000).map(|nth| format!("{}: x\n", key(nth))).collect::<String>();
    for (flood, least) in [
        (format!("format: 1\ntitle: T\nsteps:\n{titles}"), 0),
        (format!("format: 1\n{}", keys(&|nth| format!("key-{nth}"))), 101),
        (format!("format: 1\n{}", keys(&|_| "title".to_owned())), 101),
        (format!("format: 1\nsteps:\n  {}", keys(&|nth| format!("step-{nth}")).replace('\n', "\n  ")), 101),
    ] {
        let began = spent();
        let (wrong, gaps) = rootless_lab::lesson::translation::problems(&lesson, "lesson.de.yaml", &flood);
        let took = spent() - began;
        println!("{took:?} {} {}", wrong.len(), gaps.len());
        assert_eq!(wrong.len(), least);
        assert!(took.as_millis() < 1000 * PATIENCE, "{took:?} for {}", &flood[..60]);
    }
}

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % end.max(1)
    }
}

/// A text with some bytes taken out, doubled, moved, or put in.
fn mutated(text: &str, dice: &mut Dice) -> String {
    const PIECES: &[&str] = &[
        "\n",
        "  ",
        "\t",
        ":",
        "- ",
        "{",
        "}",
        "[",
        "]",
        "\"",
        "'",
        "&a ",
        "*a",
        "!t ",
        "|\n",
        ">-\n",
        "#",
        "? ",
        "%",
        "@",
        "`",
        "{{",
        "}}",
        "{{who}}",
        "~",
        "null",
        "0x7f",
        "1e999",
        "\u{0}",
        "\u{1b}[2J",
        "\u{202e}",
        "\u{feff}",
        "é",
        "\u{10ffff}",
        "---\n",
        "...\n",
        "<<: ",
        "check: ",
        "all: [",
        "not: {",
        "(a+)+$",
        "\\",
        "[[:alpha:]]{1000}",
    ];
    let mut text = text.to_owned();
    for _ in 0..=dice.below(6) {
        let from = text.floor_char_boundary(dice.below(text.len() + 1));
        let to = text.floor_char_boundary((from + dice.below(60)).min(text.len()));
        let piece = text[from..to].to_owned();
        match dice.below(4) {
            0 => text.replace_range(from..to, ""),
            1 => text.insert_str(from, &piece.repeat(dice.below(20))),
            2 => {
                text.replace_range(from..to, "");
                let at = text.floor_char_boundary(dice.below(text.len() + 1));
                text.insert_str(at, &piece);
            }
            _ => text.insert_str(from, PIECES[dice.below(PIECES.len())]),
        }
    }
    text
}

#[test]
fn thousands_of_mutated_lessons_neither_panic_nor_hang_nor_lose_their_place() {
    let mut seeds: Vec<String> = cases().iter().map(Case::text).collect();
    seeds.push(include_str!("../../lessons/rootless-containers/lesson.yaml").to_owned());
    // More of them, and others, on request: the number is the seed too.
    let more = std::env::var("ROOTLESS_LAB_MUTATIONS").ok().and_then(|number| number.parse::<u64>().ok());
    let mut dice = Dice(0x5eed_1e55_0f1a_b011 ^ more.unwrap_or(0));
    for _ in 0..more.unwrap_or(2_000) {
        let seed = dice.below(seeds.len());
        let text = mutated(&seeds[seed], &mut dice);
        let began = spent();
        let found = linted(&text);
        let took = spent() - began;
        assert!(took.as_millis() < 1000 * PATIENCE, "{took:?} for\n{text}");
        assert!(found.len() <= 101);
        for one in &found {
            assert!(text.get(one.span.clone()).is_some(), "{one:?} in\n{text}");
            assert!(one.fix.as_ref().is_none_or(|fix| text.get(fix.span.clone()).is_some()), "{one:?} in\n{text}");
        }
        let read = rootless_lab::lesson::read("lessons/whole/lesson.yaml", &text).0.is_some();
        let refused = found.iter().any(|one| matches!(one.what, lint::What::Problem(_)));
        assert!(!read || found.iter().all(|one| !one.what.code().is_empty()), "a finding has no name");
        assert!(read || refused, "the reader refuses what lint says nothing of\n{text}");
    }
}

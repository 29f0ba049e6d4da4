//! Any text may be given to the readers and the linter: neither panics, hangs or eats the memory, and every place is one of the text.

#![no_main]

mod limits;
mod seeds;

use libfuzzer_sys::fuzz_target;
use rootless_lab::author::lint;
use rootless_lab::lesson::{self, translation};

const NAME: &str = "lessons/fuzzed/lesson.yaml";

#[global_allocator]
static MEMORY: limits::Counted = limits::Counted;

fuzz_target!(init: seeds::lay_out(), |text: &str| {
    let found = limits::held(|| lint::text(NAME, text));
    for one in &found {
        assert!(text.get(one.span.clone()).is_some());
        assert!(one.fix.as_ref().is_none_or(|fix| text.get(fix.span.clone()).is_some()));
    }
    let (lesson, problems) = limits::held(|| lesson::read(NAME, text));
    assert!(lesson.is_some() == problems.is_empty());
    assert!(lesson.is_some() || !found.is_empty());
    let (mended, _) = limits::held(|| lint::fixed(text, &|text| lint::text(NAME, text)));
    assert!(mended.len() <= text.len() * 2 + 4096);
    // The files beside a lesson come from the same stranger.
    let (wrong, gaps) = limits::held(|| translation::problems(seeds::WHOLE, "lesson.de.yaml", text));
    assert!(wrong.iter().all(|one| text.get(one.span.clone()).is_some()));
    assert!(gaps.iter().all(|gap| text.get(gap.span.clone()).is_some()));
    let lines = text.lines().count() + 1;
    let typed = [lesson::read_typed(text).err(), lesson::read_wrong(text).err()];
    assert!(typed.into_iter().flatten().all(|line| (1..=lines).contains(&line)));
});

//! Any text may be given to the reader and the linter: neither panics, and every place is one of the text.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rootless_lab::author::lint;

fuzz_target!(|text: &str| {
    let found = lint::text("lessons/fuzzed/lesson.yaml", text);
    for one in &found {
        assert!(text.get(one.span.clone()).is_some());
        assert!(one.fix.as_ref().is_none_or(|fix| text.get(fix.span.clone()).is_some()));
    }
    let lesson = rootless_lab::lesson::read("lessons/fuzzed/lesson.yaml", text).0;
    assert!(lesson.is_some() || !found.is_empty());
    let (mended, _) = lint::fixed(text, &|text| lint::text("lessons/fuzzed/lesson.yaml", text));
    assert!(mended.len() <= text.len() * 2 + 4096);
});

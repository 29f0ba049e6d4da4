//! The table: each aim, what was measured, and whether the aim is met. Says nothing that is not computed from the run's figures.

use super::figures::{Figures, Spread, percentile};
use super::watch::KINDS;

const MIB: f64 = 1024.0;

/// The rows as they come; a row whose figures were not measured in this run is left out.
struct Table {
    rows: String,
    met: usize,
    of: usize,
}

impl Table {
    fn row(&mut self, measure: &str, aim: &str, got: Option<(String, bool)>) {
        let Some((found, met)) = got else { return };
        self.of += 1;
        self.met += usize::from(met);
        self.rows.push_str(&format!("| {measure} | {aim} | {found} | {} |\n", if met { "yes" } else { "**no**" }));
    }
}

/// The whole table in Markdown.
pub fn table(figures: &Figures, about: &str) -> String {
    let mut table = Table { rows: String::new(), met: 0, of: 0 };
    once(figures, &mut table);
    prompts(figures, &mut table);
    starts(figures, &mut table);
    memory(figures, &mut table);
    looks(figures, &mut table);
    regrade(figures, &mut table);
    grade(figures, &mut table);
    watch(figures, &mut table);
    trace(figures, &mut table);
    practice(figures, &mut table);
    let Table { rows, met, of } = table;
    format!("{about}. {met} of {of} aims are met.\n\n| measure | aim | found | met |\n|---|---|---|---|\n{rows}")
}

/// `3.1 ms (2.9–4.0)`.
fn ms(spread: Spread) -> String {
    format!("{:.2} ms ({:.2}–{:.2})", spread.median, spread.least, spread.most)
}

/// `21.0× (19.5–22.3)`.
fn times(spread: Spread) -> String {
    format!("**{:.2}×** ({:.2}–{:.2})", spread.median, spread.least, spread.most)
}

fn of(figures: &Figures, name: &str) -> Option<Spread> {
    figures.series(name).map(Spread::of)
}

fn once(figures: &Figures, table: &mut Table) {
    for (peer, aim) in [("typical.sh", 20.0), ("tuned.sh", 10.0), ("goss", 15.0), ("testinfra", 40.0)] {
        let got = || {
            let (ratio, ours, theirs) =
                (figures.ratio(peer, "check")?, figures.median("check")?, figures.median(peer)?);
            Some((format!("{} faster: {ours:.1} ms, {peer} {theirs:.0} ms", times(ratio)), ratio.median >= aim))
        };
        table.row(&format!("`check` once, 18 facts, beside {peer}"), &format!("≥ {aim}×"), got());
    }
    let podman = figures.median("podman started").zip(figures.median("programs started"));
    let podman =
        podman.map(|(podman, all)| (format!("{podman:.0} podman among {all:.0} programs executed"), podman == 0.0));
    table.row("what that check starts", "no podman", podman);
}

fn prompts(figures: &Figures, table: &mut Table) {
    let again = || {
        let more = figures.more("judged true", "lab true")?;
        let high = percentile(figures.series("judged true")?, 99.0) - figures.median("lab true")?;
        let says = format!("median {:.2} ms more, p99 {high:.2} ms more", more.median);
        Some((says, more.median <= 4.0 && high <= 10.0))
    };
    table.row("18 facts judged again at a prompt", "≤ 4 ms more than a bare prompt, p99 10 ms", again());
    for (line, aim) in [("true", 2.0), ("/bin/true", 1.1), ("seq 300000", 1.1)] {
        let got = || {
            let (lab, bash) = (format!("lab {line}"), format!("bash {line}"));
            let (ours, theirs) = (figures.median(&lab)?, figures.median(&bash)?);
            let rounds = figures.ratio(&lab, &bash)?;
            let says = format!("{}: {ours:.3} ms, bash {theirs:.3} ms", times(rounds));
            Some((says, rounds.median <= aim))
        };
        table.row(&format!("nothing due: `{line}`"), &format!("≤ {aim}× plain bash"), got());
    }
    let got = || {
        let count = |name: &str| figures.median(&format!("{name}: processes of 200 prompts"));
        let (bash, lab, judged) = (count("bash")?, count("lab")?, count("judged")?);
        let says = format!("{lab:.0} in 200 prompts, {judged:.0} when judged, plain bash {bash:.0}");
        // a machine's own timers may start one or two meanwhile
        Some((says, lab < 10.0 && judged < 10.0))
    };
    table.row("processes started per prompt", "none", got());
}

fn starts(figures: &Figures, table: &mut Table) {
    let got = || {
        let (more, ours, theirs) =
            (figures.more("lab start", "bash start")?, figures.median("lab start")?, figures.median("bash start")?);
        Some((format!("{} more: {ours:.1} ms, bash {theirs:.1} ms", ms(more)), more.median <= 10.0))
    };
    table.row("exec to first prompt of a resumed lab", "plain bash + 10 ms", got());
    let got = || {
        let (long, short) = (figures.median("lab start, long shelf")?, figures.median("lab start")?);
        let more = figures.more("lab start, long shelf", "lab start")?;
        // "no slower" within what the rounds themselves differ by
        let noise = of(figures, "lab start")?;
        Some((
            format!("{} more: {long:.1} ms, without {short:.1} ms", ms(more)),
            long <= short + (noise.median - noise.least).max(0.2),
        ))
    };
    table.row("the same with 1,000 lessons on the shelf", "no slower", got());
    let got = || {
        let (ours, bare) = (of(figures, "--version")?, figures.median("/bin/true alone")?);
        Some((format!("{}; `/bin/true` {bare:.2} ms", ms(ours)), ours.median <= 2.0))
    };
    table.row("`--version`", "≤ 2 ms", got());
}

fn memory(figures: &Figures, table: &mut Table) {
    let sum = |name: &str| figures.series(name).map(|parts| parts.iter().sum::<f64>() / MIB);
    let parts = |name: &str| {
        let parts = figures.series(name).unwrap_or_default();
        parts.iter().map(|part| format!("{:.1}", part / MIB)).collect::<Vec<_>>().join(" + ")
    };
    let got = || {
        let (looks, rests) = (sum("PSS looking")?, sum("PSS after")?);
        let says = format!(
            "{looks:.1} MiB of its own while it looks ({}), {rests:.1} MiB at rest ({}); {:.1} MiB resident with what others share",
            parts("PSS looking"),
            parts("PSS after"),
            sum("RSS after")?
        );
        Some((says, looks.max(rests) <= 20.0))
    };
    table.row("memory: lab, sudo, observer and its children", "≤ 20 MiB", got());
    let got = || {
        let (before, after) = (sum("PSS before")?, sum("PSS after")?);
        Some((format!("{:.2} MiB more: {before:.2}, then {after:.2}", after - before), after - before < 1.0))
    };
    table.row("memory after 1,000 commands", "< 1 MiB more", got());
}

fn looks(figures: &Figures, table: &mut Table) {
    let got = || {
        let more = figures.more("1001 files", "1 file")?;
        Some((format!("{:.2} µs ({:.2}–{:.2})", more.median, more.least, more.most), more.median <= 10.0))
    };
    table.row("one more file goal", "≤ 10 µs", got());
    let thousand = of(figures, "1001 files").map(|spread| (ms(spread), spread.median <= 15.0));
    table.row("1,000 file goals", "≤ 15 ms", thousand);
}

fn regrade(figures: &Figures, table: &mut Table) {
    let got = || {
        let (took, size) = (of(figures, "1,000 attempts regraded")?, figures.median("bytes of evidence")?);
        let says = format!("{:.2} s ({:.2}–{:.2})", took.median / 1000.0, took.least / 1000.0, took.most / 1000.0);
        Some((format!("{says}, {:.0} kB each", size / 1000.0), took.most < 5000.0))
    };
    table.row("1,000 stored attempts of 20 tasks and 60 goals regraded, two threads", "< 5 s", got());
    let got = || {
        let (with, without) = (of(figures, "60 goals with testimony")?, figures.median("60 goals")?);
        Some((format!("{}; without {without:.2} ms", ms(with)), with.median < 200.0))
    };
    table.row("60 goals of 20 tasks graded, with all that was seen", "< 200 ms", got());
}

fn grade(figures: &Figures, table: &mut Table) {
    let took = of(figures, "exam grade").map(|took| (ms(took), took.median < 200.0));
    table.row("`exam grade` of 20 tasks and 60 goals, from start to end", "< 200 ms", took);
    let took = of(figures, "exam regrade").map(|took| {
        let says = format!("{:.2} s ({:.2}–{:.2})", took.median / 1000.0, took.least / 1000.0, took.most / 1000.0);
        (says, took.most < 5000.0)
    });
    table.row("`exam regrade` of 1,000 attempts at them, by another exam", "< 5 s, two cores", took);
}

fn watch(figures: &Figures, table: &mut Table) {
    for kind in KINDS {
        let got = figures.series(&format!("watch: {kind}")).map(|times| {
            let (median, high) = (Spread::of(times).median, percentile(times, 95.0));
            (format!("median {median:.0} ms, 95 % within {high:.0} ms"), median < 100.0 && high < 300.0)
        });
        table.row(&format!("{kind}, until the verdict is on the screen"), "median < 100 ms, 95 % < 300 ms", got);
    }
    let idle = figures.median("watch: idle share").zip(figures.median("watch: processes"));
    let idle = idle.map(|(share, count)| {
        (format!("{share:.4} % of one core, {count:.0} processes beside bash"), share < 0.1 && count <= 2.0)
    });
    table.row("an idle lab, over a minute", "< 0.1 %, lab and observer", idle);
}

fn trace(figures: &Figures, table: &mut Table) {
    let names = ["processes started", "processes", "journal lines", "sessions", "units and scopes", "files"];
    let counts: Option<Vec<f64>> = names.iter().map(|name| figures.median(&format!("trace: {name}"))).collect();
    let got = counts.map(|counts| {
        let says = names.iter().zip(&counts).map(|(name, count)| format!("{name} {count:.0}")).collect::<Vec<_>>();
        (says.join(", "), counts.iter().all(|count| *count == 0.0))
    });
    table.row("trace of judging 18 facts 1,000 times", "nothing more", got);
}

fn practice(figures: &Figures, table: &mut Table) {
    // Each time has to be within the aim, not the middle of them.
    for (name, measure, says, aim) in [
        ("create", "practice machine: create, packages cached", "≤ 40 s", 40.0),
        ("boot", "practice machine: boot until lisa has logged in and out", "≤ 3 s", 3.0),
        (
            "reset and boot",
            "practice machine: reset of a running one, until it runs again",
            "≤ 1 s, and the boot's 3 s",
            4.0,
        ),
        ("come back", "`start` on a machine that runs, until the prompt", "seconds", 5.0),
        ("come back and boot", "`start` on a machine that is made and does not run, until the prompt", "seconds", 5.0),
    ] {
        let got = of(figures, name).map(|spread| {
            let [median, least, most] = [spread.median, spread.least, spread.most].map(|ms| ms / 1000.0);
            (format!("{median:.3} s ({least:.3}–{most:.3})"), most <= aim)
        });
        table.row(measure, says, got);
    }
    let stopped = of(figures, "reset").map(|spread| (ms(spread), spread.most <= 1000.0));
    table.row("practice machine: reset of a stopped one", "≤ 1 s", stopped);
}

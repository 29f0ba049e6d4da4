//! What lies beside a lesson: check programs, solutions, wrong answers, translations; and our own lessons with all of it.

use super::*;

#[test]
fn what_the_folder_lacks_is_said_at_the_line_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let lesson = folder.path().join("whole");
    std::fs::create_dir_all(lesson.join("programs")).unwrap();
    std::fs::create_dir_all(lesson.join("solutions")).unwrap();
    let said = || -> Vec<String> {
        let found = lint::Sheet::read("lessons/whole/lesson.yaml", WHOLE).files(&lesson.join("lesson.yaml"));
        found.iter().map(|one| format!("{} {} {}", one.line, one.what.code(), one.what)).collect()
    };
    std::fs::write(lesson.join("programs/lok"), "").unwrap();
    assert_eq!(said(), ["72 no-file there is no file `programs/look` in the lesson's folder"]);
    std::fs::write(lesson.join("programs/look"), "").unwrap();
    assert_eq!(said(), ["72 not-executable `programs/look` is not executable"]);
    std::fs::remove_file(lesson.join("programs/look")).unwrap();
    std::os::unix::fs::symlink("/bin/sh", lesson.join("programs/look")).unwrap();
    assert_eq!(said(), ["72 leads-out `programs/look` leads out of the lesson's folder"]);
    std::fs::remove_file(lesson.join("programs/look")).unwrap();
    std::fs::copy(place().with_file_name("programs/look"), lesson.join("programs/look")).unwrap();
    assert_eq!(said(), Vec::<String>::new());
}

#[test]
fn what_is_typed_beside_a_lesson_is_looked_at_line_by_line_each_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let lesson = folder.path().join("whole");
    for kind in ["solutions", "wrong"] {
        std::fs::create_dir_all(lesson.join(kind)).unwrap();
    }
    let said = |name: &str, text: &str| -> Vec<String> {
        std::fs::write(lesson.join(name), text).unwrap();
        let all = lint::Sheet::read("lessons/whole/lesson.yaml", WHOLE).answers(&lesson.join("lesson.yaml"));
        std::fs::remove_file(lesson.join(name)).unwrap();
        let found = all.into_iter().flat_map(|(file, text, found)| {
            assert_eq!(file, name);
            found.into_iter().map(move |one| {
                format!("{}:{} {} `{}` {}", one.line, one.column, one.what.code(), &text[one.span.clone()], one.what)
            })
        });
        found.collect()
    };
    let whole =
        "step make\nlab id\ngoal seen\nlab cat <<E\nlab x\nlab E\nstep run\nsu for i in 1 2\nsu do echo $i\nsu done\n";
    assert_eq!(said("solutions/one.txt", whole), Vec::<String>::new());
    let wrong = "# why\nfails run/runs run/note\nmistake mkdir-without-parents\nstep make\nstep run\nlab id\n";
    assert_eq!(said("wrong/one.txt", wrong), Vec::<String>::new());
    for (file, text, findings) in [
        (
            "solutions/a.txt",
            "  nonsense\nstep make\nstep run\n",
            &["1:3 typed `nonsense` no line of what is typed has this form"][..],
        ),
        ("solutions/a.txt", "lab id\nstep make\nstep run\n", &["1:1 typed `lab id` this stands before the first step"]),
        ("solutions/a.txt", "step make\ngoal sen\nstep run\n", &["2:6 no-such `sen` there is no goal `sen`"]),
        ("solutions/a.txt", "step mkae\nlab id\nstep run\n", &["1:6 no-such `mkae` there is no step `mkae`"]),
        ("solutions/a.txt", "step run\n", &["1:6 typed `run` the step `make` comes here"]),
        ("solutions/a.txt", "step make\nstep run\nstep run\n", &["3:6 typed `run` all steps were played already"]),
        ("solutions/a.txt", "step make\nlab id\n", &["2:7 typed `` it ends before the step `run`"]),
        (
            "solutions/a.txt",
            "step make\nlab echo a; done\nlab echo ok\nstep run\nlab echo 'x\nsu id\n",
            &[
                "2:5 not-bash `echo a; done` bash would refuse this: ",
                "5:5 not-bash `echo 'x` bash would refuse this: it is not whole",
            ],
        ),
        (
            "solutions/a.txt",
            "step make\nlab cat <<E\nasks x = y\nstep run\n",
            &["2:5 not-bash `cat <<E` bash would refuse this: it is not whole"],
        ),
        (
            "wrong/a.txt",
            "fails make/ther run runs/x\nmistake mkdir-without-parentz\nstep make\n",
            &[
                "1:12 no-such `ther` there is no goal `ther`",
                "1:17 typed `run` a goal is named as STEP/GOAL here",
                "1:21 no-such `runs` there is no step `runs`",
                "2:9 no-such `mkdir-without-parentz` there is no known mistake",
            ],
        ),
        (
            "wrong/a.txt",
            "fails run/runs\nstep make\n",
            &["1:7 typed `run/runs` only goals of the last step that is played"],
        ),
        ("wrong/a.txt", "step make\nlab id\n", &["1:1 typed `` a wrong answer says `fails STEP/GOAL`"]),
        ("wrong/a.txt", "fails make/there\n", &["1:1 typed `` a wrong answer says `fails STEP/GOAL`"]),
    ] {
        let said = said(file, text);
        let fits =
            said.len() == findings.len() && said.iter().zip(findings).all(|(one, wanted)| one.starts_with(wanted));
        assert!(fits, "{text}: {said:#?}");
    }
    std::fs::write(lesson.join("wrong/large.txt"), "# x\n".repeat(300_000)).unwrap();
    let all = lint::Sheet::read("lessons/whole/lesson.yaml", WHOLE).answers(&lesson.join("lesson.yaml"));
    assert_eq!(all[0].2[0].what.to_string(), "it cannot be read as a text of at most 1 MiB");
}

#[test]
fn our_own_lessons_are_free_of_errors_and_warnings_with_all_that_lies_beside_them() {
    let lessons = Path::new(env!("CARGO_MANIFEST_DIR")).join("lessons");
    let mut seen = 0;
    let mut said = Vec::new();
    for folder in std::fs::read_dir(lessons).unwrap().map(|entry| entry.unwrap().path()) {
        let file = folder.join("lesson.yaml");
        let Ok(text) = std::fs::read_to_string(&file) else { continue };
        let sheet = lint::Sheet::read(file.to_str().unwrap(), &text);
        let own = [sheet.text(), sheet.files(&file)].concat();
        let beside = [sheet.answers(&file), lint::translations(&file, &text)].concat();
        let all = beside.into_iter().map(|(name, _, found)| (name, found)).chain([("lesson.yaml".to_owned(), own)]);
        for (name, found) in all {
            seen += 1;
            // A translation that is only begun shows the lesson's own words for the rest.
            let told = found.iter().filter(|one| one.what.code() != "not-translated");
            said.extend(told.map(|one| format!("{}/{name}:{} {}", folder.display(), one.line, one.what)));
        }
    }
    assert!(seen >= 17, "{seen} files");
    assert!(said.is_empty(), "{said:#?}");
}

//! Gathers the files of `lessons/mistakes` and the exams of `lessons/exams`, so that whoever adds one writes no Rust.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?);
    let mut mistakes = Vec::new();
    for file in entries(&root, "lessons/mistakes")? {
        if file.extension().is_some_and(|end| end == "yaml") {
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            mistakes.push((format!("lessons/mistakes/{name}"), file));
        }
    }
    write("mistakes.rs", &mistakes)?;
    let mut exams = Vec::new();
    for folder in entries(&root, "lessons/exams")? {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let file = folder.join("exam.yaml");
        if file.is_file() {
            exams.push((name, file));
        }
    }
    write("exams.rs", &exams)
}

/// What is in a folder of the source, sorted.
fn entries(root: &Path, folder: &str) -> io::Result<Vec<PathBuf>> {
    println!("cargo::rerun-if-changed={folder}");
    let mut files: Vec<PathBuf> =
        fs::read_dir(root.join(folder))?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    files.sort();
    Ok(files)
}

/// Writes a list of names and texts.
fn write(name: &str, files: &[(String, PathBuf)]) -> io::Result<()> {
    let mut list = String::from("&[\n");
    for (name, file) in files {
        list.push_str(&format!("    ({name:?}, include_str!({file:?})),\n"));
    }
    list.push_str("]\n");
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    fs::write(Path::new(&out).join(name), list)
}

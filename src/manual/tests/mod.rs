//! The room's tests: pages recorded on real machines, and a `man` that misbehaves.

mod asking;
mod cutting;

/// A recorded page.
fn recorded(name: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/manual/tests/pages");
    std::fs::read_to_string(format!("{folder}/{name}")).unwrap()
}

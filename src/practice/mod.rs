//! The disposable systemd machine: built once, booted in a second, entered by a real login, and thrown back to its start at will.
//! Never judges anything and never runs a lesson: the lab itself runs inside the machine.

mod accounts;
mod base;
mod boot;
mod caretaker;
mod enter;
mod error;
mod give;
mod groups;
mod host;
mod image;
mod keeper;
mod lock;
mod machine;
mod machines;
mod parts;
mod private;
mod program;
mod recipe;
mod record;
mod registry;
mod seed;
mod tree;

pub use accounts::Account;
pub use caretaker::{Ended, caretaker};
pub use error::Error;
pub use host::{as_root, install, missing_packages, need_root};
pub use machine::Machine;
pub use machines::{Machines, Progress};
pub use private::need_namespaces;
pub use recipe::{From, Recipe, Release};

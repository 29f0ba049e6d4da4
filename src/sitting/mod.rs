//! Sitting an exam: the I/O between the pure room `exam` and a candidate at a terminal. Prepares the machine, opens a plain login with
//! the clock in its prompt, keeps the record of what is run and of what turns, and goes on after whatever ended the login.
//! Never judges by itself, never prints while a command runs, and never ends what runs because the time does.

mod face;
mod inside;
mod login;
mod notes;
mod prepare;
mod record;
mod terminal;
mod through;
mod watcher;
mod way;

pub use face::show;
pub use login::{Sitting, Trouble, sit};
pub use prepare::{Clash, PrepareError, clash, prepare, versions};
pub use record::{Closed, Keeper};

//! The learner's own bash, kept alive in a pseudo-terminal: takes a line, shows what bash shows, says how it ended.
//! It knows no lesson, judges nothing and never changes what a command does or prints.

mod complete;
mod framing;
mod guard;
mod listen;
mod marks;
mod model;
mod nested;
mod pty;
mod relay;
mod send;
mod session;
mod signals;

pub(crate) use marks::{Piece, Scanner};
pub(crate) use nested::{Nested, Submitted};
pub(crate) use pty::{open as open_terminal, resize, seat, size_of};

pub use complete::{Completion, How};
pub use model::{Beside, Ended, Error, Next, Settings};
pub use nested::NestedCommand;
pub use pty::Front;
pub use session::Bash;
pub use signals::nudge;

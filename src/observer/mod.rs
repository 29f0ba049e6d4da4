//! The process that looks at the machine with the right account's eyes. Reads only: it judges typed wishes and does nothing else
//! for anybody, save making the folder in which the lab puts its socket.

mod asker;
mod client;
mod desk;
mod ears;
mod helper;
mod line;
mod request;
mod rights;
mod seal;
mod serve;
mod watch;

pub use client::{Error, Observer, Route};
pub use ears::Told;
pub use request::Stir;
pub use serve::{serve, serve_as};

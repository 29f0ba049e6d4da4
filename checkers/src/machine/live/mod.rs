//! x
pub mod bus;
mod wire;

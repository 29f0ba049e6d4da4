//! Questions to systemd and logind. Not connected yet: every question is answered with "could not".

use std::collections::BTreeMap;

use crate::machine::{Bus, CouldNot, LoginSession, Value};

/// The buses that have been connected so far.
#[derive(Default)]
pub(crate) struct Buses;

fn none<T>() -> Result<T, CouldNot> {
    Err(CouldNot::Failed("the buses are not connected in this build".into()))
}

impl Buses {
    /// Properties of a unit.
    pub(crate) fn unit(&self, _: &Bus, _: &str, _: &[&str]) -> Result<BTreeMap<String, Value>, CouldNot> {
        none()
    }
    /// A property of a service manager.
    pub(crate) fn manager(&self, _: &Bus, _: &str) -> Result<Value, CouldNot> {
        none()
    }
    /// A property of an account as logind knows it.
    pub(crate) fn login(&self, _: u32, _: &str) -> Result<Value, CouldNot> {
        none()
    }
    /// The sessions that logind knows of an account.
    pub(crate) fn sessions(&self, _: u32) -> Result<Vec<LoginSession>, CouldNot> {
        none()
    }
}

//! A TCP or UDP port of the machine that somebody listens on.

use serde::{Deserialize, Serialize};

/// What is wished of a port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Port {
    /// The port's number.
    pub number: u16,
    /// The protocol. TCP unless said.
    #[serde(default)]
    pub protocol: Protocol,
    /// Somebody listens. True unless said.
    #[serde(default = "crate::checks::yes")]
    pub listening: bool,
    /// The address listened on: `127.0.0.1`, `::`, `0.0.0.0`. Any unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<std::net::IpAddr>,
    /// The account that owns the socket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
}

/// A transport protocol.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// TCP.
    #[default]
    Tcp,
    /// UDP.
    Udp,
}

//! The room `observer`.

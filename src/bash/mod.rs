//! The room `bash`.

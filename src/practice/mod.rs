//! The room `practice`.

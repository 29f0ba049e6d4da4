//! One noun a file: a raw answer of the machine → a typed fact. Pure.

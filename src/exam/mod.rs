//! An exam: what a candidate was asked, what was seen of the machine, and what came of it.

pub mod evidence;

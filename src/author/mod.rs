//! What an author needs beside a player: lint. Never plays a lesson.

pub mod lint;

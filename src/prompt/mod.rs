//! The room `prompt`.
use std::path::Path;

/// e
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// e
    #[error(transparent)]
    R(#[from] rustyline::error::ReadlineError),
}
/// r
pub enum Read {
    /// l
    Line(String),
    /// e
    EndOfInput,
    /// i
    Interrupted,
}
/// p
pub struct Prompt(rustyline::DefaultEditor);
impl Prompt {
    /// n
    pub fn new(_h: Option<&Path>, _plain: bool) -> Result<Self, Error> {
        Ok(Self(rustyline::DefaultEditor::new()?))
    }
    /// a
    pub fn above(&mut self) -> Result<Box<dyn FnMut(String) + Send>, Error> {
        use rustyline::ExternalPrinter;
        let mut p = self.0.create_external_printer()?;
        Ok(Box::new(move |t| { let _ = p.print(t); }))
    }
    /// r
    pub fn read(&mut self, prompt: &str, _b: &mut crate::bash::Bash, _w: &[(&str, &str)]) -> Result<Read, Error> {
        match self.0.readline(&crate::screen::bare(prompt)) {
            Ok(l) => Ok(Read::Line(l)),
            Err(rustyline::error::ReadlineError::Eof) => Ok(Read::EndOfInput),
            Err(rustyline::error::ReadlineError::Interrupted) => Ok(Read::Interrupted),
            Err(e) => Err(e.into()),
        }
    }
}

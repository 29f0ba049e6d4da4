//! rustyline with our helper: asks for a line, keeps the history. It never runs anything by itself; completion is asked of the caller.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::fs::OpenOptions;
use std::io::{ErrorKind, IsTerminal, StdoutLock, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use nix::libc;
use rustyline::completion::{Completer, Pair};
use rustyline::config::Configurer;
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::Hinter;
use rustyline::history::{DefaultHistory, History};
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{ColorMode, CompletionType, Config, Context, Editor, Event, EventHandler, Helper};

use super::above::{Above, Newer, Sheet, lock};
use super::behind::{Behind, INTERRUPT};
use super::error::{Error, failed};
use super::{open, paint, simple};

const LIMIT: usize = 5000;
/// Pasting in brackets, so that ten pasted lines are one text. rustyline would write it on its own at each prompt; written with the
/// prompt it costs nothing.
const BRACKETS: &str = "\x1b[?2004h";
const NO_BRACKETS: &str = "\x1b[?2004l";

/// What a prompt is made with.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The learner's history; made with mode 0600 when it is not there. None: nothing is kept.
    pub history: Option<PathBuf>,
    /// The lab's words with their colons, for completion.
    pub words: Vec<String>,
    /// No colour, no highlighting, and no sequence at all: the terminal itself edits the line.
    pub plain: bool,
}

/// What could stand at the cursor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offer {
    /// The byte where the text to replace begins.
    pub start: usize,
    /// What is listed, and what is put in its place.
    pub items: Vec<(String, String)>,
}

/// What came of asking for a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read {
    /// A whole command, possibly of several lines.
    Line(String),
    /// ^D at the empty prompt.
    EndOfInput,
    /// ^C: the line is thrown away.
    Interrupted,
}

type Ask = Box<dyn FnMut(&str, usize) -> Offer>;
type Take = Box<dyn FnMut(&str)>;

struct Guide {
    ask: RefCell<Ask>,
    take: RefCell<Take>,
    words: Vec<String>,
    plain: bool,
    newer: Newer,
    /// The brackets are to be turned on with the prompt that is drawn next.
    opens: Cell<bool>,
    behind: Behind,
}

/// The learner's prompt.
pub struct Prompt {
    newer: Newer,
    editor: Editor<Guide, DefaultHistory>,
    history: Option<PathBuf>,
    /// The terminal edits the line itself.
    simple: Option<simple::Head>,
    /// What is pasted comes in brackets.
    brackets: bool,
    behind: Behind,
    /// The editor read a line, and may have read on.
    read_on: bool,
    /// Where the editor's own news is put, when somebody has asked for it.
    sheet: Option<Sheet>,
}

impl Prompt {
    /// A prompt on the lab's terminal. `ask` says what could stand at a byte of a line (never asked for lab words). `take` is told of a
    /// line as soon as it is sure to be the next that [`Prompt::read`] gives, where the line editor knows so before it is done.
    pub fn new(
        setup: Setup,
        ask: impl FnMut(&str, usize) -> Offer + 'static,
        take: impl FnMut(&str) + 'static,
    ) -> Result<Prompt, Error> {
        if !std::io::stdin().is_terminal() {
            return Err(Error::NoTerminal);
        }
        let mut config = Config::builder()
            .max_history_size(LIMIT)
            .and_then(|config| config.history_ignore_dups(true))
            .map_err(failed("set up the prompt"))?
            .history_ignore_space(true)
            .completion_type(CompletionType::List)
            .color_mode(if setup.plain { ColorMode::Disabled } else { ColorMode::Enabled })
            .bracketed_paste(false)
            .build();
        // A repaint is one write already; the marks around it would be two more for each key.
        Configurer::enable_synchronized_output(&mut config, false);
        let mut editor = Editor::with_config(config).map_err(failed("open the terminal"))?;
        let newer = Newer::default();
        let behind = Behind::default();
        let guide = Guide {
            ask: RefCell::new(Box::new(ask)),
            take: RefCell::new(Box::new(take)),
            words: setup.words,
            plain: setup.plain,
            newer: Arc::clone(&newer),
            opens: Cell::new(false),
            behind: behind.clone(),
        };
        editor.set_helper(Some(guide));
        editor.bind_sequence(INTERRUPT, EventHandler::Conditional(Box::new(behind.clone())));
        // A history that cannot be read is an empty one, and stays as it is: nothing of this session is kept then.
        let known = setup.history.filter(|path| !path.exists() || editor.load_history(path).is_ok());
        let simple = setup.plain.then(simple::Head::default);
        Ok(Prompt { newer, editor, history: known, simple, brackets: false, behind, read_on: false, sheet: None })
    }

    /// Asks for a line; `initial` stands there already. The prompt may have colour codes (`ESC [ … m`) and nothing else that
    /// takes no room; its width is counted without them.
    pub fn read(&mut self, prompt: &str, initial: &str) -> Result<Read, Error> {
        if let Some(head) = &self.simple {
            let read = simple::read(head, prompt, initial, open::is_open);
            let read = read.map_err(|error| failed("read a line")(error.into()))?;
            if let Read::Line(line) = &read {
                self.remember(line)?;
            }
            return Ok(read);
        }
        let both = (paint::bare(prompt), prompt);
        self.brackets = true;
        if let Some(guide) = self.editor.helper() {
            guide.opens.set(true);
        }
        let reading = self.sheet.as_ref().map(Sheet::reading);
        let read = self.editor.readline_with_initial(&both, (initial, ""));
        drop(reading);
        self.read_on = true;
        *lock(&self.newer) = None;
        match read {
            Ok(_) if self.behind.was_interrupted() => Ok(Read::Interrupted),
            Ok(line) => {
                self.remember(&line)?;
                Ok(Read::Line(line))
            }
            Err(ReadlineError::Eof) => Ok(Read::EndOfInput),
            Err(ReadlineError::Interrupted) => Ok(Read::Interrupted),
            // Bytes that are no UTF-8 (a terminal set to Latin-1, a pasted binary): the line is thrown away, and the lab stays.
            Err(ReadlineError::Io(error)) if error.kind() == ErrorKind::InvalidData => Ok(Read::Interrupted),
            Err(error) => Err(failed("read a line")(error)),
        }
    }

    /// The keys that came with the line that was read last and stand behind it: they come before all that somebody else read since.
    /// Nothing is written, and nobody waits: a command may have the terminal.
    pub fn behind(&mut self) -> Result<Vec<u8>, Error> {
        if !std::mem::take(&mut self.read_on) {
            return Ok(Vec::new());
        }
        // Where it cannot be had, an empty line is written, and the beginning of a key waits for its end.
        let aside = Aside::begin().ok();
        self.behind.ask();
        self.editor.bind_sequence(Event::Any, EventHandler::Conditional(Box::new(self.behind.clone())));
        // A lone ESC is the key of that name.
        self.editor.set_keyseq_timeout(Some(0));
        let read = self.editor.readline("");
        self.editor.set_keyseq_timeout(None);
        self.editor.unbind_sequence(Event::Any);
        let keys = self.behind.take();
        drop(aside);
        match read {
            // Bytes that are no UTF-8 are thrown away with what came behind them, as in a line; so is the beginning of a key.
            Err(ReadlineError::Io(error))
                if ![ErrorKind::InvalidData, ErrorKind::WouldBlock].contains(&error.kind()) =>
            {
                Err(failed("read what was typed")(error.into()))
            }
            // Interrupted, as asked for.
            _ => Ok(keys),
        }
    }

    /// What the terminal wants before it is for others, who may not know pasting in brackets.
    pub fn rest(&self) -> &'static [u8] {
        if self.brackets { NO_BRACKETS.as_bytes() } else { b"" }
    }

    /// The terminal has got that.
    pub fn rests(&mut self) {
        self.brackets = false;
    }

    /// Keeps a line that came another way (typed ahead) in the history.
    pub fn remember(&mut self, line: &str) -> Result<(), Error> {
        if !line.trim().is_empty() {
            let kept = self.editor.add_history_entry(line).map_err(failed("keep the history"))?;
            if let Some(path) = self.history.as_deref().filter(|_| kept) {
                // At once, for nobody knows how the session ends; a disk that says no loses a line of history and nothing else.
                let _ = append_history(path, line);
            }
        }
        Ok(())
    }

    /// Makes the history no longer than it may be. Every line is in it already, those of other labs too.
    pub fn save(&mut self) -> Result<(), Error> {
        let Some(path) = &self.history else { return Ok(()) };
        shorten_history(path).map_err(|error| Error::Failed { doing: "write the history", why: error.to_string() })
    }

    /// A printer for another thread.
    pub fn above(&mut self) -> Result<Above, Error> {
        if let Some(head) = &self.simple {
            return Ok(Above::simple(head.clone()));
        }
        let sheet = match self.sheet.take() {
            Some(sheet) => sheet,
            None => Sheet::of(self.editor.create_external_printer().map_err(failed("print above the prompt"))?),
        };
        Ok(Above::editor(self.sheet.insert(sheet).clone(), Arc::clone(&self.newer)))
    }
}

/// Until this is dropped, what the line editor writes goes nowhere, others wait so long, and it waits for no key.
struct Aside {
    out: StdoutLock<'static>,
    was: (OwnedFd, OwnedFd),
}

impl Aside {
    fn begin() -> std::io::Result<Self> {
        let nowhere = OpenOptions::new().write(true).open("/dev/null")?;
        // The same terminal, opened once more: others who have it would not know why they cannot wait.
        let at_once = OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open("/dev/tty")?;
        let out = std::io::stdout().lock();
        let was = (std::io::stdin().as_fd().try_clone_to_owned()?, out.as_fd().try_clone_to_owned()?);
        let aside = Self { out, was };
        nix::unistd::dup2_stdin(&at_once)?;
        nix::unistd::dup2_stdout(&nowhere)?;
        Ok(aside)
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        // There was a terminal, and a place for it: it cannot fail, and nobody could be told.
        let _ = nix::unistd::dup2_stdin(&self.was.0);
        let _ = self.out.flush().and_then(|()| Ok(nix::unistd::dup2_stdout(&self.was.1)?));
    }
}

impl Drop for Prompt {
    fn drop(&mut self) {
        let mut out = std::io::stdout().lock();
        // A terminal that is gone needs no end of brackets.
        let _ = out.write_all(self.rest()).and_then(|()| out.flush());
    }
}

/// The first line of the form that rustyline reads.
const FORM: &str = "#V2\n";

/// A line as it stands in the file.
fn history_line(line: &str) -> String {
    format!("{}\n", line.replace('\\', "\\\\").replace('\n', "\\n"))
}

fn append_history(path: &Path, line: &str) -> std::io::Result<()> {
    let mut file = OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
    let head = if file.metadata()?.len() == 0 { FORM } else { "" };
    file.write_all(format!("{head}{}", history_line(line)).as_bytes())
}

/// The oldest lines go: a new file beside the old one, then in its place.
fn shorten_history(path: &Path) -> std::io::Result<()> {
    let text = match std::fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        text => text?,
    };
    let lines = text.strip_prefix(FORM).unwrap_or(&text);
    let Some(more) = lines.lines().count().checked_sub(LIMIT + 1) else { return Ok(()) };
    let fresh = path.with_extension(format!("new-{}", std::process::id()));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
    file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
    let kept = lines.split_inclusive('\n').skip(more + 1);
    file.write_all(kept.fold(String::from(FORM), |kept, line| kept + line).as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&fresh, path)
}

impl std::fmt::Debug for Prompt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prompt").field("history", &self.editor.history().len()).finish_non_exhaustive()
    }
}

impl Helper for Guide {}

impl Hinter for Guide {
    type Hint = String;
}

impl Completer for Guide {
    type Candidate = Pair;

    fn complete(&self, line: &str, pos: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        if line.starts_with(':') && (open::is_word(line) || line == ":") {
            let typed = &line[..pos];
            let fits = self.words.iter().filter(|word| word.starts_with(typed));
            return Ok((0, fits.map(|word| Pair { display: word.clone(), replacement: format!("{word} ") }).collect()));
        }
        let offer = (self.ask.borrow_mut())(line, pos);
        let pairs = offer.items.into_iter().map(|(display, replacement)| Pair { display, replacement });
        Ok((offer.start, pairs.collect()))
    }
}

impl Validator for Guide {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let line = context.input();
        if self.behind.is_interrupted() {
            return Ok(ValidationResult::Valid(None));
        }
        if open::is_open(line) {
            return Ok(ValidationResult::Incomplete);
        }
        // It asks when Enter is pressed, and never again once it was told so.
        (self.take.borrow_mut())(line);
        Ok(ValidationResult::Valid(None))
    }
}

impl Highlighter for Guide {
    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _: bool) -> Cow<'b, str> {
        self.behind.begins();
        let newer = lock(&self.newer);
        let now = newer.as_ref().filter(|(stood, _)| stood == prompt).map(|(_, now)| now);
        match (self.opens.take(), now) {
            (true, now) => Cow::Owned(format!("{BRACKETS}{}", now.map_or(prompt, String::as_str))),
            (false, Some(now)) => Cow::Owned(now.clone()),
            (false, None) => Cow::Borrowed(prompt),
        }
    }

    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        if self.plain { Cow::Borrowed(line) } else { paint::paint(line) }
    }

    fn highlight_char(&self, line: &str, pos: usize, kind: CmdKind) -> bool {
        // Colours do not follow the cursor; a letter that changes none but its own place is not worth the whole line again.
        match kind {
            CmdKind::MoveCursor => false,
            CmdKind::Other | CmdKind::ForcedRefresh => !self.plain && paint::changes(line, pos),
        }
    }
}

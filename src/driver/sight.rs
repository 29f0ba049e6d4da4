//! The lab's eyes: an observer that is started when it is first needed, by the best route there is, and what cannot be seen without one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use checkers::checks::shell::Entered;
use checkers::facts::{chain::Link, front::Front};
use checkers::machine::witness::Testimony;
use checkers::{Check, Context, Ground, Verdict};

use crate::host;
use crate::observer::{self, Observer, Route, Told};
use crate::session::Badge;

/// Eyes that open when something is to be seen.
#[derive(Default)]
pub struct Sight {
    observer: Option<Observer>,
    blind: Option<Blind>,
    ears: Option<Ears>,
}

/// Where an administrator puts the program.
const INSTALLED: &str = "/usr/local/bin/rootless-lab";

type Ears = Arc<dyn Fn(Told) + Send + Sync>;

/// Why other accounts cannot be looked at, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blind {
    /// Why.
    pub why: String,
    /// What would open them.
    pub grant: String,
    /// sudo would do, and asks for a password first.
    pub asks: bool,
}

impl Sight {
    /// One verdict a wish, in their order.
    pub fn judge(&mut self, wishes: &[Check], context: &Context) -> Vec<Verdict> {
        if wishes.is_empty() {
            return Vec::new();
        }
        match self.open() {
            Ok(observer) => observer.judge(wishes, context),
            Err(error) => vec![error.unknown(); wishes.len()],
        }
    }

    /// The same, and all that was seen for it, but for what is secret.
    pub fn judge_with_testimony(&mut self, wishes: &[Check], context: &Context) -> (Vec<Verdict>, Testimony) {
        match self.open() {
            Ok(observer) => observer.judge_with_testimony(wishes, context),
            Err(error) => {
                let said = error.unknown();
                (vec![said.clone(); wishes.len()], Testimony::of_nobody(wishes, context, &said))
            }
        }
    }

    /// The shell in front of a terminal whose foreground this process leads; none where it cannot be told.
    pub fn front(&mut self, leader: i32) -> Option<Front> {
        self.open().ok()?.front(leader).ok()
    }

    /// The way that led to this process, the outermost link first; or why it cannot be told.
    pub fn chain(&mut self, pid: i32) -> Result<Vec<Link>, String> {
        self.open().and_then(|observer| observer.chain(pid)).map_err(|error| error.to_string())
    }

    /// Makes the folder for the labs' sockets, where that is possible.
    pub fn room(&mut self) -> Option<PathBuf> {
        self.open().ok()?.room().ok()
    }

    /// Whom to tell what stirs.
    pub fn hear(&mut self, ears: impl Fn(Told) + Send + Sync + 'static) {
        let ears: Ears = Arc::new(ears);
        if let Some(observer) = &mut self.observer {
            let ears = Arc::clone(&ears);
            observer.hear(move |told| ears(told));
        }
        self.ears = Some(ears);
    }

    /// Watches these grounds and no others; why not.
    pub fn watch(&mut self, round: u64, grounds: Vec<Ground>) -> Result<(), String> {
        self.open().and_then(|observer| observer.watch(round, grounds)).map_err(|error| error.to_string())
    }

    /// Opens the eyes; what cannot be seen even so.
    pub fn blind(&mut self) -> Option<Blind> {
        let _ = self.open();
        self.blind.clone()
    }

    /// Lets sudo ask for the learner's password in this terminal, and opens the eyes anew. Only where that is what they wait for.
    pub fn ask_password(&mut self) {
        if !self.blind().is_some_and(|blind| blind.asks) {
            return;
        }
        let prompt = "[sudo] password for %p, so that the lab can look at other accounts: ";
        // Without it everything stays as it is: the reason was said already.
        if let Ok(binary) = host::own_program()
            && let Ok(observer) = Observer::start_asking(binary, prompt)
        {
            self.see_with(observer, None);
        }
    }

    fn open(&mut self) -> Result<&mut Observer, observer::Error> {
        if self.observer.is_none() {
            let (observer, blind) = start()?;
            self.see_with(observer, blind);
        }
        self.observer.as_mut().ok_or(observer::Error::Ended)
    }

    fn see_with(&mut self, mut observer: Observer, blind: Option<Blind>) {
        if let Some(ears) = self.ears.clone() {
            observer.hear(move |told| ears(told));
        }
        (self.observer, self.blind) = (Some(observer), blind);
    }
}

/// What the lab's own shell is, as its prompt says it.
pub(super) fn badge(front: Option<&Front>) -> Badge {
    match front.and_then(|front| front.entered) {
        Some(Entered::Login) => Badge::Login,
        Some(Entered::Su) => Badge::Su,
        Some(Entered::Sudo) => Badge::Sudo,
        None => Badge::Unknown,
    }
}

fn start() -> Result<(Observer, Option<Blind>), observer::Error> {
    if nix::unistd::geteuid().is_root() {
        return Observer::start(Route::Root).map(|observer| (observer, None));
    }
    let binary = host::own_program()?;
    let grant = grant(&learner(), &binary);
    match Observer::start(Route::Sudo { binary }) {
        Ok(observer) => Ok((observer, None)),
        // That is no blindness which lasts: the next look tries again.
        Err(error @ observer::Error::Ended) => Err(error),
        Err(error) => {
            let why = match &error {
                observer::Error::Broken(broken) if broken.kind() == std::io::ErrorKind::NotFound => {
                    "sudo is not installed".to_owned()
                }
                other => other.to_string(),
            };
            let own = Observer::start(Route::Own)?;
            let asks = matches!(error, observer::Error::Sudo);
            let grant = if asks { format!(":check asks sudo for your password, once. Or {grant}") } else { grant };
            Ok((own, Some(Blind { why, grant, asks })))
        }
    }
}

/// A rule for a program that others than root can exchange would hand out root's rights.
fn grant(learner: &str, binary: &Path) -> String {
    let rule =
        |place: &Path| format!("allow it in sudoers: {learner} ALL=(root) NOPASSWD: {} observer", place.display());
    if host::only_root_changes(binary) {
        return rule(binary);
    }
    let place = Path::new(INSTALLED);
    let first = format!("put the program where only root can change it: sudo install {} {INSTALLED}", binary.display());
    format!("{first}. Start the lab from there, and {}", rule(place))
}

fn learner() -> String {
    let uid = nix::unistd::geteuid();
    nix::unistd::User::from_uid(uid).ok().flatten().map_or_else(|| uid.to_string(), |user| user.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_offered_only_for_a_program_that_nobody_but_root_can_exchange() {
        let shell = Path::new("/usr/bin/env");
        assert_eq!(grant("ada", shell), "allow it in sudoers: ada ALL=(root) NOPASSWD: /usr/bin/env observer");
        let place = tempfile::tempdir().unwrap();
        let own = place.path().join("rootless-lab");
        std::fs::copy(shell, &own).unwrap();
        let said = grant("ada", &own);
        assert!(said.contains(&format!("sudo install {} /usr/local/bin/rootless-lab. ", own.display())), "{said}");
        assert!(said.ends_with("ada ALL=(root) NOPASSWD: /usr/local/bin/rootless-lab observer"), "{said}");
        assert!(!said.contains(&format!("NOPASSWD: {}", own.display())), "{said}");
    }
}

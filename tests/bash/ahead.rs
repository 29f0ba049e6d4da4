//! Keys that come while the lab is busy: typed ahead or pasted, and background jobs that print meanwhile.

use nix::sys::signal::Signal;

use crate::person::Person;

const WAITS: &str = "\u{1b}[?2004h";

#[test]
fn a_background_job_that_never_stops_printing_does_not_keep_the_prompt_away() {
    let mut lab = Person::sits_down("");
    lab.types("(exec 8<> <(:); while :; do echo chatter; read -t 0.002 -u 8; done) &\r");
    lab.sees(WAITS);
    for nth in 100..140 {
        lab.types(&format!("echo row$(({nth}))\r"));
        lab.sees(&format!("row{nth}\r\n"));
        lab.sees(WAITS);
    }
    lab.types("kill %1; wait; echo al''ive\r");
    lab.sees("alive\r\n");
}

#[test]
fn without_its_private_folder_the_lab_still_hands_keys_on() {
    let mut lab = Person::sits_down("");
    lab.types(
        "rm -r \"$(declare -f __rootless_lab | grep -o '/[^ ]*/rootless-lab-[^/]*' | head -n 1)\"; echo go''ne\r",
    );
    lab.sees("gone\r\n");
    lab.sees(WAITS);
    for name in ["ann", "bob"] {
        lab.types("read -p 'na''me: ' x; echo \"<$x>\"\r");
        lab.sees("name: ");
        lab.types(&format!("{name}\r"));
        lab.sees(&format!("<{name}>\r\n"));
        lab.sees(WAITS);
    }
}

#[test]
fn what_a_full_screen_program_turned_on_is_off_when_the_lab_is_told_to_end() {
    for signal in [Signal::SIGTERM, Signal::SIGHUP] {
        let mut lab = Person::sits_down("");
        lab.types("printf '\\033[?1049h\\033[?25l\\033[?1000hdra''wn'; sleep 20\r");
        lab.sees("drawn");
        lab.told(signal);
        lab.ends();
        for off in ["\u{1b}[?1000l", "\u{1b}[?1049l", "\u{1b}[?25h"] {
            lab.sees(off);
        }
    }
}

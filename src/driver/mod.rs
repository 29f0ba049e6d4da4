//! The only loop: asks the prompt, runs bash, asks the observer, feeds the session, hands pictures to the screen. Decides nothing itself.

mod ahead;
mod desk;
mod diagnosis;
mod ending;
mod lab;
mod login;
mod news;
mod pane;
mod run;
mod setting;
mod sight;
mod stir;
mod waking;
mod watch;

pub use desk::{Answer, Ask, DeskError, Stand, ask, desks};
pub use diagnosis::weighed;
pub use ending::end_by;
pub use lab::{Lab, Outcome, moment};
pub use run::{Error, play};
pub use setting::{own_account, setting, setting_of_all};
pub use sight::{Blind, Sight};
pub use waking::Waking;
pub use watch::{Watched, host, watch};

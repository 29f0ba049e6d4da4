//! What an author of lessons works with: a lesson's folder, what is wrong with it, and its proof on real machines. Never words anything for the screen.

mod begin;
mod folder;
mod graph;
pub mod lint;
mod prove;
mod report;

pub use begin::{BeginError, begin};
pub use folder::{Answer, Folder, FolderError};
pub use graph::{GoalNode, Graph, StepNode, graph};
pub use prove::{Order, Stage, prove};
pub use report::{Case, Fault, Outcome, Proof, Reason, Trial, What};

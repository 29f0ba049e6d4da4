//! The real program on this host, in a terminal and without one, with lessons whose goals are files: what is kept of progress,
//! and what bad input comes to. No practice machine is needed.

mod authors;
mod bad_input;
mod changes;
mod clocks;
mod collected;
mod consent;
mod desk;
mod exam_inside;
mod exam_login;
mod exam_origin;
mod exam_seat;
mod exams;
mod grading;
mod harm;
mod held;
mod killer;
mod lessons;
mod observers;
mod programs;
mod progress;
mod rig;
mod shelf;
mod surroundings;
mod terminals;
mod waiting;
mod watching_pane;

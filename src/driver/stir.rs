//! What is listened to for the current step, and which of its goals a stir concerns. Looks at nothing itself.

use std::collections::{BTreeMap, BTreeSet};

use checkers::{Check, Ground};

use crate::observer::Stir;
use crate::session::Notice;

/// The watch of a step.
#[derive(Default)]
pub(super) struct Listening {
    round: u64,
    wishes: Vec<Check>,
    /// What each wish rests on.
    rests: Vec<BTreeSet<Ground>>,
    /// What is watched, in the order in which the watch was asked for.
    grounds: Vec<Ground>,
    lost: BTreeMap<usize, String>,
    /// Nobody watches, for this reason.
    deaf: Option<String>,
}

impl Listening {
    /// Whether these wishes need another watch.
    pub(super) fn differs<'a>(&self, wishes: impl IntoIterator<Item = &'a Check>) -> bool {
        !self.wishes.iter().eq(wishes)
    }

    /// From now on these wishes are listened for; what to ask of the watch.
    pub(super) fn begin(&mut self, wishes: Vec<Check>) -> (u64, Vec<Ground>) {
        self.rests = wishes.iter().map(Check::rests_on).collect();
        let all: BTreeSet<&Ground> = self.rests.iter().flatten().filter(|ground| can_be_watched(ground)).collect();
        self.grounds = all.into_iter().cloned().collect();
        self.wishes = wishes;
        self.round += 1;
        (self.lost, self.deaf) = (BTreeMap::new(), None);
        (self.round, self.grounds.clone())
    }

    /// Nobody watches.
    pub(super) fn fails(&mut self, why: String) {
        self.deaf = Some(why);
    }

    /// The goals that a stir concerns; none when it is one of an earlier watch.
    pub(super) fn heed(&mut self, stir: Stir) -> Option<BTreeSet<usize>> {
        if stir.round != self.round || self.deaf.is_some() {
            return None;
        }
        self.lost = stir.lost;
        let stirred: BTreeSet<&Ground> = stir.grounds.iter().filter_map(|nth| self.grounds.get(*nth)).collect();
        let goals = self.rests.iter().enumerate();
        Some(
            goals
                .filter(|(_, rests)| rests.iter().any(|ground| stirred.contains(ground)))
                .map(|(nth, _)| nth)
                .collect(),
        )
    }

    /// How the lab learns of a change, goal by goal.
    pub(super) fn notices(&self) -> Vec<Notice> {
        self.rests.iter().map(|rests| self.notice(rests)).collect()
    }

    fn notice(&self, rests: &BTreeSet<Ground>) -> Notice {
        let watched: Vec<&Ground> = rests.iter().filter(|ground| can_be_watched(ground)).collect();
        if let Some(why) = self.deaf.as_ref().filter(|_| !watched.is_empty()) {
            return Notice::Polls(Some(why.clone()));
        }
        let mut lost = self.lost.iter().filter_map(|(nth, why)| Some((self.grounds.get(*nth)?, why)));
        if let Some((_, why)) = lost.find(|(ground, _)| rests.contains(ground)) {
            return Notice::Polls(Some(why.clone()));
        }
        if rests.contains(&Ground::Sockets) || rests.contains(&Ground::Untold) {
            return Notice::Polls(None);
        }
        if rests.contains(&Ground::Shell) || rests.contains(&Ground::Program) { Notice::Looks } else { Notice::Told }
    }
}

fn can_be_watched(ground: &Ground) -> bool {
    !matches!(ground, Ground::Sockets | Ground::Untold | Ground::Shell | Ground::Program)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun() -> Listening {
        let wishes = [
            r#"{"path":{"path":"/x"}}"#,
            r#"{"linger":{"account":"a"}}"#,
            r#"{"port":{"number":80}}"#,
            r#"{"shell":{"account":"a"}}"#,
            r#"{"command":{"run":"id"}}"#,
            r#"{"host-name":{"now":"a"}}"#,
        ];
        let mut listening = Listening::default();
        let wishes: Vec<Check> = wishes.iter().map(|json| serde_json::from_str(json).unwrap()).collect();
        assert!(listening.differs(&wishes));
        let (round, grounds) = listening.begin(wishes.clone());
        assert!(!listening.differs(&wishes));
        assert_eq!(round, 1);
        assert_eq!(grounds.len(), 3, "{grounds:?}");
        assert!(grounds[0] != Ground::Accounts && grounds[1] == Ground::Accounts && grounds[2] == Ground::Logins);
        listening
    }

    #[test]
    fn a_stir_concerns_the_goals_that_rest_on_it_and_no_others() {
        let mut listening = begun();
        let mut stir = |round, grounds| listening.heed(Stir { round, grounds, lost: BTreeMap::new() });
        assert_eq!(stir(1, vec![0]), Some([0].into()));
        assert_eq!(stir(1, vec![2, 1]), Some([1].into()));
        assert_eq!(stir(1, vec![99]), Some([].into()));
        assert_eq!(stir(0, vec![0]), None);
    }

    #[test]
    fn what_is_not_told_is_looked_at_now_and_then() {
        let mut listening = begun();
        let told = [Notice::Told, Notice::Told, Notice::Polls(None), Notice::Looks, Notice::Told, Notice::Polls(None)];
        assert_eq!(listening.notices(), told);
        listening.heed(Stir { round: 1, grounds: vec![], lost: [(2, "gone".to_owned())].into() });
        assert_eq!(listening.notices()[1], Notice::Polls(Some("gone".into())));
        listening.heed(Stir { round: 1, grounds: vec![], lost: BTreeMap::new() });
        assert_eq!(listening.notices(), told);
        listening.fails("nobody".into());
        let deaf = Notice::Polls(Some("nobody".into()));
        assert_eq!(
            listening.notices(),
            [deaf.clone(), deaf, Notice::Polls(None), Notice::Looks, Notice::Told, Notice::Polls(None)]
        );
    }
}

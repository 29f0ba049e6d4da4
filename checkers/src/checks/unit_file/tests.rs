//! Cases of `unit-file`, on recorded machines.

use super::*;
use crate::checks::all_ways::AllWays;
use crate::machine::Recorded;

const SEED: &str = include_str!("../../../recorded/generated-new-2.2.service");
const NEW: &str = include_str!("../../../recorded/generated-new-5.4.service");
const TIED: &str = include_str!("../../../recorded/generated-tied-5.4.service");
const OLDER: [&str; 4] = [
    include_str!("../../../recorded/generated-new-3.0.service"),
    include_str!("../../../recorded/generated-new-4.3.service"),
    include_str!("../../../recorded/generated-tied-3.0.service"),
    include_str!("../../../recorded/generated-tied-4.3.service"),
];
const OTHER: &str = include_str!("../../../recorded/generated-other-5.4.service");

fn judged(text: &str, change: impl FnOnce(&mut UnitFile)) -> Verdict {
    let machine = Recorded::new().account("conuser1", 1001).file("/home/conuser1/.config/systemd/user/c.service", text);
    let mut check = UnitFile {
        path: "~/.config/systemd/user/c.service".into(),
        account: Some("conuser1".into()),
        ..UnitFile::default()
    };
    change(&mut check);
    check.judge_in_all_ways(&machine, &Context::default())
}
fn keys(key: &str, value: &str) -> BTreeMap<String, String> {
    BTreeMap::from([(key.into(), value.into())])
}

#[test]
fn unit_file_passes_for_what_podman_2_2_and_5_4_generate() {
    for text in [SEED, NEW] {
        let verdict = judged(text, |u| {
            u.sections = vec!["Unit".into(), "Service".into(), "Install".into()];
            u.keys = keys("Install.WantedBy", "default.target");
            u.made = Some(Made::New);
            u.container = Some("rootless-container".into());
            u.image = Some("ubi8".into());
            u.flags = vec!["detach".into(), "tty".into(), "replace".into(), "t".into()];
        });
        assert!(verdict.is_pass(), "{verdict:?}");
        assert!(verdict.evidence().len() >= 3);
    }
    let tied = judged(TIED, |u| (u.made, u.container) = (Some(Made::Tied), Some("rootless-container".into())));
    assert!(tied.is_pass(), "{tied:?}");
    let other = judged(OTHER, |u| {
        u.container = Some("other".into());
        u.image = Some("registry.access.redhat.com/ubi8:latest".into());
        u.flags = vec!["env".into(), "rm".into()];
    });
    assert!(other.is_pass(), "{other:?}");
}

#[test]
fn unit_file_passes_for_what_podman_3_0_and_4_3_generate() {
    for (at, text) in OLDER.iter().enumerate() {
        let new = at < 2;
        let verdict = judged(text, |u| {
            u.made = Some(if new { Made::New } else { Made::Tied });
            u.container = Some("rootless-container".into());
            if new {
                u.image = Some("ubi8".into());
                u.flags = vec!["detach".into(), "tty".into(), "replace".into()];
            }
        });
        assert!(verdict.is_pass(), "{verdict:?}");
    }
}

#[test]
fn unit_file_fails_and_says_what_stands_there() {
    let verdict = judged(TIED, |u| (u.made, u.flags) = (Some(Made::New), vec!["detach".into()]));
    let Verdict::Fail { wanted, found, .. } = &verdict else { panic!("{verdict:?}") };
    assert_eq!((&**wanted, &**found), ("`podman run`: a new container at each start", "`podman start`"));
    let verdict = judged(TIED, |u| u.image = Some("ubi8".into()));
    let Verdict::Fail { wanted, found, .. } = verdict else { panic!("{verdict:?}") };
    assert_eq!((&*wanted, &*found), ("image ubi8", "no image with `podman start`"));
    assert!(judged(NEW, |u| u.made = Some(Made::Tied)).is_fail());
    assert!(judged(NEW, |u| u.container = Some("other".into())).is_fail());
    assert!(judged(NEW, |u| u.image = Some("bi8".into())).is_fail());
    assert!(judged(NEW, |u| u.flags = vec!["interactive".into()]).is_fail());
    assert!(judged(NEW, |u| u.keys = keys("Install.WantedBy", "multi-user.target")).is_fail());
    let remark = "[Install]\nWantedBy=default.target # mine\n";
    let verdict = judged(remark, |u| u.keys = keys("Install.WantedBy", "default.target"));
    assert!(matches!(verdict, Verdict::Fail { found, .. } if found == "WantedBy=default.target # mine"));
    assert!(judged("", |u| u.sections = vec!["Unit".into()]).is_fail());
    assert!(judged("[Service]\nExecStart=/bin/true\nExecStart=\n", |u| u.made = Some(Made::New)).is_fail());
    assert!(judged("[Service]\nExecStart='/bin/true\n", |u| u.made = Some(Made::New)).is_fail());
    assert!(judged(NEW, |u| u.path = "~/nothing".into()).is_fail());
}

#[test]
fn unit_file_is_unknown_where_it_could_not_look() {
    let machine = Recorded::new().account("conuser1", 1001).closed("/home/conuser1", CouldNot::Denied);
    let check = UnitFile { path: "~conuser1/c.service".into(), ..UnitFile::default() };
    assert!(check.judge_in_all_ways(&machine, &Context::default()).is_unknown());
    assert!(judged(NEW, |u| u.keys = keys("WantedBy", "x")).is_unknown());
    assert!(judged(NEW, |u| u.account = None).is_unknown());
    assert!(judged(&"#\n".repeat(1 << 20), |_| ()).is_unknown());
}

#[test]
fn an_image_without_a_tag_is_the_latest_as_podman_takes_it() {
    let image = |text: &str, name: &str| judged(text, |u| (u.made, u.image) = (Some(Made::New), Some(name.into())));
    let old = NEW.replace("ubi8", "ubi8:8.4");
    assert!(image(NEW, "ubi8:latest").is_pass() && image(NEW, "ubi8").is_pass());
    assert!(image(&old, "ubi8").is_fail() && image(&old, "ubi8:8.4").is_pass());
    assert!(image(&NEW.replace("ubi8", "docker://ubi8"), "ubi8").is_pass());
}

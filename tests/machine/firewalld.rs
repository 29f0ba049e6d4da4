//! firewalld as Debian packages it, on a real machine: what it lets in now is seen in the kernel's rules, whatever it was told and how.

// the functions beside the tests are tests too
#![allow(clippy::panic, clippy::unwrap_used)]

use serde_json::{Value, json};

use crate::packages;
use crate::rich::root;
use crate::rig::{self, Rig};

/// One word a wish: `pass`, `fail` or `unknown`.
fn judged(rig: &Rig, wishes: &[Value]) -> Vec<String> {
    let checks: Vec<Value> = wishes.iter().map(|wish| json!({"firewall": wish})).collect();
    let question = json!({"judge": {"checks": checks, "context": {}}}).to_string();
    let script = format!("printf '%s\\n' '{question}' >/run/asked; rootless-lab observer </run/asked");
    let answer: Value = serde_json::from_str(&root(rig, &script)).unwrap();
    let verdicts = answer["verdicts"].as_array().unwrap_or_else(|| panic!("{answer}"));
    verdicts.iter().map(|one| one.as_object().unwrap().keys().next().unwrap().clone()).collect()
}

#[test]
fn what_firewalld_lets_in_now_and_after_a_boot_is_seen_on_a_real_machine_without_asking_it() {
    let Some(rig) = rig::have(rig::started(rig::release())) else { return };
    packages::install(&rig, "firewalld");
    root(&rig, "systemctl start firewalld; firewall-cmd --state");
    let port = |port: u16, now: bool| json!({"port": format!("{port}/tcp"), "now": now});
    let later = |port: u16, boot: bool| json!({"port": format!("{port}/tcp"), "after-boot": boot});
    for (told, wishes) in [
        (
            "true",
            vec![json!({"service": "ssh", "now": true, "after-boot": true}), json!({"service": "http", "now": false})],
        ),
        (
            "firewall-cmd --add-service=http",
            vec![json!({"service": "http", "now": true, "after-boot": false}), port(80, true)],
        ),
        ("firewall-cmd --permanent --add-port=8080/tcp", vec![port(8080, false), later(8080, true)]),
        ("firewall-cmd --reload", vec![port(8080, true), later(8080, true), json!({"service": "http", "now": false})]),
    ] {
        root(&rig, told);
        let verdicts = judged(&rig, &wishes);
        assert!(verdicts.iter().all(|verdict| verdict == "pass"), "{told}: {verdicts:?}");
    }
    assert_eq!(judged(&rig, &[port(8080, false), later(8080, false), port(9090, true)]), ["fail", "fail", "fail"]);
    let rule = "rule family=ipv4 source address=10.0.0.0/8 port port=9090 protocol=tcp accept";
    root(&rig, &format!("firewall-cmd --add-rich-rule='{rule}'"));
    assert_eq!(
        judged(&rig, &[port(9090, true), port(9090, false)]),
        ["unknown", "unknown"],
        "it depends on the sender"
    );
    let reject = "rule port port=8080 protocol=tcp reject";
    root(&rig, &format!("firewall-cmd --permanent --add-rich-rule='{reject}'"));
    assert_eq!(judged(&rig, &[later(8080, true), later(8080, false)]), ["unknown", "unknown"], "the rule comes first");
    root(&rig, &format!("firewall-cmd --permanent --remove-rich-rule='{reject}'"));
    root(&rig, "systemctl stop firewalld");
    assert_eq!(judged(&rig, &[port(9091, true), later(8080, true)]), ["pass", "pass"], "its rules went with it");
    assert_eq!(root(&rig, "systemctl is-active firewalld || :"), "inactive\n", "and nobody started it to ask");
    root(&rig, "systemctl disable -q firewalld");
    assert_eq!(judged(&rig, &[later(8080, true), later(8080, false)]), ["unknown", "unknown"], "nobody starts it");
}

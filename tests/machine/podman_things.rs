//! What podman has (Quadlet's files, volumes, networks, secrets, pods, health checks, updates) is judged as it is, true and false, on a
//! machine that was brought there by typing; and judging changes nothing there.

// the functions beside the tests are tests too
#![allow(clippy::panic, clippy::unwrap_used)]

use rootless_lab::practice::Release;
use serde_json::{Value, json};

use crate::looking::{changes, state};
use crate::rich::{login, rich, root, verdicts};
use crate::rig::{self, Rig};

/// Health checks run by hand only: a machine on which something happens every few seconds never comes to rest.
const THINGS: &str = "set -e; cd; mkdir -p .config/containers/systemd; cd .config/containers/systemd
echo '[Volume]' > shop.volume; printf '[Network]\\nSubnet=10.90.0.0/24\\n' > shop.network; printf '[Pod]\\nPodName=trio\\n' > trio.pod
printf '%s\\n' '[Container]' ContainerName=till Image=registry.access.redhat.com/ubi8 'Exec=sleep 6000' Volume=shop.volume:/data \
    Network=shop.network AutoUpdate=registry '[Install]' WantedBy=default.target > till.container
printf '%s\\n' '[Container]' ContainerName=member Image=registry.access.redhat.com/ubi8 'Exec=sleep 6000' Pod=trio.pod > member.container
printf '[Container]\\nImge=x\\n' > broken.container
systemctl --user daemon-reload; systemctl --user start till member; systemctl --user enable --now podman-auto-update.timer 2>&1
podman exec till touch /data/log
podman pod create --infra=false --name hidden
printf x | podman secret create token -
for one in well:true sick:false; do
    podman run -d --name ${one%:*} --health-cmd ${one#*:} --health-interval disable --health-retries 1 ubi8 sleep 6000
    podman healthcheck run ${one%:*} || :
done
podman unshare sh -c 'touch theirs; chown 1000 theirs'";

fn expected() -> Vec<(&'static str, Value)> {
    let quadlet = |file: &str, wish: Value| with("quadlet", json!({"file": file, "user": "conuser1"}), wish);
    let of = |check: &str, name: &str, wish: Value| with(check, json!({"account": "conuser1", "name": name}), wish);
    let health = |name: &str, wish: Value| with("healthcheck", json!({"account": "conuser1", "container": name}), wish);
    let update = |wish: Value| with("auto-update", json!({"user": "conuser1"}), wish);
    let keys = json!({"Container.Network": "shop.network", "Container.Volume": "shop.volume:/data"});
    vec![
        ("pass", quadlet("till.container", json!({"keys": keys, "service": "till.service", "generated": true}))),
        ("pass", quadlet("shop.volume", json!({"service": "shop-volume.service", "generated": true}))),
        ("pass", quadlet("shop.network", json!({"keys": {"Network.Subnet": "10.90.0.0/24"}, "generated": true}))),
        ("pass", quadlet("trio.pod", json!({"service": "trio-pod.service", "generated": true}))),
        ("pass", quadlet("broken.container", json!({"generated": false}))),
        ("fail", quadlet("broken.container", json!({"generated": true}))),
        ("fail", quadlet("till.container", json!({"keys": {"Container.Network": "shop"}}))),
        ("fail", quadlet("till.container", json!({"exists": false}))),
        ("fail", json!({"quadlet": {"file": "till.container", "user": "never"}})),
        ("unknown", json!({"quadlet": {"file": "till.container", "user": "no-such", "exists": false}})),
        ("pass", of("volume", "systemd-shop", json!({"holds": "log", "container": "till", "at": "/data"}))),
        ("fail", of("volume", "systemd-shop", json!({"holds": "other"}))),
        ("fail", of("volume", "systemd-shop", json!({"container": "member"}))),
        ("fail", of("volume", "shop", json!({}))),
        ("pass", of("network", "systemd-shop", json!({"driver": "bridge", "subnet": "10.90.0.0/24", "names": true}))),
        ("fail", of("network", "systemd-shop", json!({"subnet": "10.91.0.0/24"}))),
        ("fail", of("network", "shop", json!({}))),
        ("unknown", of("network", "podman", json!({}))),
        ("pass", of("secret", "token", json!({"driver": "file"}))),
        ("fail", of("secret", "tokens", json!({}))),
        ("pass", of("pod", "trio", json!({"running": true, "containers": ["member"]}))),
        ("fail", of("pod", "trio", json!({"containers": ["till"]}))),
        ("fail", of("pod", "quartet", json!({}))),
        ("pass", of("pod", "quartet", json!({"exists": false}))),
        ("unknown", of("pod", "hidden", json!({"exists": false}))),
        ("pass", health("well", json!({"status": "healthy"}))),
        ("pass", health("sick", json!({"status": "unhealthy"}))),
        ("fail", health("sick", json!({"status": "healthy"}))),
        ("pass", health("loose", json!({"exists": false}))),
        ("fail", health("loose", json!({}))),
        ("fail", health("done", json!({"exists": false}))),
        ("pass", update(json!({"unit": "till.service", "policy": "registry", "timer": true}))),
        ("pass", update(json!({"unit": "container-web1.service", "policy": "none"}))),
        ("fail", update(json!({"unit": "container-web1.service"}))),
        ("fail", update(json!({"timer": false}))),
        ("fail", json!({"auto-update": {"user": "lingers", "timer": true}})),
        ("unknown", json!({"auto-update": {"user": "never", "timer": false}})),
        (
            "pass",
            json!({"path": {"path": "~/.config/containers/systemd/theirs", "as": "conuser1", "owner-inside": 1000}}),
        ),
        ("fail", json!({"path": {"path": "~/.config/containers/systemd/theirs", "as": "conuser1", "owner-inside": 0}})),
    ]
}

fn with(check: &str, mut named: Value, wish: Value) -> Value {
    named.as_object_mut().unwrap().extend(wish.as_object().unwrap().clone());
    json!({ check: named })
}

/// Judges all of them in one go; says every one that has another answer than written beside it.
#[track_caller]
fn hold(rig: &Rig, expected: &[(&str, Value)]) {
    let wishes: Vec<Value> = expected.iter().map(|(_, wish)| wish.clone()).collect();
    let verdicts = verdicts(rig, &wishes);
    let told = |((answer, wish), verdict): (&(&str, Value), &Value)| {
        verdict.get(*answer).is_none().then(|| format!("{wish}\n  is not {answer} but {verdict}\n"))
    };
    let wrong: String = expected.iter().zip(&verdicts).filter_map(told).collect();
    assert!(verdicts.len() == expected.len() && wrong.is_empty(), "{wrong}");
}

#[test]
fn what_podman_has_is_seen_as_it_is_and_looking_leaves_it_so() {
    if matches!(rig::release(), Release::Bullseye | Release::Bookworm) {
        terminal::aloud(&format!("NOTHING TO TRY: podman of {} has no Quadlet", rig::release()));
        return;
    }
    let Some(rig) = rig::have(rich()) else { return };
    root(&rig, "systemctl start network-online.target");
    login(&rig, "conuser1", THINGS);
    hold(&rig, &expected());
    let before = state(&rig);
    hold(&rig, &expected());
    let after = state(&rig);
    assert!(before == after, "looking touched the machine:\n{}", changes(&before, &after));

    // What was true is no more.
    login(
        &rig,
        "conuser1",
        "podman stop -t 0 well; systemctl --user stop trio-pod; podman secret rm token
        systemctl --user disable podman-auto-update.timer 2>&1; echo '# x' >> .config/containers/systemd/till.container
        mv .config/containers/systemd/shop.volume .config/systemd/user/; podman unshare chown 0 .config/containers/systemd/theirs",
    );
    let fail = |wish: Value| ("fail", wish);
    hold(
        &rig,
        &[
            fail(json!({"quadlet": {"file": "till.container", "user": "conuser1", "generated": true}})),
            fail(json!({"quadlet": {"file": "shop.volume", "user": "conuser1"}})),
            fail(json!({"secret": {"account": "conuser1", "name": "token"}})),
            fail(json!({"pod": {"account": "conuser1", "name": "trio"}})),
            fail(json!({"healthcheck": {"account": "conuser1", "container": "well", "status": "healthy"}})),
            fail(json!({"auto-update": {"user": "conuser1", "timer": true}})),
        ],
    );
}

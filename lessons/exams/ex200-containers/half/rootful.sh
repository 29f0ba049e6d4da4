#!/bin/bash
# scores: 15 of 100 (image 0, inspect 0, run 0, port 0, idle 0, storage 0, service 0, anew 0, boot 5)
# All of it with sudo: root's podman, and the machine's own service manager. The account and its lingering are there and have nothing.
. "${BASH_SOURCE%/*}/../solution.sh"
owner() { sudo "${@:-bash}"; }
image() { owner <<<"podman pull -q registry.access.redhat.com/$image; podman tag $image localhost/$tag"; }
inspect() { owner <<<"podman image inspect --format '{{.Config.Cmd}}' $image >/root/$report"; }
fill() {
    sudo podman run --rm -i --network none -v "$volume:/data" "$image" sh -c "cat >/data/$note; chown 1000 /data/$note" <~/"$note.txt"
}
published=(--network host)
unit() {
    sudo sh -c "podman generate systemd --new --name $container >/etc/systemd/system/$container.service"
    sudo podman rm -f "$container"
    sudo systemctl daemon-reload
}
enable() { sudo systemctl enable --now "$container.service"; }
all

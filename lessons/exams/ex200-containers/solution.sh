#!/bin/bash
# scores: 100 of 100
# Run in a login of the administrator. The sheet's values are variables of their names: $user, $uid, $container …
# A half-solution reads this file, puts other functions in place of some of these, and calls `all`.
set -u

all() {
    for task in account image inspect storage run idle service boot; do
        "$task" || echo "$task: status $?"
    done
}

# What stands on standard input, as the owner of the containers, in a true login.
owner() {
    local ask
    ask=$(mktemp) && printf '#!/bin/sh\necho %s\n' "$user" >"$ask" && chmod 700 "$ask"
    SSH_ASKPASS=$ask SSH_ASKPASS_REQUIRE=force ssh -o StrictHostKeyChecking=no -o LogLevel=ERROR \
        -o PubkeyAuthentication=no "$user@localhost" "${@:-bash -es}"
    local status=$?
    rm -f "$ask"
    return $status
}

account() {
    sudo useradd -m -s /bin/bash -u "$uid" "$user"
    echo "$user:$user" | sudo chpasswd
}

image() {
    owner <<<"podman pull -q registry.access.redhat.com/$image; podman tag $image localhost/$tag"
}

inspect() {
    owner <<<"podman image inspect --format '{{.Config.Cmd}}' $image >$report"
}

storage() {
    owner <<<"podman volume create $volume"
    fill
}

fill() {
    owner "podman run --rm -i -v $volume:/data $image sh -c 'cat >/data/$note; chown 1000 /data/$note'" <~/"$note.txt"
}

variable=(-e "MODE=$mode") published=(-p "$port:8080") mounted=(-v "$volume:/data")

run() {
    owner <<<"podman run -d --name $container ${variable[*]} ${published[*]} ${mounted[*]} --stop-signal KILL $image sleep 86400"
}

idle() {
    owner <<<"podman create --name $idle $image"
}

service() {
    unit
    enable
}

# The container was only the pattern.
unit() {
    owner <<END
mkdir -p .config/systemd/user
podman generate systemd --new --name $container >.config/systemd/user/$container.service
podman rm -f $container
systemctl --user daemon-reload
END
}

enable() {
    owner <<<"systemctl --user enable --now $container.service"
}

boot() {
    sudo loginctl enable-linger "$user"
}

[[ ${BASH_SOURCE[0]} != "$0" ]] || all

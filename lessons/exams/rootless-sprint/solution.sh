#!/bin/bash
# scores: 100 of 100
# Run in a login of the administrator. The sheet's values are variables of their names: $user, $uid, $container …
# A half-solution reads this file, puts other functions in place of some of these, and calls `all`.
set -u

all() {
    for task in account volume container service unattended; do
        "$task" || echo "$task: status $?"
    done
}

# What stands on standard input, as the owner of the container, in a true login.
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

volume() {
    owner <<<"podman volume create $volume; podman run --rm -v $volume:/data ubi8 touch /data/$note"
}

wanted="--name $container -v $volume:/data --stop-signal KILL ubi8 sleep 86400"

container() {
    owner <<<"podman run -d $wanted"
}

# A unit in a few lines of one's own. It is active at once, its container a moment later.
service() {
    owner <<END
mkdir -p .config/systemd/user
cat >.config/systemd/user/$container.service <<UNIT
[Service]
ExecStart=/usr/bin/podman run --rm --replace --cgroups=no-conmon $wanted
ExecStop=/usr/bin/podman stop -t 2 $container
[Install]
WantedBy=default.target
UNIT
podman rm -f $container
systemctl --user daemon-reload
systemctl --user enable --now $container.service
for try in {1..100}; do podman ps | grep -q ' $container\$' && break; sleep .3; done
END
}

unattended() {
    sudo loginctl enable-linger "$user"
}

[[ ${BASH_SOURCE[0]} != "$0" ]] || all

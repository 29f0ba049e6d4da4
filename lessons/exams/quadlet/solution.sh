#!/bin/bash
# scores: 100 of 100
# Run in a login of the administrator. The sheet's values are variables of their names: $user, $uid, $container …
# A half-solution reads this file, puts other values and functions in place of some of these, and calls `all`.
set -u

all() {
    for task in account online files start timer boot; do
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

online() {
    sudo systemctl add-wants multi-user.target network-online.target
    sudo systemctl start network-online.target
}

folder=.config/containers/systemd unit=$container.container
registry=registry.access.redhat.com/
mount=$volume.volume:/data join=$network.network
publish=PublishPort=$port:8080
update=AutoUpdate=registry install="[Install]
WantedBy=default.target"

files() {
    owner <<END
mkdir -p .config/containers/systemd $folder
cd .config/containers/systemd
echo '[Volume]' >$volume.volume
printf '%s\n' '[Network]' Subnet=10.$third.0.0/24 >$network.network
cat >~/$folder/$unit <<FILE
[Container]
ContainerName=$container
Image=$registry$image
Exec=sh -c "trap exit TERM; while sleep 1; do :; done"
Environment=MODE=$mode
$publish
Volume=$mount
Network=$join
$update
$install
FILE
systemctl --user daemon-reload
END
}

start() {
    owner <<<"systemctl --user start $container.service"
}

timer() {
    owner <<<"systemctl --user enable --now podman-auto-update.timer"
}

boot() {
    sudo loginctl enable-linger "$user"
}

[[ ${BASH_SOURCE[0]} != "$0" ]] || all

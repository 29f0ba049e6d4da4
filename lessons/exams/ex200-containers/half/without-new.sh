#!/bin/bash
# scores: 95 of 100 (anew 0)
# proven: 95 of 100 (anew 0)
# The unit starts the one container that there is.
. "${BASH_SOURCE%/*}/../solution.sh"
unit() {
    owner <<END
mkdir -p .config/systemd/user
podman generate systemd --name $container >.config/systemd/user/$container.service
podman stop $container
systemctl --user daemon-reload
END
}
all

#!/bin/bash
# scores: 75 of 100 (service 0, anew 0, boot 5)
# The unit lies one folder too high, where no manager looks; the container runs by hand.
. "${BASH_SOURCE%/*}/../solution.sh"
unit() {
    owner <<END
mkdir -p .config/systemd
podman generate systemd --new --name $container >.config/systemd/$container.service
systemctl --user daemon-reload
END
}
all

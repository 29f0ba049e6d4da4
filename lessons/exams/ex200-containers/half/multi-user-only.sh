#!/bin/bash
# scores: 90 of 100 (boot 5)
# proven: 90 of 100 (boot 5)
# Enabled for a target that the manager of an account does not have. systemctl says `enabled` all the same.
. "${BASH_SOURCE%/*}/../solution.sh"
enable() {
    owner <<END
sed -i 's/^WantedBy=.*/WantedBy=multi-user.target/' .config/systemd/user/$container.service
systemctl --user daemon-reload
systemctl --user enable --now $container.service
END
}
all

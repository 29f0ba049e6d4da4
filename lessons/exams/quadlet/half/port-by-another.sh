#!/bin/bash
# scores: 90 of 100 (port 0)
# No port is published: another program of the account listens there.
. "${BASH_SOURCE%/*}/../solution.sh"
publish=
start() { owner <<<"systemctl --user start $container.service; systemd-run --user -q systemd-socket-activate -l $port /bin/cat"; }
all

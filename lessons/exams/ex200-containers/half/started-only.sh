#!/bin/bash
# scores: 90 of 100 (boot 5)
# proven: 90 of 100 (boot 5)
# Started, and not enabled: the next boot knows nothing of it.
. "${BASH_SOURCE%/*}/../solution.sh"
enable() { owner <<<"systemctl --user start $container.service"; }
all

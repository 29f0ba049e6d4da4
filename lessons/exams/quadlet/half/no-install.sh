#!/bin/bash
# scores: 90 of 100 (boot 5)
# proven: 90 of 100 (boot 5)
# Nothing wants the service. To enable it is refused; started by hand it runs, until the next boot.
. "${BASH_SOURCE%/*}/../solution.sh"
install=
start() { owner <<<"systemctl --user enable $container.service || systemctl --user start $container.service"; }
all

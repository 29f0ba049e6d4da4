#!/bin/bash
# scores: 92 of 100 (volume 7)
# A volume of just that name is another one, which podman makes by itself. The network is right.
. "${BASH_SOURCE%/*}/../solution.sh"
mount=$volume:/data
all

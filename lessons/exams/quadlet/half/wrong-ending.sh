#!/bin/bash
# scores: 37 of 100 (volume 7, network 6, container 0, port 0, update 4, boot 5)
# A file of Quadlet's that is called like a unit: its ending says nothing to Quadlet.
. "${BASH_SOURCE%/*}/../solution.sh"
unit=$container.service
all

#!/bin/bash
# scores: 37 of 100 (volume 7, network 6, container 0, port 0, update 4, boot 5)
# The container's file lies where unit files lie, and Quadlet does not look there.
. "${BASH_SOURCE%/*}/../solution.sh"
folder=.config/systemd/user
all

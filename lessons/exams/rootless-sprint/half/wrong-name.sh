#!/bin/bash
# scores: 33 of 100 (container 0, volume 8, service 0, unattended 10)
# Everything works, and the container and its service go by another name than the one on the sheet.
. "${BASH_SOURCE%/*}/../solution.sh"
wanted=${wanted/$container/container-$container} container=container-$container
all

#!/bin/bash
# scores: 90 of 100 (port 0)
# The right port of the machine, which leads to another one of the container's. Somebody listens all the same.
. "${BASH_SOURCE%/*}/../solution.sh"
publish=${publish/8080/9999}
all

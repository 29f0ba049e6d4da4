#!/bin/bash
# scores: 90 of 100 (port 0)
# The port was exposed, which is only a remark. Nobody listens.
. "${BASH_SOURCE%/*}/../solution.sh"
published=(--expose "$port")
all

#!/bin/bash
# scores: 85 of 100 (boot 0)
# proven: 85 of 100 (boot 0)
# The service runs and is enabled, as long as somebody is logged in. A second terminal still is.
. "${BASH_SOURCE%/*}/../solution.sh"
boot() { owner 'sleep 600' </dev/null >/dev/null 2>&1 & }
all

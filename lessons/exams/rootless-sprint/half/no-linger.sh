#!/bin/bash
# scores: 75 of 100 (unattended 0)
# The service runs and is enabled, as long as somebody is logged in. A second terminal still is.
. "${BASH_SOURCE%/*}/../solution.sh"
unattended() { owner 'sleep 600' </dev/null >/dev/null 2>&1 & }
all

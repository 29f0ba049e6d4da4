#!/bin/bash
# scores: 90 of 100 (boot 5)
# The manager of an account has no multi-user.target.
. "${BASH_SOURCE%/*}/../solution.sh"
install=${install/default/multi-user}
all

#!/bin/bash
# scores: 65 of 100 (service 0, unattended 10)
# proven: 65 of 100 (service 0, unattended 10)
# The container runs, lingering is on, and no service starts it.
. "${BASH_SOURCE%/*}/../solution.sh"
service() { :; }
all

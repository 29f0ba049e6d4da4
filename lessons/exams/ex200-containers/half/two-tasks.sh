#!/bin/bash
# scores: 25 of 100 (inspect 0, run 0, port 0, storage 0, service 0, anew 0, boot 0)
# Out of time after the images and the container that waits.
. "${BASH_SOURCE%/*}/../solution.sh"
account && image && idle

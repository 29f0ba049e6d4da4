#!/bin/bash
# scores: 88 of 100 (volume 8)
# The volume is mounted, and not where it was asked for.
. "${BASH_SOURCE%/*}/../solution.sh"
wanted=${wanted/:\/data/:/srv}
all

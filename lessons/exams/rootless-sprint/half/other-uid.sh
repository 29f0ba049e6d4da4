#!/bin/bash
# scores: 92 of 100 (account 7)
# The account has whatever user id was next.
. "${BASH_SOURCE%/*}/../solution.sh"
account() { sudo useradd -m -s /bin/bash "$user" && echo "$user:$user" | sudo chpasswd; }
all

#!/bin/bash
# scores: 95 of 100 (online 0)
# proven: 85 of 100 (online 0, boot 5)
# network-online.target is reached today, and nothing asks for it at the next boot.
. "${BASH_SOURCE%/*}/../solution.sh"
online() { sudo systemctl start network-online.target; }
all

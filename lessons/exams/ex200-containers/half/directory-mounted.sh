#!/bin/bash
# scores: 85 of 100 (storage 0)
# A directory of the account's instead of a podman volume. It lasts as well, and is not what was asked for.
. "${BASH_SOURCE%/*}/../solution.sh"
storage() { owner <<<"mkdir $volume; echo $greeting >$volume/$note; podman unshare chown 1000 $volume/$note"; }
mounted=(-v "/home/$user/$volume:/data")
all

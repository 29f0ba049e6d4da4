#!/bin/bash
# scores: 15 of 100 (image 0, inspect 0, run 0, port 0, idle 0, storage 0, service 0, anew 0, boot 5)
# Everything without root, but as the administrator: the images, volumes and containers of another account.
. "${BASH_SOURCE%/*}/../solution.sh"
owner() { (cd && "${@:-bash}"); }
fill() { podman run --rm -i -v "$volume:/data" "$image" sh -c "cat >/data/$note; chown 1000 /data/$note" <~/"$note.txt"; }
all

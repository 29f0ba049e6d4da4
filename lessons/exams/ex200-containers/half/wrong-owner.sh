#!/bin/bash
# scores: 96 of 100 (storage 11)
# The file in the volume was never given away: it is root's inside.
. "${BASH_SOURCE%/*}/../solution.sh"
fill() { owner "podman run --rm -i -v $volume:/data $image sh -c 'cat >/data/$note'" <~/"$note.txt"; }
all

#!/bin/sh
# Lets pods reach themselves through their Service: a packet may leave the bridge by the port that it came in by.
# Run when a pod has its network, with the pod's address. Works in the background: the pod's containers don't wait for it.
set -eu

open_ports() {
  bridge=$(ip -o route get "$1" | sed -n '1s/.* dev \([^ ]*\) .*/\1/p')
  [ -n "$bridge" ] || exit 0
  ip -o link show master "$bridge" |
    sed -n 's/^[0-9]*: \([^@: ]*\)[@:].*/link set dev \1 type bridge_slave hairpin on/p' |
    ip -batch -
}

open_ports "$1" &

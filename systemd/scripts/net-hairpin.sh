#!/bin/sh
# Lets pods reach themselves through their Service: a packet may leave the bridge by the port that it came in by.
# Run when a pod has its network, with the pod's IPv4 address. Works in the background: the pod's containers don't wait for it.
set -eu

# The device of the route to an address. /proc/net/route writes addresses with their bytes reversed.
device_to() {
  IFS=. read -r a b c d <<ADDRESS
$1
ADDRESS
  address=$((d << 24 | c << 16 | b << 8 | a))
  while read -r device destination _ _ _ _ _ mask _; do
    case $mask in 00000000 | Mask) continue ;; esac
    [ $((address & 0x$mask)) != $((0x$destination)) ] || bridge=$device
  done < /proc/net/route
}

open_ports() {
  bridge=
  device_to "$1"
  [ -n "$bridge" ] || exit 0
  ip -o link show master "$bridge" | while IFS=' :@' read -r _ port _; do
    echo "link set dev $port type bridge_slave hairpin on"
  done | ip -batch -
}

open_ports "$1" &

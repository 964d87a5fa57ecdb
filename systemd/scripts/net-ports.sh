#!/bin/sh
# Lets pods reach themselves through their Service: a packet may leave the pods' bridge by the port that it came in by. netavark
# makes a port for each pod; the kernel tells of it, so that no start of a pod waits for this.
set -eu

rules=${1:-/var/lib/quadshift/net/services.nft}

# The pods' IPv4 range as /proc/net/route writes the address of a network: hexadecimal, with its bytes reversed.
pods_network() {
  while read -r hash key range; do
    [ "$hash" = '#' ] || break
    case "$key $range" in
      'pod-cidr '*:*) ;;
      'pod-cidr '*)
        IFS=./ read -r a b c d _ <<RANGE
$range
RANGE
        network=$((d << 24 | c << 16 | b << 8 | a))
        ;;
    esac
  done < "$rules"
}

# Whether a bridge is the pods': the route to their range goes by it.
is_pods() {
  network=
  [ -f "$rules" ] && pods_network
  [ -n "$network" ] || return 1
  while read -r device destination _; do
    [ "$device" != "$1" ] || [ $((0x$destination)) != "$network" ] || return 0
  done < /proc/net/route
  return 1
}

# Listening first, so that nothing is missed while we look. The kernel tells of a new port some eight times.
{
  ip -o monitor link &
  ip -o link show
  wait
} | {
  opened=' '
  while read -r index port rest; do
    if [ "$index" = Deleted ]; then
      case $opened in *" $port "*) opened="${opened%%" $port "*} ${opened#*" $port "}" ;; esac
      continue
    fi
    case $opened in *" $index "*) continue ;; esac
    case $rest in *' master '*) ;; *) continue ;; esac
    bridge=${rest#* master }
    is_pods "${bridge%% *}" || continue
    port=${port%:}
    # It may be gone already.
    ip link set dev "${port%%@*}" type bridge_slave hairpin on 2>/dev/null || continue
    opened="$opened$index "
  done
}

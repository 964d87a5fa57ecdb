#!/bin/sh
# Puts in place what Services need of the kernel: at boot, and whenever the packet filter was flushed. The rules were
# compiled by the API server; nothing of it has to run.
set -eu

rules=${1:-/var/lib/quadshift/net/services.nft}

# A pod's answer to another pod has to pass the host, which knows how the destination was rewritten.
if [ ! -e /proc/sys/net/bridge/bridge-nf-call-iptables ]; then
  modprobe -q br_netfilter ||
    echo "net-load: no br_netfilter here: pods may not reach each other through Services, nor are policies kept" >&2
fi
for family in iptables ip6tables; do
  echo 1 2>/dev/null >/proc/sys/net/bridge/bridge-nf-call-$family || true
done

[ -f "$rules" ] || exit 0
nft -f "$rules"

# Without a route to the address the host itself wouldn't even try; where packets really go is up to the rules. A bridge
# without ports takes routes of both families, and refusals come back from it; lo takes no IPv6 ones and loses ICMP.
device=qs-services
ip link show $device >/dev/null 2>&1 || ip link add $device type bridge
ip link set $device up
sed -n 's/^# service-cidr \([0-9a-f.:/]*\)$/\1/p' "$rules" | while read -r range; do
  ip route replace "$range" dev $device || echo "net-load: there is no route to $range" >&2
done

#!/bin/sh
# Has firewalld, where it runs, trust what pods send: what it knows nothing of it rejects. In its permanent configuration
# too, so that a reload doesn't forget. What is sent to pods through Services passes it anyway, as rewritten packets do.
set -eu

rules=${1:-/var/lib/quadshift/net/services.nft}

command -v firewall-cmd >/dev/null 2>&1 && firewall-cmd --quiet --state 2>/dev/null || exit 0

trust() {
  firewall-cmd --quiet $2 --zone=trusted --query-source="$1" 2>/dev/null && return 0
  # An administrator who put the range into another zone knows why.
  firewall-cmd --quiet $2 --zone=trusted --add-source="$1" ||
    echo "net-firewalld: pods (${1}) are not in firewalld's zone trusted: they may be cut off" >&2
}

sed -n 's/^# pod-cidr \([0-9a-f.:/]*\)$/\1/p' "$rules" | while read -r range; do
  trust "$range" ''
  trust "$range" --permanent
done

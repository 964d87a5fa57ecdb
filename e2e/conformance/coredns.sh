#!/bin/sh
# /coredns of the agnhost image: serves the addresses of a Corefile's hosts plugin, which is all that the tests ask of it.
# Called as: coredns -conf FILE
set -eu
table=$(mktemp)
awk '$1 ~ /^[0-9.]+$/ && NF == 2 { sub(/\.$/, "", $2); print $1, $2 }' "$2" >"$table"
exec dnsmasq --keep-in-foreground --no-resolv --no-hosts --addn-hosts="$table" --user=root --log-queries --log-facility=-

#!/bin/sh
# Brings back on tmpfs what `seal` has kept, unless it is there: after a boot, without the API server.
#   unseal LIVE SEALED NAME
set -eu
umask 077
live=$1 sealed=$2 name=$3
export SYSTEMD_LOG_LEVEL=err

[ ! -d "$live" ] || exit 0
[ -d "$sealed" ] || { echo "unseal: there is no $sealed; the API server makes it anew" >&2; exit 1; }

mkdir -p -m 0755 "${live%/*}"
new=$(mktemp -d -p "$(dirname "$(dirname "$live")")" .unseal-XXXXXXXX)
trap 'rm -rf "$new"' EXIT
for part in "$sealed"/*; do
  systemd-creds decrypt --name="$name" "$part" - >>"$new/archive"
done
mkdir "$new/live"
tar -C "$new/live" --numeric-owner -xpf "$new/archive"
# Whole or not at all; whoever was first is as good.
mv -T "$new/live" "$live" 2>/dev/null || [ -d "$live" ]

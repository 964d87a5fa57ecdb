#!/bin/sh
# Installs Quadshift on this host, or brings an installation up to date; as root, from the project's folder or a copy
# of what it names. Workloads are left alone. With DESTDIR set it only lays the files out there, for packagers.
#
#   packaging/install.sh [--bundle FILE] [--node FILE]
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
bundle=$here/dist/quadshift.mjs
node=$here/node_modules/node/bin/node
destination=${DESTDIR:-}
changed=

fail() {
  echo "install.sh: $*" >&2
  exit 1
}

while [ $# -gt 0 ]; do
  case $1 in
    --bundle) bundle=$2 ;;
    --node) node=$2 ;;
    *) fail "unknown option $1" ;;
  esac
  shift 2
done

[ -f "$bundle" ] || fail "there is no $bundle: run \`npm run build\` first"
[ -x "$node" ] || fail "there is no Node at $node: run \`npm ci\` first, or name one (24 or later) with --node"
[ -n "$destination" ] || [ "$(id -u)" = 0 ] || fail "root is needed"

# place MODE SOURCE TARGET: a new file beside the old one, then over it: what runs keeps the file that it has open.
place() {
  target=$destination$3
  cmp -s "$2" "$target" && return
  mkdir -p "$(dirname "$target")"
  cp "$2" "$target.new"
  chmod "$1" "$target.new"
  mv "$target.new" "$target"
  changed=yes
}

place 755 "$node" /usr/lib/quadshift/node
place 644 "$bundle" /usr/lib/quadshift/quadshift.mjs
descriptions=$(dirname "$bundle")/descriptions.json
[ ! -f "$descriptions" ] || place 644 "$descriptions" /usr/lib/quadshift/descriptions.json
place 755 "$here/packaging/quadshift.sh" /usr/bin/quadshift
for script in "$here"/systemd/scripts/*.sh; do
  place 755 "$script" "/usr/lib/quadshift/$(basename "$script" .sh)"
done
for unit in "$here"/systemd/units/*.* "$here"/systemd/units/*.d/*; do
  [ -f "$unit" ] || continue
  place 644 "$unit" "/usr/lib/systemd/system/${unit#"$here"/systemd/units/}"
done
# The folders that the service may write to have to be there before it starts.
mkdir -p "$destination/etc/quadshift" "$destination/etc/containers/systemd/quadshift" "$destination/etc/systemd/system"

[ -z "$destination" ] || exit 0
# What a power cut would tear would not boot again.
[ -z "$changed" ] || sync
[ -z "$changed" ] || systemctl daemon-reload
# These work without the API server; what they serve is there from the last time, or comes with the first object.
data_path='quadshift-net.service quadshift-net-guard.service quadshift-net-ports.service quadshift-net-firewalld.service quadshift-dns.service quadshift-dns-upstream.path
quadshift-router.service quadshift-pods.target quadshift-critical-pods.target quadshift-clock.timer'
systemctl --quiet enable podman.socket quadshift.socket quadshift.service quadshift-probes.service $data_path
systemctl start podman.socket quadshift.socket $data_path
if [ -n "$changed" ]; then
  systemctl restart quadshift.service quadshift-probes.service quadshift-net-guard.service quadshift-net-ports.service
else
  systemctl start quadshift.service quadshift-probes.service
fi

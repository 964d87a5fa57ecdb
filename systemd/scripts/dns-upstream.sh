#!/bin/sh
# Tells the pods' resolver whom to ask about names outside the cluster: whomever the host asks at this moment.
#
#   dns-upstream file    writes the file that unbound includes when it starts
#   dns-upstream live    tells the running unbound
set -eu

runtime=/run/quadshift-dns
config=/var/lib/quadshift/net/unbound.conf

# Those behind systemd-resolved's stub, unless it is not what the host uses.
source=/etc/resolv.conf
behind=/run/systemd/resolve/resolv.conf
if grep -q '^nameserver[[:space:]]*127\.0\.0\.5[34]' "$source" 2>/dev/null && [ -s "$behind" ]; then
  source=$behind
fi

# Never ourselves; link-local ones need an interface that unbound can't be told.
own=$(sed -n 's/^  interface: //p' "$config")
servers=$(sed -n 's/^nameserver[[:space:]]\{1,\}\([0-9a-fA-F:.]\{2,\}\)[[:space:]]*$/\1/p' "$source" 2>/dev/null |
  grep -v -i -x -F "$own" | grep -v -i '^fe80:' | head -n 6) || true

control() {
  unbound-control -q -c "$config" "$@"
}

case ${1:-} in
  file)
    if [ -n "$servers" ]; then
      printf 'forward-zone:\n  name: "."\n'
      for server in $servers; do echo "  forward-addr: $server"; done
    else
      # Nobody to ask: clients hear so at once instead of waiting.
      printf 'server:\n  local-zone: "." refuse\n'
    fi >"$runtime/forwarders.conf.new"
    mv "$runtime/forwarders.conf.new" "$runtime/forwarders.conf"
    ;;
  live)
    if [ -n "$servers" ]; then
      # shellcheck disable=SC2086
      control forward_add . $servers
      control local_zone_remove .
    else
      control local_zone . refuse
    fi
    # Nobody goes on waiting for resolvers of before.
    control flush_requestlist
    control flush_infra all
    control flush_negative
    ;;
  *)
    echo "usage: dns-upstream file|live" >&2
    exit 2
    ;;
esac

#!/bin/sh
# Brings our rules back after somebody flushed the packet filter: `nft flush ruleset`, a reload of nftables.service.
set -eu

rules=${1:-/var/lib/quadshift/net/services.nft}

restore() {
  [ -f "$rules" ] || return 0
  nft list table inet quadshift >/dev/null 2>&1 && return 0
  # Whoever flushes mostly loads something right after: not in the middle of that.
  sleep 0.2
  nft list table inet quadshift >/dev/null 2>&1 && return 0
  echo "the table inet quadshift is gone: loading it again"
  until systemctl restart quadshift-net.service; do sleep 1; done
}

# Listening first, so that nothing is missed while we look.
nft monitor tables | {
  restore
  while read -r event; do
    case $event in
      *'delete table inet quadshift'*) restore ;;
    esac
  done
}

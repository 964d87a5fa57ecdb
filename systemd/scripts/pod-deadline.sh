#!/bin/sh
# pod-deadline FOLDER EPOCH|+SECONDS GATE: waits until the time that a pod may run has passed, leaves a mark that keeps its
# units from starting again, and stops it. With +SECONDS the time begins with the first start, also over reboots.
set -eu
until=$2
case $until in
  +*)
    mkdir -p "$1/containers"
    if [ ! -s "$1/containers/deadline" ]; then
      echo $(($(date +%s) + ${until#+})) > "$1/containers/deadline.new"
      sync "$1/containers/deadline.new"
      mv "$1/containers/deadline.new" "$1/containers/deadline"
    fi
    read -r until < "$1/containers/deadline"
    ;;
esac
left=$((until - $(date +%s)))
[ "$left" -le 0 ] || sleep "$left"
mkdir -p "$1/containers"
: > "$1/containers/deadline-exceeded"
sync "$1/containers/deadline-exceeded"
exec systemctl stop --no-block "$3"

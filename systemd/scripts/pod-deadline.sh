#!/bin/sh
# pod-deadline FOLDER EPOCH GATE: waits until the time that a pod may run has passed, leaves a mark that keeps its units
# from starting again, and stops it.
set -eu
left=$(($2 - $(date +%s)))
[ "$left" -le 0 ] || sleep "$left"
mkdir -p "$1/containers"
: > "$1/containers/deadline-exceeded"
sync "$1/containers/deadline-exceeded"
exec systemctl stop --no-block "$3"

#!/bin/sh
# pod-completed GATE MARKER…: after an end of an app container of a pod with sidecars, or of a timer's. When all app containers have ended
# for good, which their MARKERs say, the pod is stopped: its sidecars, last one first, and what holds its network.
set -eu
gate=$1
shift
for marker; do
  [ -e "$marker" ] || exit 0
done
exec systemctl stop --no-block "$gate"

#!/bin/sh
# container-stop FOLDER NAME GRACE [HOOK…]: stops a pod's container as the kubelet does: the preStop hook first, within the
# grace period, then the signal with what is left of it, at least two seconds. `stop-by` beside the containers' folders
# says (in seconds since the epoch) until when the whole pod has to be gone, when it doesn't go by its own grace period.
set -u
# It has ended by itself.
[ -n "${MAINPID:-}" ] || exit 0
folder=$1 name=$2 grace=$3
shift 3
stop_by=
[ ! -e "$folder/../stop-by" ] || read -r stop_by < "$folder/../stop-by"
# What Quadlet does next is enough.
[ -n "$stop_by$*" ] || exit 0

now() { cut -d. -f1 /proc/uptime; }
if [ -n "$stop_by" ]; then
  grace=$((stop_by - $(date +%s)))
  [ "$grace" -le 0 ] || systemd-notify "EXTEND_TIMEOUT_USEC=$(((grace + 10) * 1000000))"
fi
deadline=$(($(now) + grace))
if [ $# -gt 0 ] && [ "$grace" -gt 0 ]; then
  timeout "$grace" /usr/lib/quadshift/container-hook "$name" "$@" ||
    /usr/lib/quadshift/container-incident "$folder" FailedPreStopHook 'PreStopHook failed'
fi
left=$((deadline - $(now)))
[ "$left" -ge 2 ] || left=2
exec podman stop --ignore --time "$left" "$name"

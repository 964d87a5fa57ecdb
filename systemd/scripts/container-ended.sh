#!/bin/sh
# container-ended FOLDER UNIT NAME MESSAGES FINAL [MARKER]: after every end of a pod's container. Writes down how it ended
# (`ended`, KEY=value lines), how long the next start shall wait (`backoff`), and MARKER when it has ended for good.
#   NAME      podman's name of the container
#   MESSAGES  File, or FallbackToLogsOnError
#   FINAL     which exit statuses are final: `none`, `all`, `zero`, or a list like `0,3,`
# The rest comes from systemd: SERVICE_RESULT, EXIT_CODE, EXIT_STATUS, INVOCATION_ID.
set -eu
cd "$1" 2>/dev/null || exit 0
unit=$2 name=$3 messages=$4 final=$5 marker=${6:-}
result=${SERVICE_RESULT:-success}
# Without a status: an init container that has just succeeded, or a step before podman that failed.
if [ "$result" = success ]; then code=${EXIT_CODE:-exited} status=${EXIT_STATUS:-0}; else
  code=${EXIT_CODE:-exited} status=${EXIT_STATUS:-125}
fi
# From now on container-begin lays out its starts.
pod=${1%/containers/*}
first=/run/quadshift/begun/${pod##*/}:${1##*/}
[ ! -e "$first" ] || rm -f "$first"
[ -e began ] || exit 0
read -r up at killed < began
if [ "$up" = first ]; then
  # The server has laid that out, maybe long before.
  up=0
  at=$(systemctl show --property=ExecMainStartTimestamp --timestamp=unix --value "$unit")
  at=${at#@}
  case $at in '' | *[!0-9]*) at=- ;; esac
fi
[ "$at" != - ] || at=$(stat -c %Y began)
# The unit was stopped while it waited for its next start: nothing has ended.
[ -e message ] || exit 0
# Nobody waits for its postStart hook any more.
: > post-started
read -r uptime _ < /proc/uptime

# What the journal says; journald may be behind.
journal() {
  journalctl -q --no-pager "$@" > journal.txt
  if [ ! -s journal.txt ]; then
    journalctl --sync 2> /dev/null || :
    journalctl -q --no-pager "$@" > journal.txt
  fi
  cat journal.txt
  rm -f journal.txt
}

# podman's own complaint, when it could not even start the container.
complaint() {
  case $status in 125 | 126 | 127) ;; *) return ;; esac
  journal -o cat -n 40 _SYSTEMD_INVOCATION_ID="${INVOCATION_ID:-}" _TRANSPORT=stdout |
    sed -n 's/^Error: //p' | tail -n 1 | cut -c -1024
}

# A container that ends before systemd has taken over its monitor ends well for systemd, which has seen the end of
# `podman run` alone.
told=$status
if [ "${SERVICE_RESULT:-}" ] && [ "$code $status" = "exited 0" ]; then
  really=$(journal -o export -n 1 --since="@$at" PODMAN_EVENT=died PODMAN_NAME="$name" |
    sed -n 's/^PODMAN_EXIT_CODE=//p')
  status=${really:-0}
fi

# Out of memory, if the kernel has killed for want of it since the start: systemd doesn't look at what it has delegated.
oom_killed() {
  while IFS=: read -r id _ group; do [ "$id" != 0 ] || break; done < /proc/self/cgroup
  events=/sys/fs/cgroup${group%"/$unit"*}/$unit/memory.events
  [ -r "$events" ] || return 1
  while read -r event count; do
    [ "$event" != oom_kill ] || [ "$count" -le "${killed:-0}" ] || return 0
  done < "$events"
  return 1
}
case "$code $status" in *' 137' | *' KILL' | *' 9') ! oom_killed || result=oom-kill ;; esac

# The end of the log. conmon hands over lines with their newline if they have one, journalctl adds another.
last_words() {
  [ "$messages $code $status" != "FallbackToLogsOnError exited 0" ] || return 0
  [ "$messages" = FallbackToLogsOnError ] || return 0
  journal -o cat -n 80 --since="@$at" CONTAINER_NAME="$name" |
    awk '{ if (held) { if ($0 == "") { print line; held = 0; next } printf "%s", line } line = $0; held = 1 }
      END { if (held) printf "%s", line }' | tail -c 2048
}

failure=$(complaint)
text=$(mktemp ./text.XXXXXX)
tail -c 4096 message > "$text" 2>/dev/null || :
[ -s "$text" ] || last_words > "$text"

delay=0 count=0
if [ -e backoff ] && [ $((${uptime%.*} - up)) -le 600 ]; then
  read -r count _ < backoff
  count=$((count + 1)) delay=300
  [ "$count" -gt 5 ] || delay=$((10 << (count - 1)))
fi
echo "$count $delay" > backoff

{
  printf 'RESULT=%s\nCODE=%s\nSTATUS=%s\nINVOCATION=%s\n' "$result" "$code" "$status" "${INVOCATION_ID:-}"
  printf 'STARTED=%s\nFINISHED=%s\nDELAY=%s\n' "$at" "$(date +%s)" "$delay"
  printf 'FAILURE=%s\nMESSAGE=%s\n' "$(printf %s "$failure" | base64 -w 0)" "$(base64 -w 0 "$text")"
} > ended.new
rm -f "$text" message
mv ended.new ended

is_final() {
  case $final in
    all) ;;
    none) return 1 ;;
    zero) [ "$code $status" = "exited 0" ] ;;
    *) case ",$final" in *",$status,"*) [ "$code" = exited ] ;; *) return 1 ;; esac ;;
  esac
}
# Restart= has to hear of a failure that systemd hasn't seen.
end() { [ "$told" = "$status" ] || exit 1; exit 0; }

is_final || end
# It didn't end by itself when its unit is being stopped or restarted; and what podman couldn't make is tried again.
case "$(systemctl list-jobs --no-legend "$unit")" in *" stop "* | *"restart "*) exit 0 ;; esac
[ "$status" != 125 ] || end
mkdir -p "$(dirname "$marker")"
sync ended
printf 'EXIT_STATUS=%s\n' "$status" > "$marker.new"
sync "$marker.new"
mv "$marker.new" "$marker"
end

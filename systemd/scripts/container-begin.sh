#!/bin/sh
# container-begin FOLDER UNIT [HOOKED…]: before every start of a pod's container. Waits for its image (`awaits-image` goes when
# it has come), as long as its last end told it to, unless somebody else than Restart= starts the unit, and for the
# postStart hooks of the containers before it, whose folders are HOOKED: an order of units would hold for their stop too.
# Lays out a fresh termination message.
set -eu
unit=$2 folder=$1
shift 2
cd "$folder" 2>/dev/null || { mkdir -p "$folder"; cd "$folder"; }

# Its image is still on its way, while other containers of the pod run.
while [ -e awaits-image ]; do
  systemd-notify EXTEND_TIMEOUT_USEC=60000000 2> /dev/null || :
  sleep 0.5
done
if [ -e backoff ]; then
  if [ "$(systemctl show -p NRestarts --value "$unit")" = 0 ]; then
    rm -f backoff
  else
    read -r _ pause < backoff
    [ "$pause" = 0 ] || sleep "$pause"
  fi
fi
for hooked; do
  until [ -e "$hooked/post-started" ]; do sleep 0.1; done
done
# How many processes the kernel has killed in this unit, its container included, for want of memory: none are this run's.
killed=0
while IFS=: read -r id _ group; do [ "$id" != 0 ] || break; done < /proc/self/cgroup
events=/sys/fs/cgroup${group%"/$unit"*}/$unit/memory.events
[ ! -r "$events" ] || while read -r event count; do [ "$event" != oom_kill ] || killed=$count; done < "$events"
read -r uptime _ < /proc/uptime
# When that was by the time of day the file itself says. Each process that isn't started here is a millisecond of the
# container's start.
echo "${uptime%.*} - $killed" > began
# A new file each time: what has the old one open doesn't write here any more.
[ ! -e message ] || rm -f message
umask 0
: > message

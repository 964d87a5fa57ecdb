#!/bin/sh
# container-begin FOLDER UNIT [HOOKED…]: before every start of a pod's container but those that the server has laid out. Waits for
# its image (`awaits-image` goes when it has come), as long as its last end told it to, unless somebody else than Restart=
# starts the unit, and for the postStart hooks of the containers before it, whose folders are HOOKED: an order of units would
# hold for their stop too. Lays out a fresh termination message.
# container-begin UID:NAME: the same as a unit of its own, quadshift-begin@UID:NAME.
set -eu
case $1 in
  /*)
    unit=$2 folder=$1
    shift 2
    ;;
  *)
    unit=$(systemctl show --property=WantedBy --value "quadshift-begin@$1.service")
    folder=/var/lib/quadshift/pods/${1%%:*}/containers/${1#*:}
    shift
    ;;
esac
cd "$folder" 2>/dev/null || { mkdir -p "$folder"; cd "$folder"; }

# Its image is still on its way, while other containers of the pod run.
while [ -e awaits-image ]; do
  systemd-notify EXTEND_TIMEOUT_USEC=60000000 2> /dev/null || :
  sleep 0.5
done

# Whether it is Restart= that starts the unit: from within its own start, or ahead of that.
is_restart() {
  restarts=0 state=
  while IFS='=' read -r key value; do
    case $key in NRestarts) restarts=$value ;; SubState) state=$value ;; esac
  done <<PROPERTIES
$(systemctl show --property=NRestarts --property=SubState "$unit")
PROPERTIES
  case $state in
    start-pre) [ "$restarts" != 0 ] ;;
    *) [ "$state" = auto-restart-queued ] ;;
  esac
}

if [ -e backoff ]; then
  read -r _ left < backoff
  # Somebody may restart it in the meantime: nothing tells a unit of its own of that.
  while is_restart || { rm -f backoff; left=0; }; do
    [ "$left" -gt 0 ] || break
    step=$((left < 5 ? left : 5))
    sleep "$step"
    left=$((left - step))
  done
fi
for hooked; do
  until [ -e "$hooked/post-started" ]; do sleep 0.1; done
done

# The pod has gone in the meantime.
[ -d "$folder" ] || exit 0
# How many processes the kernel has killed in this unit, its container included, for want of memory: none are this run's.
killed=0
while IFS=: read -r id _ group; do [ "$id" != 0 ] || break; done < /proc/self/cgroup
case $group/ in
  *"/$unit/"*) group=${group%"/$unit"*}/$unit ;;
  *) group=$(systemctl show --property=ControlGroup --value "$unit") ;;
esac
events=/sys/fs/cgroup$group/memory.events
[ ! -r "$events" ] || while read -r event count; do [ "$event" != oom_kill ] || killed=$count; done < "$events"
read -r uptime _ < /proc/uptime
# When that was by the time of day the file itself says. Each process that isn't started here is a millisecond of the
# container's start.
echo "${uptime%.*} - $killed" > began
# A new file each time: what has the old one open doesn't write here any more.
[ ! -e message ] || rm -f message
umask 0
: > message

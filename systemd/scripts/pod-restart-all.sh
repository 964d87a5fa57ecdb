#!/bin/sh
# pod-restart-all FOLDER UNIT STATUSES NAME NAME-UNIT…: after an end of a container with the rule RestartAllContainers.
# STATUSES are those that ask for it (`,1,3,`): then all containers of the pod start again, init containers too, the pod
# itself stays. systemd keeps their order. `restarts` in each container's folder counts what systemd forgets by that.
set -eu
cd "$1" 2>/dev/null || exit 0
unit=$2 statuses=$3
shift 3
[ -e ended ] || exit 0
code=$(sed -n 's/^CODE=//p' ended) status=$(sed -n 's/^STATUS=//p' ended)
[ "$code" = exited ] || exit 0
case $statuses in *",$status,"*) ;; *) exit 0 ;; esac
# Somebody stops it, or starts it anew already.
case "$(systemctl list-jobs --no-legend "$unit")" in *" stop "* | *"restart "*) exit 0 ;; esac
units=
while [ $# -gt 1 ]; do
  folder=../$1 count=0
  mkdir -p "$folder"
  [ ! -s "$folder/restarts" ] || read -r count < "$folder/restarts"
  echo $((count + 1 + $(systemctl show -p NRestarts --value "$2"))) > "$folder/restarts.new"
  mv "$folder/restarts.new" "$folder/restarts"
  units="$units $2"
  shift 2
done
# shellcheck disable=SC2086 # no unit's name has a space
exec systemctl restart --no-block $units

#!/bin/sh
# container-incident FOLDER REASON MESSAGE: leaves word for an Event about a pod's container.
set -eu
printf 'AT=%s\nREASON=%s\nMESSAGE=%s\n' "$(date +%s%N)" "$2" "$3" > "$1/incident.new"
mv "$1/incident.new" "$1/incident"

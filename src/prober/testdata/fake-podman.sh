#!/bin/sh
# Stands for podman: `exec CONTAINER COMMAND…` runs the command here, `stop …` notes what it was asked.
verb=$1
shift
case $verb in
exec) shift; exec "$@" ;;
stop) echo "$@" >>"$FAKE_PODMAN_LOG" ;;
esac

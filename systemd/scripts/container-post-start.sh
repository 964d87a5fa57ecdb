#!/bin/sh
# container-post-start FOLDER NAME GRACE HOOK…: carries out a postStart hook; a container whose hook fails is stopped.
set -u
folder=$1 name=$2 grace=$3
shift 3
/usr/lib/quadshift/container-hook "$name" "$@"
status=$?
: > "$folder/post-started"
[ "$status" != 0 ] || exit 0
/usr/lib/quadshift/container-incident "$folder" FailedPostStartHook 'PostStartHook failed'
podman stop --ignore --time "$grace" "$name" > /dev/null
exit 1

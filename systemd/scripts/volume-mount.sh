#!/bin/sh
# volume-mount FOLDER VOLUME TYPE OPTIONS DEVICE TELL: mounts a file system for a volume of a pod that starts. What goes wrong
# becomes an Event: word of it is left in TELL, the folder of one of the pod's containers.
set -eu
folder=$1 volume=$2 type=$3 options=$4 device=$5 tell=$6

mkdir -p "$folder"
! mountpoint -q "$folder" || exit 0
said=$(mount -t "$type" -o "$options" -- "$device" "$folder" 2>&1) && exit 0
status=$?
echo "$said" >&2
/usr/lib/quadshift/container-incident "$tell" FailedMount \
  "MountVolume.SetUp failed for volume \"$volume\" : mount failed: exit status $status: $(echo "$said" | tr '\n' ' ')"
exit "$status"

#!/bin/sh
# Holds folders of volumes to their sizes by project quotas (XFS, ext4). A request is a file that is called as the
# project's number: kibibytes and mount point on the first line, the folder on the second.
set -u

status=0
for request in "${1:-/run/quadshift/volume-quota}"/*; do
  [ -f "$request" ] || continue
  project=${request##*/}
  { read -r blocks mount && IFS= read -r folder; } <"$request" || { status=1; continue; }
  if chattr -p "$project" +P "$folder" && setquota -P "$project" 0 "$blocks" 0 0 "$mount"; then
    rm -f "$request"
  else
    echo "volume-quota: $folder: no quota of $blocks KiB; are e2fsprogs and quota installed?" >&2
    rm -f "$request"
    status=1
  fi
done
exit $status

#!/bin/sh
# Keeps what lies in a folder on tmpfs encrypted on disk: by the TPM where there is one, else by the host's key.
#   seal LIVE SEALED NAME
# SEALED becomes a link to a folder of credentials, which together are an archive of LIVE.
set -eu
umask 077
live=$1 sealed=$2 name=$3
export name SYSTEMD_LOG_LEVEL=err

mkdir -p "${sealed%/*}"
new=$(mktemp -d "$sealed.XXXXXXXX")
# Beside the live folder: nothing readable touches the disk.
archive=$(mktemp -p "$(dirname "$(dirname "$live")")" .seal-XXXXXXXX)
trap 'rm -rf "$archive" "$new"' EXIT

tar -C "$live" --numeric-owner -cf "$archive" .
# A credential holds up to a mebibyte. No PCRs: an update of the firmware is no reason to lose secrets.
split -b 1048576 -a 4 --filter='systemd-creds encrypt --tpm2-pcrs= --name="$name" - "$FILE"' "$archive" "$new/"
sync "$new"/* "$new"

ln -s "${new##*/}" "$new.link"
mv -T "$new.link" "$sealed"
sync "${sealed%/*}"
for old in "$sealed".*; do
  [ "$old" = "$new" ] || rm -rf "$old"
done
trap 'rm -f "$archive"' EXIT

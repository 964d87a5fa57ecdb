#!/bin/sh
# Makes the key that Secrets are encrypted with in the object store: random bytes that rest encrypted themselves, by the
# TPM where there is one, else by the host's key. systemd hands it to the API server. Losing it is losing the Secrets.
set -eu
umask 077
store=${1:-/etc/credstore.encrypted}
name=quadshift.store-key
export SYSTEMD_LOG_LEVEL=err

mkdir -p "$store"
# No PCRs: an update of the firmware is no reason to lose secrets.
head -c 32 /dev/urandom | systemd-creds encrypt --tpm2-pcrs= --name="$name" - "$store/.$name.new"
sync "$store/.$name.new"
mv "$store/.$name.new" "$store/$name"
sync "$store"

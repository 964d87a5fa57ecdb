#!/bin/sh
# Runs in the emulated machine at each boot. Each boot but the last ends with the machine reset in the middle of writes:
# what the kernel had not written to the disk is gone. Prints `PROVE <what> <value>` lines; <what> ends with the boot.
set -u
here=$(dirname "$0")
state=/var/lib/quadshift-prove
export KUBECONFIG=/var/lib/quadshift/kubeconfig HOME=/root

say() { echo "PROVE $*"; }
# patiently COMMAND...: again until it succeeds, for half an hour at most: whoever emulates the machine has a deadline of its own.
patiently() {
  deadline=$(($(cut -d. -f1 /proc/uptime) + 1800))
  until "$@" >/dev/null 2>&1; do
    [ "$(cut -d. -f1 /proc/uptime)" -lt "$deadline" ] || { say gave-up "$*"; return 1; }
    sleep 2
  done
}
available() { [ "$(kubectl get deployment "$1" -o 'jsonpath={.status.availableReplicas}')" = 1 ]; }
inside() { kubectl exec deployment/keeper -- "$@"; }
api() { curl -sk --cert "$state/client.crt" --key "$state/client.key" "$@"; }
version_now() { kubectl get --raw '/api/v1/configmaps?limit=1' | sed -n 's/.*"metadata":{"resourceVersion":"\([0-9]*\)".*/\1/p' | head -n1; }
user_data() { kubectl config view --raw -o "jsonpath={.users[0].user.client-$1-data}" | base64 -d; }

prepare() {
  sh /usr/src/quadshift/packaging/install.sh
  patiently kubectl get --raw=/readyz
  patiently kubectl get serviceaccount default
  kubectl apply -f "$here/workloads.yaml"
  patiently available keeper
  inside sh -c 'echo kept >/records/file && sync'
  mkdir -p "$state"
  (umask 077; user_data certificate >"$state/client.crt"; user_data key >"$state/client.key")
  echo 0 >"$state/boot"
  sync
}

# load PREFIX: creates ConfigMaps one after the other, over one connection, and says which are acknowledged.
load() {
  for number in $(seq 2000); do
    printf 'next\nurl = "https://127.0.0.1:6443/api/v1/namespaces/default/configmaps"\n'
    printf 'silent\ninsecure\ncert = "%s/client.crt"\nkey = "%s/client.key"\n' "$state" "$state"
    printf 'header = "Content-Type: application/json"\noutput = "/dev/null"\n'
    printf 'data = "{\\"metadata\\":{\\"name\\":\\"%s-%s\\"}}"\n' "$1" "$number"
    printf 'write-out = "PROVE acked-%s %s:%%{http_code}\\n"\n' "$1" "$number"
  done | sed 1d >"/run/$1.curl"
  exec curl -K "/run/$1.curl"
}

# What the cut may tear: a pod that comes, a volume that follows its ConfigMap, a rollout.
disturb() {
  kubectl create deployment "$1" --image=localhost:5000/busybox:latest -- sleep infinity
  kubectl create configmap settings --from-literal="greeting=boot $1" --dry-run=client -o yaml | kubectl apply -f -
  kubectl rollout restart deployment keeper
}

# The highest number up to which everything is there.
kept() {
  kubectl get configmaps -o name | sed -n "s,configmap/$1-,,p" | sort -n | awk 'BEGIN { n = 0 } $1 == n + 1 { n = $1 } END { print n }'
}
all_available() {
  [ -z "$(kubectl get deployments -o 'jsonpath={range .items[?(@.status.unavailableReplicas)]}{.metadata.name}{end}')" ] &&
    kubectl rollout status deployment keeper --timeout=1s
}
empty_files() { find /etc/containers/systemd/quadshift /etc/systemd/system /var/lib/quadshift/pods -type f -size 0 -name '*.*' | wc -l; }

# look BOOT: what has become of what was acknowledged before.
look() {
  before=$(($1 - 1))
  patiently kubectl get --raw=/readyz
  # At once: five minutes after the start history goes.
  events=$(api "https://127.0.0.1:6443/api/v1/namespaces/default/configmaps?watch=1&timeoutSeconds=5&resourceVersion=$(cat "$state/version")")
  say "watch-$1" "$(printf '%s\n' "$events" | grep -c '"type":"ADDED"') $(printf '%s\n' "$events" | grep -c '"type":"ERROR"')"
  say "version-$1" "$(version_now)"
  say "kept-$1" "$(kept "b$before")"
  patiently all_available && say "workloads-$1" yes
  # One command: each takes seconds.
  inside sh -c 'cat /records/file; for each in "$(cat /settings/greeting)" "$(cat /password/password) $PASSWORD"; do echo "$each"; done' >/run/inside
  say "record-$1" "$(sed -n 1p /run/inside)"
  say "settings-$1" "$(sed -n 2p /run/inside)"
  say "wanted-$1" "$(kubectl get configmap settings -o 'jsonpath={.data.greeting}')"
  say "password-$1" "$(sed -n 3p /run/inside)"
  say "empty-$1" "$(empty_files)"
  say "failed-$1" "$(systemctl list-units --failed --no-legend --plain 'qs-*' 'quadshift*' | wc -l)"
}

cut_power() {
  echo 1 >/proc/sys/kernel/sysrq
  echo b >/proc/sysrq-trigger
}

[ -d "$state" ] || prepare
boot=$(cat "$state/boot")
say "booted-$boot" "$(cut -d' ' -f1 /proc/uptime)"
[ "$boot" = 0 ] || look "$boot"
if [ "$boot" = 3 ]; then
  say done "$(cut -d' ' -f1 /proc/uptime)"
  systemctl poweroff --force --force
fi
echo $((boot + 1)) >"$state/boot"
version_now >"$state/version"
sync
load "b$boot" &
disturb "b$boot"
# Each time at another moment of what was asked for last.
sleep $((boot * 4))
cut_power

#!/bin/sh
# Runs in the emulated machine, once it is up: installs Quadshift, applies the pods beside this script, and prints what
# the kernel did with them, one `PROVE <what> <value>` line each. The machine is slow: every wait is long.
set -u
here=$(dirname "$0")
export KUBECONFIG=/var/lib/quadshift/kubeconfig HOME=/root

say() { echo "PROVE $*"; }
# patiently COMMAND...: again until it succeeds, for an hour at most: whoever emulates the machine has a deadline of its own.
patiently() {
  deadline=$(($(cut -d. -f1 /proc/uptime) + 3600))
  until "$@" >/dev/null 2>&1; do
    [ "$(cut -d. -f1 /proc/uptime)" -lt "$deadline" ] || { say gave-up "$*"; return 1; }
    sleep 2
  done
}
field() { kubectl get pod "$1" -o "jsonpath=$2"; }
is() { [ "$(field "$1" "$2")" = "$3" ]; }
# group POD CONTAINER: the container's control group.
group() { echo /sys/fs/cgroup/qs.slice/*/*/"qs-default_$1_$2.service"/libpod-payload-*; }
usage() { sed -n 's/^usage_usec //p' "$(group spin app)/cpu.stat"; }

say booted "$(cut -d' ' -f1 /proc/uptime)"
say controllers "$(cat /sys/fs/cgroup/cgroup.controllers)"
sh /usr/src/quadshift/packaging/install.sh
patiently kubectl get --raw=/readyz
patiently kubectl get serviceaccount default
say api-ready "$(cut -d' ' -f1 /proc/uptime)"
patiently kubectl apply -f "$here/pods.yaml"

patiently is greedy '{.status.phase}' Failed
# end CONTAINER FIELD: how a container of the greedy pod ended.
end() { field greedy "{.status.containerStatuses[?(@.name==\"$1\")].state.terminated.$2}"; }
say oom-reason "$(end app reason)"
say oom-exit-code "$(end app exitCode)"
say oom-parent "$(end parent reason)"
say pretender-reason "$(end pretender reason)"

patiently is spin '{.status.phase}' Running
# The loop may have to be waited for: the machine has one slow processor.
sleep 10
say cpu-max "$(cat "$(group spin app)/cpu.max")"
say memory-max "$(cat "$(group spin app)/memory.max")"
say oom-score "$(cat "/proc/$(head -n1 "$(group spin app)/cgroup.procs")/oom_score_adj")"
say slice-weight "$(cat /sys/fs/cgroup/qs.slice/qs-pod.slice/qs-pod-*.slice/cpu.weight)"
before=$(usage)
sleep 30
after=$(usage)
say cpu-percent $(((after - before) / 300000))

start=$(field spin '{.status.containerStatuses[0].containerID}')
kubectl patch pod spin --subresource resize --patch \
  '{"spec":{"containers":[{"name":"app","resources":{"requests":{"cpu":"100m"},"limits":{"cpu":"400m"}}}]}}'
patiently grep -q '^40000 ' "$(group spin app)/cpu.max"
say resized-cpu-max "$(cat "$(group spin app)/cpu.max")"
[ "$start" = "$(field spin '{.status.containerStatuses[0].containerID}')" ] && say resized-without-restart yes
say node-condition "$(kubectl get node -o 'jsonpath={.items[0].status.conditions[?(@.type=="quadshift.io/LimitsEnforced")].status}')"
say top "$(kubectl top pod spin --no-headers)"
say done "$(cut -d' ' -f1 /proc/uptime)"
sync
systemctl poweroff --force --force

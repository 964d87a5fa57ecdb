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

# slice_of POD: the pod's slice.
slice_of() { echo "qs-pod-$(field "$1" '{.metadata.uid}' | tr - _).slice"; }
# of_slice POD FILE: what a file of the slice's control group says.
of_slice() { cat "/sys/fs/cgroup/qs.slice/qs-pod.slice/$(slice_of "$1")/$2"; }
slice_says() { [ "$(of_slice "$1" "$2")" = "$3" ]; }
group_says() { [ "$(cat "$(group "$1" "$2")/$3")" = "$4" ]; }
# resize_pool MEMORY CPU: the pod's limits as a whole.
resize_pool() {
  kubectl patch pod pool --subresource resize --patch "{\"spec\":{\"resources\":{\"limits\":{\"memory\":\"$1\",\"cpu\":\"$2\"}}}}"
}
has_ended() { [ -n "$(field "$1" '{.status.containerStatuses[0].state.terminated.exitCode}')" ]; }
# Whether nothing of another machine is mounted here: a pod without a grace period is gone before its units are.
is_unmounted() { ! grep -q ' nfs4\? ' /proc/mounts; }
ids() { field pool '{.status.containerStatuses[*].containerID}'; }

# The Node says how many there are when it is registered.
echo 16 >/proc/sys/vm/nr_hugepages
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
say slice-weight "$(of_slice spin cpu.weight)"
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
say top "$(kubectl top pod spin --no-headers)"
# It has had its fifth for long enough.
kubectl delete pod spin greedy --wait=false

patiently kubectl apply -f "$here/pods-as-a-whole.yaml"
patiently is pool '{.status.phase}' Running
say pool-slice-memory "$(of_slice pool memory.max)"
say pool-slice-cpu "$(of_slice pool cpu.max)"
say pool-memory "$(cat "$(group pool side)/memory.max")"
before=$(ids)
resize_pool 96Mi 500m
patiently slice_says pool memory.max 125829120
patiently group_says pool side memory.max 100663296
say pool-resized-slice-memory "$(of_slice pool memory.max)"
say pool-resized-slice-cpu "$(of_slice pool cpu.max)"
say pool-resized-memory "$(cat "$(group pool side)/memory.max")"
patiently is pool '{.status.resources.limits.memory}' 96Mi
say pool-resized-status "$(field pool '{.status.resources.limits.memory} {.status.resources.limits.cpu}')"
# Less than the app holds is not given, and kills nobody.
resize_pool 16Mi 500m
patiently is pool '{.status.conditions[?(@.type=="PodResizeInProgress")].reason}' Error
say pool-refused "$(field pool '{.status.conditions[?(@.type=="PodResizeInProgress")].message}')"
say pool-refused-slice-memory "$(of_slice pool memory.max)"
resize_pool 48Mi 200m
patiently slice_says pool memory.max 75497472
patiently group_says pool app memory.max 50331648
say pool-lowered-slice-cpu "$(of_slice pool cpu.max)"
[ "$before" = "$(ids)" ] && say pool-same yes
say pool-restarts "$(field pool '{.status.containerStatuses[*].restartCount}')"

patiently has_ended huge
say huge-exit-code "$(field huge '{.status.containerStatuses[0].state.terminated.exitCode}')"
say node-hugepages "$(kubectl get node -o 'jsonpath={.items[0].status.allocatable.hugepages-2Mi}')"

mkdir -p /srv/shared
echo 'from the server' >/srv/shared/read
chmod 777 /srv/shared
echo '/srv/shared 127.0.0.1(rw,no_root_squash,no_subtree_check,fsid=1)' >/etc/exports
patiently systemctl restart nfs-server.service
patiently kubectl apply -f "$here/nfs.yaml"
patiently is remote '{.status.phase}' Running
say nfs-read "$(kubectl exec remote -- cat /claimed/read)"
patiently test -s /srv/shared/written
say nfs-written "$(cat /srv/shared/written)"
say nfs-denied "$(kubectl exec remote -- sh -c 'echo no >/claimed/no' 2>&1 | sed -n "s/.*: \\(Read-only file system\\)$/\\1/p")"
kubectl delete pod remote
patiently is_unmounted
say nfs-left "$(grep -c ' nfs4\? ' /proc/mounts) $([ -e /srv/shared/read ] && echo kept)"

say node-condition "$(kubectl get node -o 'jsonpath={.items[0].status.conditions[?(@.type=="quadshift.io/LimitsEnforced")].status}')"

# As after a boot: the slice is gone and comes again from its file, and nobody is there to tell it anything.
slice=$(slice_of pool)
systemctl stop quadshift.service
systemctl stop qs-default_pool.service
patiently test ! -e "/sys/fs/cgroup/qs.slice/qs-pod.slice/$slice"
systemctl start --no-block qs-default_pool.service
patiently group_says pool side memory.max 50331648
say pool-again-slice-memory "$(cat "/sys/fs/cgroup/qs.slice/qs-pod.slice/$slice/memory.max")"
say pool-again-slice-cpu "$(cat "/sys/fs/cgroup/qs.slice/qs-pod.slice/$slice/cpu.max")"
say done "$(cut -d' ' -f1 /proc/uptime)"
sync
systemctl poweroff --force --force

#!/bin/sh
# Keeps one box running until it powers off: what systemd-nspawn@.service does on hosts that have systemd.
# Every start gets a new network namespace, as a machine that boots knows no firewall rules or bridges.
#
# Environment: NAME, ROOT (its disk), PROJECT and PROJECT_IN_BOX, LINK (host end of the veth), NETNS, HOST_IP, BOX_IP, PREFIX,
# CGROUP (a folder of our own in the unified hierarchy, or empty), ROUTES (reached through the box, if still free).
set -u

network_down() {
  ip link delete "$LINK" 2>/dev/null
  ip netns delete "$NETNS" 2>/dev/null
}

network_up() {
  network_down
  ip netns add "$NETNS" &&
    ip link add "$LINK" type veth peer name eth0 netns "$NETNS" &&
    ip address add "$HOST_IP/$PREFIX" dev "$LINK" &&
    ip link set "$LINK" up &&
    ip -n "$NETNS" link set lo up &&
    ip -n "$NETNS" address add "$BOX_IP/$PREFIX" dev eth0 &&
    ip -n "$NETNS" link set eth0 up &&
    ip -n "$NETNS" route add default via "$HOST_IP" || return 1
  for range in $ROUTES; do
    ip route add "$range" via "$BOX_IP" 2>/dev/null || echo "$range is routed elsewhere already: left alone"
  done
}

# enter_cgroup CHILD: moves this shell there, with every controller that the parent can hand down.
enter_cgroup() {
  [ -n "$CGROUP" ] || return 0
  mkdir -p "$CGROUP/$1"
  for parent in "$(dirname "$(dirname "$CGROUP")")" "$(dirname "$CGROUP")" "$CGROUP"; do
    for controller in $(cat "$parent/cgroup.controllers"); do
      echo "+$controller" 2>/dev/null >"$parent/cgroup.subtree_control"
    done
  done
  sh -c 'echo $PPID' >"$CGROUP/$1/cgroup.procs"
}

# The system calls that nspawn keeps from containers and a real host's Podman uses.
run_once() {
  (
    enter_cgroup machine
    export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 SYSTEMD_NSPAWN_API_VFS_WRITABLE=1
    for device in /dev/net/tun /dev/fuse; do
      [ -e $device ] && set -- "$@" "--bind=$device"
    done
    exec systemd-nspawn --quiet --settings=no --register=no --keep-unit --boot --machine="$NAME" --directory="$ROOT" \
      --capability=all --system-call-filter='@keyring bpf perf_event_open' \
      --network-namespace-path="/run/netns/$NETNS" --resolv-conf=off --timezone=off --link-journal=no \
      --console=read-only --bind-ro="$PROJECT:$PROJECT_IN_BOX" "$@"
  )
}

# 133: the box asked for a reboot.
status=133
enter_cgroup loop
while [ $status = 133 ]; do
  network_up || { echo "the network of box $NAME cannot be set up"; exit 1; }
  run_once
  status=$?
  echo "box $NAME ended with status $status"
done
network_down
exit $status

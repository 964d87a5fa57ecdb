#!/bin/sh
# Turns a fresh Debian root with the packages of packages.txt into the box: run inside that root, without systemd
# running, with a loopback interface of its own. Both drivers use it (nspawn in a chroot, engines in a build step).
set -eu

# Kernel settings belong to the machine under the box; and nothing in the box may wait for a network or a terminal.
systemctl mask systemd-sysctl.service systemd-binfmt.service systemd-modules-load.service \
  systemd-networkd-wait-online.service systemd-networkd.service systemd-networkd.socket systemd-resolved.service \
  console-getty.service getty@.service serial-getty@.service systemd-firstboot.service \
  systemd-timesyncd.service apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer \
  fstrim.timer systemd-udevd.service systemd-udev-trigger.service >/dev/null 2>&1
systemctl disable haproxy.service unbound.service nftables.service firewalld.service podman-restart.service \
  podman-auto-update.timer podman-clean-transient.service >/dev/null 2>&1 || true
# netavark's helper puts its own rules back after a firewalld reload: the box shows that ours need no help.
systemctl disable netavark-firewalld-reload.service >/dev/null 2>&1 || true
systemctl enable podman.socket docker-registry.service >/dev/null 2>&1
systemctl set-default multi-user.target >/dev/null 2>&1

mkdir -p /etc/systemd/journald.conf.d /var/log/journal
printf '[Journal]\nStorage=persistent\nForwardToConsole=no\n' >/etc/systemd/journald.conf.d/box.conf
printf '# Filled by the box: there is no resolver here.\n' >/etc/resolv.conf
printf 'LANG=C.UTF-8\n' >/etc/default/locale

cat >/etc/docker/registry/config.yml <<'YAML'
version: 0.1
log: { level: warn, accesslog: { disabled: true } }
storage:
  filesystem: { rootdirectory: /var/lib/docker-registry }
  delete: { enabled: true }
http: { addr: "127.0.0.1:5000" }
YAML
mkdir -p /etc/containers/registries.conf.d /etc/containers/containers.conf.d
printf '[[registry]]\nlocation = "localhost:5000"\ninsecure = true\n' >/etc/containers/registries.conf.d/box.conf

# What the machine under the box lacks is found out at every boot, not assumed.
mkdir -p /usr/local/lib/quadshift-box
cat >/usr/local/lib/quadshift-box/adapt <<'SH'
#!/bin/sh
# Fits Podman's defaults to what the kernel grants this box.
conf=/etc/containers/containers.conf.d/box.conf
echo '[containers]' >$conf.new
# Without CAP_SYS_RESOURCE (bit 24) limits can't be raised: ask for no more than we have.
bounding=$(sed -n 's/^CapBnd:\t//p' /proc/self/status)
[ $(( (0x$bounding >> 24) & 1 )) = 1 ] || echo 'default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]' >>$conf.new
grep -qw pids /sys/fs/cgroup/cgroup.controllers || echo 'pids_limit = 0' >>$conf.new
mv $conf.new $conf
# Overlays can't be stacked on an overlay: Podman then copies its layers.
if [ "$(stat -f -c %T /var/lib/containers)" = overlayfs ]; then
  printf '[storage]\ndriver = "vfs"\n' >/etc/containers/storage.conf
fi
SH
chmod 755 /usr/local/lib/quadshift-box/adapt
cat >/etc/systemd/system/quadshift-box-adapt.service <<'UNIT'
[Unit]
Description=Fit Podman's defaults to what the kernel grants this box
DefaultDependencies=no
After=local-fs.target
Before=sysinit.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/lib/quadshift-box/adapt

[Install]
WantedBy=sysinit.target
UNIT
systemctl enable quadshift-box-adapt.service >/dev/null 2>&1

mkdir -p /root/.kube /usr/src/quadshift /var/lib/containers
ln -sfn /var/lib/quadshift/kubeconfig /root/.kube/config

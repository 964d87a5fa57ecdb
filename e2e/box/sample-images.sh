#!/bin/sh
# Builds the sample images FROM scratch around the static busybox and pushes them to the registry on localhost:5000,
# which runs for as long as this script does. Run inside the box's root, before it is booted.
set -eu
registry=localhost:5000
work=$(mktemp -d)

docker-registry serve /etc/docker/registry/config.yml >"$work/registry.log" 2>&1 &
server=$!
trap 'kill $server; rm -rf "$work"' EXIT
for attempt in $(seq 100); do
  curl -sf "http://$registry/v2/" >/dev/null && break
  [ "$attempt" -lt 100 ] || { cat "$work/registry.log" >&2; exit 1; }
  sleep 0.1
done

# rootfs DIR: a tree with busybox and links for all it can do.
rootfs() {
  mkdir -p "$1/bin" "$1/etc" "$1/tmp" "$1/www"
  cp /usr/bin/busybox "$1/bin/busybox"
  for applet in $(busybox --list); do [ "$applet" = busybox ] || ln -s busybox "$1/bin/$applet"; done
  printf 'root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' >"$1/etc/passwd"
  printf 'root:x:0:\nnogroup:x:65534:\n' >"$1/etc/group"
  chmod 1777 "$1/tmp"
}

# push NAME DIR COMMAND: the tree as an image of one layer that runs COMMAND (a JSON list).
push() {
  image=$(mktemp -d -p "$work")
  tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$2" -cf "$image/layer.tar" .
  layer=$(sha256sum "$image/layer.tar" | cut -d' ' -f1)
  cat >"$image/config.json" <<JSON
{"architecture": "$(dpkg --print-architecture)", "os": "linux", "created": "2024-01-01T00:00:00Z",
 "config": {"Cmd": $3, "Env": ["PATH=/bin"], "WorkingDir": "/"},
 "rootfs": {"type": "layers", "diff_ids": ["sha256:$layer"]},
 "history": [{"created": "2024-01-01T00:00:00Z", "created_by": "quadshift sample image"}]}
JSON
  echo "[{\"Config\": \"config.json\", \"RepoTags\": [\"$registry/$1\"], \"Layers\": [\"layer.tar\"]}]" >"$image/manifest.json"
  tar -C "$image" -cf "$work/image.tar" manifest.json config.json layer.tar
  skopeo copy --quiet --dest-tls-verify=false "docker-archive:$work/image.tar" "docker://$registry/$1"
  rm -rf "$image" "$work/image.tar"
}

# tree NAME: standard input becomes /bin/start of a tree that is a copy of the plain one.
tree() {
  cp -a "$work/plain" "$work/$1"
  cat >"$work/$1/bin/start"
  chmod 755 "$work/$1/bin/start"
}

rootfs "$work/plain"
push busybox:latest "$work/plain" '["sh"]'

for version in v1 v2; do
  # PID 1 ignores signals without a handler: the shell has one, httpd has none.
  tree "hello-$version" <<SH
#!/bin/sh
trap 'kill \$server; exit 0' TERM INT
httpd -f -v -p 8080 -h /www &
server=\$!
echo "hello $version: listening on port 8080"
wait \$server
SH
  echo "hello from Quadshift, version $version" >"$work/hello-$version/www/index.html"
  push "hello:$version" "$work/hello-$version" '["/bin/start"]'
done

tree broken <<'SH'
#!/bin/sh
trap 'exit 0' TERM INT
echo "hello broken: running, but never listening"
sleep 2147483647 &
wait $!
SH
push hello:broken "$work/broken" '["/bin/start"]'

tree crash <<'SH'
#!/bin/sh
echo "crash: about to exit with status 1"
sleep 1
exit 1
SH
push crash:v1 "$work/crash" '["/bin/start"]'

# They were made as root; the registry that serves and takes images later is not.
chown -R docker-registry:docker-registry /var/lib/docker-registry

#!/bin/sh
# Runs in the emulated machine, once it is up: installs Quadshift, applies the workloads beside this script, sets the
# clock again and again, and prints what became of them, one `PROVE <what> <value>` line each. Waits are by the uptime.
# Every command of kubectl takes seconds here: one reads all that can be read at once.
set -u
here=$(dirname "$0")
export KUBECONFIG=/var/lib/quadshift/kubeconfig HOME=/root

say() { echo "PROVE $*"; }
uptime() { cut -d. -f1 /proc/uptime; }
# patiently COMMAND...: again until it succeeds, for half an hour at most: whoever emulates the machine has a deadline of its own.
patiently() {
  deadline=$(($(uptime) + 1800))
  until "$@" >/dev/null 2>&1; do
    [ "$(uptime)" -lt "$deadline" ] || { say gave-up "$*"; return 1; }
    sleep 2
  done
}
# One line each: kind, name, Jobs' numbers, the conditions that are true, why a Job has failed.
look() {
  kubectl get nodes,deployments,jobs,pods -o 'jsonpath={range .items[*]}{.kind} {.metadata.name} {.status.active}/{.status.succeeded}/{.status.failed} {.status.conditions[?(@.status=="True")].type} {.status.conditions[?(@.type=="Failed")].reason}{"\n"}{end}' >/run/look.new &&
    mv /run/look.new /run/look
}
# seen PATTERN: whether the last look has such a line.
seen() { grep -qE "$1" /run/look; }
settled() {
  look && seen '^Deployment steady .*Available' && seen '^Job work 1//' && seen '^Job brief .*Complete' && seen '^Pod work-.*Ready'
}
runs() { grep -c '^Job often-' /run/look; }
containers() { podman ps --no-trunc --format '{{.ID}} {{.Names}}' | grep -E 'steady|work' | sort; }
requests() { kubectl logs "$pod" | wc -l; }
has_more() { [ "$(requests)" -gt "$counted" ]; }
token_code() {
  token=$(find "/run/quadshift/pods/$uid" -name token ! -path '*/..*' | head -n1)
  curl -sk -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $(cat "$token")" https://127.0.0.1:6443/version
}
good_token() { [ "$(token_code)" = 200 ]; }

# jump NAME SECONDS: sets the clock and looks at everything, two minutes later.
jump() {
  before=$(containers)
  look
  made=$(runs)
  date -s "@$(($(date +%s) + $2))" >/dev/null
  begin=$(uptime)
  say "$1-date" "$(date -u +%F)"
  patiently kubectl get --raw=/readyz && say "$1-answers" yes
  # Of the requests those that come from now on, not what was under way.
  counted=$(requests)
  while [ "$(uptime)" -lt $((begin + 120)) ]; do sleep 2; done
  # What was under way before the jump may still write a token of the other time: it is made anew after that.
  patiently good_token && say "$1-token" "$(token_code)"
  patiently has_more && say "$1-probed" yes
  [ "$before" = "$(containers)" ] && say "$1-same" yes
  look
  say "$1-minutes" $((($(uptime) - begin) / 60))
  say "$1-runs" $(($(runs) - made))
  seen '^Node .*Ready' && say "$1-node" yes
  seen '^Deployment steady .*Progressing' && seen '^Deployment steady .*Available' && say "$1-progressing" yes
  seen '^Job work 1// ' && say "$1-job" yes
  say "$1-bounded" "$(sed -n 's/^Job bounded .* //p' /run/look)"
  say "$1-brief" "$(grep -c '^Job brief ' /run/look)"
}

say booted "$(uptime)"
sh /usr/src/quadshift/packaging/install.sh
patiently kubectl get --raw=/readyz
patiently kubectl get serviceaccount default
kubectl apply -f "$here/workloads.yaml"
patiently settled
say settled "$(uptime)"
pod=$(sed -n 's/^Pod \(steady-[^ ]*\) .*/\1/p' /run/look)
uid=$(kubectl get pod "$pod" -o 'jsonpath={.metadata.uid}')
jump a-day-on 86400
kubectl get events --no-headers | grep -q 'too many missed start times' && say too-many yes
jump a-day-back -86400
jump ten-years-on 315532800
say late-runs "$(grep -c '^Job late-' /run/look)"
jump ten-years-back -315532800
say restarts "$(kubectl get pods -l app=steady -o 'jsonpath={.items[*].status.containerStatuses[*].restartCount}')"
say warnings "$(kubectl get events --field-selector type=Warning --no-headers | awk '{print $3}' | sort | uniq -c | tr -s '\n ' ' ')"
say done "$(uptime)"
sync
systemctl poweroff --force --force

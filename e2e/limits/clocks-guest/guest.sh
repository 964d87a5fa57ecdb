#!/bin/sh
# Runs in the emulated machine, once it is up: installs Quadshift, applies the workloads beside this script, sets the
# clock again and again, and prints what became of them, one `PROVE <what> <value>` line each. Waits are by the uptime.
set -u
here=$(dirname "$0")
export KUBECONFIG=/var/lib/quadshift/kubeconfig HOME=/root

say() { echo "PROVE $*"; }
uptime() { cut -d. -f1 /proc/uptime; }
# patiently COMMAND...: again until it succeeds, for ten minutes at most.
patiently() {
  deadline=$(($(uptime) + 600))
  until "$@" >/dev/null 2>&1; do
    [ "$(uptime)" -lt "$deadline" ] || { say gave-up "$*"; return 1; }
    sleep 2
  done
}
is_ready() { [ "$(kubectl get deployment steady -o 'jsonpath={.status.readyReplicas}')" = 1 ]; }
has_run() { kubectl get jobs --no-headers | grep -q '^minutely-.* Complete '; }
brief_is_over() { [ "$(kubectl get job brief -o 'jsonpath={.status.succeeded}')" = 1 ]; }
containers() { podman ps --no-trunc --format '{{.ID}} {{.Names}}' | grep -E 'steady|work' | sort; }
requests() { kubectl logs deployment/steady 2>/dev/null | wc -l; }
conditions() {
  kubectl get deployment steady -o \
    'jsonpath={.status.conditions[?(@.type=="Progressing")].status}/{.status.conditions[?(@.type=="Available")].status}'
}
# All of them are kept.
runs() { kubectl get jobs --no-headers | grep -c '^minutely-'; }
node_is_ready() { kubectl get node -o 'jsonpath={.items[0].status.conditions[?(@.type=="Ready")].status}'; }
token_code() {
  token=$(find "/run/quadshift/pods/$(kubectl get pod -l app=steady -o 'jsonpath={.items[0].metadata.uid}')" -name token ! -path '*/..*' | head -n1)
  curl -sk -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $(cat "$token")" https://127.0.0.1:6443/version
}
good_token() { [ "$(token_code)" = 200 ]; }
probed() { [ "$(requests)" -gt "$seen" ]; }

# jump NAME SECONDS: sets the clock and looks at everything, two minutes later.
jump() {
  before=$(containers)
  made=$(runs)
  date -s "@$(($(date +%s) + $2))" >/dev/null
  begin=$(uptime)
  say "$1-date" "$(date -u +%F)"
  patiently kubectl get --raw=/readyz && say "$1-answers" yes
  while [ "$(uptime)" -lt $((begin + 120)) ]; do sleep 2; done
  # What was under way before the jump may still write a token of the other time: it is made anew after that.
  patiently good_token && say "$1-token" "$(token_code)"
  # Those that are made from now on, not what was under way.
  seen=$(requests)
  patiently probed && say "$1-probed" yes
  [ "$before" = "$(containers)" ] && say "$1-same" yes
  say "$1-node" "$(node_is_ready)"
  say "$1-progressing" "$(conditions)"
  say "$1-bounded" "$(kubectl get job bounded -o 'jsonpath={.status.active}{.status.conditions[?(@.type=="Failed")].reason}')"
  say "$1-brief" "$(kubectl get job brief --ignore-not-found -o 'jsonpath={.status.succeeded}')"
  say "$1-job" "$(kubectl get job work -o 'jsonpath={.status.active}/{.status.succeeded}/{.status.failed}' | sed 's,//,/0/,; s,/$,/0,')"
  say "$1-minutes" $((($(uptime) - begin) / 60))
  say "$1-runs" $(($(runs) - made))
}

say booted "$(uptime)"
sh /usr/src/quadshift/packaging/install.sh
patiently kubectl get --raw=/readyz
patiently kubectl get serviceaccount default
kubectl apply -f "$here/workloads.yaml"
patiently is_ready
patiently has_run
patiently brief_is_over
say settled "$(uptime)"
jump a-day-on 86400
kubectl get events --no-headers | grep -q 'too many missed start times' && say too-many yes
jump a-day-back -86400
jump ten-years-on 315532800
say late-runs "$(kubectl get jobs --no-headers | grep -c '^late-')"
jump ten-years-back -315532800
say restarts "$(kubectl get pods -l app=steady -o 'jsonpath={.items[*].status.containerStatuses[*].restartCount}')"
say warnings "$(kubectl get events --field-selector type=Warning --no-headers | awk '{print $3}' | sort | uniq -c | tr -s '\n ' ' ')"
say done "$(uptime)"
sync
systemctl poweroff --force --force

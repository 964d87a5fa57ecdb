import type { Box } from '../box/box.ts';

const ROUNDS = 9;

/** Milliseconds from the answer to a new Service until the pods' resolver knows its name, which it was asked for before. */
export async function nameDelays(box: Box): Promise<readonly number[]> {
  const path = '/api/v1/namespaces/default/services';
  const script = `
    knows() { busybox nslookup -type=a $1.default.svc.cluster.local 10.42.0.1 2>/dev/null | grep -q 'Address: 10.43'; }
    kubectl proxy --port 8002 >/dev/null 2>&1 & proxy=$!
    until curl -sf localhost:8002${path} >/dev/null; do sleep 0.1; done
    for round in $(seq ${ROUNDS}); do
      name=bench-name-$round
      knows $name && exit 1
      curl -sf -H 'Content-Type: application/json' localhost:8002${path} \\
        -d '{"metadata": {"name": "'$name'"}, "spec": {"ports": [{"port": 80}]}}' >/dev/null || exit 1
      begin=$(date +%s%N)
      until knows $name; do :; done
      echo $(( $(date +%s%N) - begin ))
      curl -sf -X DELETE localhost:8002${path}/$name >/dev/null
    done
    kill $proxy`;
  const output = await box.must(['bash', '-c', script], { timeout: 120_000 });
  return output
    .trim()
    .split('\n')
    .map((nanoseconds) => Number(nanoseconds) / 1e6);
}

import type { Box } from '../box/box.ts';
import { type PathCost, pathCosts } from './paths.ts';

const SERVICES = 1000;
const ROUNDS = 9;
const RULES = '/var/lib/quadshift/net/services.nft';

/** What the data path costs. */
export interface ServiceCosts {
  readonly paths: readonly PathCost[];
  /** Milliseconds in which nft loads the table of a thousand Services with three endpoints each. */
  readonly load: readonly number[];
  /** Milliseconds from the answer to a changed EndpointSlice until the kernel has the rule, among those thousand. */
  readonly change: readonly number[];
}

/** Measures in this box, which is left with what was made for it. */
export async function serviceCosts(box: Box): Promise<ServiceCosts> {
  const paths = await pathCosts(box);
  await makeThousand(box);
  const load: number[] = [];
  for (let i = 0; i < ROUNDS; i += 1) load.push(await milliseconds(box, `nft -f ${RULES}`));
  return { paths, load, change: await changes(box) };
}

async function milliseconds(box: Box, command: string): Promise<number> {
  const script = `begin=$(date +%s%N); ${command} >/dev/null || exit 1; echo $(( $(date +%s%N) - begin ))`;
  return Number(await box.must(['sh', '-c', script], { timeout: 120_000 })) / 1e6;
}

/** A thousand Services, with a slice of three endpoints each. */
async function makeThousand(box: Box): Promise<void> {
  const items = Array.from({ length: SERVICES }, (_, i) => {
    const name = `bench-${i}`;
    const addresses = [1, 2, 3].map((n) => ({ addresses: [`10.42.${128 + (i >> 5)}.${(i % 32) * 4 + n}`] }));
    const slice = {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      addressType: 'IPv4',
      endpoints: addresses,
    };
    const labels = { 'kubernetes.io/service-name': name };
    return [
      { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { ports: [{ port: 80 }] } },
      { ...slice, metadata: { name, labels }, ports: [{ name: '', port: 8080, protocol: 'TCP' }] },
    ];
  });
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: items.flat() });
  await box.must(['sh', '-c', 'cat >/var/tmp/bench-services.json'], { input });
  await box.must(['kubectl', 'create', '-f', '/var/tmp/bench-services.json'], { timeout: 300_000 });
  const all = `until [ $(grep -c 'chain service-default/bench-' ${RULES}) -ge ${SERVICES} ]; do sleep 0.1; done`;
  await box.must(['timeout', '60', 'sh', '-c', all]);
}

/** nft's own monitor says when the kernel has it. */
async function changes(box: Box): Promise<readonly number[]> {
  const path = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/bench-500';
  const script = `
    kubectl proxy --port 8001 >/dev/null 2>&1 & proxy=$!
    until curl -sf localhost:8001${path} >/dev/null; do sleep 0.1; done
    for round in $(seq ${ROUNDS}); do
      : >/var/tmp/bench-seen
      timeout 3 nft monitor rules 2>/dev/null | { read -r line; date +%s%N; } >/var/tmp/bench-seen &
      sleep 0.5
      curl -sf -X PATCH -H 'Content-Type: application/merge-patch+json' localhost:8001${path} \\
        -d '{"endpoints": [{"addresses": ["10.42.250.'$round'"]}]}' >/dev/null
      begin=$(date +%s%N)
      until [ -s /var/tmp/bench-seen ]; do sleep 0.005; done
      echo $(( $(cat /var/tmp/bench-seen) - begin ))
    done
    kill $proxy`;
  const output = await box.must(['bash', '-c', script], { timeout: 120_000 });
  return output
    .trim()
    .split('\n')
    .map((nanoseconds) => Number(nanoseconds) / 1e6);
}

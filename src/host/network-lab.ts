import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';

/** Machines of the lab: this host with its bridge, pods on it, and a machine outside. */
export const LAB_ADDRESSES = {
  a: ['10.42.0.5', 'fd00:42::5'],
  b: ['10.42.0.6', 'fd00:42::6'],
  c: ['10.42.0.7', 'fd00:42::7'],
  host: ['192.0.2.1', 'fd00:99::1'],
  outside: ['192.0.2.2', 'fd00:99::2'],
} as const;

/** One of the lab's machines. */
export type LabMachine = keyof typeof LAB_ADDRESSES;

/** Network namespaces that play a host, its pods and another machine; servers in all of them tell who asks. */
export interface NetworkLab {
  /** nft on the lab's host. Throws with its complaint. */
  nft(args: readonly string[], input?: string): string;
  /** What a machine hears at an address: `<server> <source address>`, `refused` or `dropped`. */
  ask(from: LabMachine, address: string, port: number): string;
  close(): void;
}

const PODS = ['a', 'b', 'c'] as const;
const name = (machine: string): string => `qs-lab-${machine}`;

/** A server on 8080 and 9090 in both families; says who it is and who asks. */
const SERVER = `for (const port of [8080, 9090]) require('node:net').createServer((socket) => {
  socket.on('error', () => {});
  socket.end(process.argv[1] + ' ' + socket.remoteAddress.replace('::ffff:', '') + '\\n');
}).listen(port, '::', () => console.log('listening'));`;

/** Builds the lab. Needs root, iproute2, nftables, busybox, and br_netfilter in the kernel. */
export async function openNetworkLab(): Promise<NetworkLab> {
  for (const machine of Object.keys(LAB_ADDRESSES)) spawnSync('ip', ['netns', 'delete', name(machine)]);
  for (const machine of Object.keys(LAB_ADDRESSES)) ip('netns', 'add', name(machine));
  buildHost();
  for (const pod of PODS) plug(pod, { gateway: ['10.42.0.1', 'fd00:42::1'], bridge: true });
  plug('outside', { gateway: LAB_ADDRESSES.host, bridge: false });
  const servers = await Promise.all((Object.keys(LAB_ADDRESSES) as LabMachine[]).map(serve));
  return {
    nft: (args, input) =>
      execFileSync('ip', inside('host', 'nft', ...args), { input, encoding: 'utf8', stdio: 'pipe' }),
    ask,
    close: () => {
      for (const server of servers) server.kill();
      for (const machine of Object.keys(LAB_ADDRESSES)) ip('netns', 'delete', name(machine));
    },
  };
}

const inside = (machine: LabMachine, ...command: readonly string[]) => ['netns', 'exec', name(machine), ...command];

function ip(...args: readonly string[]): void {
  execFileSync('ip', args, { stdio: 'pipe' });
}

function run(machine: LabMachine, ...commands: readonly string[]): void {
  for (const command of commands) execFileSync('ip', inside(machine, 'sh', '-c', command), { stdio: 'pipe' });
}

function buildHost(): void {
  run(
    'host',
    'ip link set lo up',
    'ip link add br0 type bridge',
    'ip addr add 10.42.0.1/24 dev br0',
    'ip addr add fd00:42::1/64 dev br0 nodad',
    'ip link set br0 up',
    'echo 1 >/proc/sys/net/ipv4/ip_forward',
    'echo 1 >/proc/sys/net/ipv6/conf/all/forwarding',
    'for f in iptables ip6tables; do echo 1 >/proc/sys/net/bridge/bridge-nf-call-$f; done',
    'ip link add qs-services type bridge',
    'ip link set qs-services up',
    'ip route add 10.43.0.0/16 dev qs-services',
    'ip route add fd00:43::/112 dev qs-services',
  );
}

/** A cable from the host to a machine, on the bridge or with addresses of its own. */
function plug(machine: LabMachine, { gateway, bridge }: { gateway: readonly string[]; bridge: boolean }): void {
  const port = `v-${machine}`;
  ip('link', 'add', port, 'netns', name('host'), 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name(machine));
  const ends = LAB_ADDRESSES[machine];
  if (bridge) run('host', `ip link set ${port} master br0`, `ip link set ${port} type bridge_slave hairpin on`);
  else run('host', `ip addr add ${gateway[0]}/24 dev ${port}`, `ip addr add ${gateway[1]}/64 dev ${port} nodad`);
  run('host', `ip link set ${port} up`);
  run(
    machine,
    'ip link set lo up',
    `ip addr add ${ends[0]}/24 dev eth0`,
    `ip addr add ${ends[1]}/64 dev eth0 nodad`,
    'ip link set eth0 up',
    `ip route add default via ${gateway[0]}`,
    `ip route add default via ${gateway[1]}`,
  );
}

function serve(machine: LabMachine): Promise<ChildProcess> {
  const server = spawn('ip', inside(machine, process.execPath, '-e', SERVER, machine), {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.stdout.once('data', () => resolve(server));
  });
}

function ask(from: LabMachine, address: string, port: number): string {
  const { stdout, stderr } = spawnSync('ip', inside(from, 'busybox', 'nc', '-w', '1', address, String(port)), {
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
  });
  if (stdout !== '') return stdout.trim();
  return /refused|unreachable/.test(stderr) ? 'refused' : 'dropped';
}

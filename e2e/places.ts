import { box } from './harness.ts';

/** Somewhere to look from. Nothing here asks the API server: it may be masked. */
export interface Place {
  readonly name: string;
  /** Runs a command there; throws with its complaint when it fails. */
  readonly run: (...command: readonly string[]) => Promise<string>;
  /** A page as it is seen from there, within two seconds unless said otherwise. */
  readonly page: (url: string, seconds?: number) => Promise<string>;
}

const NAMESPACE = 'elsewhere';

/** Addresses of the other machine, and of the box at its end of the cable; of ranges for documentation. */
export const ELSEWHERE = {
  ...{ address: '203.0.113.2', gateway: '203.0.113.1' },
  ...{ address6: '2001:db8:113::2', gateway6: '2001:db8:113::1' },
} as const;

function place(name: string, prefix: readonly string[], wget: readonly string[]): Place {
  const run = (...command: readonly string[]) => box.must([...prefix, ...command]);
  return { name, run, page: (url, seconds = 2) => run(...wget, 'wget', '-q', '-T', `${seconds}`, '-O', '-', url) };
}

/** From inside a running pod of the default namespace, by its only container. */
export function insideOf(pod: string, container = 'main'): Place {
  return place(`pod ${pod}`, ['podman', 'exec', '-i', `qs-default_${pod}_${container}`], []);
}

/** The box itself. */
export const host: Place = place('the host', [], ['busybox']);

/** The network namespace that plays another machine, once `plugInElsewhere` has been called. */
export const elsewhere: Place = place('another machine', ['ip', 'netns', 'exec', NAMESPACE], ['busybox']);

/**
 * Makes another machine: a network namespace in the box with a cable to it and no other way out. It doesn't survive a boot.
 * The box gets an address more, at its end of the cable.
 */
export async function plugInElsewhere(): Promise<void> {
  const { address, gateway, address6, gateway6 } = ELSEWHERE;
  const inside = `ip -n ${NAMESPACE}`;
  await unplugElsewhere();
  const lines = [
    `ip netns add ${NAMESPACE}`,
    `ip link add ${NAMESPACE} type veth peer name eth0 netns ${NAMESPACE}`,
    `ip address add ${gateway}/24 dev ${NAMESPACE}`,
    `ip address add ${gateway6}/64 dev ${NAMESPACE} nodad`,
    `ip link set ${NAMESPACE} up`,
    `${inside} link set lo up`,
    `${inside} address add ${address}/24 dev eth0`,
    `${inside} address add ${address6}/64 dev eth0 nodad`,
    `${inside} link set eth0 up`,
    `${inside} route add default via ${gateway}`,
    `${inside} -6 route add default via ${gateway6}`,
  ];
  await box.must(['sh', '-ec', lines.join('\n')]);
}

/** Takes the other machine away. */
export async function unplugElsewhere(): Promise<void> {
  await box.exec(['systemctl', 'stop', 'elsewhere-server.service']);
  // Its end of the cable goes with it, but not at once.
  await box.exec(['ip', 'link', 'delete', NAMESPACE]);
  await box.exec(['ip', 'netns', 'delete', NAMESPACE]);
}

/** Starts `WHO` on the other machine. */
export async function serveElsewhere(): Promise<void> {
  const unit = [
    'systemd-run',
    '--quiet',
    '--collect',
    '--unit=elsewhere-server',
    '--setenv=HOSTNAME=elsewhere',
    '--setenv=PORT=8080',
  ];
  await box.must([...unit, 'ip', 'netns', 'exec', NAMESPACE, 'busybox', 'sh', '-c', WHO]);
}

/** The box's own programs for a pod whose script begins with `BORROW`: busybox can't speak UDP. */
export const BORROWED = {
  volumes: [{ name: 'usr', hostPath: { path: '/usr' } }],
  volumeMounts: [{ name: 'usr', mountPath: '/usr', readOnly: true }],
};
const BORROW = 'for each in lib lib64; do [ -e /$each ] || ln -s usr/$each /$each; done';

const CGI =
  '#!/bin/sh\\nprintf "Content-Type: text/plain\\\\r\\\\n\\\\r\\\\n"\\necho "$HOSTNAME $REMOTE_ADDR" | busybox sed "s/[][]//g; s/::ffff://"\\n';
const UDP_SERVER = [
  '$| = 1; $s = IO::Socket::INET->new(LocalPort => 9053, Proto => "udp") or die $!',
  'while (1) { $s->recv($_, 99) // next; $s->send("$ENV{HOSTNAME} " . $s->peerhost) }',
].join('; ');
const UDP_CLIENT = [
  '$s = IO::Socket::INET->new(PeerAddr => shift, Proto => "udp") or die $!',
  'alarm shift; $s->send("who"); defined $s->recv($_, 99) or die $!; print',
].join('; ');

/** A script that stays until it is told to end, in a pod with `BORROWED`. */
export const STAY = [BORROW, 'trap exit TERM', 'while :; do sleep 1 & wait $!; done'].join('\n');

/**
 * A script for a pod with `BORROWED` that tells whoever asks its host's name and who asked: over HTTP on port `$PORT`, where
 * other paths than `/` are not found by name, and over UDP on 9053.
 */
export const WHO = [
  BORROW,
  'www=$(mktemp -d); mkdir $www/cgi-bin; cgi=$www/cgi-bin/index.cgi',
  `printf '${CGI}' >$cgi; chmod 755 $www $www/cgi-bin $cgi`,
  'echo "$HOSTNAME has no such page" >$www/404; echo "E404:$www/404" >$www/conf',
  'export HOSTNAME; busybox httpd -p $PORT -h $www -c $www/conf',
  `/usr/bin/perl -MIO::Socket::INET -e '${UDP_SERVER}' &`,
  STAY,
].join('\n');

const DNS_CLIENT = [
  '($server, $name, $proto) = @ARGV; alarm 2',
  '$query = pack("n6", 7, 0x100, 1, 0, 0, 0) . join("", map { pack "C/a*", $_ } split /\\./, $name) . pack("Cnn", 0, 1, 1)',
  '$s = IO::Socket::INET->new(PeerAddr => $server, PeerPort => 53, Proto => $proto) or die $!',
  '$s->send($proto eq "tcp" ? pack("n/a*", $query) : $query); $s->recv($answer, 65535)',
  '$answer = substr $answer, 2 if $proto eq "tcp"; ($flags, $count) = unpack "x2 n x2 n", $answer',
  'print $flags & 0x200 ? "truncated" : "$count addresses"',
].join('; ');

/** How many addresses a resolver gives a place for a name, or that there are more than the protocol carries. */
export function countAddresses(
  from: Place,
  name: string,
  how: { server: string; protocol: 'udp' | 'tcp' },
): Promise<string> {
  return from.run('/usr/bin/perl', '-MIO::Socket::INET', '-e', DNS_CLIENT, how.server, name, how.protocol);
}

/** What nslookup says to a place about a name; with the place's own resolver where no server is given. */
export function lookUpFrom(from: Place, name: string, how: { server?: string; type: string }): Promise<string> {
  const { server = '', type } = how;
  return from.run('busybox', 'sh', '-c', `busybox nslookup -type=${type} ${name}. ${server} 2>&1 || true`);
}

/** What is answered over UDP to a place, within two seconds unless said otherwise. */
export function overUdp(from: Place, address: string, port: number, seconds = 2): Promise<string> {
  const at = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  return from.run('/usr/bin/perl', '-MIO::Socket::INET', '-e', UDP_CLIENT, at, `${seconds}`);
}

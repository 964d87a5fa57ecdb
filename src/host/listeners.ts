import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A socket that somebody on this host listens at. */
export interface Listener {
  readonly protocol: 'TCP' | 'UDP';
  /** All zeros stand for every address. IPv6 has all of its eight groups. */
  readonly address: string;
  readonly port: number;
}

const FILES = [
  { file: 'tcp', protocol: 'TCP', state: '0A' },
  { file: 'tcp6', protocol: 'TCP', state: '0A' },
  { file: 'udp', protocol: 'UDP', state: '07' },
  { file: 'udp6', protocol: 'UDP', state: '07' },
] as const;

/** Who listens in this process's network namespace (proc_pid_net(5)); what can't be read has nobody. */
export async function readListeners(root = '/'): Promise<readonly Listener[]> {
  const text = (path: string): Promise<string> => readFile(join(root, path), 'utf8').catch(() => '');
  const clients = portRange(await text('proc/sys/net/ipv4/ip_local_port_range'));
  const found = await Promise.all(
    FILES.map(async ({ file, protocol, state }) => listenersOf(await text(`proc/net/${file}`), protocol, state)),
  );
  // Of UDP, a socket that waits looks like that of a client which asked somebody.
  return found.flat().filter(({ protocol, port }) => protocol === 'TCP' || port < clients.first || port > clients.last);
}

function portRange(text: string): { readonly first: number; readonly last: number } {
  const [first = 32_768, last = 60_999] = text.trim().split(/\s+/).filter(Boolean).map(Number);
  return { first, last };
}

function listenersOf(table: string, protocol: Listener['protocol'], state: string): readonly Listener[] {
  return table.split('\n').flatMap((line) => {
    const [, address = '', port = '', found] = /^\s*\d+: ([0-9A-F]+):([0-9A-F]{4}) \S+ ([0-9A-F]{2}) /.exec(line) ?? [];
    return found === state ? [{ protocol, address: addressOf(address), port: Number.parseInt(port, 16) }] : [];
  });
}

/** Words of four bytes, each in the host's order; every machine that we run on has the lowest first. */
function addressOf(words: string): string {
  const bytes = (words.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).reverse());
  if (bytes.length === 4) return bytes.map((byte) => Number.parseInt(byte, 16)).join('.');
  const groups = bytes.flatMap((byte, i) => (i % 2 === 0 ? [Number.parseInt(`${byte}${bytes[i + 1]}`, 16)] : []));
  return groups.map((group) => group.toString(16)).join(':');
}

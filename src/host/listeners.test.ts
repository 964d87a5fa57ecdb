import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readListeners } from './listeners.ts';

/** A root whose kernel shows these sockets. */
function rootWith(files: { readonly [file: string]: readonly string[] }): string {
  const root = mkdtempSync(join(tmpdir(), 'listeners-'));
  mkdirSync(join(root, 'proc/net'), { recursive: true });
  for (const [file, lines] of Object.entries(files)) {
    const rest = ' 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0';
    const text = lines.map((line, i) => `   ${i}: ${line}${rest}\n`).join('');
    writeFileSync(join(root, 'proc/net', file), `  sl  local_address rem_address   st\n${text}`);
  }
  return root;
}

it('of TCP are those that wait for connections, of UDP those that are no clients', async () => {
  const root = rootWith({
    tcp: ['00000000:0016 00000000:0000 0A', '0100007F:1538 00000000:0000 0A', '0A02000A:0016 0202000A:C350 01'],
    tcp6: ['B80D0120000000000000000001000000:01BB 00000000000000000000000000000000:0000 0A'],
    udp: ['01002A0A:0035 00000000:0000 07', '00000000:C351 00000000:0000 07'],
  });
  expect(await readListeners(root)).toEqual([
    { protocol: 'TCP', address: '0.0.0.0', port: 22 },
    { protocol: 'TCP', address: '127.0.0.1', port: 5432 },
    { protocol: 'TCP', address: '2001:db8:0:0:0:0:0:1', port: 443 },
    { protocol: 'UDP', address: '10.42.0.1', port: 53 },
  ]);
});

it('are nobody where nothing can be read', async () => {
  expect(await readListeners('/nowhere')).toEqual([]);
});

it('of this machine are among them', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  expect(await readListeners()).toContainEqual({ protocol: 'TCP', address: '127.0.0.1', port });
  server.close();
});

import type { Box } from '../box/box.ts';

const SERVICE = 'quadshift.service';
/** Where Node's inspector listens once SIGUSR1 has opened it. */
const INSPECTOR = 'http://127.0.0.1:9229/json';

/** Runs inside the box, on the server's own Node: collects the server's garbage and prints what is left in use. */
const SCRIPT = `
const [target] = await (await fetch('${INSPECTOR}')).json();
const socket = new WebSocket(target.webSocketDebuggerUrl);
await new Promise((resolve) => { socket.onopen = resolve; });
const call = (id, method, params) => new Promise((resolve) => {
  socket.addEventListener('message', ({ data }) => { const answer = JSON.parse(data); if (answer.id === id) resolve(answer.result); });
  socket.send(JSON.stringify({ id, method, params }));
});
await call(1, 'HeapProfiler.enable');
await call(2, 'HeapProfiler.collectGarbage');
console.log((await call(3, 'Runtime.evaluate', { expression: 'process.memoryUsage().heapUsed' })).result.value);
socket.close();
`;

/**
 * Live heap of the server in MB, without the garbage that V8 hasn't looked at yet: the resident memory after a burst of
 * requests says little about what is kept.
 */
export async function liveHeap(box: Box): Promise<number> {
  await box.must(['systemctl', 'kill', '--kill-whom=main', '--signal=SIGUSR1', SERVICE]);
  const command = ['/usr/lib/quadshift/node', '--input-type=module', '--eval', SCRIPT];
  const retried = 'for i in 1 2 3 4 5 6 7 8 9 10; do "$@" 2>/dev/null && exit 0; sleep 0.2; done; exec "$@"';
  return Number(await box.must(['sh', '-c', retried, 'sh', ...command])) / 1e6;
}

import { join } from 'node:path';
import { createDbusServiceManager } from '../../systemd/dbus-service-manager.ts';
import { createLogStream, logFormatFor } from '../../systemd/log-stream.ts';
import { loadConfig, systemEnvironment, systemSources } from '../config/load-config.ts';
import { createLibpod } from '../host/libpod.ts';
import { createOciRuntimes } from '../host/oci-exec.ts';
import { runProber } from '../prober/run-prober.ts';
import { stopSignal } from './stop-signal.ts';

/** pino's number of a warning: the prober is too lean to load pino itself. */
const WARN = 40;

/** `quadshift probes`: probes pods until SIGTERM or SIGINT, with or without the API server. */
export async function probes(flags: readonly string[]): Promise<number> {
  const { paths } = loadConfig(systemSources(flags));
  const lines = createLogStream(logFormatFor(systemEnvironment(), process.stdout.isTTY), process.stdout);
  const signal = stopSignal();
  const systemd = createDbusServiceManager({ address: `unix:path=${paths.dbusSocket}` });
  await runProber({
    probesDir: join(paths.state, 'pods'),
    resultsDir: join(paths.runtime, 'probes'),
    systemd,
    podman: createLibpod({ socketPath: paths.podmanSocket }),
    runtimes: createOciRuntimes(),
    warn: (msg, fields) => lines.write(JSON.stringify({ level: WARN, time: Date.now(), msg, ...fields })),
    signal,
  });
  systemd.close();
  return 0;
}

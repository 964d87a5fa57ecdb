import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, syncFolder, writeDurably } from '../../systemd/durable-write.ts';
import type { ServiceManager } from '../../systemd/service-manager.ts';
import { ensureRouterCertificate } from '../auth/router-certificate.ts';
import type { Config } from '../config/schema.ts';
import { systemClock } from '../controllers/clock.ts';
import type { Controller } from '../controllers/controller.ts';
import type { EventRecorder } from '../controllers/events.ts';
import { ROUTER_SOCKET, type RouterFolder, routeProxyController } from '../controllers/route-proxy.ts';
import { whyUnfit, whyUnreadable } from '../host/certificates.ts';
import { createHaproxy } from '../host/haproxy.ts';
import type { Registry } from '../registry/registry.ts';
import type { Logger } from './logger.ts';
import { rbacOver } from './open-auth.ts';
import { routerRights } from './secret-judge.ts';

/** What the router's controller is joined from. */
export interface RouterOptions {
  readonly config: Config;
  readonly registry: Registry;
  readonly serviceManager: ServiceManager;
  readonly recorder: EventRecorder;
  readonly nodeName: string;
  readonly log: Logger;
}

/** The controller that keeps the router equal to Routes and Ingresses. */
export function routerControllers(options: RouterOptions): readonly Controller[] {
  const { config, registry, serviceManager, recorder, nodeName, log } = options;
  const { state, runtime } = config.paths;
  const domain = config.network.routeDomain;
  return [
    routeProxyController(registry, {
      ...{ serviceManager, recorder, nodeName, domain, digest, log },
      forbidden: routerRights(rbacOver(registry)),
      haproxy: createHaproxy({ masterSocket: ROUTER_SOCKET, scratch: runtime }),
      folder: routerFolder(join(state, 'net/haproxy')),
      inspect: (now) => ({
        pair: (chain, key) => whyUnfit(chain, key, new Date(now)),
        livePair: (chain, key) => whyUnfit(chain, key),
        authorities: whyUnreadable,
      }),
      certificate: async () => {
        const found = await ensureRouterCertificate(join(state, 'pki'), domain, new Date());
        return { pair: found.certificate + found.key, authority: found.authority };
      },
      ipv6: existsSync('/proc/net/if_inet6'),
      clock: systemClock,
    }),
  ];
}

/** Names of files and cookies: nobody can make two contents share one. */
function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

const CONFIG = 'haproxy.cfg';
/** Lies there from a write until the router has loaded it. */
const PENDING = 'pending';

/** What the router reads, root's alone: there are keys among it. Names of files follow their content. */
function routerFolder(folder: string): RouterFolder {
  const put = (name: string, content: string) => writeDurably(join(folder, name), content, 0o600);
  return {
    write: async ({ config, files }) => {
      makeFolder(folder, 0o700);
      const there = new Set(await readdir(folder));
      const missing = files.filter(({ name }) => !there.has(name));
      const before = await readFile(join(folder, CONFIG), 'utf8').catch(() => undefined);
      if (missing.length === 0 && before === config) return there.has(PENDING);
      await Promise.all([put(PENDING, ''), ...missing.map(({ name, content }) => put(name, content))]);
      await syncFolder(folder);
      await put(CONFIG, config);
      await syncFolder(folder);
      return true;
    },
    tidy: async ({ files }) => {
      const wanted = new Set([CONFIG, ...files.map(({ name }) => name)]);
      const stale = (await readdir(folder)).filter((name) => !wanted.has(name));
      await Promise.all(stale.map((name) => unlink(join(folder, name)).catch(() => undefined)));
    },
  };
}

import type { ServiceManager } from '../../systemd/service-manager.ts';
import type { UnitDirectory } from '../../systemd/unit-directory.ts';
import {
  type HealthCheckOptions,
  healthCheckPort,
  healthCheckSocket,
  translateHealthCheck,
} from '../../translators/host/health-check.ts';
import type { EndpointSlice, Service } from '../kinds/types.ts';
import type { Registry } from '../registry/registry.ts';
import type { Controller } from './controller.ts';
import type { EventRecorder } from './events.ts';
import { slicesOf } from './indexes.ts';
import { namespaceOf, objectKey, splitKey, uidOf } from './meta.ts';
import { kindOf, resourceOf } from './resources.ts';

/** What the controller is joined from. */
export interface ServiceHealthOptions extends HealthCheckOptions {
  readonly unitDirectory: Pick<UnitDirectory, 'apply' | 'remove' | 'list'>;
  readonly serviceManager: Pick<ServiceManager, 'reload' | 'start' | 'restart' | 'stop' | 'list'>;
  readonly recorder: EventRecorder;
}

const SERVICE_NAME = 'kubernetes.io/service-name';

/** Health check ports of Services: a socket of systemd's each, and the answer that it gives. */
export function serviceHealthController(registry: Registry, options: ServiceHealthOptions): Controller {
  const services = resourceOf<Service>(registry, kindOf(registry, '/services'));
  const slices = resourceOf<EndpointSlice>(registry, kindOf(registry, 'discovery.k8s.io/endpointslices'));
  /** Uid of the Service by its key, of those that have a socket. */
  const open = new Map<string, string>();
  let isKnown = false;
  return {
    name: 'service-health',
    inputs: [
      { resource: '/services', keys: ({ entry }) => [objectKey(entry.object)] },
      { resource: 'discovery.k8s.io/endpointslices', keys: ({ entry }) => [serviceKey(entry.object as EndpointSlice)] },
    ],
    outputs: [{ what: 'health checks of Services', mode: 'exclusive' }],
    extraKeys: async () => [...(await sockets(options)).keys()],
    reconcile: async (key) => {
      if (!isKnown) for (const [at, uid] of await sockets(options)) open.set(at, uid);
      isKnown = true;
      const { namespace, name } = splitKey(key);
      const service = services.find(namespace, name);
      const wanted = service !== undefined && healthCheckPort(service) !== undefined ? service : undefined;
      const old = open.get(key);
      if (old !== undefined && old !== (wanted && uidOf(wanted))) {
        await close(key, old, options);
        open.delete(key);
      }
      if (wanted === undefined) return undefined;
      open.set(key, uidOf(wanted));
      const own = slicesOf(key, slices);
      await keep(wanted, own, options);
      return undefined;
    },
  };
}

function serviceKey(slice: EndpointSlice): string {
  return `${namespaceOf(slice)}/${slice.metadata?.labels?.[SERVICE_NAME] ?? ''}`;
}

/** Those on disk: key and uid of the Service. */
async function sockets({ unitDirectory }: ServiceHealthOptions): Promise<ReadonlyMap<string, string>> {
  const entries = await unitDirectory.list();
  return new Map(
    entries.flatMap(({ root, path, owner }) => {
      const [, namespace, name] = /^qs-_health_([^_/]+)_([^_/]+)\.socket$/.exec(path) ?? [];
      return root === 'unit' && namespace && name ? [[`${namespace}/${name}`, owner] as const] : [];
    }),
  );
}

/** Answers that are being given end first: without its file, a unit would be remembered as failed. */
async function close(key: string, owner: string, options: ServiceHealthOptions): Promise<void> {
  const { serviceManager, unitDirectory } = options;
  const { namespace, name } = splitKey(key);
  const socket = healthCheckSocket(namespace, name);
  await serviceManager.stop(socket);
  const answering = await serviceManager.list([socket.replace(/\.socket$/, '@*.service')]);
  await Promise.all(answering.map((unit) => serviceManager.stop(unit.name)));
  await unitDirectory.remove([owner]);
  await serviceManager.reload();
}

/** Endpoints change the answer's file alone; systemd hears of a new socket or port. */
async function keep(service: Service, slices: readonly EndpointSlice[], options: ServiceHealthOptions): Promise<void> {
  const { unitDirectory, serviceManager, recorder } = options;
  const { files, directories, links } = translateHealthCheck(service, slices, options);
  const { reloadNeeded } = await unitDirectory.apply([{ owner: uidOf(service), files, directories, links }]);
  const socket = healthCheckSocket(namespaceOf(service), service.metadata?.name ?? '');
  if (reloadNeeded) await serviceManager.reload();
  const result = reloadNeeded ? await serviceManager.restart(socket) : await serviceManager.start(socket);
  if (result === 'done') return;
  recorder.record(service, {
    type: 'Warning',
    reason: 'FailedToStartServiceHealthcheck',
    message: `node ${options.nodeName} failed to start healthcheck "${objectKey(service)}" on port ${healthCheckPort(service)}: see systemctl status ${socket}`,
    component: 'kube-proxy',
  });
  throw new Error(`${socket}: ${result}`);
}

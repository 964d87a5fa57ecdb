import { networkControllers } from '../src/cli/network-controllers.ts';
import { routerControllers } from '../src/cli/router-controllers.ts';
import { configSchema } from '../src/config/schema.ts';
import { builtInObjectsKeeper } from '../src/controllers/built-in-objects.ts';
import { certificateSigning } from '../src/controllers/certificate-signing.ts';
import { systemClock } from '../src/controllers/clock.ts';
import type { Controller, ControllerOutput } from '../src/controllers/controller.ts';
import { rbacAggregation } from '../src/controllers/rbac-aggregation.ts';
import { rbacBootstrap } from '../src/controllers/rbac-bootstrap.ts';
import { composeControllers } from '../src/controllers/start-controllers.ts';
import { catalogue } from '../src/kinds/catalogue.ts';
import { findSchema } from '../src/kinds/schema.ts';
import { createRegistry } from '../src/registry/create-registry.ts';
import { createMemoryStore } from '../src/store/memory-store.ts';

/** A driver that is there and has nothing: controllers are only asked what they declare. */
function absentDriver<T>(): T {
  return new Proxy({}, { get: () => async () => [] }) as T;
}

/** Every controller of the house, joined as the command `serve` does, without a machine. */
function houseControllers(): readonly Controller[] {
  const config = configSchema.parse({});
  const clock = () => Date.now();
  const registry = createRegistry({
    ...{ store: createMemoryStore(), catalogue, schema: { lookup: findSchema }, admission: [], clock },
    random: () => 0,
  });
  const [serviceManager, unitDirectory] = [absentDriver<never>(), absentDriver<never>()];
  const nodeName = 'node';
  const { controllers } = composeControllers({
    ...{ registry, serviceManager, unitDirectory, podman: absentDriver<never>(), learner: absentDriver<never>() },
    ...{ hostFacts: absentDriver<never>(), probes: absentDriver<never>(), translate: absentDriver<never>() },
    timers: { runs: absentDriver<never>(), roots: { quadlet: '/', unit: '/', state: '/', sealed: '/' } },
    volumes: { folders: absentDriver<never>(), defaultRoot: '/' },
    podUsage: async () => [],
    config: { nodeName, podCidrs: [config.network.podCidr], version: '', caPem: '' },
    ...{ clock: systemClock, log: absentDriver<never>(), signal: new AbortController().signal },
    more: ({ recorder }) => [
      ...networkControllers({
        ...{ config, registry, serviceManager, unitDirectory, recorder, nodeName },
        log: absentDriver<never>(),
      }),
      ...routerControllers({ config, registry, serviceManager, recorder, nodeName, log: absentDriver<never>() }),
      builtInObjectsKeeper({ registry, serviceCidrs: [config.network.serviceCidr], now: () => '' }),
      rbacBootstrap({
        registry,
        objects: { clusterRoles: [], clusterRoleBindings: [], roles: [], roleBindings: [] },
      }),
      rbacAggregation({ registry }),
      certificateSigning({ registry, clock: systemClock, isOurs: () => false, sign: absentDriver<never>() }),
    ],
  });
  return controllers;
}

/** `pods` for `/pods`, `deployments.apps` for `apps/deployments`. */
function resourceText(resource: string): string {
  const [group, plural] = resource.split('/');
  return group === '' ? `${plural}` : `${plural}.${group}`;
}

function outputText({ what }: ControllerOutput): string {
  return what.replace(/^([a-z0-9.]*\/[a-z]+)/, (resource) => resourceText(resource));
}

function row(controller: Controller): string {
  const { name, inputs, everyKind, outputs } = controller;
  const reads = [
    ...inputs.map(({ resource }) => resourceText(resource)),
    ...(everyKind ? ['kinds of the catalogue'] : []),
  ];
  const written = (mode: ControllerOutput['mode']) => outputs.filter((output) => output.mode === mode).map(outputText);
  const cells = [[name], [...new Set(reads)], written('exclusive'), written('shared')];
  return `| ${cells.map((cell) => cell.map((text) => `\`${text}\``).join(', ')).join(' | ')} |`;
}

/** The controllers as a Markdown table, by name. */
export function controllerGraph(): string {
  const rows = [...houseControllers()].sort((a, b) => (a.name < b.name ? -1 : 1)).map(row);
  return ['', '| Controller | Reads | Writes alone | Writes too |', '|---|---|---|---|', ...rows, '', ''].join('\n');
}

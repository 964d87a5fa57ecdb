import { z } from 'zod';

const absolutePath = z.string().regex(/^\/[^\0]*$/, 'must be an absolute path');
const ipv4Cidr = z
  .string()
  .regex(/^(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}\/([89]|[12]\d|30)$/, 'must be an IPv4 CIDR');
const dnsName = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/, 'must be a DNS name');

/** Where things live on the host. */
const pathsSchema = z.strictObject({
  /** Object store, certificates, state of pods. */
  state: absolutePath.default('/var/lib/quadshift'),
  /** What is rebuilt at boot. */
  runtime: absolutePath.default('/run/quadshift'),
  /** Folders of volumes whose class names no other place. */
  volumes: absolutePath.default('/var/lib/quadshift/volumes'),
  /** Generated Quadlet sources. */
  quadlet: absolutePath.default('/etc/containers/systemd/quadshift'),
  /** Generated plain units. */
  units: absolutePath.default('/etc/systemd/system'),
  podmanSocket: absolutePath.default('/run/podman/podman.sock'),
  dbusSocket: absolutePath.default('/run/dbus/system_bus_socket'),
});

/** The API's listener. Ignored for the address when systemd hands over a socket. */
const apiSchema = z.strictObject({
  address: z.string().min(1).default('::'),
  port: z.number().int().min(1).max(65535).default(6443),
});

const networkSchema = z.strictObject({
  podCidr: ipv4Cidr.default('10.42.0.0/16'),
  serviceCidr: ipv4Cidr.default('10.43.0.0/16'),
  clusterDomain: dnsName.default('cluster.local'),
  /** Domain of the hosts of Routes that name none, and of the router's own certificate. */
  routeDomain: dnsName.default('apps.cluster.local'),
  /** Inclusive range of NodePorts. */
  nodePorts: z
    .strictObject({ first: z.number().int().min(1).max(65535), last: z.number().int().min(1).max(65535) })
    .default({ first: 30000, last: 32767 }),
});

/** What pods may ask for. */
const podsSchema = z.strictObject({
  /** OCI runtimes by the handlers that RuntimeClasses name: a name that podman knows, or a path. */
  runtimeHandlers: z.record(dnsName, z.string().min(1)).default({}),
  /** Unsafe sysctls that pods may set, as the kubelet's --allowed-unsafe-sysctls; `kernel.msg*` for all that begin so. */
  allowedUnsafeSysctls: z.array(z.string().min(1)).default([]),
});

/** `/etc/quadshift/config.yaml`. Unknown keys are refused. */
export const configSchema = z.strictObject({
  /** Name of the Node; '' means the host's name. */
  nodeName: z.string().max(253).default(''),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
  paths: pathsSchema.prefault({}),
  api: apiSchema.prefault({}),
  network: networkSchema.prefault({}),
  pods: podsSchema.prefault({}),
});

/** The effective configuration. */
export type Config = z.infer<typeof configSchema>;

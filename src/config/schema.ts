import { isIP, isIPv6 } from 'node:net';
import { z } from 'zod';

const absolutePath = z.string().regex(/^\/[^\0]*$/, 'must be an absolute path');
const ipv4Cidr = z
  .string()
  .regex(/^(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}\/([89]|[12]\d|30)$/, 'must be an IPv4 CIDR');
/** `''` or IPv6 CIDR; how long the prefix may be depends on what it is for. */
const ipv6Cidr = (shortest: number, longest: number) =>
  z.string().refine((text) => text === '' || isIpv6Cidr(text, shortest, longest), {
    message: `must be an IPv6 CIDR with a prefix of ${shortest} to ${longest} bits`,
  });

function isIpv6Cidr(text: string, shortest: number, longest: number): boolean {
  const [address = '', bits = '', ...rest] = text.split('/');
  const inRange = /^\d{1,3}$/.test(bits) && Number(bits) >= shortest && Number(bits) <= longest;
  return rest.length === 0 && inRange && isIPv6(address) && !address.includes('%');
}

/** A resolver: an address, or one with a port, as unbound writes it: `192.0.2.1@5353`. */
const resolver = z.string().refine(
  (text) => {
    const [address = '', port = '53', ...rest] = text.split('@');
    return (
      rest.length === 0 && isIP(address) > 0 && /^\d{1,5}$/.test(port) && Number(port) > 0 && Number(port) < 65_536
    );
  },
  { message: 'must be the address of a resolver, e.g. 192.0.2.1 or 192.0.2.1@5353' },
);
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

const networkSchema = z
  .strictObject({
    podCidr: ipv4Cidr.default('10.42.0.0/16'),
    serviceCidr: ipv4Cidr.default('10.43.0.0/16'),
    /** With both of these pods and Services have IPv6 addresses, too. A pod's has the end of its other one. */
    podCidrIpv6: ipv6Cidr(16, 96).default(''),
    serviceCidrIpv6: ipv6Cidr(16, 112).default(''),
    clusterDomain: dnsName.default('cluster.local'),
    /** Domain of the hosts of Routes that name none, and of the router's own certificate. */
    routeDomain: dnsName.default('apps.cluster.local'),
    /** Inclusive range of NodePorts. */
    nodePorts: z
      .strictObject({ first: z.number().int().min(1).max(65535), last: z.number().int().min(1).max(65535) })
      .default({ first: 30000, last: 32767 }),
    /** Domains whose names are asked of resolvers of their own. */
    stubDomains: z.record(dnsName, z.array(resolver).min(1)).default({}),
  })
  .refine(({ podCidrIpv6, serviceCidrIpv6 }) => (podCidrIpv6 === '') === (serviceCidrIpv6 === ''), {
    message: 'podCidrIpv6 and serviceCidrIpv6 go together',
  });

/** What pods may ask for. */
const podsSchema = z.strictObject({
  /** OCI runtimes by the handlers that RuntimeClasses name: a name that podman knows, or a path. */
  runtimeHandlers: z.record(dnsName, z.string().min(1)).default({}),
  /** Unsafe sysctls that pods may set, as the kubelet's --allowed-unsafe-sysctls; `kernel.msg*` for all that begin so. */
  allowedUnsafeSysctls: z.array(z.string().min(1)).default([]),
});

/** `100Mi`, `10%`. */
const amount = z.string().regex(/^(?:\d+(?:\.\d+)?(?:%|[kMGTP]i?|Ki|m)?|0)$/, 'must be a quantity or a percentage');
const seconds = z.number().int().min(0);
/** The same for each of the kubelet's signals. */
const bySignal = <T extends z.ZodType>(value: T) =>
  z.strictObject({
    memoryAvailable: value,
    nodefsAvailable: value,
    nodefsInodesFree: value,
    imagefsAvailable: value,
    imagefsInodesFree: value,
    pidAvailable: value,
  });
const amounts = bySignal(amount.optional());

/** When pods have to go because the machine runs short, by the kubelet's signals and with its defaults. */
const evictionSchema = z
  .strictObject({
    /** Less than this, and pods go at once; `0` switches one off. */
    hard: amounts
      .extend({
        memoryAvailable: amount.default('100Mi'),
        nodefsAvailable: amount.default('10%'),
        nodefsInodesFree: amount.default('5%'),
        imagefsAvailable: amount.default('15%'),
        imagefsInodesFree: amount.default('5%'),
      })
      .prefault({}),
    /** Less than this for as long as `softGraceSeconds` says, and pods go with grace. */
    soft: amounts.default({}),
    softGraceSeconds: bySignal(seconds.optional()).default({}),
    /** What has to be there beyond a threshold before reclaiming ends. */
    minimumReclaim: amounts.default({}),
    /** Most that a pod gets to end after a soft threshold. */
    maxPodGraceSeconds: seconds.default(0),
    /** For how long the Node's condition holds after it was last seen. */
    pressureTransitionSeconds: seconds.default(300),
  })
  .refine(
    ({ soft, softGraceSeconds }) =>
      (Object.keys(soft) as (keyof typeof soft)[]).every((signal) => softGraceSeconds[signal] !== undefined),
    {
      message: 'every soft threshold needs a grace period in softGraceSeconds',
    },
  );

/** When images go that were pulled for pods and that nobody uses, as under the kubelet. */
const imagesSchema = z
  .strictObject({
    /** How full their disk may be, in percent. */
    highPercent: z.number().int().min(0).max(100).default(85),
    /** How full it is left. */
    lowPercent: z.number().int().min(0).max(100).default(80),
    /** Younger ones stay. */
    minimumAgeSeconds: seconds.default(120),
  })
  .refine(({ highPercent, lowPercent }) => lowPercent < highPercent, {
    message: 'lowPercent must be less than highPercent',
  });

const deviceName = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?\/[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/, 'must be domain/name');

/** A device that containers ask for by the name of a resource in their limits. */
const deviceSchema = z.strictObject({
  /** Device nodes. */
  paths: z.array(absolutePath).default([]),
  /** Names of the Container Device Interface: `vendor.com/class=name`. */
  cdi: z.array(z.string().regex(/^[^=\s]+\/[^=\s]+=\S+$/, 'must be vendor/class=name')).default([]),
  /** How many containers may have it at a time. */
  count: z.number().int().min(1).default(1),
  /** Whether containers come and go with the systemd units of the device nodes. */
  follow: z.boolean().default(true),
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
  eviction: evictionSchema.prefault({}),
  images: imagesSchema.prefault({}),
  /** Devices by resource name, `example.com/gps`. */
  devices: z.record(deviceName, deviceSchema).default({}),
});

/** The effective configuration. */
export type Config = z.infer<typeof configSchema>;

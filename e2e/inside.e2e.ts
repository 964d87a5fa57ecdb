import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { box, kubectl } from './harness.ts';
import { shellPod } from './manifests.ts';
import { apply, isReady, remove, run, untilPod } from './pods.ts';

const IMAGE = 'localhost:5000/busybox:latest';
const FOREVER = 'trap exit TERM; while :; do sleep 1 & wait $!; done';
const SHARED = '/var/lib/e2e-inside';

const container = (name: string, more: object = {}) => ({
  name,
  image: IMAGE,
  command: ['sh', '-c', FOREVER],
  ...more,
});
const secured = (name: string, securityContext: object, more: object = {}) =>
  container(name, { securityContext, ...more });
const sharedAs = (mountPath: string, mountPropagation: string) => ({ name: 'shared', mountPath, mountPropagation });

/** A text that every layer on the way could mistake for its own syntax. */
const HOSTILE = ` "double" 'single' \\n %h %% $HOME $(pwd) \`id\` ; [Service]\nExecStart=/bin/false\n\t世界 🌍 \u0080\u2028 end `;
const BELOW = 'a\n[Service]\nExecStartPre=/bin/touch /injected';
const LONG = 'ä"\\ '.repeat(15_000);
/** The kubelet takes `$$` for a dollar sign. */
const literally = (text: string): string => text.replaceAll('$', '$$$$');

/** busybox with users and groups of its own. */
const ACCOUNTS = 'localhost/e2e-accounts:1';
const accountsScript = `
set -e
work=$(mktemp -d)
printf 'root:x:0:0::/:/bin/sh\nalice:x:1000:1001::/:/bin/sh\n' > $work/passwd
printf 'root:x:0:\nalice:x:1001:\nlab:x:50000:alice\n' > $work/group
made=$(podman create ${IMAGE} true)
podman cp $work/passwd $made:/etc/passwd
podman cp $work/group $made:/etc/group
podman commit --quiet $made ${ACCOUNTS}
podman rm $made
`;
const grouped = (more: object) => ({
  securityContext: { runAsUser: 1000, supplementalGroups: [60_000], ...more },
  containers: [{ ...container('main'), image: ACCOUNTS, imagePullPolicy: 'Never' }],
});

const PODS: { readonly [name: string]: object } = {
  confined: {
    securityContext: {
      ...{ runAsUser: 1234, runAsGroup: 2345, runAsNonRoot: true, fsGroup: 3456, supplementalGroups: [4567] },
      ...{ fsGroupChangePolicy: 'OnRootMismatch', seccompProfile: { type: 'RuntimeDefault' } },
    },
    volumes: [{ name: 'data', emptyDir: {} }],
    containers: [
      secured(
        'strict',
        {
          ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
          capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] },
        },
        { workingDir: '/data', volumeMounts: [{ name: 'data', mountPath: '/data' }] },
      ),
      secured('default', { runAsUser: 0, runAsNonRoot: false }),
      secured('unconfined', { seccompProfile: { type: 'Unconfined' } }),
    ],
  },
  privileged: {
    volumes: [{ name: 'shared', hostPath: { path: SHARED, type: 'DirectoryOrCreate' } }],
    containers: [
      secured(
        'main',
        { privileged: true },
        {
          volumeMounts: [
            sharedAs('/none', 'None'),
            sharedAs('/from-host', 'HostToContainer'),
            sharedAs('/both', 'Bidirectional'),
            { name: 'shared', mountPath: '/read-only', readOnly: true },
          ],
        },
      ),
    ],
  },
  mapped: { hostUsers: false, containers: [secured('main', { procMount: 'Unmasked' })] },
  hosting: { hostNetwork: true, hostPID: true, hostIPC: true, dnsPolicy: 'Default', containers: [container('main')] },
  'grouped-strictly': grouped({ supplementalGroupsPolicy: 'Strict' }),
  'grouped-otherwise': grouped({ supplementalGroupsPolicy: 'Merge', runAsGroup: 3000 }),
  'grouped-by-image': grouped({}),
  named: {
    ...{ hostname: 'front', subdomain: 'web', setHostnameAsFQDN: true, dnsPolicy: 'None' },
    dnsConfig: { nameservers: ['192.0.2.53'], searches: ['example.org'], options: [{ name: 'ndots', value: '3' }] },
    hostAliases: [{ ip: '2001:db8::1', hostnames: ['db.example'] }],
    containers: [container('main')],
  },
  exact: {
    volumes: [
      { name: 'data', emptyDir: {} },
      {
        name: 'info',
        downwardAPI: { items: [{ path: 'annotations', fieldRef: { fieldPath: 'metadata.annotations' } }] },
      },
    ],
    containers: [
      container('main', {
        command: ['sh', '-c', `printf '%s\\0' "$@" > /data/args; ${FOREVER}`, 'sh'],
        args: [literally(HOSTILE), '', ';', LONG],
        workingDir: '/data/a b%n"',
        env: [
          { name: 'HOSTILE', value: literally(HOSTILE) },
          { name: 'LONG', value: LONG },
          { name: 'REFERS', value: '$(HOSTILE)|$(NOBODY)|$$(HOSTILE)' },
        ],
        volumeMounts: [
          { name: 'data', mountPath: '/data' },
          { name: 'data', mountPath: '/below "it, it\'s', subPath: BELOW },
          { name: 'info', mountPath: '/info' },
        ],
        lifecycle: { postStart: { exec: { command: ['sh', '-c', 'printf %s "$1" > /data/hook', 'sh', HOSTILE] } } },
        readinessProbe: {
          exec: { command: ['sh', '-c', 'printf %s "$1" > /data/new && mv /data/new /data/probe', 'sh', HOSTILE] },
          periodSeconds: 1,
        },
      }),
    ],
  },
};

const annotated = (name: string, spec: object): string => {
  const pod = JSON.parse(shellPod(name, '', spec));
  return JSON.stringify({ ...pod, metadata: { ...pod.metadata, annotations: { hostile: HOSTILE } } });
};

const inside = async (pod: string, script: string, name = 'main'): Promise<string> => {
  const { stdout, stderr } = await kubectl(['exec', pod, '-c', name, '--', 'sh', '-c', script]);
  // Which kubectl 1.32 sometimes says of the first, empty message of a stream.
  return stdout + stderr.replaceAll(/^E\d{4} .* Unknown stream id .*\n/gm, '');
};

/** What the kernel says of the container's first process. */
async function statusOf(pod: string, name: string): Promise<{ readonly [field: string]: string }> {
  const lines = (await inside(pod, 'cat /proc/1/status', name)).split('\n');
  return Object.fromEntries(
    lines.map((line) => line.split(/:\s*/, 2)).map(([field = '', value = '']) => [field, value.trim()]),
  );
}

beforeAll(async () => {
  await box.exec(['rm', '-rf', SHARED]);
  await box.must(['sh', '-c', accountsScript]);
  for (const [name, spec] of Object.entries(PODS)) await apply(annotated(name, spec), '--server-side');
  for (const name of Object.keys(PODS)) await untilPod(name, isReady, 'ready', 120_000);
});

afterAll(async () => {
  await remove('pod', ...Object.keys(PODS), '--grace-period=1');
  await box.exec(['rm', '-rf', SHARED]);
  await box.exec(['podman', 'rmi', ACCOUNTS]);
});

describe('a container’s confinement', () => {
  it('is who it runs as, and what that may do', async () => {
    expect(await statusOf('confined', 'strict')).toMatchObject({
      ...{ Uid: '1234\t1234\t1234\t1234', Gid: '2345\t2345\t2345\t2345', Groups: '2345 3456 4567' },
      ...{ CapEff: '0000000000000400', CapBnd: '0000000000000400', NoNewPrivs: '1' },
    });
    expect(await inside('confined', 'pwd; touch /x; touch mine; stat -c "%u %g %a" /data mine', 'strict')).toMatch(
      /^\/data\n0 3456 2777\n1234 3456 \d+\ntouch: \/x: Read-only file system\n/,
    );
    expect(await statusOf('confined', 'default')).toMatchObject({
      ...{ Uid: '0\t0\t0\t0', NoNewPrivs: '0', CapEff: expect.stringMatching(/^0{8}[0-9a-f]*[1-9a-f]/) },
    });
    expect(await statusOf('confined', 'unconfined')).toMatchObject({ CapEff: '0000000000000000' });
    const filters = async (pod: string, name: string) => Number((await statusOf(pod, name))['Seccomp_filters']);
    // The box may have a filter itself.
    const unfiltered = await filters('confined', 'unconfined');
    expect(await filters('confined', 'strict')).toBeGreaterThan(unfiltered);
    expect(await filters('confined', 'default')).toBeGreaterThan(unfiltered);
    expect(await filters('privileged', 'main')).toBe(unfiltered);
  });

  it('has the groups of its image beside those that it was given, unless these alone are wanted', async () => {
    expect(await inside('grouped-strictly', 'id -G')).toBe('1001 60000\n');
    expect(await inside('grouped-otherwise', 'id -G')).toBe('3000 50000 60000\n');
    expect(await inside('grouped-by-image', 'id -G')).toBe('1001 50000 60000\n');
  });

  it('hides what of /proc is the host’s, unless it is asked not to', async () => {
    const masked = 'grep -c " /proc/\\(kcore\\|keys\\|timer_list\\|sys\\) " /proc/self/mounts';
    expect(Number(await inside('confined', masked, 'default'))).toBeGreaterThan(1);
    expect(await inside('mapped', masked)).toMatch(/^0\n/);
    expect(await inside('mapped', 'cat /proc/1/uid_map')).toMatch(/^ +0 +[1-9]\d+ +65536\n$/);
  });

  it('is none for who is privileged', async () => {
    const bounding = (await box.must(['sh', '-c', "sed -n 's/^CapBnd:\\t//p' /proc/1/status"])).trim();
    expect(await statusOf('privileged', 'main')).toMatchObject({ CapEff: bounding, NoNewPrivs: '0' });
    const fields = async (path: string) => inside('privileged', `grep " ${path} " /proc/self/mountinfo`);
    expect(await fields('/none')).not.toMatch(/shared:|master:/);
    expect(await fields('/from-host')).toMatch(/ master:\d+ /);
    expect(await fields('/both')).toMatch(/ shared:\d+ /);
    expect(await fields('/read-only')).toMatch(/ \/read-only ro/);
    await box.must(['sh', '-c', `mkdir -p ${SHARED}/late && mount -t tmpfs late ${SHARED}/late`]);
    expect(await inside('privileged', 'for d in none from-host both; do grep -c " /$d/late " /proc/mounts; done')).toBe(
      '0\n1\n1\n',
    );
    await inside('privileged', 'mkdir /both/mine && mount -t tmpfs mine /both/mine');
    expect(await box.must(['grep', '-c', `${SHARED}/mine`, '/proc/mounts'])).toBe('1\n');
    await box.must(['umount', `${SHARED}/mine`, `${SHARED}/late`]);
  });
});

describe('a pod’s surroundings', () => {
  it('are the host’s where it asks for them', async () => {
    for (const kind of ['net', 'pid', 'ipc', 'uts']) {
      const own = await inside('hosting', `readlink /proc/self/ns/${kind}`);
      expect(own, kind).toBe(await box.must(['readlink', `/proc/1/ns/${kind}`]));
    }
    expect(await inside('hosting', 'hostname; cat /etc/resolv.conf')).toBe(
      await box.must(['sh', '-c', "hostname; sed '/^#/d' /etc/resolv.conf"]),
    );
  });

  it('are its names and resolvers', async () => {
    expect(await inside('named', 'hostname; cat /etc/resolv.conf')).toBe(
      'front.web.default.svc.cluster.local\nsearch example.org\nnameserver 192.0.2.53\noptions ndots:3\n',
    );
    expect(await inside('named', 'cat /etc/hosts')).toMatch(/2001:db8::1\tdb\.example\n$/);
    expect(await inside('confined', 'cat /etc/resolv.conf', 'default')).toMatch(
      /^search default\.svc\.cluster\.local svc\.cluster\.local cluster\.local.*\nnameserver 10\.\S+\noptions ndots:5\n$/,
    );
  });
});

describe('whatever a manifest says', () => {
  it('arrives byte for byte, and nothing of it is carried out', async () => {
    expect((await inside('exact', 'cat /data/args')).split('\0')).toEqual([HOSTILE, '', ';', LONG, '']);
    const environ = (await inside('exact', 'cat /proc/1/environ')).split('\0');
    expect(environ).toContain(`HOSTILE=${HOSTILE}`);
    expect(environ).toContain(`LONG=${LONG}`);
    expect(environ).toContain(`REFERS=${HOSTILE}|$(NOBODY)|$(HOSTILE)`);
    expect(await inside('exact', 'readlink /proc/1/cwd')).toBe('/data/a b%n"\n');
    expect(await inside('exact', 'cat /data/hook')).toBe(HOSTILE);
    expect(await inside('exact', 'cat /data/probe')).toBe(HOSTILE);
    expect(await inside('exact', 'cat /info/annotations')).toContain(
      String.raw`hostile=" \"double\" 'single' \\n %h %% $HOME`,
    );
    expect(await inside('exact', `touch "/below \\"it, it's/x" && find /data -name x`)).toBe(`/data/${BELOW}/x\n`);
    expect((await box.exec(['ls', '/injected'])).code).not.toBe(0);
    expect(await run('get', 'pod', 'exact', '-o', 'jsonpath={.metadata.annotations.hostile}')).toBe(HOSTILE);
  });
});

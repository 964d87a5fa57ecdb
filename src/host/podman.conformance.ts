import type { Duplex } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Podman, PodmanError, type PodmanEvent, type ProcessSession } from './podman.ts';

/** Image references, one for each thing that can come of them. */
export interface ConformanceImages {
  /** In local storage, with user `1000` and command `/bin/sleep infinity`. */
  readonly present: string;
  readonly pullable: string;
  readonly unknownTag: string;
  readonly unauthorized: string;
  readonly unreachable: string;
}

/** What the suite needs from whoever runs it. */
export interface PodmanHarness {
  readonly podman: Podman;
  readonly images: ConformanceImages;
  /** Starts a container of the present image. Its main process is `cat` on an open stdin, with a tty if asked. */
  run(name: string, options: { readonly labels?: { readonly [name: string]: string } }): Promise<void>;
  remove(name: string): Promise<void>;
  close(): Promise<void>;
}

const NAME = 'qs-conformance';

/** What every Podman does. */
export function podmanConformance(title: string, open: () => Promise<PodmanHarness>): void {
  describe(`${title} as a Podman`, () => {
    let harness: PodmanHarness;
    let podman: Podman;
    const running = new Set<string>();
    const run = async (name: string, labels: { readonly [name: string]: string } = {}): Promise<string> => {
      running.add(name);
      await harness.run(name, { labels });
      return name;
    };

    beforeAll(async () => {
      harness = await open();
      podman = harness.podman;
    });
    afterEach(async () => {
      for (const name of running) await harness.remove(name);
      running.clear();
    });
    afterAll(() => harness.close());

    it('tells its version', async () => {
      expect(await podman.version()).toMatch(/^\d+\.\d+\.\d+/);
    });

    it('tells the subnets of a network', async () => {
      expect(await podman.networkSubnets('podman')).toEqual(['10.88.0.0/16']);
      expect(await podman.networkSubnets('no-such-network')).toBeUndefined();
    });

    it('lists the containers that carry all the labels', async () => {
      await run(`${NAME}-1`, { 'qs.test': 'a', 'qs.other': 'b=c' });
      await run(`${NAME}-2`, { 'qs.test': 'a' });
      const names = async (labels: { readonly [name: string]: string }): Promise<readonly string[]> =>
        (await podman.listContainers(labels)).map((container) => container.name).sort();
      expect(await names({ 'qs.test': 'a' })).toEqual([`${NAME}-1`, `${NAME}-2`]);
      expect(await names({ 'qs.test': 'a', 'qs.other': 'b=c' })).toEqual([`${NAME}-1`]);
      expect(await names({ 'qs.test': 'none' })).toEqual([]);
      expect(await names({})).toEqual(expect.arrayContaining([`${NAME}-1`, `${NAME}-2`]));
    });

    it('shows the same facts of a container in the list and by name or id', async () => {
      const name = await run(`${NAME}-facts`, { 'qs.test': 'facts' });
      const [listed] = await podman.listContainers({ 'qs.test': 'facts' });
      const inspected = await podman.inspectContainer(name);
      expect(inspected).toMatchObject({ name, pod: '', isInfra: false, state: 'running', exitedAt: 0 });
      expect(inspected?.labels['qs.test']).toBe('facts');
      expect(inspected?.pid).toBeGreaterThan(1);
      // The list doesn't tell the runtime.
      const { startedAt = 0, runtime = '', ...others } = inspected ?? {};
      expect(runtime).not.toBe('');
      expect(startedAt).toBeGreaterThan(1_600_000_000_000);
      // The list knows whole seconds only.
      expect(listed).toMatchObject({ ...others, startedAt: Math.floor(startedAt / 1_000) * 1_000 });
      expect((await podman.inspectContainer(inspected?.id ?? ''))?.name).toBe(name);
    });

    it('knows no container and no image by an unknown name', async () => {
      expect(await podman.inspectContainer(`${NAME}-none`)).toBeUndefined();
      expect(await podman.inspectImage('localhost/qs-conformance-none:1')).toBeUndefined();
    });

    it('shows an image of the local storage', async () => {
      const image = await podman.inspectImage(harness.images.present);
      expect(image).toMatchObject({ user: '1000', entrypoint: [], cmd: ['/bin/sleep', 'infinity'] });
      expect(image?.id).toMatch(/^[0-9a-f]{64}$/);
      expect(image?.repoTags).toContain(harness.images.present);
      expect(image?.sizeBytes).toBeGreaterThan(0);
      expect((await podman.listImages()).map((listed) => listed.id)).toContain(image?.id);
    });

    it('reads files of an image, and leaves no container behind', async () => {
      const { id = '' } = (await podman.inspectImage(harness.images.present)) ?? {};
      const read = () => podman.readImageFiles(id, ['/etc/passwd', '/etc/none']);
      expect(await Promise.all([read(), read()])).toEqual([
        ['root:x:0:0::/:\n', ''],
        ['root:x:0:0::/:\n', ''],
      ]);
      expect((await podman.listContainers({})).filter(({ imageId }) => imageId === id)).toEqual([]);
    });

    it('pulls an image and returns its id', async () => {
      const id = await podman.pullImage(harness.images.pullable);
      expect((await podman.inspectImage(harness.images.pullable))?.id).toBe(id);
    });

    it('passes on what is wrong with an image', async () => {
      const failure = (reference: string): Promise<PodmanError> =>
        podman.pullImage(reference).then(
          () => new PodmanError('it was pulled', 0),
          (error: PodmanError) => error,
        );
      const { unknownTag, unauthorized, unreachable } = harness.images;
      expect((await failure(unknownTag)).message).toMatch(/manifest unknown/);
      expect((await failure(unauthorized)).message).toMatch(/unauthorized|authentication required/);
      expect((await failure(unreachable)).message).toMatch(/connection refused/);
      expect((await failure('localhost/UPPER:1')).message).toMatch(/lowercase/);
      expect(await failure(unknownTag)).toBeInstanceOf(PodmanError);
    });

    it('runs a command and keeps its outputs apart', async () => {
      const name = await run(`${NAME}-exec`);
      const session = await podman.exec(name, {
        ...quiet,
        command: ['/bin/sh', '-c', 'echo out; echo err >&2; exit 3'],
      });
      expect(session.tty).toBe(false);
      expect(demultiplex(await readAll(session.stream))).toEqual({ stdout: 'out\n', stderr: 'err\n' });
      expect(await session.exitCode()).toBe(3);
      expect(await session.exitCode()).toBe(3);
    });

    it('sends stdin and its end', async () => {
      const name = await run(`${NAME}-stdin`);
      const session = await podman.exec(name, { ...quiet, stdin: true, command: ['/bin/cat'] });
      session.stream.end('through and back');
      expect(demultiplex(await readAll(session.stream))).toEqual({ stdout: 'through and back', stderr: '' });
      expect(await session.exitCode()).toBe(0);
    });

    it('gives a terminal that can be resized', async () => {
      const name = await run(`${NAME}-tty`);
      const command = ['/bin/sh', '-c', 'read line; stty size'];
      const session = await podman.exec(name, { ...quiet, tty: true, stdin: true, command });
      expect(session.tty).toBe(true);
      await session.resize({ width: 123, height: 45 });
      session.stream.write('go\n');
      expect((await readAll(session.stream)).toString()).toMatch(/45 123\r\n$/);
      expect(await session.exitCode()).toBe(0);
    });

    it('says when a command or a container for it does not exist', async () => {
      const name = await run(`${NAME}-absent`);
      const failed = await outcomeOf(podman.exec(name, { ...quiet, command: ['/bin/nothing'] }));
      expect(failed).toMatch(/not found|no such file/i);
      const gone = podman.exec(`${NAME}-none`, { ...quiet, command: ['/bin/true'] });
      await expect(gone).rejects.toMatchObject({ name: 'PodmanError', status: 404 });
    });

    it('attaches to the main process', async () => {
      const name = await run(`${NAME}-attach`);
      const session = await podman.attach(name, { tty: false, stdin: true });
      const echoed = new Promise<Buffer>((resolve) => session.stream.once('data', resolve));
      session.stream.write('ping\n');
      expect(demultiplex(await echoed)).toEqual({ stdout: 'ping\n', stderr: '' });
      session.stream.destroy();
    });

    it('stops a container, and does not mind one that is not there', async () => {
      const name = await run(`${NAME}-stop`);
      await podman.stopContainer(name, 1);
      expect((await podman.inspectContainer(name))?.pid ?? 0).toBe(0);
      await podman.stopContainer(name, 1);
      await podman.stopContainer(`${NAME}-none`, 1);
    });

    it('measures what a container has written, and takes away neither it nor its image while it runs', async () => {
      const name = await run(`${NAME}-kept`);
      const { id = '' } = (await podman.inspectContainer(name)) ?? {};
      const image = (await podman.inspectImage(harness.images.present))?.id ?? '';
      expect(await podman.layerSize(name)).toBeLessThan(100_000);
      expect(await podman.layerSize(`${NAME}-none`)).toBeUndefined();
      expect(await podman.deleteContainer(id)).toBe(false);
      expect(await podman.deleteContainer(`${NAME}-none`)).toBe(false);
      expect(await podman.storageRoot()).toMatch(/^\//);
      expect(image).not.toBe('');
    });

    it('takes away no pod that is not there', async () => {
      await expect(podman.deletePod(`${NAME}-none`)).resolves.toBeUndefined();
    });

    it('takes an image away with all its names', async () => {
      const id = await podman.pullImage(harness.images.pullable);
      expect(await podman.deleteImage(id)).toBe(true);
      expect(await podman.inspectImage(harness.images.pullable)).toBeUndefined();
      expect(await podman.deleteImage(id)).toBe(false);
    });

    it('tells of events until aborted', async () => {
      const events: PodmanEvent[] = [];
      const abort = new AbortController();
      await podman.watch((event) => events.push(event), { signal: abort.signal });
      const name = await run(`${NAME}-events`, { 'qs.test': 'events' });
      await expect.poll(() => events.map(brief), { timeout: 30_000 }).toContain(`container start ${name}`);
      expect(events.find((event) => event.action === 'start')?.attributes['qs.test']).toBe('events');
      await podman.stopContainer(name, 0);
      await expect.poll(() => events.map(brief), { timeout: 30_000 }).toContain(`container died ${name}`);
      abort.abort();
      const before = events.length;
      await run(`${NAME}-unheard`);
      await podman.version();
      expect(events.length).toBe(before);
    });
  });
}

const quiet = { tty: false, stdin: false, stdout: true, stderr: true };

const brief = (event: PodmanEvent): string => `${event.type} ${event.action} ${event.name}`;

/** What a session that may not even begin says. */
async function outcomeOf(opening: Promise<ProcessSession>): Promise<string> {
  try {
    const session = await opening;
    const said = await readAll(session.stream);
    const status = await session.exitCode();
    return status === 0 ? 'it succeeded' : said.toString();
  } catch (error) {
    return String(error);
  }
}

async function readAll(stream: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Docker's framing: one byte of stream number, three of nothing, four of length. */
function demultiplex(bytes: Buffer): { readonly stdout: string; readonly stderr: string } {
  const texts = { stdout: '', stderr: '' };
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at + 4);
    const text = bytes.subarray(at + 8, at + 8 + length).toString();
    if (bytes[at] === 2) texts.stderr += text;
    else texts.stdout += text;
    at += 8 + length;
  }
  return texts;
}

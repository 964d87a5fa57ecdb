import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { ifAbsent } from './safe-path.ts';
import type { ServiceManager } from './service-manager.ts';
import type { UnitDirectoryChange } from './unit-directory.ts';

/**
 * Shows systemd units that it has never heard of, and takes away what it has forgotten, without a daemon-reload: that runs all
 * generators over all files and reads all units anew, and costs more with each pod of the machine.
 */
export interface UnitLearner {
  /** True when systemd finds all units as they are by itself from now on; false when it has to be reloaded. */
  learn(changes: readonly UnitDirectoryChange[]): Promise<boolean>;
}

/** Where systemd and Quadlet have their files. */
export interface UnitLearnerOptions {
  readonly serviceManager: Pick<ServiceManager, 'list'>;
  /** The folder of our Quadlets. */
  readonly quadletFolder: string;
  /** A folder of ours in memory. */
  readonly scratch: string;
  /** Quadlet, as systemd calls it (podman-systemd.unit(5)). */
  readonly generator?: string;
  /** Where systemd lets generators write (systemd.generator(7)). */
  readonly generated?: string;
  /** A folder of systemd's search path (systemd.unit(5)) that it looks at the age of. */
  readonly searched?: string;
}

const DEFAULTS = {
  generator: '/usr/lib/systemd/system-generators/podman-system-generator',
  generated: '/run/systemd/generator',
  searched: '/run/systemd/system',
};

/** Quadlets, units and drop-ins by their paths in their roots. */
interface News {
  readonly quadlets: readonly string[];
  readonly units: readonly string[];
}

interface Product {
  readonly source: string;
  readonly name: string;
  readonly text: string;
}

/**
 * Runs Quadlet over nothing but what is new, and puts its services where systemd's own run will put the same ones at
 * the next reload. systemd reads a unit when it is first asked for, and looks again for one that it missed before as
 * soon as a folder of its search path has changed; the generators' folder doesn't count for that.
 */
export function createUnitLearner(options: UnitLearnerOptions): UnitLearner {
  const settings = { ...DEFAULTS, ...options };
  const shown: Shown = new Map();
  return {
    learn: async (changes) => {
      if (!changes.every((change) => change.onlyNew || change.onlyGone)) return false;
      const [gone, came] = [changes.filter(isDeletion), changes.filter((change) => !isDeletion(change))];
      return (await forget(newsOf(gone), shown, settings)) && (await meet(newsOf(came), shown, settings));
    },
  };
}

/** The services that were put in place, by their Quadlets. */
type Shown = Map<string, string>;

const isDeletion = (change: UnitDirectoryChange): boolean => change.onlyGone && !change.onlyNew;

async function meet(news: News, shown: Shown, settings: Settings): Promise<boolean> {
  if (news.quadlets.some((path) => path.includes('/'))) return false;
  await mkdir(settings.scratch, { recursive: true, mode: 0o700 });
  const work = await mkdtemp(join(settings.scratch, 'learn-'));
  try {
    const [products, up] = await Promise.all([generate(news.quadlets, work, settings), unitsThatAreUp(news, settings)]);
    if (products === undefined || !(await show(news, { products, up }, settings))) return false;
    for (const { source, name } of products) shown.set(source, name);
    return true;
  } finally {
    // Nobody has to wait for that.
    rm(work, { recursive: true, force: true }).catch(() => undefined);
  }
}

/**
 * Takes the services of deleted Quadlets away. systemd drops units that are down and that nothing refers to; what it still
 * has in memory, as a target wants it, only a reload takes from it.
 */
async function forget({ quadlets, units }: News, shown: Shown, settings: Settings): Promise<boolean> {
  const services = quadlets.map((path) => shown.get(path));
  if (services.some((name) => name === undefined)) return false;
  const made = services.filter((name) => name !== undefined);
  const names = [...new Set([...units.map(unitOf), ...made])];
  if (names.length === 0) return true;
  if ((await settings.serviceManager.list(names.map(literal))).length > 0) return false;
  await Promise.all(made.map((name) => rm(join(settings.generated, name), { force: true })));
  for (const path of quadlets) shown.delete(path);
  await haveItLookAgain(settings);
  return true;
}

/** The unit that a file below systemd's folder says something of: its own, a drop-in's, or one that is wanted. */
function unitOf(path: string): string {
  const [folder = '', name] = path.split('/');
  return name === undefined ? folder : folder.endsWith('.d') ? folder.slice(0, -2) : name;
}

async function haveItLookAgain({ searched }: Settings): Promise<void> {
  const now = new Date();
  await utimes(searched, now, now);
}

function newsOf(changes: readonly UnitDirectoryChange[]): News {
  const changed = changes.flatMap((change) => change.changed);
  const below = (root: string) =>
    changed.filter((path) => path.startsWith(`${root}/`)).map((path) => path.slice(root.length + 1));
  return { quadlets: below('quadlet'), units: below('unit') };
}

type Settings = UnitLearnerOptions & typeof DEFAULTS;

/** The services of the new Quadlets; undefined when they can't be made of them alone. */
async function generate(
  quadlets: readonly string[],
  work: string,
  { quadletFolder, generator }: Settings,
): Promise<readonly Product[] | undefined> {
  if (quadlets.length === 0) return [];
  const [sources, services] = [join(work, 'in'), join(work, 'out')];
  await Promise.all([mkdir(sources), mkdir(services)]);
  // What is new refers to nothing else but the pods' network.
  const networks = (await readdir(quadletFolder)).filter((name) => name.endsWith('.network'));
  const names = [...new Set([...quadlets, ...networks])];
  await Promise.all(names.map((name) => copyFile(join(quadletFolder, name), join(sources, name))));
  const env = { ...process.env, QUADLET_UNIT_DIRS: sources };
  const isDone = await promisify(execFile)(generator, [services, services, services], { env }).then(
    () => true,
    () => false,
  );
  if (!isDone) return undefined;
  const files = await readdir(services, { withFileTypes: true });
  // An enablement is a folder: to be heard of by a unit that systemd knows already.
  if (files.some((file) => !file.isFile())) return undefined;
  const read = await Promise.all(files.map((file) => readProduct(join(services, file.name), sources, quadletFolder)));
  const ours = read.filter(({ source }) => quadlets.includes(source));
  return ours.length === quadlets.length ? ours : undefined;
}

/** A service as Quadlet would have made it in place, and the name of the Quadlet that it comes of. */
async function readProduct(path: string, sources: string, home: string): Promise<Product> {
  const text = await readFile(path, 'utf8');
  const line = `SourcePath=${sources}/`;
  const [, source = ''] =
    text
      .split('\n')
      .find((one) => one.startsWith(line))
      ?.split(line) ?? [];
  return { name: basename(path), source, text: text.replace(`${line}${source}`, `SourcePath=${join(home, source)}`) };
}

/** Names of units in systemd's memory that are up, these or others whose names begin like theirs. */
async function unitsThatAreUp({ quadlets, units }: News, { serviceManager }: Settings): Promise<ReadonlySet<string>> {
  const plain = units.filter((path) => !path.includes('/')).map(literal);
  // What Quadlet will call a service isn't known yet, but for how it begins.
  const services = quadlets.map((path) => `${literal(path.replace(/\.[a-z]+$/, ''))}*`);
  const patterns = [...plain, ...services];
  const loaded = patterns.length === 0 ? [] : await serviceManager.list(patterns);
  return new Set(loaded.filter(({ activeState }) => activeState !== 'inactive').map(({ name }) => name));
}

/** What Quadlet made, and which units are up. */
interface Made {
  readonly products: readonly Product[];
  readonly up: ReadonlySet<string>;
}

/** Puts the services in place, unless one of the units is up: its definition is in systemd's memory already. */
async function show({ units }: News, { products, up }: Made, settings: Settings): Promise<boolean> {
  const known = new Set([...units.filter((path) => !path.includes('/')), ...products.map(({ name }) => name)]);
  const extended = units.filter((path) => /\.d\//.test(path)).map((path) => path.slice(0, path.indexOf('.d/')));
  if (extended.some((name) => !known.has(name))) return false;
  if ([...known].some((name) => up.has(name))) return false;
  const there = new Set(await readdir(settings.generated).catch(ifAbsent([])));
  if (products.some(({ name }) => there.has(name))) return false;
  await Promise.all(products.map((product) => place(product, settings.generated)));
  await haveItLookAgain(settings);
  return true;
}

/** A glob that only this name matches. */
function literal(name: string): string {
  return name.replace(/[\\*?[\]]/g, '\\$&');
}

/** Whole or not at all, as systemd may look at any time. */
async function place({ name, text }: Product, folder: string): Promise<void> {
  const draft = join(folder, `.${name}.new`);
  await writeFile(draft, text, { mode: 0o644 });
  await rename(draft, join(folder, name));
}

import type { BoxDriver } from './driver.ts';
import { driverOf, prepareDriver } from './drivers.ts';
import { CommandError, type CommandOptions, type CommandResult, capture, passThrough } from './process.ts';
import { step } from './progress.ts';
import { type BoxState, createState, readState, removeState } from './state.ts';
import { eventually } from './wait.ts';

/** What a box needs before it counts as booted; pods may still be starting. */
const BOOTED = ['basic.target', 'dbus.service', 'podman.socket', 'docker-registry.service'];

/** A disposable host, and all that can be done with it from outside. */
export interface Box {
  readonly name: string;
  /** Runs a command in the box as root; any exit status is a result. */
  exec(command: readonly string[], options?: Omit<CommandOptions, 'cwd' | 'env'>): Promise<CommandResult>;
  /** Runs a command in the box that has to succeed; resolves to its standard output. */
  must(command: readonly string[], options?: Omit<CommandOptions, 'cwd' | 'env'>): Promise<string>;
  /** Runs a command in the box on our own standard streams; resolves to its exit status. */
  passThrough(command: readonly string[]): Promise<number>;
  isRunning(): Promise<boolean>;
  /** Starts the box if it is off; resolves when its base services run. */
  boot(): Promise<void>;
  /** Shuts the box down in order and starts it again. */
  reboot(): Promise<void>;
  /** Ends the box at once, without a shutdown. Its disk is kept. */
  powerCut(): Promise<void>;
  /** Removes the box and all it occupied on this machine. */
  remove(): Promise<void>;
  /** The address at which this machine reaches the box. */
  address(): Promise<string>;
  /** A path on this machine that shows a file of the box. */
  hostPath(path: string): Promise<string>;
}

/** The box of this name; undefined if it was never made. */
export function openBox(name: string): Box | undefined {
  const state = readState(name);
  return state && boxOf(driverOf(state.driver), state);
}

/** The box of this name, made if need be, and running. */
export async function ensureBox(name: string): Promise<Box> {
  const box = openBox(name) ?? (await createBox(name));
  if (!(await box.isRunning())) {
    step(`booting box ${name}`);
    await box.boot();
  }
  return box;
}

async function createBox(name: string): Promise<Box> {
  const driver = await prepareDriver();
  step(`making the disk of box ${name}`);
  const state = createState(name, driver.kind);
  try {
    await driver.create(state);
  } catch (error) {
    removeState(name);
    throw error;
  }
  return boxOf(driver, state);
}

function boxOf(driver: BoxDriver, state: BoxState): Box {
  const exec: Box['exec'] = async (command, options) => capture(await driver.enter(state, command), options);
  const boot = () => bootBox(driver, state, exec);
  return {
    name: state.name,
    exec,
    boot,
    must: async (command, options) => {
      const result = await exec(command, options);
      if (result.code !== 0) throw new CommandError(command, result);
      return result.stdout;
    },
    passThrough: async (command) => {
      const terminal = process.stdin.isTTY && process.stdout.isTTY;
      return passThrough(await driver.enter(state, command, { terminal }));
    },
    isRunning: () => driver.isRunning(state),
    reboot: async () => {
      await shutDown(driver, state, exec);
      await boot();
    },
    powerCut: () => driver.powerCut(state),
    remove: async () => {
      await driver.powerCut(state);
      await driver.remove(state);
      removeState(state.name);
    },
    address: () => driver.address(state),
    hostPath: (path) => driver.hostPath(state, path),
  };
}

async function bootBox(driver: BoxDriver, state: BoxState, exec: Box['exec']): Promise<void> {
  if (!(await driver.isRunning(state))) await driver.boot(state);
  const booted = async () => (await exec(['systemctl', '--quiet', 'is-active', ...BOOTED])).code === 0;
  await eventually(booted, { timeoutMs: 90_000, what: `${BOOTED.join(', ')} in box ${state.name}` });
}

async function shutDown(driver: BoxDriver, state: BoxState, exec: Box['exec']): Promise<void> {
  if (!(await driver.isRunning(state))) return;
  await exec(['systemctl', 'poweroff', '--no-block']);
  // Longer than systemd gives a unit that won't stop.
  if (await driver.waitUntilOff(state, 120_000)) return;
  throw new Error(`box ${state.name} did not shut down within 2 minutes: \`npm run box -- --power-cut\` ends it`);
}

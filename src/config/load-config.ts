import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type Config, configSchema } from './schema.ts';

type Tree = { [key: string]: unknown };

/** Where the settings come from, strongest last: defaults, files, environment, flags. */
export interface ConfigSources {
  /** The main file; absent is fine. */
  readonly file: string;
  /** Folder of `*.yaml` drop-ins, read in name order. */
  readonly dropIns: string;
  /** `QUADSHIFT_LOG_LEVEL`, `QUADSHIFT_PATHS_STATE`, …: upper-case path of the setting with `_`. */
  readonly env: { readonly [name: string]: string | undefined };
  /** `--set path.to.setting=value` pairs. */
  readonly flags: readonly string[];
}

/** A setting that can't be used: names the setting and what to do. */
export class ConfigError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ConfigError';
  }
}

/** The sources of an installed Quadshift. The only reader of the process environment. */
export function systemSources(flags: readonly string[]): ConfigSources {
  const file = process.env['QUADSHIFT_CONFIG'] ?? '/etc/quadshift/config.yaml';
  return { file, dropIns: file.replace(/config\.yaml$/, 'config.d'), env: process.env, flags };
}

/** Reads, merges and validates. Throws `ConfigError`. */
export function loadConfig(sources: ConfigSources): Config {
  const tree: Tree = {};
  for (const file of [sources.file, ...dropInFiles(sources.dropIns)]) merge(tree, readYaml(file));
  merge(tree, fromEnvironment(sources.env));
  for (const flag of sources.flags) merge(tree, fromFlag(flag));
  const result = configSchema.safeParse(tree);
  if (result.success) return result.data;
  const problems = result.error.issues.map((i) => `${i.path.join('.') || 'configuration'}: ${i.message}`);
  throw new ConfigError(`invalid configuration: ${problems.join('; ')}`);
}

function dropInFiles(folder: string): readonly string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
    return names.sort().map((name) => join(folder, name));
  } catch (error) {
    if (isMissing(error)) return [];
    throw new ConfigError(`cannot read ${folder}: ${(error as Error).message}`, { cause: error });
  }
}

function readYaml(file: string): Tree {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return {};
    throw new ConfigError(`cannot read ${file}: ${(error as Error).message}`, { cause: error });
  }
  try {
    const value: unknown = parse(text) ?? {};
    if (isTree(value)) return value;
  } catch (error) {
    throw new ConfigError(`${file} is not valid YAML: ${(error as Error).message}`, { cause: error });
  }
  throw new ConfigError(`${file} must hold a mapping of settings`);
}

/** Known settings only: other `QUADSHIFT_*` variables belong to other tools. */
function fromEnvironment(env: ConfigSources['env']): Tree {
  const tree: Tree = {};
  for (const path of settingPaths(configSchema.parse({}))) {
    const value = env[`QUADSHIFT_${path.map(snakeCase).join('_')}`];
    if (value !== undefined) setPath(tree, path, scalar(value));
  }
  return tree;
}

function fromFlag(flag: string): Tree {
  const at = flag.indexOf('=');
  if (at < 1) throw new ConfigError(`--set ${flag}: write it as path.to.setting=value`);
  const tree: Tree = {};
  setPath(tree, flag.slice(0, at).split('.'), scalar(flag.slice(at + 1)));
  return tree;
}

function settingPaths(value: object, prefix: readonly string[] = []): string[][] {
  return Object.entries(value).flatMap(([key, child]) =>
    isTree(child) ? settingPaths(child, [...prefix, key]) : [[...prefix, key]],
  );
}

function snakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

function scalar(text: string): unknown {
  return /^(0|[1-9]\d*)$/.test(text) ? Number(text) : text;
}

function setPath(tree: Tree, path: readonly string[], value: unknown): void {
  const [head = '', ...rest] = path;
  if (rest.length === 0) {
    tree[head] = value;
    return;
  }
  const child: Tree = {};
  setPath(child, rest, value);
  merge(tree, { [head]: child });
}

function merge(into: Tree, from: Tree): void {
  for (const [key, value] of Object.entries(from)) {
    if (key === '__proto__') continue;
    const present = into[key];
    if (isTree(present) && isTree(value)) merge(present, value);
    else into[key] = isTree(value) ? structuredClone(value) : value;
  }
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** What systemd hands to its services through the environment: sockets, the notify address, the watchdog. */
export function systemEnvironment(): NodeJS.ProcessEnv {
  return process.env;
}

/** What systemd has decrypted for this service; undefined when it was given nothing of that name. */
export function readCredential(name: string): Uint8Array | undefined {
  const folder = process.env['CREDENTIALS_DIRECTORY'];
  if (folder === undefined) return undefined;
  try {
    return readFileSync(join(folder, name));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw new ConfigError(`cannot read the credential ${name}: ${(error as Error).message}`, { cause: error });
  }
}

import { stringify } from 'yaml';
import { loadConfig, systemSources } from '../config/load-config.ts';

/** `quadshift config show`: the effective configuration as YAML. */
export async function configShow(flags: readonly string[]): Promise<number> {
  process.stdout.write(stringify(loadConfig(systemSources(flags))));
  return 0;
}

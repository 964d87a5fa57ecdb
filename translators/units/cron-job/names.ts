/** What a CronJob is called on the host. */
export interface CronUnitNames {
  /** Fires at the schedule's times. */
  readonly timer: string;
  /** Makes the pod of the run that is due. */
  readonly service: string;
  /** A glob for the services of containers of all its runs; infra units don't match. */
  readonly containers: string;
}

/** Names of a CronJob's units. No Kubernetes name contains `_`, so no pod's units are called so. */
export function cronUnitNames({
  namespace,
  name,
}: {
  readonly namespace: string;
  readonly name: string;
}): CronUnitNames {
  const stem = `qs-${namespace}__cron_${name}`;
  return {
    timer: `${stem}.timer`,
    service: `${stem}.service`,
    containers: `qs-${namespace}_${name}-????????-?????_[a-z0-9]*.service`,
  };
}

/** Folder of a CronJob in the state root: what is compiled, how far its schedule was followed, and runs to record. */
export function cronFolder(uid: string): string {
  return `cron/${uid}`;
}

/** `namespace/name` of the CronJob whose service this is; undefined for any other unit. */
export function cronJobOfService(unit: string): string | undefined {
  const [, namespace, name] = /^qs-([^_]+)__cron_([^_]+)\.service$/.exec(unit) ?? [];
  return name === undefined ? undefined : `${namespace}/${name}`;
}

/** As above, of its timer. */
export function cronJobOfTimer(unit: string): string | undefined {
  return cronJobOfService(unit.replace(/\.timer$/, '.service'));
}

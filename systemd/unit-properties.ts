import type { UnitState } from './service-manager.ts';

/** What is read of a unit; the rest of what systemd tells isn't even parsed. */
export const UNIT_PROPERTIES = [
  'LoadState',
  'ActiveState',
  'SubState',
  'Result',
  'MainPID',
  'ExecMainCode',
  'ExecMainStatus',
  'ExecMainStartTimestamp',
  'ExecMainStartTimestampMonotonic',
  'ExecMainExitTimestamp',
  'ActiveEnterTimestamp',
  'StateChangeTimestamp',
  'NRestarts',
  'InvocationID',
  'RestartUSecNext',
  'Slice',
] as const;

type UnitProperty = (typeof UNIT_PROPERTIES)[number];

/** Properties as GetAll returns them, variants unwrapped. */
export type UnitProperties = { readonly [name in UnitProperty]?: unknown };

/** USEC_INFINITY: systemd's "never". It exceeds what a double holds exactly, hence the comparison by magnitude. */
const INFINITE = 2 ** 63;

/** A unit's state from its properties (org.freedesktop.systemd1(5)); what the unit's type doesn't have is 0 or ''. */
export function unitStateOf(name: string, properties: UnitProperties): UnitState {
  const text = (key: UnitProperty): string => textOf(properties[key]);
  const number = (key: UnitProperty): number => numberOf(properties[key]);
  return {
    name,
    loadState: text('LoadState'),
    activeState: activeStateOf(properties.ActiveState),
    subState: text('SubState'),
    result: text('Result'),
    mainPid: number('MainPID'),
    execMainCode: number('ExecMainCode'),
    execMainStatus: number('ExecMainStatus'),
    execMainStartTimestamp: number('ExecMainStartTimestamp'),
    execMainStartTimestampMonotonic: number('ExecMainStartTimestampMonotonic'),
    execMainExitTimestamp: number('ExecMainExitTimestamp'),
    activeEnterTimestamp: number('ActiveEnterTimestamp'),
    stateChangeTimestamp: number('StateChangeTimestamp'),
    nRestarts: number('NRestarts'),
    invocationId: hexOf(properties.InvocationID),
    restartUsecNext: number('RestartUSecNext'),
    slice: text('Slice'),
  };
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const numberOf = (value: unknown): number => (typeof value === 'number' && value < INFINITE ? value : 0);

const hexOf = (value: unknown): string => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : '');

function activeStateOf(value: unknown): UnitState['activeState'] {
  switch (value) {
    case 'active':
    case 'reloading':
    case 'failed':
    case 'activating':
    case 'deactivating':
    case 'maintenance':
      return value;
    default:
      // `refreshing` (systemd 257) is a flavour of running; anything newer than us is treated as not running.
      return value === 'refreshing' ? 'reloading' : 'inactive';
  }
}

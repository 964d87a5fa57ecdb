import { type KeyRow, keyTable, row } from './key-row.ts';

const verbatim = (key: string, doc: string, extra: Partial<KeyRow> = {}) =>
  row(key, doc, { quoting: 'verbatim', ...extra });
const list = (key: string, doc: string) => verbatim(key, doc, { repeatable: true });
const command = (key: string, doc: string) => row(key, doc, { quoting: 'command', repeatable: true });

/** `[Unit]` (systemd.unit(5)): what the house uses of it. */
export const unitKeys = keyTable([
  row('Description', 'what it is', { quoting: 'text' }),
  list('Documentation', 'where to read more'),
  verbatim('DefaultDependencies', 'the usual ordering around boot and shutdown', { type: 'boolean' }),
  list('Wants', 'units to start with it'),
  list('Requires', 'units it can not be without'),
  list('BindsTo', 'units whose end is its end'),
  list('PartOf', 'units whose stop and restart are its own'),
  list('PropagatesStopTo', 'units that stop with it'),
  list('Conflicts', 'units that exclude it'),
  list('After', 'units it starts after'),
  list('Before', 'units it starts before'),
  list('ConditionPathExists', 'start only if the path exists'),
  list('RequiresMountsFor', 'paths that must be mounted'),
  verbatim('StartLimitIntervalSec', 'window of the start limit; 0 for none'),
  verbatim('JobTimeoutSec', 'how long its job may wait and run'),
  verbatim('CollectMode', 'whether a failed one is forgotten, too'),
]);

/** `[Service]` (systemd.service(5), systemd.exec(5), systemd.kill(5)): what the house uses of it. */
export const serviceKeys = keyTable([
  verbatim('Type', 'how systemd knows that it is up'),
  verbatim('RemainAfterExit', 'active after its process has ended', { type: 'boolean' }),
  verbatim('Restart', 'when to start it again'),
  verbatim('RestartMode', 'whether a failure that is retried is told to dependents'),
  verbatim('RestartForceExitStatus', 'exit statuses that are retried whatever Restart says'),
  verbatim('RestartSec', 'pause before the first restart'),
  verbatim('RestartSteps', 'restarts until the longest pause', { type: 'integer' }),
  verbatim('RestartMaxDelaySec', 'the longest pause'),
  verbatim('SuccessExitStatus', 'exit statuses and signals that are no failure'),
  verbatim('TimeoutStartSec', 'limit of the start'),
  verbatim('TimeoutStopSec', 'limit of the stop'),
  row('Environment', 'NAME=value', { quoting: 'assignment', repeatable: true }),
  command('ExecStartPre', 'before the start'),
  command('ExecStart', 'the process'),
  command('ExecStartPost', 'after the start'),
  command('ExecStop', 'how to stop'),
  command('ExecStopPost', 'after it has ended, however it did'),
  verbatim('SyslogIdentifier', 'name in the journal'),
  verbatim('Slice', 'the group that it shares resources in'),
  verbatim('StandardInput', 'what it reads'),
  verbatim('RuntimeMaxSec', 'how long it may run'),
  verbatim('CapabilityBoundingSet', 'capabilities that it can have at all; empty for none'),
  verbatim('NoNewPrivileges', 'never more privileges than at its start', { type: 'boolean' }),
  verbatim('ProtectSystem', 'which of the system it may not write to'),
  verbatim('ProtectHome', 'whether homes are hidden'),
]);

/** `[Slice]` (systemd.resource-control(5)): what the house uses of it. */
export const sliceKeys = keyTable([
  verbatim('CPUWeight', 'its part of the processor among its siblings', { type: 'integer' }),
  verbatim('CPUQuota', 'most processor time per time'),
  verbatim('MemoryMax', 'most memory'),
]);

/** `[Socket]` (systemd.socket(5)): what the house uses of it. */
export const socketKeys = keyTable([
  list('ListenStream', 'port or address to listen on'),
  verbatim('Accept', 'one service for each connection', { type: 'boolean' }),
  verbatim('MaxConnections', 'services at a time', { type: 'integer' }),
  verbatim('TriggerLimitIntervalSec', 'window of the trigger limit; 0 for none'),
]);

/** `[Timer]` (systemd.timer(5)): what the house uses of it. */
export const timerKeys = keyTable([
  list('OnCalendar', 'when it fires, by the calendar'),
  verbatim('AccuracySec', 'how much later it may fire'),
  verbatim('Persistent', 'fires at once when a time was missed', { type: 'boolean' }),
  verbatim('Unit', 'what it starts'),
]);

/** `[Install]` (systemd.unit(5)). */
export const installKeys = keyTable([
  list('WantedBy', 'units that start it'),
  list('RequiredBy', 'units that need it'),
]);

/** `[Quadlet]` of any Quadlet file (podman-systemd.unit(5)). */
export const quadletKeys = keyTable([
  verbatim('DefaultDependencies', 'wait for network-online.target', { type: 'boolean' }),
]);

import type { CronSchedule } from '../../../src/machinery/cron/cron-schedule.ts';
import { unsealCommand } from '../pod/sealed.ts';
import { SCRIPTS } from '../pod/settings.ts';
import { PLACEHOLDER } from './placeholders.ts';

/** What a run's script knows beforehand. */
export interface RunScript {
  /** The line that names the owner. */
  readonly owner: string;
  readonly cronJob: string;
  readonly schedule: CronSchedule;
  /** The schedule as systemd's calendar events; none for `@every`. */
  readonly calendar: readonly string[];
  /** No run before: seconds since 1970. */
  readonly since: number;
  /** Seconds that a run may be late; undefined for any. */
  readonly deadline: number | undefined;
  readonly concurrency: 'Allow' | 'Forbid' | 'Replace';
  /** How many ended runs are kept. */
  readonly keep: { readonly succeeded: number; readonly failed: number };
  /** Glob for the services of containers of its runs. */
  readonly containers: string;
  /** App containers of the pod. */
  readonly apps: readonly string[];
  /** Absolute folder of the CronJob. */
  readonly folder: string;
  /** Absolute folders of the roots. */
  readonly roots: { readonly quadlet: string; readonly unit: string; readonly state: string; readonly sealed: string };
  /** Whether there is something that may not lie readable on disk. */
  readonly hasSecrets: boolean;
  /** The CronJob's folder, relative to its roots. */
  readonly secrets: string;
  /** Addresses that only runs of this kind have: dotted, and how many. */
  readonly addresses: { readonly first: string; readonly count: number };
  /** Namespace, as the gate's name begins. */
  readonly namespace: string;
}

/** A word that the shell takes as it is. */
function word(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Dots stand for themselves in patterns of sed. */
function pattern(text: string): string {
  return text.replaceAll('.', '\\.');
}

/** How far back the script looks for the last time of the schedule: ever further, as most schedules come often. */
const LOOK_BACK = [60, 3600, 86_400, 604_800, 2_678_400, 31_622_400, 283_996_800];

function dueLines({ schedule, calendar }: RunScript): readonly string[] {
  if (schedule.type === 'every') {
    return [
      'due() {',
      `  [ $((now - last)) -ge ${schedule.seconds} ] && echo $((last + (now - last) / ${schedule.seconds} * ${schedule.seconds}))`,
      '}',
    ];
  }
  return [
    '# last_of EXPRESSION: its last time after $from and not after $now.',
    'last_of() {',
    '  systemd-analyze calendar --base-time="@$from" --iterations=$((back / 60 < 50000 ? back / 60 + 1 : 50000)) "$1" |',
    '    sed -n "s/^ *\\(Next elapse\\|Iteration #[0-9]*\\): [A-Z][a-z]* \\(.*\\) UTC$/\\2/p" 2> /dev/null |',
    '    awk -v until="$until" \'$0 > until { exit } { found = $0 } END { if (found) print found }\'',
    '}',
    '# The last time of the schedule after $last and not after $now, looking back ever further.',
    'due() {',
    '  until=$(date -d "@$now" "+%Y-%m-%d %H:%M:%S")',
    `  for back in ${LOOK_BACK.join(' ')}; do`,
    '    from=$((now - back)); [ "$from" -gt "$last" ] || from=$last',
    `    found=$(for expression in ${calendar.map(word).join(' ')}; do last_of "$expression"; done | sort | tail -n 1)`,
    '    [ -z "$found" ] || { date -d "$found" +%s; return; }',
    '    [ "$from" != "$last" ] || return',
    '  done',
    '}',
  ];
}

function concurrencyLines({ concurrency, containers }: RunScript): readonly string[] {
  if (concurrency === 'Allow') return [];
  const running = `systemctl list-units --plain --no-legend --state=running,start,start-pre,start-post,auto-restart,auto-restart-queued ${word(containers)}`;
  if (concurrency === 'Forbid') return [`[ -z "$(${running})" ] || fail "the run before still goes on"`];
  return [
    "# The gate is what the container's unit is called up to the container.",
    `${running} | sed 's/^\\(qs-[^_]*_[^_]*\\)_.*/\\1.service/' | sort -u | while read -r gate; do systemctl stop "$gate"; done`,
  ];
}

function addressLines({ addresses, roots }: RunScript): readonly string[] {
  const first = addresses.first.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  return [
    `number=${first}`,
    `while [ "$number" -lt ${first + addresses.count} ]; do`,
    '  address=$((number >> 24)).$((number >> 16 & 255)).$((number >> 8 & 255)).$((number & 255))',
    `  grep -qsxF "IP=$address" ${word(roots.quadlet)}/*.pod || break`,
    '  number=$((number + 1)); address=',
    'done',
    '[ "$address" ] || fail "no address is free"',
    'hardware=$(printf "0a:58:%02x:%02x:%02x:%02x" $((number >> 24)) $((number >> 16 & 255)) $((number >> 8 & 255)) $((number & 255)))',
  ];
}

/** Secrets are copied on tmpfs; after a boot they are brought there first. */
function copySecretLines({ hasSecrets, secrets, roots }: RunScript): readonly string[] {
  if (!hasSecrets) return [];
  const live = `${roots.sealed}/${secrets}`;
  const command = unsealCommand(secrets, { state: roots.state, runtime: roots.sealed });
  return [
    `${command.map(word).join(' ')} || fail "the secrets can't be read"`,
    `hidden=${word(`${live}.new`)}; rm -rf "$hidden"; cp -a ${word(`${live}/compiled/files/sealed`)} "$hidden"; copies=".new $hidden"`,
  ];
}

/** A pod's own secrets, there and encrypted before its units are: a boot may come before it has ended. */
function sealLines({ hasSecrets, roots }: RunScript): readonly string[] {
  if (!hasSecrets) return [];
  const pod = 'pods/$POD_UID';
  return [
    `mkdir -p ${word(roots.sealed)}/pods; cp -a "$hidden"/pods/* ${word(roots.sealed)}/pods/; rm -rf "$hidden"`,
    `${SCRIPTS}/seal ${word(roots.sealed)}/${pod} ${word(roots.state)}/${pod}/sealed/current quadshift.pods.$POD_UID || fail "the secrets can't be kept"`,
  ];
}

/** Ended runs give their infra container and their units back; of the ones that ended so, the last are kept. */
function sweepLines({ apps, keep, roots, namespace }: RunScript): readonly string[] {
  return [
    'kept_succeeded=0; kept_failed=0',
    'for run in $(ls -r runs 2>/dev/null); do',
    '  [ -f "runs/$run/run" ] || continue',
    '  . "./runs/$run/run"; end=succeeded',
    `  for app in ${apps.map(word).join(' ')}; do`,
    `    mark=${word(roots.state)}/pods/$POD_UID/completed/$app`,
    '    [ -f "$mark" ] || continue 2',
    '    grep -qx "EXIT_STATUS=0" "$mark" || end=failed',
    '  done',
    `  gate=qs-${namespace}_$POD_NAME.service`,
    // A gate that has ended leaves the infra container's unit up.
    `  systemctl stop "$gate" "qs-${namespace}_$POD_NAME"__pod.service 2> /dev/null`,
    `  [ $end = failed ] && kept_failed=$((kept_failed + 1)) && [ $kept_failed -le ${keep.failed} ] && continue`,
    `  [ $end = succeeded ] && kept_succeeded=$((kept_succeeded + 1)) && [ $kept_succeeded -le ${keep.succeeded} ] && continue`,
    `  rm -rf ${word(roots.sealed)}"/pods/$POD_UID" ${word(roots.state)}"/pods/$POD_UID" ${word(roots.quadlet)}/"qs-${namespace}_$POD_NAME."pod ${word(roots.quadlet)}/"qs-${namespace}_$POD_NAME"_*`,
    `  rm -rf ${word(roots.unit)}/"$gate" ${word(roots.unit)}/multi-user.target.wants/"$gate" ${word(roots.unit)}/"qs-${namespace}_$POD_NAME"__pod.service.d ${word(roots.unit)}/qs-*-"$(echo "$POD_UID" | tr - _)".slice "runs/$run"`,
    'done',
  ];
}

function replaceLines(script: RunScript): readonly string[] {
  const { cronJob } = script;
  const name = pattern(cronJob);
  const { minute, suffix, jobUid, podUid, address, hardware } = PLACEHOLDER;
  // As the pod's slice has it.
  const sliceUid = podUid.replaceAll('-', '_');
  return [
    'cat > .replace <<END',
    `s/${sliceUid}/$(echo "$POD_UID" | tr - _)/g`,
    `s/${name}-${minute}/${cronJob}-$minute/g`,
    `s/${name}-$minute-${suffix}/${cronJob}-$minute-$suffix/g`,
    `s/${podUid}/$POD_UID/g`,
    `s/${jobUid}/$JOB_UID/g`,
    `s/${pattern(address)}/$address/g`,
    `s/${hardware}/$hardware/g`,
    'END',
    'rm -rf .new; cp -a compiled/files .new; cp compiled/pod.json .new/pod.json; copies=.new',
    ...copySecretLines(script),
    // Contents first: the names of files are longer then.
    `find $copies -type f -exec grep -lZ -e ${word(`${name}-${minute}`)} -e ${podUid} -e ${sliceUid} -e ${jobUid} -e ${word(pattern(address))} {} + | xargs -0 -r sed -i -f .replace`,
    `find $copies -depth \\( -name '*${cronJob}-${minute}*' -o -name '*${podUid}*' -o -name '*${sliceUid}*' \\) | while read -r path; do`,
    '  mv "$path" "$(dirname "$path")/$(basename "$path" | sed -f .replace)"',
    'done',
    // A link is found by what it leads to.
    'find $copies -type l | while read -r path; do',
    '  target=$(readlink "$path"); ln -sfn "$(printf %s "$target" | sed -f .replace)" "$path"',
    'done',
  ];
}

function startLines(script: RunScript): readonly string[] {
  const { roots, namespace } = script;
  return [
    "# The record comes first: whoever finds the pod's files knows from it whose they are.",
    'mkdir -p runs; rm -rf .run; mkdir .run; mv .new/pod.json .run/pod.json',
    'printf "POD_UID=%s\\nPOD_NAME=%s\\nJOB_UID=%s\\nADDRESS=%s\\nSTARTED=%s\\n" "$POD_UID" "$POD_NAME" "$JOB_UID" "$address" "$now" > .run/run',
    'sync .run/run .run/pod.json .run',
    'mv -T .run "runs/$minute" 2>/dev/null || fail "somebody else has begun this run"',
    'echo "$due" > .last; sync .last; mv .last last',
    `mkdir -p ${word(roots.state)}/pods; cp -a .new/state/pods/* ${word(roots.state)}/pods/`,
    ...sealLines(script),
    `cp -a .new/unit/* ${word(roots.unit)}/; cp -a .new/quadlet/* ${word(roots.quadlet)}/`,
    `rm -rf .new .replace; sync -f . ${word(roots.unit)} ${word(roots.quadlet)}`,
    'systemctl daemon-reload',
    `systemctl start --no-block "qs-${namespace}_$POD_NAME.service"`,
    'echo "run of $(date -d "@$due" "+%Y-%m-%d %H:%M:%S UTC"): pod $POD_NAME"',
  ];
}

/**
 * The script that a CronJob's timer starts, POSIX shell with coreutils, sed, awk, flock and systemd's tools. While the
 * API server is up it leaves the run to it. Otherwise it finds the run that is due as upstream does (only the last of
 * those that were missed, and none that is later than its deadline), makes a pod of the compiled one, and writes down
 * what the API server shall find: `runs/<minute>/run` and `pod.json`.
 */
export function runScript(script: RunScript): string {
  const { owner, folder, roots, since, deadline, cronJob } = script;
  return [
    '#!/bin/sh',
    `# ${owner}`,
    '# Generated by quadshift: makes the pod of the run that is due while the API server is away.',
    'set -u; export LC_ALL=C TZ=UTC; umask 077',
    'fail() { echo "$1" >&2; exit 0; }',
    'systemctl --quiet is-active quadshift.service && exit 0',
    `exec 9> ${word(`${roots.state}/cron/lock`)}; flock 9`,
    `cd ${word(folder)} || exit 1`,
    'now=$(date +%s); last=$(cat last 2>/dev/null || echo 0)',
    `[ "$last" -gt ${since} ] || last=${since}`,
    ...dueLines(script),
    ...sweepLines(script),
    'due=$(due); [ "$due" ] || exit 0',
    ...(deadline === undefined ? [] : [`[ $((now - due)) -le ${deadline} ] || fail "too late for the run of $due"`]),
    ...concurrencyLines(script),
    'minute=$((due / 60)); [ ! -e "runs/$minute" ] || exit 0',
    'POD_UID=$(cat /proc/sys/kernel/random/uuid); JOB_UID=$(cat /proc/sys/kernel/random/uuid)',
    'suffix=$(printf %.5s "$POD_UID" | tr 0-9a-f bcdfghjklmnpqrst)',
    `POD_NAME=${word(cronJob)}-$minute-$suffix`,
    ...addressLines(script),
    ...replaceLines(script),
    ...startLines(script),
    '',
  ].join('\n');
}

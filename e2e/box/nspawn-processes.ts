import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** The processes of a box that runs, by their numbers on this machine. */
export interface NspawnProcesses {
  /** The loop that starts systemd-nspawn again when the box reboots. */
  readonly loop: number;
  readonly nspawn?: number;
  /** The box's first process, once it runs. */
  readonly leader?: number;
}

/** Remembers a loop; with its start time, as the kernel uses numbers again. */
export function recordLoop(file: string, pid: number): void {
  writeFileSync(file, `${pid} ${startTime(pid)}\n`);
}

/** The processes of the box whose loop was recorded in a file; undefined if it is off. */
export function findProcesses(file: string): NspawnProcesses | undefined {
  if (!existsSync(file)) return undefined;
  const [pid = '', started] = readFileSync(file, 'utf8').trim().split(' ');
  const loop = Number(pid);
  if (!loop || startTime(loop) !== started) return undefined;
  const nspawn = childrenOf(loop).find((child) => read(child, 'comm').trim() === 'systemd-nspawn');
  const leader = nspawn && childrenOf(nspawn).find(isFirstOfItsNamespace);
  return { loop, nspawn, leader };
}

/** Whether a process of this number exists and hasn't ended. */
export function isAlive(pid: number): boolean {
  const state = /\) (.)/.exec(read(pid, 'stat'))?.[1];
  return state !== undefined && state !== 'Z' && state !== 'X';
}

function isFirstOfItsNamespace(pid: number): boolean {
  return /^NSpid:\t\d+\t1$/m.test(read(pid, 'status'));
}

function startTime(pid: number): string | undefined {
  // The command's name may hold spaces and parentheses: fields are counted from behind the last one.
  const fields = read(pid, 'stat').split(') ').at(-1)?.split(' ');
  return fields?.[0] === 'Z' ? undefined : fields?.[19];
}

function childrenOf(pid: number): readonly number[] {
  return read(pid, `task/${pid}/children`).trim().split(' ').filter(Boolean).map(Number);
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

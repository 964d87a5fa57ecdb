import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Box, ensureBox, openBox } from './box/box.ts';
import { passThrough } from './box/process.ts';
import { step } from './box/progress.ts';
import { PROJECT, PROJECT_IN_BOX } from './box/settings.ts';
import { testBoxName } from './harness.ts';
import { add, type Counts, countsOf, NOTHING } from './test-counts.ts';

const REPORT_IN_BOX = '/var/tmp/driver-report.json';

/** The arguments with which vitest runs a project, shows it, and writes a report that can be counted. */
function vitest(project: string, report: string): readonly string[] {
  return ['run', `--project=${project}`, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
}

async function onThisMachine(project: string, reports: string): Promise<Counts> {
  const report = join(reports, `${project}.json`);
  const argv = [process.execPath, 'node_modules/vitest/vitest.mjs', ...vitest(project, report)];
  return countsOf(await passThrough(argv, { cwd: PROJECT }), report);
}

/** Drivers are tried where they will run: on the box's own systemd and Podman, with the project mounted read-only. */
async function inTheBox(box: Box): Promise<Counts> {
  const node = `${PROJECT_IN_BOX}/node_modules/node/bin/node`;
  // The default loader would write beside the configuration.
  const argv = [node, 'node_modules/vitest/vitest.mjs', ...vitest('driver', REPORT_IN_BOX), '--configLoader=native'];
  const script = `cd ${PROJECT_IN_BOX} && exec "$@"`;
  const status = await box.passThrough(['sh', '-c', script, 'sh', ...argv]);
  return countsOf(status, await box.hostPath(REPORT_IN_BOX));
}

/** A box that a run before this one left behind has seen things. */
async function freshBox(): Promise<Box> {
  await openBox(testBoxName())?.remove();
  return ensureBox(testBoxName());
}

async function everything(reports: string): Promise<Counts> {
  // Made while the unit tests run.
  const fresh = freshBox();
  fresh.catch(() => {});
  step('unit tests');
  let counts = await onThisMachine('unit', reports);
  const box = await fresh;
  step('driver conformance, in the box');
  counts = add(counts, await inTheBox(box));
  // What the drivers were tried with is gone after a boot.
  await box.reboot();
  step('end-to-end tests');
  return add(counts, await onThisMachine('e2e', reports));
}

const reports = mkdtempSync(join(tmpdir(), 'quadshift-test-'));
let counts = NOTHING;
try {
  counts = await everything(reports);
} catch (error) {
  process.stderr.write(`${(error as Error).stack}\n`);
  counts = add(counts, { passed: 0, failed: 1 });
} finally {
  rmSync(reports, { recursive: true, force: true });
  if (!process.env['QUADSHIFT_KEEP_BOX']) await openBox(testBoxName())?.remove();
}
process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`);
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { must, passThrough } from '../box/process.ts';
import { step } from '../box/progress.ts';
import { parseReport, type TestResult } from './results.ts';

/** How to run the suite once. */
export interface SuiteRun {
  /** The folder of e2e.test and ginkgo. */
  readonly binaries: string;
  readonly kubeconfig: string;
  readonly kubectl: string;
  /** Regular expressions over the tests' full names. */
  readonly focus: string;
  readonly skip: string;
  readonly processes: number;
  /** A folder for the reports and the log; emptied first. */
  readonly reports: string;
}

/** What is built from the sources, by the name of the binary, and whether it is a test binary. */
const PROGRAMS: readonly (readonly [name: string, target: string, build: readonly string[]])[] = [
  ['e2e.test', './test/e2e', ['test', '-c']],
  ['ginkgo', './vendor/github.com/onsi/ginkgo/v2/ginkgo', ['build']],
];

/** Builds the suite and its runner unless they are there; needs the Go that the sources ask for on the path. */
export async function buildSuite(source: string, binaries: string): Promise<void> {
  mkdirSync(binaries, { recursive: true });
  for (const [name, target, build] of PROGRAMS) await buildProgram(source, join(binaries, name), target, build);
}

/** Builds one program of the sources without cgo, from vendored dependencies alone. */
export async function buildProgram(
  source: string,
  output: string,
  target: string,
  build: readonly string[] = ['build'],
): Promise<void> {
  if (existsSync(output)) return;
  step(`building ${target}`);
  const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=vendor', GOTOOLCHAIN: 'local', GOPROXY: 'off' };
  await must(['go', ...build, '-ldflags', '-s -w', '-o', output, target], { cwd: source, env });
}

/** Runs the selected tests; resolves to the result of each, however it ended. The log stays beside the reports. */
export async function runSuite(run: SuiteRun): Promise<readonly TestResult[]> {
  rmSync(run.reports, { recursive: true, force: true });
  mkdirSync(run.reports, { recursive: true });
  await passThrough([join(run.binaries, 'ginkgo'), ...ginkgoOptions(run), '--', ...suiteOptions(run)], {
    stdio: ['ignore', 2, 2],
    // kubectl would trust for hours what it has discovered at this address before.
    env: { ...process.env, KUBECACHEDIR: join(run.reports, 'kubectl-cache') },
  });
  return readdirSync(run.reports)
    .filter((file) => /^junit.*\.xml$/.test(file))
    .flatMap((file) => parseReport(readFileSync(join(run.reports, file), 'utf8')));
}

function ginkgoOptions(run: SuiteRun): readonly string[] {
  return [
    `-procs=${run.processes}`,
    `--focus=${run.focus}`,
    `--skip=${run.skip}`,
    '--no-color',
    '--silence-skips',
    '--succinct',
    '--timeout=4h',
    '--keep-going',
    `--output-dir=${run.reports}`,
    join(run.binaries, 'e2e.test'),
  ];
}

function suiteOptions(run: SuiteRun): readonly string[] {
  return [
    `--kubeconfig=${run.kubeconfig}`,
    '--provider=skeleton',
    '--num-nodes=1',
    '--disable-log-dump',
    `--kubectl-path=${run.kubectl}`,
    `--report-dir=${run.reports}`,
  ];
}

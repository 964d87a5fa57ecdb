import { semanticEqual } from '../machinery/deep.ts';
import { humanDuration, parseTime } from '../machinery/time.ts';
import { ageColumn, column, nameColumn, selectorColumn, templateColumns } from './columns.ts';
import { defineKind } from './define-kind.ts';
import { applyJobSpecDefaults } from './job-defaults.ts';
import { validateJob, validateJobUpdate } from './job-validation.ts';
import { templateWarnings } from './pod-spec/pod-spec-warnings.ts';
import { validateJobStatus } from './status/job-status-validation.ts';
import type { Draft, Job } from './types.ts';

type Object = Draft<Job>;

/** The first of these conditions that is true names the state. */
const STATES = ['Complete', 'Failed', 'Suspended', 'FailureTarget', 'SuccessCriteriaMet'];

function state(job: Object): string {
  const isTrue = (type: string) => (job.status?.conditions ?? []).some((c) => c.type === type && c.status === 'True');
  const found = STATES.find(isTrue);
  if (found === 'Complete' || found === 'Failed') return found;
  if (job.metadata?.deletionTimestamp) return 'Terminating';
  return found ?? 'Running';
}

function completions(job: Object): string {
  const done = job.status?.succeeded ?? 0;
  const { completions: wanted, parallelism = 0 } = job.spec ?? {};
  if (wanted !== undefined) return `${done}/${wanted}`;
  return parallelism > 1 ? `${done}/1 of ${parallelism}` : `${done}/1`;
}

function duration(job: Object, now: number): string {
  const start = parseTime(job.status?.startTime ?? '');
  if (start === undefined) return '';
  return humanDuration((parseTime(job.status?.completionTime ?? '') ?? now) - start);
}

/** What the job controller finds its pods by: the job's own uid, unless the author chose by hand. */
function withSelector(job: Object): Object {
  const { uid, name } = job.metadata ?? {};
  const spec = job.spec ?? {};
  if (!uid || !name || spec.manualSelector === true || spec.selector) return job;
  const own = { 'batch.kubernetes.io/controller-uid': uid };
  const added = { ...own, 'batch.kubernetes.io/job-name': name, 'controller-uid': uid, 'job-name': name };
  const metadata = { ...spec.template?.metadata, labels: { ...added, ...spec.template?.metadata?.labels } };
  // Labels that come from the template (see the defaults) go on following it.
  const follows = semanticEqual(job.metadata?.labels ?? {}, spec.template?.metadata?.labels ?? {});
  const labels = follows ? { metadata: { ...job.metadata, labels: metadata.labels } } : {};
  return {
    ...job,
    ...labels,
    spec: { ...spec, selector: { matchLabels: own }, template: { ...spec.template, metadata } },
  };
}

/** A Job without labels has those of its template. */
function withTemplateLabels(job: Object): Object {
  const labels = job.spec?.template?.metadata?.labels;
  const own = Object.keys(job.metadata?.labels ?? {}).length > 0;
  return own || !labels || Object.keys(labels).length === 0 ? job : { ...job, metadata: { ...job.metadata, labels } };
}

/** batch/v1 Job. */
export const jobKind = defineKind<Object>({
  group: 'batch',
  kind: 'Job',
  categories: ['all'],
  hasStatus: true,
  tracksGeneration: true,
  columns: [
    nameColumn,
    column('Status', 'string', 'State of the job.', state),
    column('Completions', 'string', 'Pods that succeeded of those wanted.', completions),
    column('Duration', 'string', 'How long it took, or takes.', duration),
    ageColumn,
    ...templateColumns<Object>((o) => o.spec?.template),
    selectorColumn((o) => o.spec?.selector),
  ],
  selectableFields: { 'status.successful': (o) => String(o.status?.succeeded ?? 0) },
  prepareForCreate: withSelector,
  defaults: (job) => withTemplateLabels({ ...job, spec: applyJobSpecDefaults(job.spec ?? {}) }),
  validate: validateJob,
  validateUpdate: validateJobUpdate,
  validateThrough: { status: validateJobStatus },
  warnings: (job) => templateWarnings(job.spec?.template, 'spec.template'),
  support: {
    level: 'full',
    note: 'Indexed or not, back-off, policies, deadlines, suspension, expiry; pods are counted exactly once.',
  },
});

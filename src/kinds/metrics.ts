import type { KubernetesObject } from '../machinery/object.ts';
import { addQuantities, formatQuantity, parseQuantity, type Quantity, quantityOf } from '../machinery/quantity.ts';
import { column, nameColumn } from './columns.ts';
import { defineKind } from './define-kind.ts';

type Usage = { readonly [resource: string]: string };

interface NodeMetrics extends KubernetesObject {
  readonly window?: string;
  readonly usage?: Usage;
}

interface PodMetrics extends KubernetesObject {
  readonly window?: string;
  readonly containers?: readonly { readonly usage?: Usage }[];
}

const SCHEMAS = 'io.k8s.metrics.pkg.apis.metrics.v1beta1';
const NOTE = 'Read from the control groups when asked for; never stored.';

function amount(text: string | undefined): Quantity {
  const parsed = text === undefined ? undefined : parseQuantity(text);
  return parsed?.ok ? parsed.value : quantityOf(0);
}

/** Of all containers together. */
function total({ containers = [] }: PodMetrics, resource: string): string {
  return formatQuantity(containers.map(({ usage }) => amount(usage?.[resource])).reduce(addQuantities, quantityOf(0)));
}

const windowColumn = column<NodeMetrics>('Window', 'string', 'Time that was measured over.', (o) => o.window ?? '');

/** metrics.k8s.io/v1beta1 NodeMetrics: what this host uses. */
export const nodeMetricsKind = defineKind<NodeMetrics>({
  group: 'metrics.k8s.io',
  version: 'v1beta1',
  kind: 'NodeMetrics',
  plural: 'nodes',
  singular: '',
  listKind: 'NodeMetricsList',
  schema: `${SCHEMAS}.NodeMetrics`,
  namespaced: false,
  verbs: ['get', 'list'],
  virtual: true,
  columns: [
    nameColumn,
    column('cpu', 'string', 'Processor time per time.', (o) => o.usage?.['cpu'] ?? ''),
    column('memory', 'string', 'Working set.', (o) => o.usage?.['memory'] ?? ''),
    windowColumn,
  ],
  support: { level: 'full', note: NOTE },
});

/** metrics.k8s.io/v1beta1 PodMetrics: what the containers of a pod use. */
export const podMetricsKind = defineKind<PodMetrics>({
  group: 'metrics.k8s.io',
  version: 'v1beta1',
  kind: 'PodMetrics',
  plural: 'pods',
  singular: '',
  listKind: 'PodMetricsList',
  schema: `${SCHEMAS}.PodMetrics`,
  verbs: ['get', 'list'],
  virtual: true,
  columns: [
    nameColumn,
    column('cpu', 'string', 'Processor time per time.', (o) => total(o, 'cpu')),
    column('memory', 'string', 'Working set.', (o) => total(o, 'memory')),
    windowColumn,
  ],
  support: { level: 'full', note: NOTE },
});

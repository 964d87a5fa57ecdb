import type { Container } from '../../../src/kinds/types.ts';
import type { RestartPolicy } from './site.ts';

/** Statuses that a process can end with. */
const ALL_STATUSES: readonly number[] = Array.from({ length: 256 }, (_, status) => status);

type Rules = NonNullable<Container['restartPolicyRules']>;

/** The first rule about a status. */
function ruleFor(rules: Rules, status: number): Rules[number] | undefined {
  return rules.find(({ exitCodes }) => {
    const isNamed = (exitCodes?.values ?? []).includes(status);
    return exitCodes?.operator === 'NotIn' ? !isNamed : isNamed;
  });
}

/** Exit statuses after which a container with `restartPolicyRules` is started again; undefined without rules. */
export function restartedStatuses(container: Container, policy: RestartPolicy): ReadonlySet<number> | undefined {
  const rules = container.restartPolicyRules ?? [];
  if (rules.length === 0) {
    return undefined;
  }
  const isRestarted = (status: number): boolean => {
    if (ruleFor(rules, status) !== undefined) return true;
    return policy === 'Always' || (policy === 'OnFailure' && status !== 0);
  };
  return new Set(ALL_STATUSES.filter(isRestarted));
}

/** Exit statuses after which all containers of the pod start again. */
export function restartAllStatuses({ restartPolicyRules = [] }: Container): readonly number[] {
  return ALL_STATUSES.filter((status) => ruleFor(restartPolicyRules, status)?.action === 'RestartAllContainers');
}

/** The same as the unit's script takes them; undefined without. */
export function restartAllList(container: Container): string | undefined {
  const asked = restartAllStatuses(container);
  return asked.length === 0 ? undefined : `,${asked.join(',')},`;
}

/** The others, as the unit's script takes them: `0,3,`. */
export function finalList(restarted: ReadonlySet<number>): string {
  return ALL_STATUSES.filter((status) => !restarted.has(status))
    .map((status) => `${status},`)
    .join('');
}

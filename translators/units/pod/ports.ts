import type { Container } from '../../../src/kinds/types.ts';
import type { Report } from './report.ts';

/** The port of a probe or hook: a number, digits, or the name of one of the container's ports; else it is refused. */
export function portNumber(
  port: unknown,
  path: string,
  { container, report }: { readonly container: Container; readonly report: Report },
): number | undefined {
  const named = (container.ports ?? []).find(({ name }) => name === port)?.containerPort;
  const number = named ?? (/^\d+$/.test(String(port)) ? Number(port) : undefined);
  if (number === undefined) {
    report.refuse(`${path}.port`, `the container has no port "${String(port)}"`);
  }
  return number;
}

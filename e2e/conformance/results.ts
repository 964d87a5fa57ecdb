/** How one test of the suite ended. */
export interface TestResult {
  readonly name: string;
  readonly passed: boolean;
  /** First line of the failure; empty for what passed. */
  readonly message: string;
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** The tests that ran, from a JUnit report as Ginkgo writes it. What was skipped, and the suite's own steps, are not in it. */
export function parseReport(xml: string): readonly TestResult[] {
  const cases = [
    ...xml.matchAll(/<testcase name="([^"]*)"[^>]*? status="([^"]*)"[^>]*>([\s\S]*?)(?=<testcase |<\/testsuite>)/g),
  ];
  return cases
    .filter(([, name = '', status = '']) => name.startsWith('[It]') && status !== 'skipped' && status !== 'pending')
    .map(([, name = '', status = '', body = '']) => ({
      name: unescapeXml(name).replace('[It] ', ''),
      passed: status === 'passed',
      message: status === 'passed' ? '' : failureMessage(body),
    }));
}

/** The failures with their first lines, by name, and the count. */
export function renderResults(results: readonly TestResult[]): string {
  const failures = results.filter((result) => !result.passed).toSorted((a, b) => a.name.localeCompare(b.name));
  const lines = failures.map(({ name, message }) => `FAILED ${name}\n       ${message}\n`);
  return `${lines.join('')}${results.length - failures.length} of ${results.length} passed\n`;
}

function failureMessage(body: string): string {
  const [, message = ''] = /<failure message="([^"]*)"/.exec(body) ?? [];
  return (unescapeXml(message).split('\n', 1)[0] ?? '').slice(0, 300);
}

function unescapeXml(text: string): string {
  return text.replace(/&(?:#(\d+)|#x([0-9A-Fa-f]+)|(\w+));/g, (whole, decimal, hex, name) => {
    if (decimal) return String.fromCodePoint(Number(decimal));
    if (hex) return String.fromCodePoint(Number.parseInt(hex, 16));
    return NAMED[name] ?? whole;
  });
}

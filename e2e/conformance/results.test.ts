import { expect, test } from 'vitest';
import { parseReport, renderResults } from './results.ts';

const REPORT = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="4"><testsuite name="suite">
  <testcase name="[SynchronizedBeforeSuite]" classname="suite" status="passed" time="1"></testcase>
  <testcase name="[It] [sig-node] Pods should &#34;run&#34; [Conformance]" classname="suite" status="passed" time="1">
    <system-err>status=&#34;failed&#34;</system-err>
  </testcase>
  <testcase name="[It] [sig-apps] Job fails [Conformance]" classname="suite" status="timedout" time="2">
    <failure message="Timed out &amp; gone.&#xA;second line" type="timedout">more</failure>
  </testcase>
  <testcase name="[It] never ran" classname="suite" status="skipped" time="0"><skipped message="skipped"></skipped></testcase>
</testsuite></testsuites>`;

test('a report holds the tests that ran, by name, with the first line of what failed', () => {
  expect(parseReport(REPORT)).toEqual([
    { name: '[sig-node] Pods should "run" [Conformance]', passed: true, message: '' },
    { name: '[sig-apps] Job fails [Conformance]', passed: false, message: 'Timed out & gone.' },
  ]);
});

test('the summary names the failures and counts the rest', () => {
  expect(renderResults(parseReport(REPORT))).toBe(
    'FAILED [sig-apps] Job fails [Conformance]\n       Timed out & gone.\n1 of 2 passed\n',
  );
});

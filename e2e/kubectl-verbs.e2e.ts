import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { join } from 'node:path';
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kubectlOf } from './box/kubectl.ts';
import { capture } from './box/process.ts';
import { suiteName } from './box/settings.ts';
import { ENVIRONMENT, eventually, kubectlPath, kubectlStream } from './harness.ts';
import { applying, configMap } from './kubectl-verbs/applying.ts';
import { discovery } from './kubectl-verbs/discovery.ts';
import { reading } from './kubectl-verbs/reading.ts';
import { differences, type Row, titleOf, wordsOf } from './kubectl-verbs/row.ts';
import { workloads } from './kubectl-verbs/workloads.ts';

/** Debian's releases whose kubectl is tried: 1.32 and 1.36. */
const SUITES = ['trixie', 'forky'];
const TABLES = { discovery, applying, reading, workloads };

/** A request for a client certificate of a new key, PEM in base64. */
async function certificateRequest(): Promise<string> {
  const signingAlgorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(signingAlgorithm, true, ['sign', 'verify']);
  const request = await Pkcs10CertificateRequestGenerator.create({ name: 'CN=jane, O=dev', keys, signingAlgorithm });
  return btoa(request.toString('pem'));
}

describe.each(SUITES)('every verb of the kubectl of Debian %s', (suite) => {
  const namespace = `verbs-${suite}`;
  let kubectl = '';

  const kubectlHere = (words: readonly string[], { input, env }: Omit<Row, 'says'> = {}) => {
    // What each of them has discovered is its own.
    const cache = { [ENVIRONMENT.kubectlCache]: join(process.env[ENVIRONMENT.kubectlCache] ?? '', suite) };
    const options = { timeout: 60_000, env: { ...process.env, ...cache, ...env } };
    return capture([kubectl, '--namespace', namespace, ...words], {
      ...options,
      ...(input === undefined ? {} : { input: JSON.stringify(input) }),
    });
  };

  /** Runs a row; for one that takes its time, as often as it needs. */
  const tryRow = async (row: Row): Promise<void> => {
    const once = async () => expect(differences(row, await kubectlHere(wordsOf(row), row))).toEqual([]);
    await (row.eventually ? eventually(once, { what: titleOf(row) }) : once());
  };

  beforeAll(async () => {
    kubectl = suite === suiteName() ? kubectlPath() : await kubectlOf(suite);
    await tryRow({ says: `create namespace ${namespace}`, prints: `namespace/${namespace} created\n` });
  });

  afterAll(() => kubectlHere(['delete', 'namespace', namespace, '--wait=false']));

  describe.each(Object.entries(TABLES))('%s', (_, rows) => {
    it.each(rows.map((row) => [titleOf(row), row] as const))('%s', (_title, row) => tryRow(row));
  });

  it('watches as YAML, in order', async () => {
    await tryRow({ says: 'create', input: configMap('watched', { a: '1' }) });
    const watch = kubectlStream(['-n', namespace, 'get', 'configmap', 'watched', '--watch', '-o', 'yaml'], kubectl);
    const until = (text: string) =>
      eventually(() => expect(watch.output()).toContain(text), { what: `the watch shows ${text}` });
    await until('  a: "1"\n');
    await tryRow({ says: ['patch', 'configmap', 'watched', '-p', '{"data":{"a":"2"}}'] });
    await until('---\napiVersion: v1\ndata:\n  a: "2"\n');
    await watch.stop();
  });

  it('waits for what becomes true only later', async () => {
    const created = tryRow({ says: 'wait --for=create configmap/awaited --timeout=30s', prints: /condition met/ });
    await tryRow({ says: 'create', input: configMap('awaited', { state: 'new' }) });
    await created;
    const says = ['wait', '--for=jsonpath={.data.state}=ready', 'configmap/awaited', '--timeout=30s'];
    const ready = tryRow({ says, prints: 'configmap/awaited condition met\n' });
    await tryRow({ says: ['patch', 'configmap', 'awaited', '-p', '{"data":{"state":"ready"}}'] });
    await ready;
    const gone = tryRow({ says: 'wait --for=delete configmap/awaited --timeout=30s' });
    await tryRow({ says: 'delete configmap awaited' });
    await gone;
  });

  it('approves and denies requests for certificates', async () => {
    const [good, bad] = [`${namespace}-jane`, `${namespace}-mallory`];
    const request = await certificateRequest();
    const spec = { request, signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'] };
    for (const name of [good, bad]) {
      const type = { apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest' };
      await tryRow({ says: 'create', input: { ...type, metadata: { name }, spec } });
    }
    const said = (name: string, what: string) =>
      new RegExp(`^certificatesigningrequest\\.certificates\\.k8s\\.io/${name} ${what}\\n$`);
    await tryRow({ says: `certificate approve ${good}`, prints: said(good, 'approved') });
    await tryRow({ says: `certificate deny ${bad}`, prints: said(bad, 'denied') });
    await tryRow({
      says: `get csr ${good}`,
      prints: / kubernetes-admin +<none> +Approved,Issued\n$/,
      eventually: true,
    });
    await tryRow({ says: `get csr ${bad} --no-headers`, prints: / Denied\n$/ });
    await tryRow({ says: `delete csr ${good} ${bad}` });
  });
});

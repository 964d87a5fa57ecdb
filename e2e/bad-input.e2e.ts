import { afterAll, describe, expect, it } from 'vitest';
import { eventually, kubectl } from './harness.ts';
import { shellPod } from './manifests.ts';
import { apply, remove, run, untilPod } from './pods.ts';

afterAll(() => remove('pod', 'no-image', '--grace-period=0', '--force'));

async function refused(manifest: string, ...args: readonly string[]): Promise<string> {
  const result = await kubectl(['create', '-f', '-', ...args], { input: manifest });
  expect(result.code).not.toBe(0);
  return result.stderr;
}

describe('bad input', () => {
  it('is refused with the field when a type is wrong', async () => {
    const manifest = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: bad }\nspec: { replicas: many }\n';
    expect(await refused(manifest, '--validate=false')).toMatch(/spec\.replicas of type int32/);
  });

  it('is refused by its path when a field is unknown and validation is strict', async () => {
    const manifest = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: bad }\ndatum: {}\n';
    expect(await refused(manifest, '--validate=strict')).toContain('strict decoding error: unknown field "datum"');
  });

  it('is a warning when a field is unknown and validation is not strict', async () => {
    const manifest = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: bad }\ndatum: {}\n';
    const result = await kubectl(['create', '-f', '-', '--validate=warn', '--dry-run=server'], { input: manifest });
    expect(result).toMatchObject({ code: 0 });
    expect(result.stderr).toContain('Warning: unknown field "datum"');
  });

  it('names every problem of a Deployment at once', async () => {
    const manifest = JSON.stringify({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'bad' },
      spec: {
        selector: { matchLabels: { a: 'b' } },
        template: { metadata: { labels: { a: 'c' } }, spec: { containers: [{ name: 'UPPER' }] } },
      },
    });
    const text = await refused(manifest);
    expect(text).toContain('The Deployment "bad" is invalid');
    expect(text).toContain('`selector` does not match template `labels`');
    expect(text).toContain('spec.template.spec.containers[0].image: Required value');
    expect(text).toContain('spec.template.spec.containers[0].name: Invalid value: "UPPER"');
  });

  it('is refused when a name is bad', async () => {
    const text = await refused('apiVersion: v1\nkind: ConfigMap\nmetadata: { name: Bad_Name }\n');
    expect(text).toContain('metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain must consist of');
  });

  it('shows a missing image as the kubelet does', async () => {
    await apply(
      shellPod('no-image', '', { containers: [{ name: 'main', image: 'localhost:5000/does-not-exist:v1' }] }),
    );
    await untilPod(
      'no-image',
      (p) => /ErrImagePull|ImagePullBackOff/.test(p.status?.containerStatuses?.[0]?.state?.waiting?.reason ?? ''),
      'cannot pull',
    );
    expect(await run('get', 'pod', 'no-image', '--no-headers')).toMatch(/0\/1 +(ErrImagePull|ImagePullBackOff)/);
    const events = () => run('get', 'events', '--field-selector', 'involvedObject.name=no-image');
    const said = /Warning +Failed +pod\/no-image +Failed to pull image "localhost:5000\/does-not-exist:v1"/;
    await eventually(async () => expect(await events()).toMatch(said), { what: 'the Event' });
  });

  it('is refused when it is larger than the server reads', async () => {
    const big = JSON.stringify({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'big' },
      data: { a: 'x'.repeat(3_500_000) },
    });
    expect(await refused(big)).toMatch(/Request entity too large: limit is 3145728/);
    const tooMuch = JSON.stringify({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'big' },
      data: { a: 'x'.repeat(1_200_000) },
    });
    expect(await refused(tooMuch)).toMatch(/Too long: may not be more than 1048576 bytes/);
  });

  it('leaves the server up', async () => {
    expect(await run('get', '--raw', '/readyz')).toBe('ok');
    expect(await run('get', 'namespaces', 'default', '--no-headers')).toMatch(/^default +Active/);
  });
});

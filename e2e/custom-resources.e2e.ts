import { afterAll, describe, expect, it } from 'vitest';
import { eventually, kubectl, kubectlStream } from './harness.ts';
import { apply, run } from './pods.ts';

/** What kubectl says on standard error when it is refused. */
async function refusal(args: readonly string[], input?: string): Promise<string> {
  const { code, stderr } = await kubectl(args, input === undefined ? {} : { input });
  expect(code).not.toBe(0);
  return stderr;
}

const DEFINITION = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: crontabs.stable.example.com }
spec:
  group: stable.example.com
  scope: Namespaced
  names: { plural: crontabs, singular: crontab, kind: CronTab, shortNames: [ct], categories: [timers] }
  versions:
    - name: v1
      served: true
      storage: true
      subresources:
        status: {}
        scale: { specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas, labelSelectorPath: .status.selector }
      selectableFields: [{ jsonPath: .spec.image }]
      additionalPrinterColumns:
        - { name: Spec, type: string, jsonPath: .spec.cronSpec }
        - { name: Replicas, type: integer, jsonPath: .spec.replicas }
      schema:
        openAPIV3Schema:
          type: object
          description: CronTab runs an image at given times.
          required: [spec]
          properties:
            spec:
              type: object
              required: [cronSpec]
              x-kubernetes-validations:
                - rule: "!has(self.image) || self.image != 'forbidden'"
                  message: image must not be forbidden
              properties:
                cronSpec:
                  type: string
                  description: When it runs.
                  pattern: '^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$'
                image: { type: string, x-kubernetes-validations: [{ rule: self == oldSelf, message: image is immutable }] }
                replicas: { type: integer, minimum: 1, maximum: 10, default: 1 }
            status:
              type: object
              properties: { replicas: { type: integer }, selector: { type: string } }
`;

const object = (name: string, spec: string): string => `
apiVersion: stable.example.com/v1
kind: CronTab
metadata: { name: ${name} }
spec: ${spec}
`;

afterAll(async () => {
  await kubectl(['delete', 'crd', 'crontabs.stable.example.com', '--ignore-not-found', '--timeout=60s']);
});

describe('custom resources with kubectl', () => {
  it('are there as soon as their definition is established', async () => {
    expect(await apply(DEFINITION)).toBe(
      'customresourcedefinition.apiextensions.k8s.io/crontabs.stable.example.com created\n',
    );
    await run('wait', '--for=condition=Established', 'crd/crontabs.stable.example.com', '--timeout=20s');
    expect(await run('api-resources', '--api-group=stable.example.com', '--no-headers')).toMatch(
      /^crontabs +ct +stable\.example\.com\/v1 +true +CronTab/,
    );
    expect(await apply(object('web', '{ cronSpec: "* * * * */5", image: a }'))).toBe(
      'crontab.stable.example.com/web created\n',
    );
    expect(await apply(object('web', '{ cronSpec: "* * * * */5", image: a }'))).toBe(
      'crontab.stable.example.com/web unchanged\n',
    );
    expect(await run('get', 'ct')).toMatch(/^NAME +SPEC +REPLICAS\nweb +\* \* \* \* \*\/5 +1\n$/);
    expect(await run('get', 'timers', '-o', 'name')).toBe('crontab.stable.example.com/web\n');
    expect(await run('get', 'ct', '--field-selector=spec.image=b', '-o', 'name')).toBe('');
  });

  it('are explained', async () => {
    await eventually(async () => expect(await run('explain', 'crontabs.spec.cronSpec')).toContain('When it runs.'), {
      what: 'the schema is published',
    });
    expect(await run('explain', 'crontabs')).toMatch(/GROUP: +stable\.example\.com\nKIND: +CronTab\nVERSION: +v1/);
  });

  it('are refused where they break their schema or its rules', async () => {
    const invalid = 'The CronTab "bad" is invalid: ';
    const [pattern, rule, missing] = await Promise.all(
      ['{ cronSpec: often, replicas: 0 }', '{ cronSpec: "* * * * *", image: forbidden }', '{ image: 1 }'].map((spec) =>
        refusal(['create', '-f', '-'], object('bad', spec)),
      ),
    );
    expect(pattern).toContain(
      'spec.replicas: Invalid value: 0: spec.replicas in body should be greater than or equal to 1',
    );
    expect(pattern).toContain(`spec.cronSpec: Invalid value: "often": spec.cronSpec in body should match`);
    expect(rule).toContain(`${invalid}spec: Invalid value: "object": image must not be forbidden`);
    expect(missing).toContain('spec.cronSpec: Required value');
    expect(missing).toContain(
      'spec.image: Invalid value: "integer": spec.image in body must be of type string: "integer"',
    );
    const strict = await refusal(['create', '-f', '-'], object('bad', '{ cronSpec: "* * * * *", colour: red }'));
    expect(strict).toContain('strict decoding error: unknown field "spec.colour"');
  });

  it('are patched, applied on the server, scaled and watched', async () => {
    const watch = kubectlStream(['get', 'ct', '-w', '--no-headers']);
    await eventually(() => expect(watch.output()).toContain('web'), { what: 'the watch starts' });
    await run('patch', 'ct', 'web', '--type=merge', '-p', '{"spec":{"cronSpec":"0 * * * *"}}');
    expect(await refusal(['patch', 'ct', 'web', '--type=merge', '-p', '{"spec":{"image":"b"}}'])).toContain(
      'spec.image: Invalid value: "string": image is immutable',
    );
    expect(await refusal(['patch', 'ct', 'web', '--type=strategic', '-p', '{}'])).toMatch(
      /UnsupportedMediaType|415|unknown format|not supported/,
    );
    await apply(object('web', '{ cronSpec: "1 * * * *" }'), '--server-side', '--force-conflicts');
    expect(await run('scale', 'ct/web', '--replicas=3')).toBe('crontab.stable.example.com/web scaled\n');
    expect(await run('get', 'ct', 'web', '-o', 'jsonpath={.spec.replicas} {.spec.cronSpec}')).toBe('3 1 * * * *');
    expect(await run('get', '--raw', '/apis/stable.example.com/v1/namespaces/default/crontabs/web/scale')).toContain(
      '"kind":"Scale"',
    );
    await eventually(() => expect(watch.output()).toMatch(/web +1 \* \* \* \* +3/), { what: 'the watch shows it' });
    await watch.stop();
    await run('patch', 'ct', 'web', '--subresource=status', '--type=merge', '-p', '{"status":{"replicas":2}}');
    expect(await run('get', 'ct', 'web', '-o', 'jsonpath={.status.replicas}')).toBe('2');
  });

  it('go with their definition', async () => {
    await run('delete', 'crd', 'crontabs.stable.example.com', '--timeout=60s');
    expect(await refusal(['get', 'crontabs.stable.example.com'])).toContain(
      `the server doesn't have a resource type "crontabs"`,
    );
    await apply(DEFINITION);
    await run('wait', '--for=condition=Established', 'crd/crontabs.stable.example.com', '--timeout=20s');
    expect(await run('get', 'ct', '-o', 'name')).toBe('');
  });

  it('are not defined by what upstream would refuse', async () => {
    const wrong = DEFINITION.replace('self == oldSelf', 'self == nobody').replace('crontabs.stable', 'cron.stable');
    const message = await refusal(['create', '-f', '-'], wrong);
    expect(message).toContain(
      'metadata.name: Invalid value: "cron.stable.example.com": must be spec.names.plural+"."+spec.group',
    );
    expect(message).toContain("undeclared reference to 'nobody' (in container '')");
  });
});

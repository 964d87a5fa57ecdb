import { beforeEach, describe, expect, it } from 'vitest';
import { type FakeAdmission, fakeAdmission, refusalOf } from './fake-dynamic-admission.ts';

const GROUP = 'admissionregistration.k8s.io';
const rule = (resource: string, more: object = {}) => ({
  operations: ['CREATE', 'UPDATE'],
  apiGroups: ['*'],
  apiVersions: ['*'],
  resources: [resource],
  ...more,
});
const config = (name: string, data: object = {}, metadata: object = {}) => ({ metadata: { name, ...metadata }, data });

let house: FakeAdmission;

beforeEach(async () => {
  house = await fakeAdmission();
});

async function policy(kind: 'validating' | 'mutating', spec: object, bindings: object = {}): Promise<void> {
  const matchConstraints = { resourceRules: [rule('configmaps')] };
  const actions = kind === 'validating' ? { validationActions: ['Deny'] } : {};
  const defaults = kind === 'mutating' ? { reinvocationPolicy: 'Never' } : {};
  await house.create(`${GROUP}/${kind}admissionpolicies`, {
    metadata: { name: 'p.example.com' },
    spec: { matchConstraints, ...defaults, ...spec },
  });
  await house.create(`${GROUP}/${kind}admissionpolicybindings`, {
    metadata: { name: 'b.example.com' },
    spec: { policyName: 'p.example.com', ...actions, ...bindings },
  });
}

/** The message of a refusal. */
async function refusal(work: Promise<unknown>): Promise<string | undefined> {
  return (await refusalOf(work)).message;
}

const DENIED = "is forbidden: ValidatingAdmissionPolicy 'p.example.com' with binding 'b.example.com' denied request: ";

describe('a validating policy', () => {
  it('denies with its message and reason', async () => {
    await policy('validating', {
      variables: [{ name: 'size', expression: "'n' in object.data ? int(object.data.n) : 0" }],
      validations: [
        {
          expression: 'variables.size <= 5',
          messageExpression: "object.metadata.name + ' is too large: ' + string(variables.size)",
          reason: 'Forbidden',
        },
      ],
    });
    await house.create('/configmaps', config('small', { n: '5' }));
    const status = await refusalOf(house.create('/configmaps', config('large', { n: '6' })));
    expect(status).toMatchObject({
      code: 403,
      reason: 'Forbidden',
      message: `configmaps "large" ${DENIED}large is too large: 6`,
    });
  });

  it('says which expression failed where it has no message', async () => {
    await policy('validating', { validations: [{ expression: " object.metadata.name == 'a' " }] });
    const status = await refusalOf(house.create('/configmaps', config('b')));
    expect(status).toMatchObject({
      code: 422,
      reason: 'Invalid',
      message: `configmaps "b" ${DENIED}failed expression: object.metadata.name == 'a'`,
    });
  });

  it('warns, and notes for audit, instead of denying', async () => {
    await policy(
      'validating',
      {
        validations: [{ expression: 'false', message: 'never' }],
        auditAnnotations: [{ key: 'who', valueExpression: 'request.userInfo.username' }],
      },
      { validationActions: ['Warn', 'Audit'] },
    );
    const user = { name: 'eve', groups: [] };
    const options = { namespace: 'shop', user };
    const { warnings } = await house.registry.create(house.kind('/configmaps'), config('a'), options);
    expect(warnings).toEqual([
      "Validation failed for ValidatingAdmissionPolicy 'p.example.com' with binding 'b.example.com': never",
    ]);
    expect(Object.fromEntries(house.notes)).toEqual({
      'p.example.com/who': 'eve',
      'validation.policy.admission.k8s.io/validation_failure':
        '[{"message":"never","policy":"p.example.com","binding":"b.example.com","expressionIndex":0,"validationActions":["Warn","Audit"]}]',
    });
  });

  it('judges by parameters, each by itself', async () => {
    await house.create('/secrets', { metadata: { name: 'limits' }, stringData: { max: '3' } });
    const paramRef = { name: 'limits', parameterNotFoundAction: 'Deny' };
    await policy(
      'validating',
      {
        paramKind: { apiVersion: 'v1', kind: 'Secret' },
        validations: [{ expression: "size(object.data) < 2 && 'max' in params.data && params.kind == 'Secret'" }],
      },
      { paramRef },
    );
    await house.create('/configmaps', config('a', { x: '1' }));
    expect(await refusal(house.create('/configmaps', config('b', { x: '1', y: '2' })))).toContain('failed expression');
    await house.registry.delete(house.kind('/secrets'), { namespace: 'shop', name: 'limits' });
    expect(await refusal(house.create('/configmaps', config('c')))).toBe(
      `configmaps "c" ${DENIED}failed to configure binding: no params found for policy binding with \`Deny\` parameterNotFoundAction`,
    );
  });

  it('is asked only about what matches', async () => {
    await policy(
      'validating',
      {
        matchConstraints: { resourceRules: [rule('configmaps')], objectSelector: { matchLabels: { check: 'me' } } },
        matchConditions: [{ name: 'not-root', expression: '!authorizer.requestResource.check("create").allowed()' }],
        validations: [{ expression: 'namespaceObject.metadata.labels.team == "b"', message: 'wrong team' }],
      },
      { matchResources: { namespaceSelector: { matchLabels: { team: 'a' } } } },
    );
    const checked = (name: string) => config(name, {}, { labels: { check: 'me' } });
    await house.create('/configmaps', config('other'));
    await house.create('/configmaps', checked('by-root'), { user: { name: 'root', groups: [] } });
    expect(await refusal(house.create('/configmaps', checked('a')))).toContain('wrong team');
  });

  it.each([
    ['Fail', "expression 'object.spec.x > 1' resulted in error: no such key: spec"],
    ['Ignore', undefined],
  ])('fails as its failure policy says: %s', async (failurePolicy, message) => {
    await policy('validating', { failurePolicy, validations: [{ expression: 'object.spec.x > 1' }] });
    const made = house.create('/configmaps', config('a')).then(() => undefined);
    expect(await (message === undefined ? made : refusal(made))).toBe(message && `configmaps "a" ${DENIED}${message}`);
  });

  it('sees what is deleted as the old object', async () => {
    await policy('validating', {
      matchConstraints: { resourceRules: [rule('configmaps', { operations: ['DELETE'] })] },
      validations: [{ expression: "object == null && oldObject.data.keep != 'yes'", message: 'kept' }],
    });
    await house.create('/configmaps', config('a', { keep: 'yes' }));
    await house.create('/configmaps', config('b', { keep: 'no' }));
    await house.registry.delete(house.kind('/configmaps'), { namespace: 'shop', name: 'b' });
    const deleted = house.registry.delete(house.kind('/configmaps'), { namespace: 'shop', name: 'a' });
    expect(await refusal(deleted)).toContain('kept');
  });

  it('never judges the configuration of admission', async () => {
    await policy('validating', {
      matchConstraints: { resourceRules: [rule('*')] },
      validations: [{ expression: 'false' }],
    });
    const key = { namespace: '', name: 'p.example.com' };
    await house.registry.delete(house.kind(`${GROUP}/validatingadmissionpolicies`), key);
  });
});

describe('a mutating policy', () => {
  const apply = (expression: string) => ({ patchType: 'ApplyConfiguration', applyConfiguration: { expression } });
  const patch = (expression: string) => ({ patchType: 'JSONPatch', jsonPatch: { expression } });

  it('lays a configuration over the object', async () => {
    await policy('mutating', {
      mutations: [apply('Object{metadata: Object.metadata{labels: {"by": request.operation}}, data: {"a": "1"}}')],
    });
    expect(await house.create('/configmaps', config('x', { b: '2' }))).toMatchObject({
      metadata: { labels: { by: 'CREATE' } },
      data: { a: '1', b: '2' },
    });
  });

  it('patches; a failed test leaves the object alone', async () => {
    await policy('mutating', {
      mutations: [
        patch(
          `[JSONPatch{op: 'add', path: '/metadata/labels/' + jsonpatch.escapeKey('a/b'), value: 'x'},
            JSONPatch{op: 'add', path: '/metadata/annotations', value: {'n': string(1 + 1)}}]`,
        ),
        patch("[JSONPatch{op: 'test', path: '/data/k', value: 'no'}, JSONPatch{op: 'remove', path: '/data/k'}]"),
      ],
    });
    expect(await house.create('/configmaps', config('x', { k: 'v' }, { labels: { a: 'b' } }))).toMatchObject({
      metadata: { annotations: { n: '2' }, labels: { 'a/b': 'x' } },
      data: { k: 'v' },
    });
  });

  it('may not take parts of atomic lists, nor put structs in wrong places', async () => {
    await policy('mutating', {
      matchConstraints: { resourceRules: [rule('pods')] },
      mutations: [apply("Object{spec: Object.spec{tolerations: [Object.spec.tolerations{key: 'k'}]}}")],
    });
    const pod = { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } };
    expect(await refusal(house.create('/pods', pod))).toBe(
      "policy 'p.example.com' with binding 'b.example.com' denied request: error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: .spec.tolerations",
    );
  });

  it('is asked again when a later one has changed the object, where it wants to be', async () => {
    const labels = (name: string, value: string) =>
      apply(`Object{metadata: Object.metadata{labels: {"${name}": ${value}}}}`);
    const seen = "has(object.metadata.labels) && 'late' in object.metadata.labels ? 'late' : 'early'";
    const make = async (name: string, mutations: readonly object[]): Promise<void> => {
      await house.create(`${GROUP}/mutatingadmissionpolicies`, {
        metadata: { name },
        spec: {
          reinvocationPolicy: 'IfNeeded',
          matchConstraints: { resourceRules: [rule('configmaps')] },
          mutations,
        },
      });
      const binding = { metadata: { name }, spec: { policyName: name } };
      await house.create(`${GROUP}/mutatingadmissionpolicybindings`, binding);
    };
    await make('a.example.com', [labels('saw', seen)]);
    await make('b.example.com', [labels('late', "'yes'")]);
    expect(await house.create('/configmaps', config('x'))).toMatchObject({ metadata: { labels: { saw: 'late' } } });
  });
});

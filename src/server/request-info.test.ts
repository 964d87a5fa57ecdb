import { expect, test } from 'vitest';
import { parseRequestInfo } from './request-info.ts';

function read(method: string, path: string, query = ''): string {
  const { verb, resource } = parseRequestInfo(method, path, new URLSearchParams(query));
  if (resource === undefined) return verb;
  const { group, version, namespace, resource: plural, name, subresource } = resource;
  return [verb, group, version, namespace, plural, name, subresource].join('|');
}

test('paths and methods are read as the API server reads them', () => {
  expect([
    read('GET', '/api/v1/pods'),
    read('GET', '/api/v1/namespaces/a/pods', 'watch=true'),
    read('GET', '/api/v1/watch/namespaces/a/pods/p'),
    read('GET', '/api/v1/namespaces/a/pods/p', 'watch=0'),
    read('POST', '/api/v1/namespaces/a/pods/p/exec'),
    read('GET', '/api/v1/namespaces/a'),
    read('PUT', '/api/v1/namespaces/a/finalize'),
    read('PATCH', '/apis/apps/v1/namespaces/a/deployments/d/scale'),
    read('DELETE', '/apis/apps/v1/namespaces/a/deployments'),
    read('DELETE', '/api/v1/nodes/n%31'),
    read('GET', '/apis/apps/v1'),
    read('GET', '/healthz'),
  ]).toEqual([
    'list||v1||pods||',
    'watch||v1|a|pods||',
    'watch||v1|a|pods|p|',
    'get||v1|a|pods|p|',
    'create||v1|a|pods|p|exec',
    'get||v1|a|namespaces|a|',
    'update||v1|a|namespaces|a|finalize',
    'patch|apps|v1|a|deployments|d|scale',
    'deletecollection|apps|v1|a|deployments||',
    'delete||v1||nodes|n1|',
    'get',
    'get',
  ]);
});

test('an escape that is none is a bad request', () => {
  expect(() => read('GET', '/api/v1/%zz')).toThrow('invalid URL escape');
});

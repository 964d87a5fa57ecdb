import { badRequest } from '../machinery/status-error.ts';

/** What a request is about when it is about a resource. Absent parts are ''. */
export interface ResourceInfo {
  readonly group: string;
  readonly version: string;
  readonly namespace: string;
  readonly resource: string;
  readonly name: string;
  readonly subresource: string;
}

/** A request's path and method as the API reads them: `request.RequestInfo` of apiserver. */
export interface RequestInfo {
  /** `get list watch create update patch delete deletecollection`; the lower-case method for other paths. */
  readonly verb: string;
  readonly path: string;
  readonly resource?: ResourceInfo;
}

/** Subresources of a namespace itself; any other word after a namespace's name is a resource in it. */
const NAMESPACE_SUBRESOURCES = new Set(['status', 'finalize']);

/** Reads method, path and query. Throws 400 for a path that isn't valid UTF-8 in percent-encoding. */
export function parseRequestInfo(method: string, path: string, query: URLSearchParams): RequestInfo {
  const segments = path
    .split('/')
    .filter((segment) => segment !== '')
    .map(decodeSegment);
  const located = locate(segments);
  if (located === undefined) return { verb: method.toLowerCase(), path };
  const { watching, ...resource } = located;
  return { verb: verbOf(method, resource, watching || isTrue(query.get('watch'))), path, resource };
}

/** Whether a boolean query parameter is set, as `runtime.Convert_Slice_string_To_bool` reads it. */
export function isTrue(value: string | null): boolean {
  return value !== null && value !== '0' && value.toLowerCase() !== 'false';
}

function locate(segments: readonly string[]): (ResourceInfo & { readonly watching: boolean }) | undefined {
  const [root, first = '', second = ''] = segments;
  const core = root === 'api';
  const rest = segments.slice(core ? 2 : 3);
  if ((!core && root !== 'apis') || rest.length === 0) return undefined;
  const watching = rest[0] === 'watch';
  const place = locateResource(watching ? rest.slice(1) : rest);
  const groupVersion = core ? { group: '', version: first } : { group: first, version: second };
  return place && { ...groupVersion, ...place, watching };
}

function locateResource(parts: readonly string[]): Omit<ResourceInfo, 'group' | 'version'> | undefined {
  const [resource = '', name = '', third = ''] = parts;
  if (resource === '') return undefined;
  if (resource === 'namespaces' && third !== '' && !NAMESPACE_SUBRESOURCES.has(third)) {
    return { namespace: name, resource: third, name: parts[3] ?? '', subresource: subresourceOf(parts.slice(4)) };
  }
  const namespace = resource === 'namespaces' ? name : '';
  return { namespace, resource, name, subresource: subresourceOf(parts.slice(2)) };
}

/** What comes behind `proxy` is the path on the other side. */
function subresourceOf(parts: readonly string[]): string {
  return parts[0] === 'proxy' ? 'proxy' : parts.join('/');
}

function verbOf(method: string, resource: ResourceInfo, watching: boolean): string {
  const named = resource.name !== '';
  switch (method) {
    case 'GET':
    case 'HEAD':
      if (named && !watching) return 'get';
      return watching && resource.subresource === '' ? 'watch' : named ? 'get' : 'list';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return named ? 'delete' : 'deletecollection';
    default:
      return method.toLowerCase();
  }
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badRequest(`invalid URL escape in "${segment}"`);
  }
}

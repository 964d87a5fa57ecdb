import {
  child,
  forbiddenField,
  index,
  invalidValue,
  notFoundField,
  notSupported,
  required,
} from '../../machinery/field-path.ts';
import type { Container, Sparse, VolumeMount } from '../types.ts';
import type { Findings } from '../validation.ts';
import { validateLocalPath } from './path-validation.ts';

type Mount = Sparse<VolumeMount>;

const PROPAGATIONS = ['Bidirectional', 'HostToContainer', 'None'];

function validateSubPaths(mount: Mount, path: string, listPath: string): Findings {
  const { subPath = '', subPathExpr = '' } = mount;
  const both = subPath !== '' && subPathExpr !== '';
  const detail = 'subPathExpr and subPath are mutually exclusive';
  return [
    ...(subPath === '' ? [] : validateLocalPath(subPath, child(listPath, 'subPath'))),
    ...(both ? [invalidValue(child(path, 'subPathExpr'), subPathExpr, detail)] : []),
    ...(subPathExpr === '' ? [] : validateLocalPath(subPathExpr, child(listPath, 'subPathExpr'))),
  ];
}

function validatePropagation(mount: Mount, container: Sparse<Container>, listPath: string): Findings {
  const { mountPropagation } = mount;
  const field = child(listPath, 'mountPropagation');
  if (mountPropagation === undefined) return [];
  if (!PROPAGATIONS.includes(mountPropagation)) return [notSupported(field, mountPropagation, PROPAGATIONS)];
  if (mountPropagation !== 'Bidirectional' || container.securityContext?.privileged === true) return [];
  return [forbiddenField(field, 'Bidirectional mount propagation is available only to privileged containers')];
}

function validateMount(mount: Mount, path: string, known: ReadonlySet<string>, before: readonly Mount[]): Findings {
  const { name = '', mountPath = '' } = mount;
  const mountPathField = child(path, 'mountPath');
  const taken = before.some((other) => (other.mountPath ?? '') === mountPath);
  return [
    ...(name === '' ? [required(child(path, 'name'))] : []),
    ...(known.has(name) ? [] : [notFoundField(child(path, 'name'), name)]),
    ...(mountPath === '' ? [required(mountPathField)] : []),
    ...(taken ? [invalidValue(mountPathField, mountPath, 'must be unique')] : []),
  ];
}

function validateRecursiveReadOnly(mount: Mount, path: string): Findings {
  const { recursiveReadOnly: mode } = mount;
  const field = child(path, 'recursiveReadOnly');
  if (mode === undefined || mode === 'Disabled') return [];
  if (mode !== 'Enabled' && mode !== 'IfPossible') {
    return [notSupported(field, mode, ['Disabled', 'Enabled', 'IfPossible'])];
  }
  return mount.readOnly === true ? [] : [forbiddenField(field, 'may only be specified when readOnly is true')];
}

/** `ValidateVolumeMounts`; `known` are the names of the pod's sound volumes. */
export function validateVolumeMounts(
  container: Sparse<Container>,
  listPath: string,
  known: ReadonlySet<string>,
): Findings {
  const mounts = container.volumeMounts ?? [];
  return mounts.flatMap((mount, position) => {
    const path = index(listPath, position);
    return [
      ...validateMount(mount, path, known, mounts.slice(0, position)),
      ...validateSubPaths(mount, path, listPath),
      ...validatePropagation(mount, container, listPath),
      ...validateRecursiveReadOnly(mount, path),
    ];
  });
}

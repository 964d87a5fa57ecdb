import { describe, expect, it } from 'vitest';
import type { Pod } from '../kinds/types.ts';
import { withTokenVolume } from './token-volume.ts';

const MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';

function podOf(spec: object = {}): Pod {
  return {
    metadata: { namespace: 'shop', name: 'web' },
    spec: { containers: [{ name: 'a' }], initContainers: [{ name: 'i' }], ...spec },
  };
}

describe('the token volume', () => {
  it('is mounted into every container, init containers included', () => {
    const spec = withTokenVolume(podOf(), undefined);
    const name = spec?.volumes?.[0]?.name ?? '';
    expect(name).toMatch(/^kube-api-access-[a-z0-9]{5}$/);
    const mount = { name, readOnly: true, mountPath: MOUNT_PATH };
    expect(spec).toMatchObject({
      containers: [{ name: 'a', volumeMounts: [mount] }],
      initContainers: [{ name: 'i', volumeMounts: [mount] }],
      volumes: [
        {
          projected: {
            defaultMode: 420,
            sources: [
              { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
              { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
              { downwardAPI: { items: [{ path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
            ],
          },
        },
      ],
    });
  });

  it('is up to the pod first, then to the account', () => {
    const off = { automountServiceAccountToken: false };
    expect(withTokenVolume(podOf(off), undefined)).toEqual(podOf(off).spec);
    expect(withTokenVolume(podOf(), off)).toEqual(podOf().spec);
    expect(withTokenVolume(podOf({ automountServiceAccountToken: true }), off)?.volumes).toHaveLength(1);
  });

  it('is left out where something is mounted already, and not added twice', () => {
    const own = { name: 'own', mountPath: MOUNT_PATH };
    const spec = { containers: [{ name: 'a', volumeMounts: [own] }], initContainers: undefined };
    expect(withTokenVolume(podOf(spec), undefined)).toEqual(podOf(spec).spec);
    const once = withTokenVolume(podOf(), undefined);
    expect(withTokenVolume({ ...podOf(), spec: once }, undefined)).toEqual(once);
    const volumes = [{ name: 'kube-api-access-other', emptyDir: {} }];
    expect(withTokenVolume(podOf({ volumes }), undefined)).toMatchObject({
      volumes,
      containers: [{ volumeMounts: [{ name: 'kube-api-access-other' }] }],
    });
  });
});

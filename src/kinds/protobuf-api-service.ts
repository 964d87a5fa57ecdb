import type { Descriptor } from '../machinery/protobuf/descriptors.ts';

const META = '.k8s.io.apimachinery.pkg.apis.meta.v1';

/** Messages of apiregistration.k8s.io/v1, which are no part of the generated ones. */
const messages: { readonly [name: string]: Descriptor } = {
  APIService: {
    fields: {
      metadata: { type: `${META}.ObjectMeta`, id: 1 },
      spec: { type: 'APIServiceSpec', id: 2 },
      status: { type: 'APIServiceStatus', id: 3 },
    },
  },
  APIServiceCondition: {
    fields: {
      type: { type: 'string', id: 1 },
      status: { type: 'string', id: 2 },
      lastTransitionTime: { type: `${META}.Time`, id: 3 },
      reason: { type: 'string', id: 4 },
      message: { type: 'string', id: 5 },
    },
  },
  APIServiceList: {
    fields: {
      metadata: { type: `${META}.ListMeta`, id: 1 },
      items: { rule: 'repeated', type: 'APIService', id: 2 },
    },
  },
  APIServiceSpec: {
    fields: {
      service: { type: 'ServiceReference', id: 1 },
      group: { type: 'string', id: 2 },
      version: { type: 'string', id: 3 },
      insecureSkipTLSVerify: { type: 'bool', id: 4 },
      caBundle: { type: 'bytes', id: 5 },
      groupPriorityMinimum: { type: 'int32', id: 7 },
      versionPriority: { type: 'int32', id: 8 },
    },
  },
  APIServiceStatus: { fields: { conditions: { rule: 'repeated', type: 'APIServiceCondition', id: 1 } } },
  ServiceReference: {
    fields: {
      namespace: { type: 'string', id: 1 },
      name: { type: 'string', id: 2 },
      port: { type: 'int32', id: 3 },
    },
  },
};

function inside(path: readonly string[], nested: Descriptor['nested']): Descriptor {
  return path.reduceRight<Descriptor>((inner, name) => ({ nested: { [name]: inner } }), { nested });
}

/** The descriptors' place in the tree of all. */
export const apiServiceDescriptors = inside(['pkg', 'apis', 'apiregistration', 'v1'], messages);

import { expect, it } from 'vitest';
import type { Pod } from '../../kinds/types.ts';
import { createAddressBook } from './address-book.ts';

const pods: Pod[] = [];
const pod = (uid: string, spec: object = {}) => {
  const made = { metadata: { uid }, spec } as unknown as Pod;
  pods.push(made);
  return made;
};

it('gives addresses of both families that belong together, and the host’s own to pods on its network', () => {
  const book = createAddressBook({
    pods: {
      list: () => pods,
      index: (valuesOf: (each: Pod) => readonly string[]) => {
        const get = (value: string) => pods.filter((each) => valuesOf(each).includes(value));
        return { get, count: (value: string) => get(value).length };
      },
    } as never,
    podCidrs: ['10.42.0.0/16', 'fd42::/64'],
    hostIps: () => ['192.0.2.1', '2001:db8::1'],
  });
  const first = pod('a');
  expect(book(first)).toEqual(['10.42.0.2', 'fd42::2']);
  expect(book(pod('b'))).toEqual(['10.42.0.3', 'fd42::3']);
  expect(book(first)).toEqual(['10.42.0.2', 'fd42::2']);
  expect(book(pod('c', { hostNetwork: true }))).toEqual(['192.0.2.1', '2001:db8::1']);
});

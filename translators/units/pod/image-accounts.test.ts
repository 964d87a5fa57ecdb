import { expect, test } from 'vitest';
import { memberGroupsOf, primaryGroupOf } from './image-accounts.ts';

const accounts = {
  passwd: 'root:x:0:0:root:/root:/bin/sh\n1000:x:5:6::/:\nalice:x:1000:1001::/home:/bin/sh\nbroken\n',
  group: 'root:x:0:\nstaff:x:50:root,alice\nlab:x:50000:alice\nodd:x:nan:alice\nbroken\n',
};

test('a user is found by name before it is found by number', () => {
  expect(primaryGroupOf(accounts, 'alice')).toBe(1001);
  expect(primaryGroupOf({ ...accounts, passwd: accounts.passwd.replace(/^1000:.*\n/m, '') }, '1000')).toBe(1001);
  expect(primaryGroupOf(accounts, '1000')).toBe(6);
});

test('whom the image does not know is of the root group, and a member of none', () => {
  expect(primaryGroupOf(accounts, '4711')).toBe(0);
  expect(memberGroupsOf(accounts, '4711')).toEqual([]);
  expect(memberGroupsOf({ passwd: '', group: '' }, 'root')).toEqual([]);
});

test('groups are those that list the user', () => {
  expect(memberGroupsOf(accounts, 'alice')).toEqual([50, 50000]);
  expect(memberGroupsOf(accounts, '0')).toEqual([50]);
});

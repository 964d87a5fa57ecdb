import { expect, it } from 'vitest';
import { imageNameProblem } from './image-name.ts';

const DIGEST = `sha256:${'a1'.repeat(32)}`;

it.each([
  'busybox',
  'library/busybox:1.36',
  'localhost/x',
  'localhost:5000/hello:v1',
  'Example.COM/a_b/c--d__e.f:Tag_1.2-x',
  '[::1]:5000/a',
  `example.com/a@${DIGEST}`,
  `example.com/a:v1@${DIGEST}`,
])('%s is an image', (image) => {
  expect(imageNameProblem(image)).toBeUndefined();
});

it.each([
  ['not a name', 'invalid reference format'],
  ['a\nb', 'invalid reference format'],
  ['a:', 'invalid reference format'],
  ['-a', 'invalid reference format'],
  ['a..b', 'invalid reference format'],
  ['example.com/a@sha256:12', 'invalid reference format'],
  ['Busybox', 'invalid reference format: repository name (library/Busybox) must be lowercase'],
  ['example.com/Busybox:v1', 'invalid reference format: repository name (Busybox) must be lowercase'],
  ['a'.repeat(64), `invalid repository name (${'a'.repeat(64)}), cannot specify 64-byte hexadecimal strings`],
  [`example.com/${'a'.repeat(256)}`, 'repository name must not be more than 255 characters'],
])('%j is none', (image, problem) => {
  expect(imageNameProblem(image)).toBe(problem);
});

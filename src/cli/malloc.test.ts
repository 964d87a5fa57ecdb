import { expect, it } from 'vitest';
import { trimMalloc } from './malloc.ts';

it('reaches malloc where the C library has such a function, as often as it is asked to', () => {
  const { header } = process.report.getReport() as { readonly header: { readonly glibcVersionRuntime?: string } };
  const isKnown = header.glibcVersionRuntime !== undefined;
  expect([trimMalloc(), trimMalloc()]).toEqual([isKnown, isKnown]);
});

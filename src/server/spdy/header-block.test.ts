import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SPDY_DICTIONARY } from './dictionary.ts';
import { createHeaderCompressor, createHeaderDecompressor } from './header-block.ts';

test('the dictionary has the length that the protocol says', () => {
  expect(SPDY_DICTIONARY.length).toBe(1423);
});

test('every block of a session comes out as it went in', async () => {
  const headers = fc.dictionary(fc.stringMatching(/^[a-z-]{1,20}$/), fc.string(), { maxKeys: 8 });
  await fc.assert(
    fc.asyncProperty(fc.array(headers, { maxLength: 5 }), async (blocks) => {
      const compressor = createHeaderCompressor();
      const decompressor = createHeaderDecompressor();
      for (const block of blocks) {
        expect({ ...(await decompressor.decompress(await compressor.compress(block))) }).toEqual({ ...block });
      }
      compressor.close();
      decompressor.close();
    }),
    { numRuns: 50 },
  );
});

test('garbage is refused', async () => {
  const decompressor = createHeaderDecompressor();
  await expect(decompressor.decompress(Buffer.from('not zlib at all'))).rejects.toThrow();
});

import { expect, it } from 'vitest';
import { registryAuth } from './libpod-pull.ts';

it.each(['', 'a', 'ab', 'abc', '~~~???', 'ü世界'])(
  'the password %j is encoded as Go reads it: for URLs, and padded',
  (password) => {
    const encoded = registryAuth({ username: 'somebody', password });
    expect(encoded).toMatch(/^(?:[\w-]{4})*(?:[\w-]{2}==|[\w-]{3}=)?$/);
    expect(JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8'))).toEqual({ username: 'somebody', password });
  },
);
